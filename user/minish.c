/*
 * minish - runs commands, one a line: the console of a root without a shell.
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static const char help[] =
	"usage: minish [FILE]\n"
	"Read lines (from FILE, else standard input), each a program and its arguments between\n"
	"spaces, and run it. Within: cd FOLDER, exit [STATUS]. Nothing is quoted or expanded.\n";

#define WORDS_MAX 128

static int last; /* status of the last command */

static int split(char *line, char **words)
{
	int n = 0;
	char *w;

	while (n < WORDS_MAX && (w = strsep(&line, " \t\r\n")))
		if (*w)
			words[n++] = w;
	words[n] = NULL;
	return n;
}

static int status_of(int st)
{
	return WIFEXITED(st) ? WEXITSTATUS(st) : 128 + WTERMSIG(st);
}

/* Each command is a process group of its own, in front while it runs. */
static void run(char **words, int terminal)
{
	pid_t pid = fork();
	int st;

	if (pid < 0) {
		warn("fork");
		last = 1;
		return;
	}
	if (!pid) {
		if (terminal) {
			setpgid(0, 0);
			tcsetpgrp(0, getpid());
			signal(SIGTTOU, SIG_DFL);
			signal(SIGINT, SIG_DFL);
			signal(SIGQUIT, SIG_DFL);
		}
		execvp(words[0], words);
		warn("%s", words[0]);
		_exit(errno == ENOENT ? 127 : 126);
	}
	while (waitpid(pid, &st, 0) < 0 && errno == EINTR)
		continue;
	if (terminal)
		tcsetpgrp(0, getpgrp());
	last = status_of(st);
	if (WIFSIGNALED(st))
		fprintf(stderr, "%s\n", strsignal(WTERMSIG(st)));
}

static void command(char *line, int terminal)
{
	char *words[WORDS_MAX + 1];
	int n = split(line, words);

	if (!n || words[0][0] == '#')
		return;
	if (!strcmp(words[0], "cd")) {
		last = chdir(n > 1 ? words[1] : "/") != 0;
		if (last)
			warn("%s", words[1]);
	} else if (!strcmp(words[0], "exit")) {
		exit(n > 1 ? atoi(words[1]) : last);
	} else {
		run(words, terminal);
	}
}

int main(int argc, char **argv)
{
	char *line = NULL;
	size_t room = 0;
	FILE *in = stdin;
	int terminal;

	help_option(argc, argv, help);
	if (argc > 1) {
		in = fopen(argv[1], "re");
		if (!in)
			err(127, "%s", argv[1]);
	}
	terminal = in == stdin && isatty(0) && tcgetpgrp(0) == getpgrp();
	if (terminal) {
		signal(SIGTTOU, SIG_IGN);
		signal(SIGINT, SIG_IGN);
		signal(SIGQUIT, SIG_IGN);
	}
	for (;;) {
		if (terminal) {
			fputs("minish$ ", stdout);
			fflush(stdout);
		}
		if (getline(&line, &room, in) < 0)
			break;
		command(line, terminal);
	}
	return last;
}

/*
 * popen.c - a stream to or from a shell command (POSIX popen, pclose). The list of
 * such streams is walked under popen_lock, since their ends must not be inherited by
 * the next command.
 */
#include "file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int popen_lock;
static FILE *commands; /* by next_command */

static void run(const char *command, int from, int to)
{
	for (FILE *f = commands; f; f = f->next_command)
		if (f->fd != to)
			close(f->fd);
	if (from == to)
		fcntl(from, F_SETFD, 0);
	else
		dup2(from, to);
	execl("/bin/sh", "sh", "-c", command, (char *)NULL);
	_exit(127);
}

FILE *popen(const char *command, const char *mode)
{
	int reads = *mode == 'r';
	int ends[2];
	pid_t pid;
	FILE *f;

	if (*mode != 'r' && *mode != 'w') {
		errno = EINVAL;
		return NULL;
	}
	if (pipe2(ends, O_CLOEXEC))
		return NULL;
	f = fdopen(ends[!reads], reads ? "r" : "w");
	if (!f)
		goto out_pipe;
	__lock(&popen_lock);
	pid = fork();
	if (!pid)
		run(command, ends[reads], reads);
	if (pid > 0) {
		f->next_command = commands;
		commands = f;
	}
	__unlock(&popen_lock);
	if (pid < 0) {
		int saved = errno;

		close(ends[reads]);
		fclose(f);
		errno = saved;
		return NULL;
	}
	close(ends[reads]);
	if (!strchr(mode, 'e'))
		fcntl(ends[!reads], F_SETFD, 0);
	f->child = pid;
	return f;
out_pipe:
	close(ends[0]);
	close(ends[1]);
	return NULL;
}

int pclose(FILE *f)
{
	pid_t pid = f->child, got;
	int status;

	__lock(&popen_lock);
	for (FILE **at = &commands; *at; at = &(*at)->next_command)
		if (*at == f) {
			*at = f->next_command;
			break;
		}
	__unlock(&popen_lock);
	fclose(f);
	do
		got = waitpid(pid, &status, 0);
	while (got < 0 && errno == EINTR);
	return got < 0 ? -1 : status;
}

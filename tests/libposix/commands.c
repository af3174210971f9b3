/* What a shell is asked: popen, pclose, system, wordexp. /bin/sh is the same for all forms. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

#define SAY(...) (printf(__VA_ARGS__), putchar('\n'))

static void status(const char *what, int s)
{
	if (s < 0)
		SAY("%s %s", what, strerrorname_np(errno));
	else if (WIFSIGNALED(s))
		SAY("%s signal %d", what, WTERMSIG(s));
	else
		SAY("%s exit %d", what, WEXITSTATUS(s));
}

static void reading(void)
{
	char line[100];
	FILE *f = popen("echo one; echo 'two words'; exit 3", "r");

	while (fgets(line, sizeof(line), f))
		printf("read %s", line);
	SAY("%d %d", feof(f) != 0, ferror(f) != 0);
	status("closed", pclose(f));
	status("killed", pclose(popen("kill -KILL $$", "r")));
	status("no such command", pclose(popen("exec 2>/dev/null; /no/such/command", "r")));
	/* its output may be waited for no longer */
	f = popen("while echo y; do :; done", "r");
	fgets(line, sizeof(line), f);
	status("left early", pclose(f));
}

static void writing(void)
{
	FILE *f = popen("read a; read b; echo \"got $a, $b\" > written", "w");
	char line[100] = "";

	fprintf(f, "first\nsecond\n");
	status("closed", pclose(f));
	f = fopen("written", "r");
	fgets(line, sizeof(line), f);
	printf("%s", line);
	fclose(f);
	signal(SIGPIPE, SIG_IGN);
	f = popen("exec 0<&-; echo closed > written", "w");
	while (access("written", F_OK) || fputs("text\n", f) >= 0)
		if (fflush(f))
			break;
	SAY("written to nobody %s", strerrorname_np(errno));
	pclose(f);
	signal(SIGPIPE, SIG_DFL);
}

static void modes(void)
{
	FILE *a, *b, *c;
	char line[100];

	errno = 0;
	SAY("%d %s", popen("true", "x") == NULL, strerrorname_np(errno));
	errno = 0;
	SAY("%d %s", popen("true", "") == NULL, strerrorname_np(errno));
	a = popen("read x", "w");
	b = popen("read x", "re");
	SAY("%d %d", fcntl(fileno(a), F_GETFD), fcntl(fileno(b), F_GETFD));
	pclose(b);
	/* a later command does not keep an earlier one's pipe open */
	c = popen("while read x; do :; done; echo done", "w");
	status("a", pclose(a));
	status("c", pclose(c));
	/* descriptors 0 and 1 that are closed are no hindrance */
	int in = dup(0);
	close(0);
	a = popen("echo where 0 was", "r");
	fgets(line, sizeof(line), a);
	printf("%s", line);
	status("", pclose(a));
	dup2(in, 0);
	close(in);
}

static void many(void)
{
	FILE *f[40];
	int right = 0;
	char line[20];

	for (int i = 0; i < 40; i++) {
		char command[20];

		snprintf(command, sizeof(command), "echo %d", i);
		f[i] = popen(command, "r");
	}
	for (int i = 0; i < 40; i++)
		right += f[i] && fgets(line, sizeof(line), f[i]) && atoi(line) == i;
	for (int i = 40; i-- > 0;)
		right += f[i] && pclose(f[i]) == 0;
	SAY("many %d", right);
}

static void on_child(int sig)
{
	(void)sig;
	SAY("SIGCHLD");
}

static void of_system(void)
{
	SAY("a shell %d", system(NULL) != 0);
	status("system", system("exit 5"));
	status("system", system("kill -TERM $$"));
	status("system", system("nothing-of-that-name 2>/dev/null"));
	/* SIGINT and SIGQUIT are ignored meanwhile, SIGCHLD waits */
	signal(SIGINT, SIG_DFL);
	signal(SIGCHLD, on_child);
	status("system", system("kill -INT $PPID; kill -QUIT $PPID; exit 1"));
	signal(SIGCHLD, SIG_DFL);
	SAY("alive %d", signal(SIGINT, SIG_DFL) == SIG_DFL);
}

static void expand(const char *words, int flags)
{
	wordexp_t w = { .we_offs = 2 };
	int bad = wordexp(words, &w, flags);

	printf("%s: %d", words, bad);
	if (!bad) {
		for (size_t i = 0; i < w.we_wordc; i++)
			printf(" [%s]", w.we_wordv[i + (flags & WRDE_DOOFFS ? 2 : 0)]);
		if (flags & WRDE_DOOFFS)
			printf(" %d", !w.we_wordv[0] && !w.we_wordv[1]);
		printf(" end %d", w.we_wordv[w.we_wordc + (flags & WRDE_DOOFFS ? 2 : 0)] == NULL);
		wordfree(&w);
	}
	putchar('\n');
}

static void words(void)
{
	wordexp_t w;

	setenv("V", "a b  c", 1);
	setenv("EMPTY", "", 1);
	setenv("HOME", "/home/of/me", 1);
	unsetenv("NONE");
	close(open("one.txt", O_CREAT, 0600));
	close(open("two.txt", O_CREAT, 0600));
	expand("plain words", 0);
	expand("'single $V' \"double $V\" $V", 0);
	expand("a\\ b \\$V", 0);
	expand("$EMPTY x$NONE", 0);
	expand("'' x", 0);
	expand("${V:-other} ${NONE:-other} ${NONE-} ${V:+set} ${#V}", 0);
	expand("${V%c} ${V#a} ${V##* }", 0);
	expand("*.txt \"*.txt\" [no]*.txt *.none", 0);
	expand("~ ~/x a~ \"~\"", 0);
	expand("$((1 + 2 * 3)) $(( (7) - 4 ))", 0);
	expand("$(echo from a command) `echo older`", 0);
	expand("\"$(echo kept  whole)\"", 0);
	expand("", 0);
	expand("  ", 0);
	expand("x y", WRDE_DOOFFS);
	expand("$NONE", WRDE_UNDEF);
	expand("$V", WRDE_UNDEF);
	expand("$(echo no)", WRDE_NOCMD);
	expand("`echo no`", WRDE_NOCMD);
	expand("'$(quoted)'", WRDE_NOCMD);
	for (const char *c = "|&;<>(){}\n"; *c; c++)
		SAY("%d: %d", *c, wordexp((char[]){ 'a', ' ', *c, ' ', 'b', 0 }, &w, 0));
	expand("'|' \\; \"<>\"", 0);
	expand("'open", 0);
	expand("\"open", 0);
	expand("${open", 0);
	expand("$(open", 0);
	SAY("first %d", wordexp("a b", &w, 0));
	SAY("append %d %zu", wordexp("c d", &w, WRDE_APPEND), w.we_wordc);
	SAY("%s %s %s %s", w.we_wordv[0], w.we_wordv[1], w.we_wordv[2], w.we_wordv[3]);
	SAY("refused %d %zu", wordexp("e;", &w, WRDE_APPEND), w.we_wordc);
	SAY("reuse %d %zu %s", wordexp("z", &w, WRDE_REUSE), w.we_wordc, w.we_wordv[0]);
	wordfree(&w);
}

int main(void)
{
	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("PATH", "/bin", 1);
	reading();
	writing();
	modes();
	many();
	of_system();
	words();
	return 0;
}

/* How a program ends whose stack was written over, by a signal that can't be held off; built with a stack protector. */
#define _GNU_SOURCE
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define SAY(...) (printf(__VA_ARGS__), putchar('\n'))

static __attribute__((noinline)) int smash(volatile size_t n)
{
	char text[16];

	for (volatile size_t i = 0; i < n; i++)
		((volatile char *)text)[i] = 'x';
	return text[3];
}

static void *in_a_thread(void *arg)
{
	return (void *)(size_t)smash((size_t)arg);
}

static void on_abort(int sig)
{
	(void)sig;
	write(2, "handler\n", 8);
}

/* A child that does `how`: what it says, how it ends. */
static void child(const char *what, int how)
{
	int ends[2], status;
	char line[200];
	FILE *f;

	pipe(ends);
	pid_t pid = fork();
	if (!pid) {
		sigset_t all;
		pthread_t t;

		dup2(ends[1], 2);
		prctl(PR_SET_DUMPABLE, 0);
		if (how == 1)
			signal(SIGABRT, SIG_IGN);
		if (how == 2) {
			sigfillset(&all);
			sigprocmask(SIG_SETMASK, &all, NULL);
		}
		if (how == 3)
			signal(SIGABRT, on_abort);
		if (how == 4) {
			pthread_create(&t, NULL, in_a_thread, (void *)40);
			pthread_join(t, NULL);
		}
		_exit(smash(how == 5 ? 16 : 40) != 'x');
	}
	close(ends[1]);
	f = fdopen(ends[0], "r");
	printf("%s:", what);
	while (fgets(line, sizeof(line), f))
		printf(" %s;", strstr(line, "stack smashing detected") ? "smashed" :
			       strcspn(line, "\n")		       ? "handled" :
									 "empty");
	fclose(f);
	waitpid(pid, &status, 0);
	if (WIFSIGNALED(status))
		SAY(" signal %d", WTERMSIG(status));
	else
		SAY(" exit %d", WEXITSTATUS(status));
}

int main(void)
{
	child("plain", 0);
	child("ignored", 1);
	child("blocked", 2);
	child("handled", 3);
	child("in a thread", 4);
	child("all of the array and no more", 5);
	return 0;
}

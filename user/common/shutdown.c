/*
 * shutdown.c - how process 1 ends the machine.
 */
#include "common.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

int reap_all(void)
{
	pid_t pid;

	do
		pid = waitpid(-1, NULL, WNOHANG);
	while (pid > 0);
	return pid == 0;
}

/* Reap for up to `ms`, until nobody is left; SIGCHLD must be blocked. */
static void reap_for(int ms)
{
	struct timespec step = { .tv_nsec = 20000000 };
	sigset_t child;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (; reap_all() && ms > 0; ms -= 20)
		sigtimedwait(&child, NULL, &step);
}

_Noreturn void shut_down(int command, int patience_ms)
{
	sigset_t all;

	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, NULL);
	if (patience_ms) {
		kill(-1, SIGTERM);
		kill(-1, SIGHUP); /* shells at a prompt ignore SIGTERM */
		kill(-1, SIGCONT);
		reap_for(patience_ms);
	}
	kill(-1, SIGKILL);
	reap_for(500);
	sync();
	reboot(command);
	fprintf(stderr, "reboot: %m\n");
	for (;;)
		pause();
}

/*
 * A process that shares its handlers with another one (CLONE_SIGHAND without CLONE_THREAD) executes programs and has
 * handlers of its own from then on, over and over, while its tracer asks about it (clone(2), ptrace(2)).
 */
#include "abi.h"

#include <sys/ptrace.h>

#define ROUNDS 6
#define EXECS  25

static char stack[65536] __attribute__((aligned(16)));

static int sharer(void *arg)
{
	(void)arg;
	for (;;)
		signal(SIGUSR2, SIG_IGN);
	return 0;
}

/* argv: left, the sharer of the program before. */
static int link_of_chain(int left, pid_t before)
{
	char n[16], p[16];
	struct sigaction sa;
	pid_t now;

	if (before) {
		/* The other one's handlers are no longer ours. */
		if (kill(before, SIGKILL) || waitpid(before, NULL, __WALL) != before)
			return 2;
	}
	if (sigaction(SIGUSR1, NULL, &sa) || sa.sa_handler != SIG_DFL)
		return 3;
	if (!left)
		return 0;
	signal(SIGUSR1, SIG_DFL);
	now = clone(sharer, stack + sizeof(stack), CLONE_VM | CLONE_SIGHAND | SIGCHLD, NULL);
	snprintf(n, sizeof(n), "%d", left - 1);
	snprintf(p, sizeof(p), "%d", now);
	execl("/proc/self/exe", "sharedexec", n, p, NULL);
	return 4;
}

int main(int argc, char **argv)
{
	unsigned long message;
	int status;

	if (argc == 3)
		return link_of_chain(atoi(argv[1]), atoi(argv[2]));
	for (int i = 0; i < ROUNDS; i++) {
		char n[16];
		pid_t p;

		snprintf(n, sizeof(n), "%d", EXECS);
		p = fork();
		if (p == 0) {
			execl("/proc/self/exe", "sharedexec", n, "0", NULL);
			_exit(1);
		}
		MUST(ptrace(PTRACE_SEIZE, p, 0, 0));
		for (;;) {
			pid_t r;

			for (int k = 0; k < 500; k++)
				ptrace(PTRACE_GETEVENTMSG, p, 0, &message);
			r = waitpid(p, &status, WNOHANG);
			if (r == p && WIFSTOPPED(status))
				ptrace(PTRACE_CONT, p, 0, 0);
			else if (r)
				break;
		}
		say("round %d: exited %d, status %d\n", i, WIFEXITED(status), WEXITSTATUS(status));
	}
	return 0;
}

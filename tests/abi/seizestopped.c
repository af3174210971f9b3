/* PTRACE_SEIZE of a stopped process: what SIGCHLD says of it, whether or not its stop was waited for. */
#include "abi.h"
#include <sys/ptrace.h>

static volatile int count;
static siginfo_t last;

static void handler(int sig, siginfo_t *si, void *ctx)
{
	(void)sig, (void)ctx;
	last = *si;
	count++;
}

static void heard(const char *what, int n)
{
	while (count < n)
		usleep(1000);
	say("%s: code %d, status %d\n", what, last.si_code, last.si_status);
}

static void seize(const char *what, int waits)
{
	pid_t pid;
	int status;

	SECTION(what);
	count = 0;
	pid = MUST(fork());
	if (!pid) {
		raise(SIGSTOP);
		_exit(3);
	}
	heard("stopped", 1);
	if (waits) {
		MUST(waitpid(pid, &status, WUNTRACED));
		say("waited: %s\n", wait_text(status));
	}
	OK(ptrace(PTRACE_SEIZE, pid, 0, 0));
	heard("seized", 2);
	MUST(waitpid(pid, &status, WUNTRACED));
	say("waited: stop signal %d, event %d\n", WSTOPSIG(status), status >> 16);
	OK(ptrace(PTRACE_LISTEN, pid, 0, 0));
	OK(kill(pid, SIGCONT));
	MUST(waitpid(pid, &status, WUNTRACED));
	say("waited: stop signal %d, event %d\n", WSTOPSIG(status), status >> 16);
	OK(ptrace(PTRACE_CONT, pid, 0, 0));
	do
		MUST(waitpid(pid, &status, 0));
	while (WIFSTOPPED(status) && !ptrace(PTRACE_CONT, pid, 0, 0));
	say("waited: %s\n", wait_text(status));
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_RESTART };

	sigaction(SIGCHLD, &sa, NULL);
	seize("not waited for", 0);
	seize("waited for", 1);
	return 0;
}

/* RLIMIT_CPU: SIGXCPU at the soft limit, which then goes up, SIGKILL at the hard one; forks and others' limits. */
#include "abi.h"
#include <pthread.h>
#include <sys/resource.h>

static volatile int caught;

static void on_xcpu(int sig, siginfo_t *si, void *context)
{
	struct rlimit rl;

	(void)context;
	getrlimit(RLIMIT_CPU, &rl);
	say("%s, code %d, soft limit now %ld\n", sname(sig), si->si_code, (long)rl.rlim_cur);
	caught++;
}

static void *burn(void *arg)
{
	for (volatile unsigned long i = 0;; i++)
		;
	return arg;
}

static void both_limits(void)
{
	struct rlimit rl = { 1, 2 };
	struct sigaction sa = { .sa_sigaction = on_xcpu, .sa_flags = SA_SIGINFO };

	sigaction(SIGXCPU, &sa, NULL);
	MUST(setrlimit(RLIMIT_CPU, &rl));
	burn(NULL);
}

/* The limit comes down to the child, whose time counts from 0, and to all its threads together. */
static void inherited(void)
{
	struct rlimit rl = { 1, RLIM_INFINITY };
	pthread_t t;

	MUST(setrlimit(RLIMIT_CPU, &rl));
	if (MUST(fork())) {
		int st;

		wait(&st);
		say("child: %s\n", wait_text(st));
		return;
	}
	pthread_create(&t, NULL, burn, NULL);
	burn(NULL);
}

static void none_left(void)
{
	struct rlimit rl = { 0, RLIM_INFINITY };
	struct sigaction sa = { .sa_sigaction = on_xcpu, .sa_flags = SA_SIGINFO };

	sigaction(SIGXCPU, &sa, NULL);
	MUST(setrlimit(RLIMIT_CPU, &rl));
	while (!caught)
		;
}

static void anothers(void)
{
	struct rlimit rl = { 0, 0 };
	pid_t pid = MUST(fork());
	int st;

	if (!pid)
		burn(NULL);
	OK(prlimit(pid, RLIMIT_CPU, &rl, NULL));
	wait(&st);
	say("it: %s\n", wait_text(st));
}

int main(void)
{
	in_child("both", both_limits);
	in_child("inherited", inherited);
	in_child("0 seconds", none_left);
	in_child("another's", anothers);
	return 0;
}

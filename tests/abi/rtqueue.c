/* Queues: order and values of real-time signals, the limit, who may fake what, masks that change, SA_ flags. */
#include "abi.h"
#include <pthread.h>
#include <sys/resource.h>

static sigset_t all;
static int order[64], n;

static void take(const char *what)
{
	struct timespec none = { 0, 0 };
	siginfo_t si;
	int r;

	say("%s:", what);
	while ((r = sigtimedwait(&all, &si, &none)) > 0)
		say(" %d/%d/%d%s", r, si.si_code, si.si_value.sival_int, si.si_pid == getpid() ? "" : "!");
	say(" %s\n", ename(errno));
}

static void note(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	if (n < 64)
		order[n++] = sig * 1000 + si->si_value.sival_int;
}

static int fake(int sig, int code)
{
	siginfo_t si = { .si_signo = 99, .si_code = code, .si_pid = 4, .si_uid = 5, .si_value.sival_int = 6 };

	return (int)syscall(SYS_rt_sigqueueinfo, getpid(), sig, &si);
}

static void others(void)
{
	siginfo_t si = { .si_code = SI_QUEUE };

	for (int code = -7; code < 2; code++) {
		si.si_code = code;
		errno = 0;
		int r = (int)syscall(SYS_rt_sigqueueinfo, getppid(), 0, &si);
		say("  code %d: %d %s\n", code, r, r < 0 ? ename(errno) : "");
	}
	si.si_code = SI_QUEUE;
	R(syscall(SYS_rt_tgsigqueueinfo, getppid(), getpid(), 0, &si));
	R(syscall(SYS_rt_tgsigqueueinfo, 0, getpid(), 0, &si));
	R(syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), 99, &si));
	R(syscall(SYS_rt_sigqueueinfo, 999999, SIGUSR1, &si));
	R(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR1, (void *)8));
	R(tgkill(getpid(), 999999, 0));
	R(tgkill(getppid(), gettid(), 0));
	R(syscall(SYS_tkill, 0, 0));
	R(syscall(SYS_tkill, gettid(), 65));
	R(kill(getpid(), 65));
	R(kill(999999, 0));
	R(kill(-999999, 0));
}

static void *thread(void *arg)
{
	sigset_t s;

	(void)arg;
	sigpending(&s);
	say("thread sees it pending %d\n", sigismember(&s, SIGRTMIN + 3));
	take("and takes it");
	return NULL;
}

static void resets(int sig)
{
	struct sigaction sa;
	sigset_t s;

	sigaction(sig, NULL, &sa);
	sigprocmask(SIG_BLOCK, NULL, &s);
	say("  in it: action default %d, blocked %d, SIGUSR2 blocked %d\n", sa.sa_handler == SIG_DFL,
	    sigismember(&s, sig), sigismember(&s, SIGUSR2));
}

/* A siginfo may name another signal than the call: the call's number counts, and must be one. */
static void numbers(void)
{
	static const int number[] = { -1, 0, SIGUSR2, 65, (int)0x80000000 };

	for (unsigned i = 0; i < ARRAY_SIZE(number); i++) {
		siginfo_t si = { .si_signo = SIGUSR1, .si_code = SI_QUEUE };
		long a = (errno = 0, syscall(SYS_rt_sigqueueinfo, getpid(), number[i], &si));
		const char *why = ename(errno);
		long b = (errno = 0, syscall(SYS_rt_tgsigqueueinfo, getpid(), gettid(), number[i], &si));

		say("signal %d in a siginfo of SIGUSR1: %ld %s, to the thread %ld %s\n", number[i], a, why, b,
		    ename(errno));
	}
	take("sent");
}

int main(void)
{
	struct sigaction sa = { .sa_sigaction = note, .sa_flags = SA_SIGINFO };
	union sigval v;
	sigset_t s;
	pthread_t t;

	sigfillset(&all);
	sigdelset(&all, SIGABRT);
	sigprocmask(SIG_BLOCK, &all, NULL);

	SECTION("order");
	for (int k = 0; k < 3; k++) {
		for (int sig = SIGRTMIN + 5; sig >= SIGRTMIN + 3; sig--) {
			v.sival_int = k;
			MUST(sigqueue(getpid(), sig, v));
		}
	}
	v.sival_int = 9;
	MUST(sigqueue(getpid(), SIGUSR1, v));
	v.sival_int = 10;
	MUST(sigqueue(getpid(), SIGUSR1, v));
	kill(getpid(), SIGRTMIN + 3);
	tgkill(getpid(), gettid(), SIGRTMIN + 4);
	take("taken");
	MUST(sigaction(SIGRTMIN + 3, &sa, NULL));
	MUST(sigaction(SIGRTMIN + 4, &sa, NULL));
	MUST(sigaction(SIGUSR1, &sa, NULL));
	for (int k = 0; k < 3; k++) {
		v.sival_int = k;
		sigqueue(getpid(), SIGRTMIN + 4, v);
		sigqueue(getpid(), SIGRTMIN + 3, v);
		sigqueue(getpid(), SIGUSR1, v);
	}
	sigemptyset(&s);
	sigprocmask(SIG_SETMASK, &s, NULL);
	sigprocmask(SIG_SETMASK, &all, NULL);
	for (int i = 0; i < n; i++)
		say(" %d", order[i]);
	say("\n");

	SECTION("the limit");
	/* It counts what pends for a user, so one whom nobody else runs as. */
	MUST(setresuid(54321, -1, -1));
	struct rlimit r = { 3, 100 };
	MUST(setrlimit(RLIMIT_SIGPENDING, &r));
	for (int k = 0; k < 5; k++) {
		v.sival_int = k;
		R(sigqueue(getpid(), SIGRTMIN + 3, v));
	}
	R(sigqueue(getpid(), SIGUSR1, v));
	R(kill(getpid(), SIGUSR2));
	R(kill(getpid(), SIGRTMIN + 4));
	R(tgkill(getpid(), gettid(), SIGRTMIN + 5));
	sigpending(&s);
	say("pending %d %d %d %d\n", sigismember(&s, SIGUSR1), sigismember(&s, SIGUSR2),
	    sigismember(&s, SIGRTMIN + 4), sigismember(&s, SIGRTMIN + 5));
	struct timespec none = { 0, 0 };
	siginfo_t si;
	while (sigtimedwait(&all, &si, &none) > 0)
		say(" %d/%d/%d", si.si_signo, si.si_code, si.si_value.sival_int);
	say("\n");
	r.rlim_cur = 100;
	MUST(setrlimit(RLIMIT_SIGPENDING, &r));
	MUST(setresuid(0, -1, -1));

	SECTION("to oneself, any code");
	for (int code = -7; code < 3; code++)
		R(fake(SIGRTMIN + 3, code));
	take("taken");
	in_child("to others", others);
	take("SIGCHLD");

	SECTION("ignored");
	signal(SIGUSR2, SIG_IGN);
	kill(getpid(), SIGUSR2);
	sigpending(&s);
	say("blocked and ignored pends %d\n", sigismember(&s, SIGUSR2));
	signal(SIGUSR2, SIG_IGN);
	sigpending(&s);
	say("and goes when it is ignored again %d\n", sigismember(&s, SIGUSR2));
	signal(SIGUSR2, SIG_DFL);

	SECTION("another thread");
	v.sival_int = 77;
	sigqueue(getpid(), SIGRTMIN + 3, v);
	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
	take("nothing is left");

	SECTION("flags");
	struct sigaction rs = { .sa_handler = resets, .sa_flags = (int)(SA_RESETHAND | SA_NODEFER) };
	sigaddset(&rs.sa_mask, SIGUSR2);
	sigemptyset(&s);
	sigprocmask(SIG_SETMASK, &s, NULL);
	MUST(sigaction(SIGUSR1, &rs, NULL));
	raise(SIGUSR1);
	rs.sa_flags = 0;
	MUST(sigaction(SIGUSR1, &rs, NULL));
	raise(SIGUSR1);
	rs.sa_flags = 0x400 | 0x800 | 0x2000;
	MUST(sigaction(SIGUSR1, &rs, NULL));
	MUST(sigaction(SIGUSR1, NULL, &rs));
	say("flags kept %x\n", rs.sa_flags & ~0x04000000);
	R(sigaction(SIGKILL, &rs, NULL));
	R(sigaction(SIGSTOP, &rs, NULL));
	R(sigaction(65, NULL, NULL));

	SECTION("numbers");
	sigprocmask(SIG_BLOCK, &all, NULL);
	numbers();
	return 0;
}

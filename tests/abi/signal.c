/* Signals: dispositions, masks, pending, delivery, siginfo, masks while handling. */
#include "abi.h"

static volatile int count[65], last_code, last_value, last_pid_ok;
static char order[200];

static void plain(int sig)
{
	count[sig]++;
	snprintf(order + strlen(order), sizeof(order) - strlen(order), " %s", sname(sig));
}

static void info(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	count[sig]++;
	last_code = si->si_code;
	last_value = si->si_value.sival_int;
	last_pid_ok = si->si_pid == getpid() && si->si_uid == getuid();
}

static void install(int sig, void (*fn)(int), int flags)
{
	struct sigaction sa = { .sa_handler = fn, .sa_flags = flags };

	MUST(sigaction(sig, &sa, NULL));
}

static void show_order(const char *what)
{
	say("%s:%s\n", what, order);
	order[0] = 0;
}

static void mask_in_handler(int sig)
{
	sigset_t set;

	sigprocmask(SIG_BLOCK, NULL, &set);
	say("in %s: self %d USR2 %d HUP %d\n", sname(sig), sigismember(&set, sig),
	    sigismember(&set, SIGUSR2), sigismember(&set, SIGHUP));
}

static void nested_low(int sig)
{
	static int depth;

	say("enter %s\n", sname(sig));
	if (sig == SIGUSR1 && !depth++) {
		raise(SIGUSR1);
		raise(SIGUSR2);
		say("after raising\n");
	}
	say("leave %s\n", sname(sig));
}

static void nodefer(int sig)
{
	static int depth;

	say("depth %d\n", depth);
	if (depth++ < 2)
		raise(sig);
}

static void default_actions(void)
{
	const int sigs[] = { SIGHUP, SIGQUIT, SIGALRM, SIGUSR2, SIGPIPE, SIGVTALRM, SIGXCPU, SIGIO, SIGPWR,
				    SIGSYS, SIGSTKFLT, SIGCHLD, SIGURG, SIGWINCH, SIGCONT, SIGPROF, SIGRTMIN, SIGRTMAX };

	for (unsigned i = 0; i < ARRAY_SIZE(sigs); i++) {
		int st;
		pid_t pid = MUST(fork());
		if (!pid) {
			signal(sigs[i], SIG_DFL);
			raise(sigs[i]);
			_exit(0);
		}
		waitpid(pid, &st, 0);
		say("%s: %s\n", sname(sigs[i]), wait_text(st));
	}
}

int main(void)
{
	sigset_t set, old, pend;
	struct sigaction sa, was;

	SECTION("default actions");
	default_actions();
	SECTION("sigaction");
	R(sigaction(SIGKILL, &(struct sigaction){ .sa_handler = SIG_IGN }, NULL));
	R(sigaction(SIGSTOP, &(struct sigaction){ .sa_handler = plain }, NULL));
	R(sigaction(SIGKILL, NULL, &was));
	R(syscall(SYS_rt_sigaction, 0, NULL, NULL, 8));
	R(syscall(SYS_rt_sigaction, 65, NULL, NULL, 8));
	R(syscall(SYS_rt_sigaction, 64, NULL, NULL, 8));
	sigemptyset(&sa.sa_mask);
	sigaddset(&sa.sa_mask, SIGHUP);
	sigaddset(&sa.sa_mask, SIGKILL);
	sa.sa_handler = plain;
	sa.sa_flags = SA_RESTART | SA_NODEFER;
	R(sigaction(SIGUSR1, &sa, NULL));
	R(sigaction(SIGUSR1, NULL, &was));
	say("handler %d flags %x mask HUP %d KILL %d\n", was.sa_handler == plain, was.sa_flags,
	    sigismember(&was.sa_mask, SIGHUP), sigismember(&was.sa_mask, SIGKILL));
	SECTION("masks");
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGKILL);
	sigaddset(&set, SIGSTOP);
	R(sigprocmask(SIG_SETMASK, &set, NULL));
	R(sigprocmask(SIG_BLOCK, NULL, &old));
	say("USR1 %d KILL %d STOP %d\n", sigismember(&old, SIGUSR1), sigismember(&old, SIGKILL), sigismember(&old, SIGSTOP));
	R(sigprocmask(99, &set, NULL));
	R(sigprocmask(99, NULL, &old));
	SECTION("pending");
	install(SIGUSR1, plain, 0);
	raise(SIGUSR1);
	raise(SIGUSR1);
	raise(SIGUSR1);
	sigpending(&pend);
	say("pending %d handled %d\n", sigismember(&pend, SIGUSR1), count[SIGUSR1]);
	sigemptyset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	say("three became %d\n", count[SIGUSR1]);
	int rt = SIGRTMIN + 1;
	install(rt, plain, 0);
	sigaddset(&set, rt);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 0; i < 5; i++)
		raise(rt);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	say("five real-time ones stay %d\n", count[rt]);
	install(SIGUSR1, SIG_IGN, 0);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	raise(SIGUSR1);
	sigpending(&pend);
	say("ignored, blocked: pending %d\n", sigismember(&pend, SIGUSR1));
	install(SIGUSR1, plain, 0);
	raise(SIGUSR1);
	install(SIGUSR1, SIG_IGN, 0);
	sigpending(&pend);
	say("ignoring drops it: pending %d\n", sigismember(&pend, SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	SECTION("order");
	order[0] = 0;
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, &old);
	const int several[] = { SIGUSR2, SIGRTMIN + 5, SIGHUP, SIGRTMIN + 2, SIGTERM, SIGUSR1 };
	for (unsigned i = 0; i < ARRAY_SIZE(several); i++) {
		sa.sa_handler = plain;
		sa.sa_flags = 0;
		sigfillset(&sa.sa_mask);
		sigaction(several[i], &sa, NULL);
		raise(several[i]);
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
	show_order("handled in this order");
	SECTION("masks in handlers");
	sa.sa_handler = mask_in_handler;
	sigemptyset(&sa.sa_mask);
	sigaddset(&sa.sa_mask, SIGHUP);
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	sa.sa_flags = SA_NODEFER;
	sigaction(SIGUSR1, &sa, NULL);
	raise(SIGUSR1);
	sigprocmask(SIG_BLOCK, NULL, &set);
	say("afterwards: HUP %d\n", sigismember(&set, SIGHUP));
	SECTION("nesting");
	install(SIGUSR1, nested_low, 0);
	install(SIGUSR2, nested_low, 0);
	raise(SIGUSR1);
	install(SIGUSR1, nodefer, SA_NODEFER);
	raise(SIGUSR1);
	install(SIGUSR1, plain, SA_RESETHAND);
	raise(SIGUSR1);
	sigaction(SIGUSR1, NULL, &was);
	say("one shot: default again %d\n", was.sa_handler == SIG_DFL);
	SECTION("siginfo");
	sa.sa_sigaction = info;
	sa.sa_flags = SA_SIGINFO;
	sigaction(SIGUSR1, &sa, NULL);
	sigaction(rt, &sa, NULL);
	kill(getpid(), SIGUSR1);
	say("kill: code %d pid ok %d\n", last_code == SI_USER, last_pid_ok);
	syscall(SYS_tgkill, getpid(), gettid(), SIGUSR1);
	say("tgkill: code %d pid ok %d\n", last_code == SI_TKILL, last_pid_ok);
	R(sigqueue(getpid(), rt, (union sigval){ .sival_int = 4711 }));
	say("sigqueue: code %d value %d pid ok %d\n", last_code == SI_QUEUE, last_value, last_pid_ok);
	R(sigqueue(getpid(), 0, (union sigval){ .sival_int = 1 }));
	R(sigqueue(getpid(), 65, (union sigval){ .sival_int = 1 }));
	siginfo_t si = { .si_code = SI_USER };
	R(syscall(SYS_rt_sigqueueinfo, 1, SIGUSR1, &si));
	R(syscall(SYS_tgkill, getpid(), 999999, SIGUSR1));
	R(syscall(SYS_tgkill, -1, gettid(), SIGUSR1));
	R(syscall(SYS_tkill, gettid(), 0));
	SECTION("sigtimedwait");
	struct timespec zero = { 0, 0 }, little = { 0, 20000000 };
	sigemptyset(&set);
	sigaddset(&set, rt);
	sigaddset(&set, SIGUSR2);
	sigprocmask(SIG_BLOCK, &set, NULL);
	R(sigtimedwait(&set, &si, &zero));
	R(sigtimedwait(&set, &si, &little));
	sigqueue(getpid(), rt, (union sigval){ .sival_int = 12 });
	raise(SIGUSR2);
	R(sigtimedwait(&set, &si, &zero) == SIGUSR2);
	R(sigtimedwait(&set, &si, NULL) == rt);
	say("value %d\n", si.si_value.sival_int);
	R(sigtimedwait(&set, &si, &(struct timespec){ 0, 1000000000 }));
	R(sigtimedwait(&set, &si, &(struct timespec){ -1, 0 }));
	SECTION("sigsuspend");
	install(SIGUSR2, plain, 0);
	order[0] = 0;
	raise(SIGUSR2);
	show_order("before");
	sigemptyset(&set);
	R(sigsuspend(&set));
	show_order("after");
	sigprocmask(SIG_BLOCK, NULL, &set);
	say("blocked again %d\n", sigismember(&set, SIGUSR2));
	SECTION("to groups and all");
	R(kill(0, 0));
	R(kill(-999999, SIGTERM));
	R(kill(-getpgrp(), 0));
	return 0;
}

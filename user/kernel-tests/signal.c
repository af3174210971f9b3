/*
 * signal.c - delivery, masks, restarts, alternate stacks, stops, timers.
 */
#include "tests.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int count, last;
static siginfo_t info;

static void on_signal(int sig)
{
	count++;
	last = sig;
}

static void on_info(int sig, siginfo_t *si, void *context)
{
	(void)context;
	on_signal(sig);
	info = *si;
}

static void handle(int sig, unsigned long flags)
{
	struct sigaction act = { .sa_flags = flags };

	if (flags & SA_SIGINFO)
		act.sa_sigaction = on_info;
	else
		act.sa_handler = on_signal;
	count = 0;
	CHECK(!sigaction(sig, &act, NULL));
}

static sigset_t set_of(int sig)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, sig);
	return set;
}

static void delivery(void)
{
	struct sigaction old;

	handle(SIGUSR1, SA_SIGINFO);
	CHECK(!kill(getpid(), SIGUSR1));
	CHECK(count == 1 && last == SIGUSR1);
	CHECK(info.si_signo == SIGUSR1 && info.si_code == SI_USER && info.si_pid == getpid());
	CHECK(!raise(SIGUSR1) && count == 2 && info.si_code == SI_TKILL);
	CHECK(!sigaction(SIGUSR1, NULL, &old) && old.sa_sigaction == on_info);
	CHECK((old.sa_flags & SA_SIGINFO) == SA_SIGINFO);
	handle(SIGUSR2, SA_RESETHAND);
	CHECK(!raise(SIGUSR2) && count == 1);
	CHECK(!sigaction(SIGUSR2, NULL, &old) && old.sa_handler == SIG_DFL);
	signal(SIGUSR2, SIG_IGN);
	CHECK(!raise(SIGUSR2));
	CHECK(!raise(SIGWINCH) && !raise(SIGURG) && !raise(SIGCHLD) && !raise(SIGCONT));
}

static void default_actions(void)
{
	static const int fatal[] = { SIGHUP,  SIGINT,  SIGQUIT, SIGILL,	 SIGABRT,   SIGFPE,
				     SIGKILL, SIGSEGV, SIGPIPE, SIGALRM, SIGTERM,   SIGUSR1,
				     SIGUSR2, SIGBUS,  SIGSYS,	SIGTRAP, SIGVTALRM, SIGXCPU,
				     SIGPROF, SIGIO,   32,	34,	 64 };

	for (size_t i = 0; i < sizeof(fatal) / sizeof(fatal[0]); i++) {
		pid_t pid = spawn();
		int status;

		if (!pid) {
			kill(getpid(), fatal[i]);
			_exit(0);
		}
		status = wait_for(pid);
		if (!WIFSIGNALED(status) || WTERMSIG(status) != fatal[i])
			fail("signal %d: wait status %#x", fatal[i], status);
	}
}

static void masks(void)
{
	sigset_t set = set_of(SIGUSR1), old, pending;

	handle(SIGUSR1, 0);
	CHECK(!sigprocmask(SIG_BLOCK, &set, &old) && !sigismember(&old, SIGUSR1));
	CHECK(!raise(SIGUSR1) && !raise(SIGUSR1) && count == 0);
	CHECK(!sigpending(&pending) && sigismember(&pending, SIGUSR1) &&
	      !sigismember(&pending, SIGUSR2));
	CHECK(!sigprocmask(SIG_UNBLOCK, &set, NULL) && count == 1); /* not queued twice */
	CHECK(!sigpending(&pending) && !sigismember(&pending, SIGUSR1));
	/* These two can't be blocked. */
	sigfillset(&set);
	CHECK(!sigprocmask(SIG_SETMASK, &set, NULL) && !sigprocmask(SIG_SETMASK, NULL, &old));
	CHECK(!sigismember(&old, SIGKILL) && !sigismember(&old, SIGSTOP) &&
	      sigismember(&old, SIGTERM));
	FAILS(EINVAL, sigprocmask(77, &set, NULL));
}

static volatile int depth, deepest, raised;

static void on_nested(int sig)
{
	depth++;
	if (depth > deepest)
		deepest = depth;
	if (raised++ < 4)
		raise(sig);
	depth--;
}

/* During a handler its signal waits, unless SA_NODEFER; sa_mask blocks others. */
static void nesting(void)
{
	struct sigaction act = { .sa_handler = on_nested, .sa_flags = SA_NODEFER };

	CHECK(!sigaction(SIGUSR1, &act, NULL) && !raise(SIGUSR1) && deepest == 5);
	act.sa_flags = 0;
	deepest = raised = 0;
	CHECK(!sigaction(SIGUSR1, &act, NULL) && !raise(SIGUSR1));
	CHECK(deepest == 1 && raised == 5);
}

/* Real-time signals queue, carry values and come lowest number first. */
static int order[16], order_count;

static void on_ordered(int sig, siginfo_t *si, void *context)
{
	(void)context;
	order[order_count++] = sig * 100 + si->si_value.sival_int;
}

static void real_time(void)
{
	struct sigaction act = { .sa_sigaction = on_ordered, .sa_flags = SA_SIGINFO };
	sigset_t set, old;

	sigemptyset(&set);
	for (int sig = 34; sig <= 36; sig++) {
		CHECK(!sigaction(sig, &act, NULL));
		sigaddset(&set, sig);
		sigaddset(&act.sa_mask, sig);
	}
	for (int sig = 34; sig <= 36; sig++)
		CHECK(!sigaction(sig, &act, NULL));
	CHECK(!sigprocmask(SIG_BLOCK, &set, &old));
	for (int i = 0; i < 3; i++) {
		for (int sig = 36; sig >= 34; sig--) {
			siginfo_t si = { .si_signo = sig, .si_code = SI_QUEUE };

			si.si_pid = getpid();
			si.si_value.sival_int = i;
			CHECK(!syscall(__NR_rt_sigqueueinfo, getpid(), sig, &si));
		}
	}
	CHECK(!sigprocmask(SIG_SETMASK, &old, NULL));
	CHECK(order_count == 9);
	/* Frames stack up: what was set up last runs first. */
	for (int i = 0; i < 9; i++) {
		int found = 0;

		for (int k = 0; k < 9; k++)
			found += order[k] == (34 + i / 3) * 100 + i % 3;
		CHECK(found == 1);
	}
}

static void waiting(void)
{
	sigset_t set = set_of(SIGUSR1), none;
	struct timespec ts = { 0, 30000000 };
	siginfo_t si;
	long t;

	sigemptyset(&none);
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	t = now_ms();
	FAILS(EAGAIN, sigtimedwait(&set, &si, &ts));
	CHECK(now_ms() - t >= 29);
	raise(SIGUSR1);
	CHECK(sigtimedwait(&set, &si, &ts) == SIGUSR1 && si.si_signo == SIGUSR1);
	handle(SIGUSR1, 0);
	raise(SIGUSR1);
	FAILS(EINTR, sigsuspend(&none));
	CHECK(count == 1);
	CHECK(!sigprocmask(SIG_SETMASK, NULL, &none) && sigismember(&none, SIGUSR1));
}

static pid_t signal_me_after(int ms, int sig)
{
	pid_t pid = spawn();

	if (!pid) {
		sleep_ms(ms);
		kill(getppid(), sig);
		_exit(0);
	}
	return pid;
}

static void interrupting(void)
{
	struct timespec ts = { 5, 0 }, left = { 0, 0 };
	int fds[2];
	pid_t pid;
	char c;

	CHECK(!pipe(fds));
	handle(SIGUSR1, 0);
	pid = signal_me_after(50, SIGUSR1);
	FAILS(EINTR, read(fds[0], &c, 1));
	CHECK(count == 1);
	wait_ok(pid);
	pid = signal_me_after(50, SIGUSR1);
	FAILS(EINTR, nanosleep(&ts, &left));
	CHECK(left.tv_sec == 4);
	wait_ok(pid);
	/* An ignored signal interrupts nothing. */
	signal(SIGUSR2, SIG_IGN);
	ts = (struct timespec){ 0, 150000000 };
	pid = signal_me_after(50, SIGUSR2);
	CHECK(!nanosleep(&ts, NULL));
	wait_ok(pid);
}

static void restarting(void)
{
	int fds[2], status;
	pid_t pid;
	char c;

	CHECK(!pipe(fds));
	handle(SIGUSR1, SA_RESTART);
	pid = spawn();
	if (!pid) {
		for (int i = 0; i < 3; i++) {
			sleep_ms(30);
			kill(getppid(), SIGUSR1);
		}
		sleep_ms(30);
		write(fds[1], "x", 1);
		_exit(9);
	}
	CHECK(read(fds[0], &c, 1) == 1 && c == 'x' && count == 3);
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 9);
	/* wait4 restarts too; nanosleep never does. */
	pid = spawn();
	if (!pid) {
		sleep_ms(20);
		kill(getppid(), SIGUSR1);
		sleep_ms(60);
		_exit(8);
	}
	CHECK(waitpid(pid, &status, 0) == pid && WEXITSTATUS(status) == 8);
}

static sigjmp_buf back;

static void on_jump(int sig)
{
	count++;
	siglongjmp(back, sig);
}

static void jumping_out(void)
{
	signal(SIGUSR1, on_jump);
	count = 0;
	for (volatile int i = 0; i < 20; i++) {
		if (!sigsetjmp(back, 1)) {
			raise(SIGUSR1);
			fail("the handler returned");
		}
	}
	CHECK(count == 20);
}

static char alternate[16384];
static volatile uintptr_t where;

static void on_other_stack(int sig)
{
	stack_t ss;
	char here;

	(void)sig;
	where = (uintptr_t)&here;
	CHECK(!sigaltstack(NULL, &ss) && ss.ss_flags == SS_ONSTACK);
	ss.ss_flags = 0;
	FAILS(EPERM, sigaltstack(&ss, NULL));
}

static void other_stack(void)
{
	stack_t ss = { .ss_sp = alternate, .ss_size = sizeof(alternate) }, old;
	struct sigaction act = { .sa_handler = on_other_stack, .sa_flags = SA_ONSTACK };

	CHECK(!sigaltstack(NULL, &old) && old.ss_flags == SS_DISABLE);
	CHECK(!sigaltstack(&ss, NULL) && !sigaction(SIGUSR1, &act, NULL) && !raise(SIGUSR1));
	CHECK(where > (uintptr_t)alternate && where < (uintptr_t)alternate + sizeof(alternate));
	CHECK(!sigaltstack(NULL, &old) && old.ss_flags == 0 && old.ss_sp == alternate);
	ss.ss_size = 100;
	FAILS(ENOMEM, sigaltstack(&ss, NULL));
	ss.ss_flags = SS_DISABLE;
	CHECK(!sigaltstack(&ss, NULL));
}

/* Every register survives a handler that uses them all, floating point too. */
static void on_spoil(int sig)
{
	(void)sig;
	count++;
	__asm__ volatile("li t0, -1; li t1, -1; li t2, -1; li a1, -1; li a2, -1; li a3, -1;"
			 "li a4, -1; li a5, -1; li a6, -1; li a7, -1; li t3, -1; li t4, -1;"
			 "li t5, -1; li t6, -1; fcvt.d.l ft0, t0; fcvt.d.l ft1, t0;"
			 "fcvt.d.l fa0, t0; fcvt.d.l fa1, t0; fcvt.d.l ft11, t0; fsflags t0, zero"
			 :
			 :
			 : "t0", "t1", "t2", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t3", "t4",
			   "t5", "t6", "ft0", "ft1", "fa0", "fa1", "ft11");
}

static void registers(void)
{
	struct itimerval it = { { 0, 2000 }, { 0, 2000 } }, off = { { 0, 0 }, { 0, 0 } };
	long end = now_ms() + 300;

	signal(SIGALRM, on_spoil);
	count = 0;
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	while (now_ms() < end) {
		long sum;
		double d;

		__asm__ volatile("li t0, 1; li t1, 2; li t2, 3; li a1, 4; li a2, 5; li a3, 6;"
				 "li a4, 7; li a5, 8; li a6, 9; li a7, 10; li t3, 11; li t4, 12;"
				 "li t5, 13; li t6, 0; fcvt.d.l ft0, t0; fcvt.d.l ft1, t1;"
				 "fcvt.d.l fa0, t2; fcvt.d.l fa1, a1; fcvt.d.l ft11, a2;"
				 "li %0, 20000\n"
				 "1: addi t6, t6, 1; bltu t6, %0, 1b\n"
				 "add %0, t0, t1; add %0, %0, t2; add %0, %0, a1; add %0, %0, a2;"
				 "add %0, %0, a3; add %0, %0, a4; add %0, %0, a5; add %0, %0, a6;"
				 "add %0, %0, a7; add %0, %0, t3; add %0, %0, t4; add %0, %0, t5;"
				 "add %0, %0, t6; fadd.d ft0, ft0, ft1; fadd.d ft0, ft0, fa0;"
				 "fadd.d ft0, ft0, fa1; fadd.d %1, ft0, ft11"
				 : "=&r"(sum), "=f"(d)
				 :
				 : "t0", "t1", "t2", "a1", "a2", "a3", "a4", "a5", "a6", "a7", "t3",
				   "t4", "t5", "t6", "ft0", "ft1", "fa0", "fa1", "ft11");
		CHECK(sum == 91 + 20000);
		CHECK(d == 15.0);
	}
	CHECK(!setitimer(ITIMER_REAL, &off, NULL));
	CHECK(count > 10);
}

static void children(void)
{
	sigset_t set = set_of(SIGCHLD);
	siginfo_t si;
	pid_t pid;

	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	pid = spawn();
	if (!pid)
		_exit(6);
	CHECK(sigwaitinfo(&set, &si) == SIGCHLD);
	CHECK(si.si_pid == pid && si.si_code == CLD_EXITED && si.si_status == 6);
	wait_for(pid);
	pid = spawn();
	if (!pid)
		raise(SIGKILL);
	CHECK(sigwaitinfo(&set, &si) == SIGCHLD);
	CHECK(si.si_pid == pid && si.si_code == CLD_KILLED && si.si_status == SIGKILL);
	wait_for(pid);
	/* Ignored, children are not kept for wait. */
	signal(SIGCHLD, SIG_IGN);
	pid = spawn();
	if (!pid)
		_exit(0);
	FAILS(ECHILD, waitpid(pid, NULL, 0));
}

static void stopping(void)
{
	int status, fds[2];
	pid_t pid;
	char c;

	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		close(fds[0]);
		for (;;) {
			sleep_ms(5);
			write(fds[1], "x", 1);
		}
	}
	close(fds[1]);
	CHECK(read(fds[0], &c, 1) == 1);
	CHECK(!kill(pid, SIGSTOP));
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	CHECK(WIFSTOPPED(status) && WSTOPSIG(status) == SIGSTOP);
	CHECK(!fcntl(fds[0], F_SETFL, O_NONBLOCK));
	while (read(fds[0], &c, 1) == 1)
		continue;
	sleep_ms(60);
	FAILS(EAGAIN, read(fds[0], &c, 1));
	CHECK(waitpid(pid, &status, WNOHANG | WUNTRACED) == 0);
	CHECK(!kill(pid, SIGTERM)); /* waits for the continuation */
	sleep_ms(30);
	CHECK(waitpid(pid, &status, WNOHANG) == 0);
	CHECK(!kill(pid, SIGCONT));
	CHECK(WTERMSIG(wait_for(pid)) == SIGTERM);

	close(fds[0]);
	CHECK(!pipe(fds));
	pid = spawn();
	if (!pid) {
		raise(SIGTSTP);
		read(fds[0], &c, 1); /* the continuation is told only of one that has not ended */
		_exit(0);
	}
	/* An orphaned group's SIGTSTP would be dropped: ours has a parent outside. */
	CHECK(waitpid(pid, &status, WUNTRACED) == pid);
	if (WIFSTOPPED(status)) {
		CHECK(WSTOPSIG(status) == SIGTSTP && !kill(pid, SIGCONT));
		CHECK(waitpid(pid, &status, WCONTINUED) == pid && WIFCONTINUED(status));
		CHECK(write(fds[1], "x", 1) == 1);
		wait_ok(pid);
	}
	/* SIGKILL ends the stopped. */
	pid = spawn();
	if (!pid)
		raise(SIGSTOP);
	CHECK(waitpid(pid, &status, WUNTRACED) == pid && WIFSTOPPED(status));
	CHECK(!kill(pid, SIGKILL) && WTERMSIG(wait_for(pid)) == SIGKILL);
}

static void groups(void)
{
	pid_t pids[3];

	handle(SIGUSR1, 0);
	for (int i = 0; i < 3; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			setpgid(0, i ? pids[0] : 0);
			pause();
			_exit(1);
		}
		setpgid(pids[i], pids[0]);
	}
	signal(SIGUSR2, SIG_IGN);
	CHECK(!kill(-pids[0], 0));
	CHECK(!killpg(pids[0], SIGTERM));
	for (int i = 0; i < 3; i++)
		CHECK(WTERMSIG(wait_for(pids[i])) == SIGTERM);
	FAILS(ESRCH, kill(-pids[0], 0));
}

static void timers(void)
{
	struct itimerval it = { { 0, 10000 }, { 0, 10000 } }, off = { { 0, 0 }, { 0, 0 } }, left;
	long t;

	handle(SIGALRM, 0);
	t = now_ms();
	CHECK(!setitimer(ITIMER_REAL, &it, NULL));
	while (count < 5)
		pause();
	t = now_ms() - t;
	CHECK(t >= 49 && t < 3000);
	CHECK(!setitimer(ITIMER_REAL, &off, &left) && left.it_interval.tv_usec == 10000);
	handle(SIGALRM, 0);
	CHECK(alarm(100) == 0 && alarm(0) == 100);
	sleep_ms(30);
	CHECK(count == 0);
	/* Counts the time that is used: a loop gets it. */
	handle(SIGVTALRM, 0);
	CHECK(!setitimer(ITIMER_VIRTUAL, &it, NULL));
	t = now_ms();
	while (count < 3 && now_ms() - t < 5000)
		continue;
	CHECK(count >= 3);
}

/* A handler at an address that is not there, a frame that can't be pushed. */
static void bad_handler(void)
{
	signal(SIGUSR1, (sighandler_t)0x10);
	raise(SIGUSR1);
}

static void kernel_handler(void)
{
	signal(SIGUSR1, (sighandler_t)0xffffffff80200000ul);
	raise(SIGUSR1);
}

static void bad_frame(void)
{
	handle(SIGUSR1, 0);
	__asm__ volatile("li sp, 16\n"
			 "li a7, 172\n" /* getpid */
			 "ecall\n"
			 "li a1, 10\n"
			 "li a7, 129\n" /* kill */
			 "ecall");
}

static void wild_sigreturn(void)
{
	__asm__ volatile("li a7, 139; ecall"); /* rt_sigreturn with no frame */
	__asm__ volatile("li sp, 8; li a7, 139; ecall");
}

static void wild_delivery(void)
{
	CHECK(WTERMSIG(status_in_child(bad_handler)) == SIGSEGV);
	CHECK(WTERMSIG(status_in_child(kernel_handler)) == SIGSEGV);
	CHECK(WTERMSIG(status_in_child(bad_frame)) == SIGSEGV);
	CHECK(WIFSIGNALED(status_in_child(wild_sigreturn)));
}

/* Two processes throw signals at each other as fast as they can. */
static void storm(void)
{
	pid_t pid;

	handle(SIGUSR1, 0);
	pid = spawn();
	if (!pid) {
		pid_t parent = getppid();

		for (int i = 0; i < 1500; i++)
			kill(parent, SIGUSR1);
		_exit(0);
	}
	for (int i = 0; i < 1500; i++)
		kill(pid, SIGUSR1);
	wait_ok(pid);
	CHECK(count > 0);
}

/* Timers count as pending signals may: RLIMIT_SIGPENDING of getrlimit(2). Deleted ones do not. */
/* A periodic timer goes on after its signal was ignored, and after it was thrown away unread. */
static void timer_goes_on(void)
{
	struct itimerspec its = { { 0, 1000000 }, { 0, 1000000 } };
	sigset_t set = set_of(SIGALRM);
	int id;

	signal(SIGALRM, SIG_IGN);
	CHECK(!syscall(__NR_timer_create, CLOCK_MONOTONIC, NULL, &id));
	CHECK(!syscall(__NR_timer_settime, id, 0, &its, NULL));
	sleep_ms(5);
	handle(SIGALRM, 0);
	while (count < 2)
		pause();
	CHECK(!sigprocmask(SIG_BLOCK, &set, NULL));
	sleep_ms(5);
	signal(SIGALRM, SIG_IGN);
	handle(SIGALRM, 0);
	CHECK(!sigprocmask(SIG_UNBLOCK, &set, NULL));
	while (count < 2)
		pause();
}

static void timer_limit(void)
{
	struct rlimit lim = { 20, 20 };
	int id, first = -1, n = 0;

	CHECK(!setrlimit(RLIMIT_SIGPENDING, &lim));
	become_user();
	while (!syscall(__NR_timer_create, CLOCK_MONOTONIC, NULL, &id)) {
		CHECK(++n <= 20);
		first = first < 0 ? id : first;
	}
	CHECK(errno == EAGAIN && n > 0);
	CHECK(!syscall(__NR_timer_delete, first));
	CHECK(!syscall(__NR_timer_create, CLOCK_MONOTONIC, NULL, &id));
	FAILS(EAGAIN, syscall(__NR_timer_create, CLOCK_MONOTONIC, NULL, &id));
}

const struct test signal_tests[] = {
	{ "signal", delivery, 0 },
	{ "signal-defaults", default_actions, 0 },
	{ "signal-masks", masks, 0 },
	{ "signal-nesting", nesting, 0 },
	{ "signal-real-time", real_time, 0 },
	{ "signal-wait", waiting, 0 },
	{ "signal-interrupt", interrupting, 0 },
	{ "signal-restart", restarting, 0 },
	{ "signal-jump", jumping_out, 0 },
	{ "signal-altstack", other_stack, 0 },
	{ "signal-registers", registers, 0 },
	{ "signal-children", children, 0 },
	{ "signal-stop", stopping, 0 },
	{ "signal-groups", groups, 0 },
	{ "signal-timers", timers, 0 },
	{ "signal-timer-goes-on", timer_goes_on, 0 },
	{ "signal-timer-limit", timer_limit, 0 },
	{ "signal-wild", wild_delivery, 0 },
	{ "signal-storm", storm, 0 },
	{ NULL, NULL, 0 },
};

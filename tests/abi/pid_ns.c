/* Process namespaces: numbers, births, deaths, signals from inside and outside. */
#include "pid_ns.h"
#include <linux/sched.h>
#include <sys/prctl.h>

/* --- numbers --- */

static void who(const char *name)
{
	say("%s: pid %d tid %ld ppid %d pgrp %d session %d, of 1 %d\n", name, getpid(),
	    syscall(SYS_gettid), getppid(), getpgrp(), getsid(0), getpgid(1));
}

static void second(void)
{
	who("second");
	R(setpgid(0, 0));
	who("second, leading");
}

static void third(void)
{
	R(setsid());
	who("third");
}

static void first(void)
{
	who("first");
	as_child("second", second);
	as_child("third", third);
	R(setsid());
	who("first, leading");
	as_child("fourth", second);
	R(kill(getppid() + 100000, 0));
	R(born(CLONE_PARENT));
	numbers("/proc/self/status", "NSpid");
	numbers("/proc/self/status", "NSpgid");
}

static int deep;

static void nested(void)
{
	if (deep++ < 3) {
		as_init("below", nested);
		return;
	}
	numbers("/proc/self/status", "NSpid");
	numbers("/proc/self/status", "NStgid");
	numbers("/proc/self/status", "NSsid");
	if (!MUST(fork()))
		numbers("/proc/self/status", "NSpid");
	else
		wait(NULL);
}

static void too_deep(void)
{
	pid_t pid = born(CLONE_NEWPID);
	int status;

	if (!pid) {
		deep++;
		too_deep();
		_exit(0);
	}
	if (pid < 0)
		say("at %d: %s\n", deep, ename(errno));
	else
		waitpid(pid, &status, 0);
}

/* --- unshare and setns --- */

static char stack[65536] __attribute__((aligned(16)));

static int nothing(void *arg)
{
	(void)arg;
	return 0;
}

static void two_ns(const char *when)
{
	say("%s: children's is %s\n", when,
	    !ino("/proc/self/ns/pid_for_children") ? "not there" :
	    ino("/proc/self/ns/pid") == ino("/proc/self/ns/pid_for_children") ? "ours" :
										  "another");
}

static void unsharing(void)
{
	int own = MUST(open("/proc/self/ns/pid", O_RDONLY)), new;
	pid_t pid, was = getpid();
	char c;

	MUST(pipe(to_parent));
	two_ns("at first");
	R(unshare(CLONE_NEWPID));
	two_ns("unshared");
	say("the same: %d\n", was == getpid());
	R(unshare(CLONE_NEWPID));
	R(born(CLONE_NEWPID));
	R(clone(nothing, stack + sizeof(stack),
		CLONE_THREAD | CLONE_SIGHAND | CLONE_VM | CLONE_FS | CLONE_FILES, NULL));
	pid = MUST(fork());
	if (!pid) {
		who("its first");
		MUST(write(to_parent[1], "x", 1));
		pause();
	}
	MUST(read(to_parent[0], &c, 1));
	two_ns("with a child");
	if (!MUST(fork())) {
		who("its second");
		if (!MUST(fork())) {
			say("its third: pid %d\n", getpid());
			_exit(0);
		}
		wait(NULL);
		_exit(0);
	}
	MUST(waitpid(-1, NULL, 0));
	new = MUST(open("/proc/self/ns/pid_for_children", O_RDONLY));
	R(setns(own, CLONE_NEWPID));
	two_ns("back");
	R(setns(new, CLONE_NEWUTS));
	R(setns(new, CLONE_NEWPID));
	two_ns("again");
	if (!MUST(fork())) {
		say("entered: pid %d ppid %d\n", getpid(), getppid());
		R(setns(own, CLONE_NEWPID));
		R(setns(new, CLONE_NEWPID));
		_exit(0);
	}
	wait(NULL);
	MUST(kill(pid, SIGKILL));
	ended("its first", pid);
	R(fork());
	R(setns(own, 0));
	if (!MUST(fork()))
		_exit(0);
	MUST(wait(NULL));
}

/* --- set_tid --- */

static long chosen(unsigned long flags, int *tids, unsigned n)
{
	struct clone_args a = { .flags = flags, .exit_signal = SIGCHLD,
				.set_tid = (uintptr_t)tids, .set_tid_size = n };
	long pid = syscall(SYS_clone3, &a, sizeof(a));

	if (pid == 0) {
		say("  it is %d\n", getpid());
		_exit(0);
	}
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid < 0 ? -1 : pid == tids[n - 1];
}

static void choosing_inside(void)
{
	R(chosen(0, (int[]){ 17 }, 1));
	R(chosen(0, (int[]){ 17, 31001 }, 2));
	R(chosen(0, (int[]){ 1, 31002 }, 2));
	R(chosen(0, (int[]){ 18, 31001, 5 }, 3));
	R(chosen(CLONE_NEWPID, (int[]){ 1, 19, 31003 }, 3));
	R(chosen(CLONE_NEWPID, (int[]){ 2, 20, 31004 }, 3));
	R(chosen(CLONE_NEWPID, (int[]){ 1 }, 1));
	MUST(setresuid(1000, 1000, 1000));
	R(chosen(0, (int[]){ 21 }, 1));
}

static void choosing(void)
{
	R(chosen(0, (int[]){ 31000 }, 1));
	R(chosen(0, (int[]){ 31000, 5 }, 2));
	R(chosen(0, (int[]){ 0 }, 1));
	R(chosen(0, (int[]){ 1 }, 1));
	as_init("inside", choosing_inside);
}

/* --- signals --- */

static volatile int got, got_pid, got_code;

static void handler(int sig, siginfo_t *si, void *uc)
{
	(void)uc;
	got = sig;
	got_pid = si->si_pid;
	got_code = si->si_code;
}

static void handle(int sig)
{
	struct sigaction sa = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO };

	MUST(sigaction(sig, &sa, NULL));
}

static void told(const char *what)
{
	for (int i = 0; i < 2000 && !got; i++)
		sleep_ms(1);
	say("%s: %s code %d from %d\n", what, got ? sname(got) : "none", got_code, got_pid);
	got = 0;
}

static void from_inside(void)
{
	handle(SIGUSR1);
	if (!MUST(fork())) {
		R(kill(1, SIGKILL));
		R(kill(1, SIGSTOP));
		R(kill(1, SIGTERM));
		R(kill(-1, SIGKILL));
		MUST(kill(1, SIGUSR1));
		_exit(3);
	}
	told("from a child");
	R(wait(NULL));
	R(kill(1, SIGKILL));
	R(kill(1, SIGTERM));
	R(raise(SIGUSR1));
	told("from itself");
	R(kill(-1, SIGTERM));
}

static void waiter(void)
{
	handle(SIGUSR2);
	MUST(write(to_parent[1], "x", 1));
	told("from outside");
	MUST(write(to_parent[1], "x", 1));
	for (;;)
		pause();
}

static void from_outside(void)
{
	pid_t pid;
	int status;
	union sigval v = { .sival_int = 5 };

	MUST(pipe(to_parent));
	pid = MUST(born(CLONE_NEWPID));
	if (!pid)
		waiter();
	wait_byte();
	R(kill(pid, SIGTERM));
	MUST(sigqueue(pid, SIGUSR2, v));
	wait_byte();
	R(kill(pid, SIGSTOP));
	MUST(waitpid(pid, &status, WUNTRACED));
	say("it is %s\n", wait_text(status));
	R(kill(pid, SIGCONT));
	MUST(waitpid(pid, &status, WCONTINUED));
	say("it is %s\n", wait_text(status));
	R(kill(pid, SIGKILL));
	ended("it", pid);
}

static void faults(void)
{
	*(volatile int *)0 = 0;
}

static void aborts(void)
{
	abort();
}

/* A child of the namespace's signals one outside, by what it inherited. */
static void reaches_out(void)
{
	handle(SIGUSR1);
	pid_t pid = MUST(born(CLONE_NEWPID));

	if (!pid) {
		if (!MUST(fork())) {
			/* The group is that of outside. */
			signal(SIGUSR1, SIG_IGN);
			MUST(kill(0, SIGUSR1));
			_exit(0);
		}
		signal(SIGUSR1, SIG_IGN);
		wait(NULL);
		_exit(0);
	}
	told("of the group");
	while (waitpid(pid, NULL, 0) < 0)
		;
	got = 0;
}

/* --- deaths --- */

static void orphan(void)
{
	if (!MUST(fork())) {
		if (!MUST(fork())) {
			for (int i = 0; i < 2000 && getppid() != 1; i++)
				sleep_ms(1);
			say("orphan: parent %d\n", getppid());
			_exit(7);
		}
		_exit(0);
	}
	int status;

	MUST(wait(&status));
	R(wait(&status));
	say("%s\n", wait_text(status));
	R(wait(&status));
}

static void leaves(void)
{
	for (int i = 0; i < 3; i++) {
		if (MUST(fork()))
			continue;
		if (i == 1)
			MUST(born(CLONE_NEWPID));
		if (i == 2)
			setsid();
		for (;;)
			pause();
	}
	if (!MUST(fork()))
		_exit(0);
	sleep_ms(20);
	_exit(4);
}

/* With its first process all have gone that hold the pipe. */
static void all_go(void)
{
	int p[2];
	char c;
	pid_t pid;

	MUST(pipe(p));
	MUST(prctl(PR_SET_CHILD_SUBREAPER, 1));
	pid = MUST(born(CLONE_NEWPID));
	if (!pid)
		leaves();
	close(p[1]);
	ended("the first", pid);
	R(fcntl(p[0], F_SETFL, O_NONBLOCK));
	R(read(p[0], &c, 1));
	R(wait(NULL));
}

static void last_pid(void)
{
	int fd = MUST(open("/proc/sys/kernel/ns_last_pid", O_RDWR));

	MUST(write(fd, "99", 2));
	if (!MUST(fork())) {
		say("next %d\n", getpid());
		_exit(0);
	}
	wait(NULL);
}

static void unprivileged(void)
{
	MUST(setresuid(1000, 1000, 1000));
	R(unshare(CLONE_NEWPID));
	R(born(CLONE_NEWPID));
	R(unshare(CLONE_NEWUSER | CLONE_NEWPID));
	if (!MUST(fork())) {
		say("pid %d\n", getpid());
		_exit(0);
	}
	wait(NULL);
}

int main(void)
{
	SECTION("numbers");
	as_init("first", first);
	as_init("nested", nested);
	as_child("too deep", too_deep);
	SECTION("unshare, setns");
	as_child("unsharing", unsharing);
	as_child("unprivileged", unprivileged);
	SECTION("chosen numbers");
	as_child("choosing", choosing);
	as_init("the last", last_pid);
	SECTION("signals");
	as_init("from inside", from_inside);
	as_child("from outside", from_outside);
	as_init("faults", faults);
	as_init("aborts", aborts);
	if (!MUST(fork())) {
		setsid();
		reaches_out();
		_exit(0);
	}
	wait(NULL);
	SECTION("deaths");
	as_init("orphan", orphan);
	as_child("all go", all_go);
	return 0;
}

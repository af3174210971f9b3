/*
 * race.c - processes that come, go, are waited for and are signalled, all at the same time.
 *
 * With one hart these pass easily; with four, a child that a signal misses, a timer that outlives
 * its process or a process that two lists think they own shows as a hang, a leak or a panic.
 */
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile int got;

static void on_signal(int sig)
{
	(void)sig;
	got = 1;
}

static void spin(unsigned long n)
{
	for (volatile unsigned long i = 0; i < n; i++)
		continue;
}

/* All that is left to wait for, orphans that came to us too. */
static void reap_all(void)
{
	while (wait(NULL) > 0 || errno == EINTR)
		continue;
	CHECK(errno == ECHILD);
}

/* ---- a fork that a signal for the group overtakes ------------------------------------------- */

#define BIG    (24ul << 20) /* makes a fork take its time */
#define ROUNDS 80

static _Noreturn void shoot(int fd, pid_t group)
{
	unsigned char round;

	while (read(fd, &round, 1) == 1) {
		spin(round * 1500ul);
		kill(round % 2 ? -group : -1, SIGUSR1);
	}
	_exit(0);
}

/* A child has the handler's mark from its parent, or gets the signal itself. */
static void fork_overtaken(void)
{
	char *big = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	pid_t group, shooter, pid;
	int fds[2];

	CHECK(big != MAP_FAILED);
	become_user();
	for (size_t at = 0; at < BIG; at += 4096)
		big[at] = 1;
	CHECK(!pipe(fds));
	group = getpid();
	shooter = spawn();
	if (!shooter) {
		close(fds[1]);
		setpgid(0, 0);
		shoot(fds[0], group);
	}
	close(fds[0]);
	signal(SIGUSR1, on_signal);
	for (unsigned char round = 0; round < ROUNDS; round++) {
		got = 0;
		CHECK(write(fds[1], &round, 1) == 1);
		pid = spawn();
		for (int i = 0; i < 3000 && !got; i++)
			sleep_ms(1);
		if (!pid)
			_exit(!got);
		CHECK(got);
		if (wait_for(pid))
			fail("round %d: a child was missed", round);
	}
	close(fds[1]);
	wait_ok(shooter);
}

/* ---- kill(2) of many that fork and exit ------------------------------------------------------- */

static _Noreturn void bomb(unsigned int seed, int first)
{
	for (;;) {
		pid_t pid = fork();

		if (!pid) {
			seed = (unsigned int)getpid();
			first = 0;
		} else if (pid < 0) {
			sleep_ms(1);
		}
		while (waitpid(-1, NULL, WNOHANG) > 0)
			continue;
		if (!first && rand_r(&seed) % 8 == 0)
			_exit(0);
	}
}

static void kill_bombs(void (*shot)(pid_t group))
{
	struct rlimit lim = { 150, 150 };
	int ready[2];
	char byte;

	CHECK(!pipe(ready));
	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	for (unsigned int round = 0; round < 12; round++) {
		pid_t group = spawn();

		if (!group) {
			setpgid(0, 0);
			CHECK(!setrlimit(RLIMIT_NPROC, &lim));
			become_user();
			CHECK(write(ready[1], "r", 1) == 1);
			bomb(round, 1);
		}
		CHECK(read(ready[0], &byte, 1) == 1);
		sleep_ms(20 + round);
		shot(group);
		reap_all(); /* comes back when nobody was missed */
	}
}

static void shoot_group(pid_t group)
{
	CHECK(!kill(-group, SIGKILL));
}

/* All of that user, and nobody else. */
static void shoot_all(pid_t group)
{
	pid_t pid = spawn();

	(void)group;
	if (!pid) {
		become_user();
		_exit(kill(-1, SIGKILL) != 0);
	}
	wait_ok(pid);
}

static void kill_group_bomb(void)
{
	kill_bombs(shoot_group);
}

static void kill_all_bomb(void)
{
	kill_bombs(shoot_all);
}

/* ---- timers of processes that end ---------------------------------------------------------------- */

static void set_itimer(int which, long us)
{
	struct itimerval it = { { 0, us }, { 0, us } };

	CHECK(!setitimer(which, &it, NULL));
}

static void start_timer(int clock, int flags, long ns)
{
	struct itimerspec its = { { 0, ns }, { 0, ns } };
	int id;

	if (flags)
		clock_gettime(clock, &its.it_value);
	CHECK(!syscall(__NR_timer_create, clock, NULL, &id));
	CHECK(!syscall(__NR_timer_settime, id, flags, &its, NULL));
}

static int idle(void *arg)
{
	for (;;)
		spin(1000);
	return arg != NULL;
}

static _Noreturn void short_life(unsigned int seed)
{
	struct rlimit lim = { 0, RLIM_INFINITY };
	struct thread t;

	signal(SIGALRM, on_signal);
	signal(SIGVTALRM, SIG_IGN);
	signal(SIGPROF, seed % 3 ? on_signal : SIG_DFL);
	signal(SIGXCPU, seed % 2 ? on_signal : SIG_IGN);
	set_itimer(ITIMER_REAL, 150);
	set_itimer(ITIMER_VIRTUAL, 1000);
	set_itimer(ITIMER_PROF, 1000);
	start_timer(CLOCK_MONOTONIC, 0, 100000);
	start_timer(CLOCK_REALTIME, TIMER_ABSTIME, 200000);
	start_timer(CLOCK_PROCESS_CPUTIME_ID, 0, 300000);
	start_timer(CLOCK_THREAD_CPUTIME_ID, 0, 300000);
	setrlimit(RLIMIT_CPU, &lim);
	if (seed % 2)
		thread_start(&t, idle, NULL);
	spin(rand_r(&seed) % 100000);
	if (seed % 3 == 0)
		execv("/proc/self/exe",
		      (char *[]){ (char *)"usertests", (char *)"--exit", (char *)"0", NULL });
	_exit(0);
}

static void timers_at_exit(void)
{
	pid_t pids[4], stepper = spawn();

	if (!stepper) {
		/* As much forward as back: timers of the real-time clock start again each time. */
		for (int i = 0;; i++) {
			struct timespec ts;

			clock_gettime(CLOCK_REALTIME, &ts);
			ts.tv_sec += i % 2 ? -1 : 1;
			CHECK(!clock_settime(CLOCK_REALTIME, &ts));
			if (i % 2)
				sleep_ms(1);
		}
	}
	for (unsigned int w = 0; w < 4; w++) {
		pids[w] = spawn();
		if (pids[w])
			continue;
		for (unsigned int i = 0; i < 40; i++) {
			pid_t pid = spawn();

			if (!pid)
				short_life(i * 4 + w);
			wait_for(pid);
		}
		_exit(0);
	}
	for (int w = 0; w < 4; w++)
		wait_ok(pids[w]);
	kill(stepper, SIGKILL);
	wait_for(stepper);
}

/* ---- waiting while parents go -------------------------------------------------------------------- */

static volatile int stop_waiting;

static int wait_any(void *arg)
{
	siginfo_t si;

	while (!stop_waiting) {
		if ((long)arg == 0)
			wait(NULL);
		else if ((long)arg == 1)
			waitid(P_ALL, 0, &si, WEXITED | WNOHANG | WNOWAIT);
		else
			waitid(P_PGID, (id_t)getpgrp(), &si, WEXITED | WSTOPPED | WNOHANG);
		sched_yield();
	}
	return 0;
}

/* Two generations below; who goes first is left to chance. */
static _Noreturn void family(unsigned int seed)
{
	for (int i = 0; i < 3; i++) {
		if (!spawn()) {
			seed += (unsigned int)i * 7919;
			if (!spawn()) {
				spin(rand_r(&seed) % 20000);
				_exit(0);
			}
			spin(rand_r(&seed) % 20000);
			if (rand_r(&seed) % 2)
				wait(NULL);
			_exit(0);
		}
	}
	spin(rand_r(&seed) % 20000);
	if (rand_r(&seed) % 2)
		wait(NULL);
	_exit(0);
}

static void wait_and_reparent(void)
{
	struct thread t[3];

	CHECK(!prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0));
	stop_waiting = 0;
	for (long i = 0; i < 3; i++)
		thread_start(&t[i], wait_any, (void *)i);
	for (unsigned int round = 0; round < 8; round++) {
		for (unsigned int i = 0; i < 3; i++)
			if (!spawn())
				family(round * 3 + i);
		signal(SIGCHLD, round % 3 == 2 ? SIG_IGN : SIG_DFL);
		sleep_ms(rand() % 4);
	}
	signal(SIGCHLD, SIG_DFL);
	reap_all();
	stop_waiting = 1;
	for (int i = 0; i < 3; i++)
		thread_join(&t[i]);
	FAILS(ECHILD, wait(NULL));
}

static int reaped;

static int wait_one(void *arg)
{
	siginfo_t si;

	if (!waitid(P_PID, (id_t)(long)arg, &si, WEXITED)) {
		CHECK(si.si_pid == (pid_t)(long)arg && si.si_status == 7);
		__atomic_fetch_add(&reaped, 1, __ATOMIC_RELAXED);
	} else {
		CHECK(errno == ECHILD);
	}
	return 0;
}

/* Four threads wait for the same child: one gets it. */
static void wait_for_one(void)
{
	struct thread t[4];

	for (int round = 0; round < 50; round++) {
		long pid = spawn();

		if (!pid) {
			spin(2000);
			_exit(7);
		}
		reaped = 0;
		for (int i = 0; i < 4; i++)
			thread_start(&t[i], wait_one, (void *)pid);
		for (int i = 0; i < 4; i++)
			thread_join(&t[i]);
		CHECK(reaped == 1);
	}
}

/* ---- groups of processes that are being reaped --------------------------------------------------- */

static volatile pid_t moved;

static int move_it(void *arg)
{
	while (!stop_waiting) {
		pid_t pid = moved;

		if (pid) {
			setpgid(pid, pid);
			setpgid(pid, getpgrp());
		}
	}
	return arg != NULL;
}

static void setpgid_and_reap(void)
{
	struct thread t;

	stop_waiting = 0;
	thread_start(&t, move_it, NULL);
	for (int round = 0; round < 100; round++) {
		pid_t pid = spawn();

		if (!pid)
			_exit(0);
		moved = pid;
		wait_ok(pid);
	}
	stop_waiting = 1;
	thread_join(&t);
	/* Nobody who is gone is a member still. */
	signal(SIGUSR1, SIG_IGN);
	CHECK(!kill(0, SIGUSR1));
}

/* ---- kernel stacks that go, while a hart that never switches wakes who sleeps on them -------- */

#define SLEEPERS 300 /* more than the kernel keeps stacks for */

static void on_harts(unsigned first, unsigned last)
{
	unsigned long mask = 0;

	while (first <= last)
		mask |= 1ul << first++;
	CHECK(syscall(__NR_sched_setaffinity, 0, sizeof(mask), &mask) == 0);
}

static _Noreturn void wake_for_ever(int fd, int *word)
{
	on_harts(0, 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (;;) {
		(void)!write(fd, "x", 1);
		syscall(__NR_futex, word, 1 /* FUTEX_WAKE */, 4, NULL, NULL, 0);
		spin(3000);
	}
}

static void stacks_come_and_go(void)
{
	unsigned harts = (unsigned)sysconf(_SC_NPROCESSORS_ONLN);
	int pipe_fd[2], *word;
	pid_t waker;

	if (harts < 2)
		return;
	word = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	CHECK(word != MAP_FAILED && !pipe(pipe_fd));
	waker = spawn();
	if (!waker)
		wake_for_ever(pipe_fd[1], word);
	on_harts(1, harts - 1);
	for (int round = 0; round < 12; round++) {
		pid_t pid[SLEEPERS];

		for (int i = 0; i < SLEEPERS; i++) {
			char c;

			pid[i] = fork();
			if (pid[i])
				continue;
			if (i % 2)
				while (read(pipe_fd[0], &c, 1) != 1)
					continue;
			else
				syscall(__NR_futex, word, 0 /* FUTEX_WAIT */, 0, NULL, NULL, 0);
			_exit(0);
		}
		for (int i = 0; i < SLEEPERS; i++)
			if (pid[i] > 0)
				CHECK(waitpid(pid[i], NULL, 0) == pid[i]);
		usleep(30000); /* a grace period: their stacks are given back */
	}
	on_harts(0, harts - 1);
	kill(waker, SIGKILL);
	CHECK(waitpid(waker, NULL, 0) == waker);
	close(pipe_fd[0]);
	close(pipe_fd[1]);
	munmap(word, 4096);
}

/* Where tasks sleep, asked of tasks that fall asleep, wake up and end. */
static void stacks_looked_at(void)
{
	enum { BUSY = 4, LOOKS = 250 };
	pid_t busy[BUSY];
	char path[40], text[4096];

	for (int i = 0; i < BUSY; i++) {
		busy[i] = spawn();
		if (busy[i])
			continue;
		for (;;) {
			pid_t pid = spawn();

			if (!pid) {
				usleep(50);
				_exit(0);
			}
			waitpid(pid, NULL, 0);
		}
	}
	for (int n = 0; n < LOOKS; n++) {
		for (int i = 0; i < BUSY; i++) {
			for (pid_t pid = busy[i]; pid < busy[i] + 3; pid++) {
				static const char *const names[] = { "wchan", "stack" };

				for (int k = 0; k < 2; k++) {
					int fd;

					snprintf(path, sizeof(path), "/proc/%d/%s", pid, names[k]);
					fd = open(path, O_RDONLY);
					if (fd < 0)
						continue;
					CHECK(read(fd, text, sizeof(text)) >= 0 || errno == ESRCH);
					close(fd);
				}
			}
		}
	}
	for (int i = 0; i < BUSY; i++)
		kill(busy[i], SIGKILL);
	reap_all();
}

const struct test race_tests[] = {
	{ "race-fork-signal", fork_overtaken, 60 },
	{ "race-kill-group", kill_group_bomb, 120 },
	{ "race-kill-all", kill_all_bomb, 120 },
	{ "race-timers-exit", timers_at_exit, 60 },
	{ "race-wait-reparent", wait_and_reparent, 120 },
	{ "race-kernel-stacks", stacks_come_and_go, 120 },
	{ "race-look-at-stacks", stacks_looked_at, 60 },
	{ "race-wait-one", wait_for_one, 0 },
	{ "race-setpgid-reap", setpgid_and_reap, 0 },
	{ NULL, NULL, 0 },
};

/*
 * timer.c - timers, signal descriptors, clocks and terminals that several tasks use, change and
 * throw away at the same time; stops, continuations and kills that cross each other.
 *
 * What is asked is little: nothing hangs, nothing leaks, no clock goes back.
 */
#include "tests.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WORKERS 6
#define ROUNDS	60

static volatile int stop_now;

static void on_signal(int sig)
{
	(void)sig;
}

/* WORKERS children run fn(number), and all end well. */
static void in_many(void (*fn)(int))
{
	pid_t pid[WORKERS];

	for (int i = 0; i < WORKERS; i++) {
		pid[i] = spawn();
		if (!pid[i]) {
			fn(i);
			_exit(0);
		}
	}
	for (int i = 0; i < WORKERS; i++)
		wait_ok(pid[i]);
}

/* ---- POSIX timers: expiry against setting and deletion --------------------------------------- */

static int timers_come_and_go(void *arg)
{
	struct itimerspec often = { { 0, 100000 }, { 0, 20000 } };
	int id, clock = (int)(long)arg % 2 ? CLOCK_MONOTONIC : CLOCK_REALTIME;

	for (int i = 0; i < ROUNDS; i++) {
		if (syscall(__NR_timer_create, clock, NULL, &id))
			return 1;
		for (int k = 0; k < 4; k++)
			syscall(__NR_timer_settime, id, 0, &often, NULL);
		if (syscall(__NR_timer_delete, id))
			return 1;
	}
	return 0;
}

static void timer_process(int nr)
{
	struct sigaction act = { .sa_handler = on_signal };
	struct thread t[3];

	CHECK(!sigaction(SIGALRM, &act, NULL));
	for (long i = 0; i < 3; i++)
		thread_start(&t[i], timers_come_and_go, (void *)(i + nr));
	for (int i = 0; i < 3; i++)
		thread_join(&t[i]);
}

static void delete_races(void)
{
	in_many(timer_process);
}

/* ---- timerfd: read, set, stepped and closed at once ------------------------------------------- */

static int timer_fd;

static int read_it(void *arg)
{
	unsigned long ticks;

	(void)arg;
	while (!stop_now) {
		ssize_t n = read(timer_fd, &ticks, sizeof(ticks));
		if (n != sizeof(ticks) && errno != EAGAIN && errno != ECANCELED)
			return 1;
	}
	return 0;
}

static int set_it(void *arg)
{
	struct itimerspec once = { { 0, 0 }, { 0, 50000 } }, often = { { 0, 70000 }, { 0, 1 } };
	struct itimerspec past = { { 0, 100000 }, { 1, 0 } };

	(void)arg;
	for (int i = 0; i < ROUNDS * 10; i++) {
		syscall(__NR_timerfd_settime, timer_fd, 0, i % 2 ? &once : &often, NULL);
		syscall(__NR_timerfd_settime, timer_fd, 3, &past, NULL);
	}
	return 0;
}

static void timerfd_races(void)
{
	struct timespec now;
	struct thread reader, setter;

	for (int i = 0; i < 6; i++) {
		stop_now = 0;
		timer_fd = (int)syscall(__NR_timerfd_create, CLOCK_REALTIME, O_NONBLOCK);
		CHECK(timer_fd >= 0);
		thread_start(&reader, read_it, NULL);
		thread_start(&setter, set_it, NULL);
		for (int k = 0; k < 20; k++) {
			CHECK(!clock_gettime(CLOCK_REALTIME, &now));
			CHECK(!clock_settime(CLOCK_REALTIME, &now));
		}
		thread_join(&setter);
		stop_now = 1;
		thread_join(&reader);
		CHECK(!close(timer_fd));
	}
}

/* ---- signalfd: watched by an epoll that outlives who was signalled ---------------------------- */

static void signalfd_races(void)
{
	unsigned long usr1 = 1ul << (SIGUSR1 - 1);
	struct {
		unsigned events;
		unsigned long data;
	} ev = { 1, 0 };
	int ep = (int)syscall(__NR_epoll_create1, 0);

	CHECK(ep >= 0);
	CHECK(!syscall(__NR_rt_sigprocmask, SIG_BLOCK, &usr1, NULL, 8));
	int fd = (int)syscall(__NR_signalfd4, -1, &usr1, 8, O_NONBLOCK);
	CHECK(fd >= 0);
	CHECK(!syscall(__NR_epoll_ctl, ep, 1, fd, &ev));
	for (int i = 0; i < ROUNDS; i++) {
		pid_t pid = spawn();
		char info[128];

		if (!pid) {
			int own = (int)syscall(__NR_signalfd4, -1, &usr1, 8, 0);
			struct pollfd p = { fd, POLLIN, 0 };

			syscall(__NR_epoll_ctl, ep, 1, own, &ev);
			poll(&p, 1, 0);
			if (read(own, info, sizeof(info)) != sizeof(info))
				_exit(1);
			_exit(0);
		}
		CHECK(!kill(pid, SIGUSR1));
		syscall(__NR_epoll_pwait, ep, &ev, 1, 0, NULL, 8);
		wait_ok(pid);
	}
	close(fd);
	close(ep);
}

/* ---- SIGSTOP, SIGCONT and SIGKILL from all sides ------------------------------------------------ */

static pid_t victims[WORKERS];

static void shoot(int nr)
{
	for (int i = 0; i < ROUNDS * 4; i++) {
		pid_t pid = victims[(i + nr) % WORKERS];

		kill(pid, i % 3 == nr % 3 ? SIGCONT : i % 2 ? SIGSTOP : SIGTSTP);
	}
}

static int idle(void *arg)
{
	(void)arg;
	for (;;)
		syscall(__NR_sched_yield);
	return 0;
}

static void stop_storm(void)
{
	struct thread t;
	int status;

	for (int i = 0; i < WORKERS; i++) {
		victims[i] = spawn();
		if (!victims[i]) {
			thread_start(&t, idle, NULL);
			for (;;)
				sleep_ms(1);
		}
	}
	in_many(shoot);
	for (int i = 0; i < WORKERS; i++) {
		/* However it stands now: a stop and a continuation are told of, and it can be killed. */
		CHECK(!kill(victims[i], SIGCONT));
		CHECK(!kill(victims[i], SIGSTOP));
		do
			CHECK(waitpid(victims[i], &status, WUNTRACED | WCONTINUED) == victims[i]);
		while (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP);
		CHECK(!kill(victims[i], SIGCONT));
		do
			CHECK(waitpid(victims[i], &status, WUNTRACED | WCONTINUED) == victims[i]);
		while (!WIFCONTINUED(status));
	}
	kill_all(victims, WORKERS);
}

/* ---- clocks on all harts while their rate changes ----------------------------------------------- */

static volatile long newest;

static long clock_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

/* Whoever reads after another must not read less. */
static int reads_clock(void *arg)
{
	long bad = 0;

	(void)arg;
	while (!stop_now) {
		long seen = __atomic_load_n(&newest, __ATOMIC_SEQ_CST), now = clock_ns();

		bad += now < seen;
		while (seen < now &&
		       !__atomic_compare_exchange_n(&newest, &seen, now, 0, __ATOMIC_SEQ_CST,
						    __ATOMIC_SEQ_CST))
			continue;
	}
	return bad != 0;
}

static void rates(void)
{
	struct thread t[4];
	struct {
		unsigned modes, pad0;
		long offset, freq, maxerror, esterror;
		int status, pad1;
		long constant, precision, tolerance, time[2], tick;
		char rest[112];
	} x = { .modes = 0x4000 };
	long before, slept;

	newest = 0;
	stop_now = 0;
	for (int i = 0; i < 4; i++)
		thread_start(&t[i], reads_clock, NULL);
	for (int i = 0; i < ROUNDS * 5; i++) {
		x.tick = i % 2 ? 9000 : 11000;
		CHECK(syscall(__NR_adjtimex, &x) >= 0);
		before = clock_ns();
		if (i % 20 == 0) {
			sleep_ms(2);
			slept = clock_ns() - before;
			CHECK(slept >= 2000000);
		}
	}
	x.tick = 10000;
	CHECK(syscall(__NR_adjtimex, &x) >= 0);
	stop_now = 1;
	for (int i = 0; i < 4; i++)
		thread_join(&t[i]);
}

/* ---- pseudo-terminals whose ends go at any time --------------------------------------------------- */

static void use_terminals(int nr)
{
	for (int i = 0; i < ROUNDS / 2; i++) {
		int zero = 0, n, m = open("/dev/ptmx", O_RDWR | O_NOCTTY);
		char name[32], c;
		pid_t pid;

		CHECK(m >= 0);
		CHECK(!ioctl(m, 0x40045431 /* TIOCSPTLCK */, &zero));
		CHECK(!ioctl(m, 0x80045430 /* TIOCGPTN */, &n));
		snprintf(name, sizeof(name), "/dev/pts/%d", n);
		pid = spawn();
		if (!pid) {
			close(m);
			if (i % 2)
				setsid();
			int s = open(name, O_RDWR);
			if (s >= 0) {
				write(s, "hello\n", 6);
				read(s, &c, 1);
			}
			_exit(0);
		}
		if ((i + nr) % 3)
			read(m, &c, 1);
		write(m, "\n", 1);
		close(m);
		int status = wait_for(pid);
		CHECK(status == 0 || (WIFSIGNALED(status) && WTERMSIG(status) == SIGHUP));
	}
}

static void terminal_races(void)
{
	mkdir("/dev/pts", 0755);
	if (mount("devpts", "/dev/pts", "devpts", 0, "mode=0666,ptmxmode=0666"))
		CHECK(errno == EBUSY);
	in_many(use_terminals);
	umount("/dev/pts");
}

const struct test timer_tests[] = {
	{ "timer-delete-races", delete_races, 0 },
	{ "timerfd-races", timerfd_races, 0 },
	{ "signalfd-races", signalfd_races, 0 },
	{ "signal-stop-storm", stop_storm, 0 },
	{ "clock-rates", rates, 0 },
	{ "pty-races", terminal_races, 120 },
	{ NULL, NULL, 0 },
};

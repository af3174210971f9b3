/*
 * Rows in which tasks take turns: round trips over pipes, futexes and signals, tokens round a ring,
 * groups of senders and receivers, messages through shared memory.
 *
 * Nothing spins: on one hart that would only waste the other's time.
 */
#include "bench.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>

/* ---- two processes over two pipes ------------------------------------------------------------ */

static int there[2], back[2];

static void get(int fd)
{
	char c;

	if (read(fd, &c, 1) != 1)
		give_up("read a pipe");
}

static void put(int fd)
{
	if (write(fd, "x", 1) != 1)
		give_up("write a pipe");
}

static void get_polled(int fd)
{
	struct pollfd p = { fd, POLLIN, 0 };

	if (poll(&p, 1, -1) != 1)
		give_up("poll");
	get(fd);
}

static void op_pipe(void)
{
	put(there[1]);
	get(back[0]);
}

static void op_poll(void)
{
	put(there[1]);
	get_polled(back[0]);
}

/* Time n of `op` against a child that answers until its pipe ends. */
static uint64_t round_trips(void (*op)(void), int polled, uint64_t n)
{
	char c;

	MUST(pipe(there));
	MUST(pipe(back));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		struct pollfd p = { there[0], POLLIN, 0 };

		close(there[1]);
		for (;;) {
			if (polled && poll(&p, 1, -1) != 1)
				_exit(1);
			if (read(there[0], &c, 1) != 1)
				_exit(0);
			put(back[1]);
		}
	}
	uint64_t t = time_calls(op, n);
	close(there[1]);
	wait_child(pid);
	close(there[0]);
	close(back[0]);
	close(back[1]);
	return t;
}

static uint64_t row_pipe(uint64_t n)
{
	return round_trips(op_pipe, 0, n);
}

static uint64_t row_poll(uint64_t n)
{
	return round_trips(op_poll, 1, n);
}

/* ---- two processes that signal each other ---------------------------------------------------- */

static volatile sig_atomic_t signalled;
static pid_t peer;
static sigset_t while_waiting;

static void on_signal(int sig)
{
	(void)sig;
	signalled = 1;
}

static void wait_signal(void)
{
	while (!signalled)
		sigsuspend(&while_waiting);
	signalled = 0;
}

static void op_signal(void)
{
	kill(peer, SIGUSR1);
	wait_signal();
}

static uint64_t row_signal(uint64_t n)
{
	struct sigaction sa = { .sa_handler = on_signal };
	sigset_t usr1;

	MUST(sigaction(SIGUSR1, &sa, NULL));
	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &usr1, &while_waiting));
	signalled = 0;
	pid_t parent = getpid();
	peer = MUST(fork());
	if (peer == 0) {
		for (;;) {
			wait_signal();
			kill(parent, SIGUSR1);
		}
	}
	uint64_t t = time_calls(op_signal, n);
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	MUST(sigprocmask(SIG_SETMASK, &while_waiting, NULL));
	return t;
}

/* ---- a signal and a timer that are read ------------------------------------------------------- */

static int event_fd;

static void op_signalfd(void)
{
	struct signalfd_siginfo info;

	kill(peer, SIGUSR1);
	if (read(event_fd, &info, sizeof(info)) != sizeof(info))
		give_up("read a signalfd");
}

static uint64_t row_signalfd(uint64_t n)
{
	struct signalfd_siginfo info;
	sigset_t usr1, old;

	sigemptyset(&usr1);
	sigaddset(&usr1, SIGUSR1);
	MUST(sigprocmask(SIG_BLOCK, &usr1, &old));
	event_fd = MUST(signalfd(-1, &usr1, 0));
	pid_t parent = getpid();
	peer = MUST(fork());
	if (peer == 0)
		while (read(event_fd, &info, sizeof(info)) == sizeof(info))
			kill(parent, SIGUSR1);
	uint64_t t = time_calls(op_signalfd, n);
	kill(peer, SIGKILL);
	waitpid(peer, NULL, 0);
	close(event_fd);
	MUST(sigprocmask(SIG_SETMASK, &old, NULL));
	return t;
}

static void op_timerfd(void)
{
	struct itimerspec soon = { .it_value.tv_nsec = 1 };
	uint64_t ticks;

	timerfd_settime(event_fd, 0, &soon, NULL);
	if (read(event_fd, &ticks, sizeof(ticks)) != sizeof(ticks))
		give_up("read a timerfd");
}

static uint64_t row_timerfd(uint64_t n)
{
	event_fd = MUST(timerfd_create(CLOCK_MONOTONIC, 0));
	uint64_t t = time_calls(op_timerfd, n);
	close(event_fd);
	return t;
}

/* ---- two threads and a futex ----------------------------------------------------------------- */

static void futex_wait(atomic_uint *word, unsigned value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(atomic_uint *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

enum { MINE, YOURS, OVER };

static atomic_uint turn;

static void *other_thread(void *arg)
{
	for (;;) {
		unsigned v = atomic_load(&turn);

		if (v == OVER)
			return arg;
		if (v == MINE) {
			futex_wait(&turn, MINE);
			continue;
		}
		atomic_store(&turn, MINE);
		futex_wake(&turn);
	}
}

static void op_futex(void)
{
	atomic_store(&turn, YOURS);
	futex_wake(&turn);
	while (atomic_load(&turn) == YOURS)
		futex_wait(&turn, YOURS);
}

static uint64_t row_futex(uint64_t n)
{
	pthread_t other;

	atomic_store(&turn, MINE);
	if (pthread_create(&other, NULL, other_thread, NULL))
		give_up("pthread_create");
	uint64_t t = time_calls(op_futex, n);
	atomic_store(&turn, OVER);
	futex_wake(&turn);
	pthread_join(other, NULL);
	return t;
}

/* ---- a lock with priority inheritance, handed over --------------------------------------------- */

static atomic_uint lock_word;

static void take_pi(atomic_uint *l)
{
	unsigned free = 0, me = (unsigned)syscall(SYS_gettid);

	if (!atomic_compare_exchange_strong(l, &free, me))
		syscall(SYS_futex, l, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

static void give_pi(atomic_uint *l)
{
	unsigned me = (unsigned)syscall(SYS_gettid);

	if (!atomic_compare_exchange_strong(l, &me, 0))
		syscall(SYS_futex, l, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

static void *pi_thread(void *arg)
{
	uint64_t n = (uint64_t)arg;

	for (uint64_t i = 0; i < n; i++) {
		take_pi(&lock_word);
		sched_yield();
		give_pi(&lock_word);
	}
	return NULL;
}

/* Two threads that each give way while they hold it: the other one always finds it taken. */
static uint64_t row_pi(uint64_t n)
{
	pthread_t other;

	if (pthread_create(&other, NULL, pi_thread, (void *)(n / 2)))
		give_up("pthread_create");
	uint64_t t = now();
	pi_thread((void *)(n / 2));
	pthread_join(other, NULL);
	return now() - t;
}

/* ---- a futex while thousands wait for others --------------------------------------------------- */

enum { PARKED = 10000, PARK_STACK = 16384 };

static atomic_uint parking, parked;

static void *park(void *arg)
{
	atomic_fetch_add(&parked, 1);
	while (!atomic_load(&parking))
		futex_wait(&parking, 0);
	return arg;
}

static uint64_t row_parked(uint64_t n)
{
	static pthread_t t[PARKED];
	pthread_attr_t attr;
	uint64_t ns;

	/* Little memory allows fewer by default. */
	int fd = open("/proc/sys/kernel/threads-max", O_WRONLY);

	if (fd >= 0 && (write(fd, "30000", 5) != 5 || close(fd)))
		give_up("threads-max");
	pthread_attr_init(&attr);
	pthread_attr_setstacksize(&attr, PARK_STACK);
	pthread_attr_setguardsize(&attr, 0);
	for (int i = 0; i < PARKED; i++)
		if (pthread_create(&t[i], &attr, park, NULL))
			give_up("thread %d", i);
	while (atomic_load(&parked) < PARKED)
		usleep(1000);
	ns = row_futex(n);
	atomic_store(&parking, 1);
	syscall(SYS_futex, &parking, FUTEX_WAKE_PRIVATE, PARKED, NULL, NULL, 0);
	for (int i = 0; i < PARKED; i++)
		pthread_join(t[i], NULL);
	return ns;
}

/* ---- messages through shared memory ---------------------------------------------------------- */

#define SLOTS 16U

static struct {
	char slot[SLOTS][64];
	atomic_uint sent, taken; /* numbers of messages; each is waited for as a futex */
	atomic_uint sender_waits, taker_waits;
} box;

/* Wait until *word is no longer `seen`; `flag` tells the other side to wake us. */
static void await(atomic_uint *word, unsigned seen, atomic_uint *flag)
{
	while (atomic_load(word) == seen) {
		atomic_store(flag, 1);
		futex_wait(word, seen);
	}
}

static void announce(atomic_uint *word, atomic_uint *flag)
{
	atomic_fetch_add(word, 1);
	if (atomic_load(flag) && atomic_exchange(flag, 0))
		futex_wake(word);
}

static void *taker(void *arg)
{
	uint64_t n = *(uint64_t *)arg, sum = 0;
	char message[64];

	for (uint64_t i = 0; i < n; i++) {
		await(&box.sent, (unsigned)i, &box.taker_waits);
		memcpy(message, box.slot[i % SLOTS], sizeof(message));
		sum += (unsigned char)message[i % sizeof(message)];
		announce(&box.taken, &box.sender_waits);
	}
	*(uint64_t *)arg = sum;
	return arg;
}

static uint64_t row_message(uint64_t n)
{
	uint64_t sum = n, want = 0;
	pthread_t other;
	char message[64];

	memset(&box, 0, sizeof(box));
	uint64_t start = now();
	if (pthread_create(&other, NULL, taker, &sum))
		give_up("pthread_create");
	for (uint64_t i = 0; i < n; i++) {
		memset(message, (int)(i & 0xff), sizeof(message));
		want += i & 0xff;
		await(&box.taken, (unsigned)i - SLOTS, &box.sender_waits);
		memcpy(box.slot[i % SLOTS], message, sizeof(message));
		announce(&box.sent, &box.taker_waits);
	}
	pthread_join(other, NULL);
	uint64_t t = now() - start;
	if (sum != want) {
		errno = EILSEQ;
		give_up("messages came through wrong");
	}
	return t;
}

/* ---- a token round a ring of processes ------------------------------------------------------- */

#define RING_MAX 96

static void op_self(void)
{
	put(there[1]);
	get(there[0]);
}

/*
 * n hops of a token round `tasks` processes, each of which reads it from its own pipe and writes it to
 * the next one's; less what a write and a read without a switch take.
 */
static uint64_t ring(unsigned tasks, uint64_t n)
{
	int fds[RING_MAX][2];
	pid_t pids[RING_MAX];
	uint64_t laps = n / tasks + 1;

	MUST(pipe(there));
	uint64_t self = time_calls(op_self, n);
	close(there[0]);
	close(there[1]);
	for (unsigned i = 0; i < tasks; i++)
		MUST(pipe(fds[i]));
	for (unsigned i = 1; i < tasks; i++) {
		pids[i] = MUST(fork());
		if (pids[i] == 0) {
			for (;;) {
				get(fds[i][0]);
				put(fds[(i + 1) % tasks][1]);
			}
		}
	}
	/* one lap until all have come as far as their read */
	put(fds[1][1]);
	get(fds[0][0]);
	uint64_t start = now();
	for (uint64_t i = 0; i < laps; i++) {
		put(fds[1][1]);
		get(fds[0][0]);
	}
	uint64_t t = (now() - start) * n / (laps * tasks);
	for (unsigned i = 1; i < tasks; i++) {
		kill(pids[i], SIGKILL);
		waitpid(pids[i], NULL, 0);
	}
	for (unsigned i = 0; i < tasks; i++) {
		close(fds[i][0]);
		close(fds[i][1]);
	}
	return t > self ? t - self : 0;
}

static uint64_t row_ctx2(uint64_t n)
{
	return ring(2, n);
}

static uint64_t row_ctx8(uint64_t n)
{
	return ring(8, n);
}

static uint64_t row_ctx96(uint64_t n)
{
	return ring(96, n);
}

/* ---- groups of senders and receivers --------------------------------------------------------- */

#define GROUPS	  10
#define SENDERS	  10
#define RECEIVERS 10
#define MESSAGE	  100

/* A byte of `done` from each task tells that it has sent or received all of its messages. */
static void sender(int go, int done, int leave, int (*to)[2], uint64_t loops)
{
	char message[MESSAGE] = "";

	get(go);
	for (uint64_t i = 0; i < loops; i++)
		for (unsigned r = 0; r < RECEIVERS; r++)
			if (write(to[r][1], message, MESSAGE) != MESSAGE)
				give_up("write a message");
	put(done);
	get(leave);
	_exit(0);
}

static void receiver(int go, int done, int leave, int from, uint64_t loops)
{
	char message[MESSAGE];

	get(go);
	for (uint64_t left = loops * SENDERS * MESSAGE; left;) {
		ssize_t r = read(from, message, MESSAGE);

		if (r <= 0)
			give_up("read a message");
		left -= r;
	}
	put(done);
	get(leave);
	_exit(0);
}

/* All tasks wait on one pipe, first to begin and then on another to leave; a byte for each. */
static void set_off(int fd, unsigned tasks)
{
	char bytes[GROUPS * (SENDERS + RECEIVERS)] = "";

	if (write(fd, bytes, tasks) != (ssize_t)tasks)
		give_up("write the start pipe");
}

static uint64_t row_hackbench(uint64_t n)
{
	enum { TASKS = GROUPS * (SENDERS + RECEIVERS) };
	int pipes[GROUPS][RECEIVERS][2], go[2], done[2], leave[2];
	uint64_t loops =
		n / (GROUPS * SENDERS * RECEIVERS) + !!(n % (GROUPS * SENDERS * RECEIVERS));
	unsigned tasks = 0;

	MUST(pipe(go));
	MUST(pipe(done));
	MUST(pipe(leave));
	for (unsigned g = 0; g < GROUPS; g++) {
		for (unsigned r = 0; r < RECEIVERS; r++)
			MUST(pipe(pipes[g][r]));
		for (unsigned i = 0; i < SENDERS + RECEIVERS; i++, tasks++) {
			if (MUST(fork()))
				continue;
			if (i < RECEIVERS)
				receiver(go[0], done[1], leave[0], pipes[g][i][0], loops);
			else
				sender(go[0], done[1], leave[0], pipes[g], loops);
		}
	}
	uint64_t start = now();
	set_off(go[1], TASKS);
	for (unsigned i = 0; i < TASKS; i++)
		get(done[0]);
	uint64_t t = now() - start;
	set_off(leave[1], TASKS);
	for (unsigned i = 0; i < TASKS; i++)
		wait_child(-1);
	for (unsigned g = 0; g < GROUPS; g++) {
		for (unsigned r = 0; r < RECEIVERS; r++) {
			close(pipes[g][r][0]);
			close(pipes[g][r][1]);
		}
	}
	close(go[0]);
	close(go[1]);
	close(done[0]);
	close(done[1]);
	close(leave[0]);
	close(leave[1]);
	return t * n / (loops * GROUPS * SENDERS * RECEIVERS);
}

const struct row switch_rows[] = {
	{ "pipe", 1200, 600, .run = row_pipe },
	{ "poll", 1000, 500, .run = row_poll },
	{ "futex", 1500, 1000, .run = row_futex },
	{ "futex-pi", 2000, 2000, .run = row_pi },
	{ "parked", 1500, 1000, .run = row_parked },
	{ "signal", 800, 300, .run = row_signal },
	{ "signalfd", 800, 300, .run = row_signalfd },
	{ "timerfd", 1000, 1000, .run = row_timerfd },
	{ "ctx-2", 2000, 2000, .run = row_ctx2 },
	{ "ctx-8", 2000, 2000, .run = row_ctx8 },
	{ "ctx-96", 3840, 1920, .run = row_ctx96 },
	{ "message", 8000, 8000, .run = row_message },
	{ "hackbench", 8000, 5000, .run = row_hackbench },
	{ .name = NULL },
};

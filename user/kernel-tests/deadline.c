/*
 * deadline.c - SCHED_DEADLINE: the first deadline runs first and before every real-time priority, who
 * has used its runtime waits, a lock's owner inherits the deadline of who waits for it, and threads
 * whose parameters, harts and sleep change while they wait for their next period.
 *
 * No task that is promised time of all harts may be kept on one, unless nothing is promised: while
 * these run sched_rt_runtime_us is -1.
 */
#include "tests.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <time.h>
#include <uapi/futex.h>
#include <unistd.h>

#define MS 1000000ul

static volatile unsigned int gate, ready, order[4], arrived, stop;
static volatile unsigned long turns;

static long futex(volatile void *word, int op, unsigned int value)
{
	return syscall(__NR_futex, word, op | FUTEX_PRIVATE_FLAG, value, NULL, NULL, 0);
}

static long set(int tid, int policy, int priority, unsigned long runtime, unsigned long period)
{
	struct sched_attr a = { .size = sizeof(a),
				.sched_policy = (unsigned int)policy,
				.sched_priority = (unsigned int)priority,
				.sched_runtime = runtime,
				.sched_deadline = period };

	return syscall(__NR_sched_setattr, tid, &a, 0);
}

static void stay_on_first(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	CHECK(!sched_setaffinity(0, sizeof(one), &one));
}

static void limit(const char *us)
{
	int fd = open("/proc/sys/kernel/sched_rt_runtime_us", O_WRONLY);

	CHECK(fd >= 0 && write(fd, us, strlen(us)) > 0 && !close(fd));
}

/* However it ends, the limit is back for the next test. */
static void without_limit(void (*fn)(void))
{
	pid_t pid;

	limit("-1");
	pid = spawn();
	if (!pid) {
		fn();
		exit(0);
	}
	pid = wait_for(pid);
	limit("950000");
	if (pid)
		fail("wait status %#x", (unsigned int)pid);
}

/* Says that it is there, waits for the gate, and puts itself into the order. */
static int arrive(void *arg)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	futex(&ready, FUTEX_WAKE, 1);
	while (!gate)
		futex(&gate, FUTEX_WAIT, 0);
	order[__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST)] = (unsigned int)(long)arg;
	return 0;
}

static void begin(struct thread *t, int (*fn)(void *), void *arg)
{
	unsigned int n = ready;

	thread_start(t, fn, arg);
	while (ready == n)
		futex(&ready, FUTEX_WAIT, n);
}

/* All are woken at once by one call, so the hart chooses among all of them. */
static void first_deadline(void)
{
	struct thread t[4];

	stay_on_first();
	for (long i = 0; i < 4; i++)
		begin(&t[i], arrive, (void *)i);
	CHECK(!set(t[0].tid, SCHED_FIFO, 99, 0, 0));
	CHECK(!set(t[1].tid, SCHED_DEADLINE, 0, 3000 * MS, 3000 * MS));
	CHECK(!set(t[2].tid, SCHED_DEADLINE, 0, 1000 * MS, 1000 * MS));
	CHECK(!set(t[3].tid, SCHED_DEADLINE, 0, 2000 * MS, 2000 * MS));
	gate = 1;
	futex(&gate, FUTEX_WAKE, 4);
	for (int i = 0; i < 4; i++)
		thread_join(&t[i]);
	if (order[0] != 2 || order[1] != 3 || order[2] != 1 || order[3] != 0)
		fail("order %u %u %u %u", order[0], order[1], order[2], order[3]);
}

static void order_by_deadline(void)
{
	without_limit(first_deadline);
}

static int spin(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	futex(&ready, FUTEX_WAKE, 1);
	while (!stop)
		turns++;
	return 0;
}

static unsigned long cpu_ns(int tid)
{
	struct timespec ts;

	CHECK(!clock_gettime(~tid << 3 | 6, &ts));
	return (unsigned long)ts.tv_sec * 1000 * MS + (unsigned long)ts.tv_nsec;
}

/* A fair thread gets on beside one that would never stop, and that one comes back in each period. */
static void beside_spinner(void)
{
	unsigned long ran, seen;
	struct thread t;
	long began;

	stay_on_first();
	begin(&t, spin, NULL);
	CHECK(!set(t.tid, SCHED_DEADLINE, 0, 4 * MS, 40 * MS));
	began = now_ms();
	ran = cpu_ns(t.tid);
	for (int i = 0; i < 8; i++)
		for (seen = turns; turns == seen;)
			;
	ran = cpu_ns(t.tid) - ran;
	began = now_ms() - began;
	if (ran > (unsigned long)(began + 40) * MS / 4)
		fail("a tenth of a hart was %lu of %ld ms", ran / MS, began);
	/* It runs, and we go on because it waits; for long, did it not become fair. */
	CHECK(!set(t.tid, SCHED_DEADLINE, 0, 1 * MS, 4000 * MS));
	CHECK(!set(t.tid, SCHED_OTHER, 0, 0, 0));
	stop = 1;
	thread_join(&t);
}

static void throttled(void)
{
	without_limit(beside_spinner);
}

/* ---- inheritance ---------------------------------------------------------------------------- */

static volatile unsigned int pi;
static volatile unsigned long counted;

static int owner(void *arg)
{
	(void)arg;
	CHECK(futex(&pi, FUTEX_LOCK_PI, 0) == 0);
	arrive(NULL);
	for (volatile int i = 0; i < 100000; i++)
		;
	CHECK(futex(&pi, FUTEX_UNLOCK_PI, 0) == 0);
	return 0;
}

static int hog(void *arg)
{
	arrive(arg);
	while (!stop)
		counted++;
	return 0;
}

static int waiter(void *arg)
{
	arrive(arg);
	CHECK(futex(&pi, FUTEX_LOCK_PI, 0) == 0);
	CHECK(futex(&pi, FUTEX_UNLOCK_PI, 0) == 0);
	stop = 1;
	return 0;
}

/* The waiter for the lock comes first of all, so the owner comes before the hog. */
static void lent_deadline(void)
{
	struct thread t[3];

	stay_on_first();
	begin(&t[0], owner, NULL);
	begin(&t[1], hog, NULL);
	begin(&t[2], waiter, NULL);
	CHECK(!set(t[1].tid, SCHED_DEADLINE, 0, 3000 * MS, 3000 * MS));
	CHECK(!set(t[2].tid, SCHED_DEADLINE, 0, 2000 * MS, 2000 * MS));
	gate = 1;
	futex(&gate, FUTEX_WAKE, 3);
	for (int i = 0; i < 3; i++)
		thread_join(&t[i]);
	CHECK(counted == 0 && pi == 0);
}

static void inherited(void)
{
	without_limit(lent_deadline);
}

/* ---- races ---------------------------------------------------------------------------------- */

#define BUSY 4

/* Sleeps, yields and spins in turn, each soon after its last period's runtime was used. */
static int busy(void *arg)
{
	unsigned int i = (unsigned int)(long)arg;
	struct timespec nap = { 0, 200000 };

	while (!stop) {
		turns++;
		if (i++ % 3 == 0)
			nanosleep(&nap, NULL);
		else if (i % 3 == 1)
			sched_yield();
		else
			for (volatile int n = 0; n < 20000; n++)
				;
	}
	return 0;
}

static void changes(void)
{
	cpu_set_t all, one;
	struct thread t[BUSY];
	unsigned int seed = 1;

	CHECK(!sched_getaffinity(0, sizeof(all), &all));
	for (long i = 0; i < BUSY; i++)
		thread_start(&t[i], busy, (void *)i);
	for (int n = 0; n < 400; n++) {
		int tid = t[n % BUSY].tid;

		seed = seed * 1103515245 + 12345;
		CPU_ZERO(&one);
		CPU_SET((int)(seed >> 8) % CPU_COUNT(&all), &one);
		switch (seed >> 16 & 7) {
		case 0:
			CHECK(!set(tid, SCHED_OTHER, 0, 0, 0));
			break;
		case 1:
			CHECK(!set(tid, SCHED_FIFO, 1, 0, 0));
			break;
		case 2:
			CHECK(!sched_setaffinity(tid, sizeof(one), &one));
			break;
		case 3:
			CHECK(!sched_setaffinity(tid, sizeof(all), &all));
			break;
		default:
			CHECK(!set(tid, SCHED_DEADLINE, 0, 20000 + (seed >> 20 & 255) * 100, MS));
		}
		if (n % 8 == 0)
			sleep_ms(1);
	}
	stop = 1;
	/* One may wait for long by what it was given last. */
	for (int i = 0; i < BUSY; i++)
		set(t[i].tid, SCHED_OTHER, 0, 0, 0);
	for (int i = 0; i < BUSY; i++)
		thread_join(&t[i]);
}

static void races(void)
{
	without_limit(changes);
}

const struct test deadline_tests[] = {
	{ "deadline-order", order_by_deadline, 60 },
	{ "deadline-throttled", throttled, 60 },
	{ "deadline-inherited", inherited, 60 },
	{ "deadline-races", races, 120 },
	{ NULL, NULL, 0 },
};

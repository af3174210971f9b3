/*
 * futex.c - locks with priority inheritance: that an urgent thread is not held up by a middling one,
 * and all that may go wrong at once when locks are taken, given up, timed out, requeued, interrupted
 * and left behind by threads that end.
 */
#include "tests.h"

#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <uapi/futex.h>
#include <unistd.h>

static long futex(volatile void *word, int op, unsigned int value, const void *timeout,
		  volatile void *word2, unsigned int value3)
{
	return syscall(__NR_futex, word, op | FUTEX_PRIVATE_FLAG, value, timeout, word2, value3);
}

static unsigned int my_tid(void)
{
	return (unsigned int)syscall(__NR_gettid);
}

static void run_as(int policy, int priority)
{
	struct {
		int priority;
	} param = { priority };

	CHECK(syscall(__NR_sched_setscheduler, 0, policy, &param) == 0);
}

static void stay_on(unsigned long hart)
{
	unsigned long mask = 1ul << hart;

	CHECK(syscall(__NR_sched_setaffinity, 0, sizeof(mask), &mask) == 0);
}

/* The first step in user space, as a thread library takes it. */
static long pi_lock(volatile unsigned int *l, const struct timespec *until)
{
	unsigned int free = 0;

	if (__atomic_compare_exchange_n(l, &free, my_tid(), 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return 0;
	return futex(l, FUTEX_LOCK_PI2, 0, until, NULL, 0);
}

static void pi_unlock(volatile unsigned int *l)
{
	unsigned int mine = my_tid();

	if (!__atomic_compare_exchange_n(l, &mine, 0, 0, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
		while (futex(l, FUTEX_UNLOCK_PI, 0, NULL, NULL, 0))
			CHECK(errno == EAGAIN);
}

/* ---- inversion ------------------------------------------------------------------------------ */

/*
 * All on one hart. When the gate opens the urgent thread runs first and finds the lock taken. Now
 * its owner is as urgent; without that the middling one would run, and count.
 */
#define PATIENCE 30000000ul

static volatile unsigned int lock1, lock2, gate, ready, urgent_done;
static volatile unsigned long counted, worked;

static void pass_gate(void)
{
	__atomic_fetch_add(&ready, 1, __ATOMIC_SEQ_CST);
	futex(&ready, FUTEX_WAKE, 1, NULL, NULL, 0);
	while (!gate)
		futex(&gate, FUTEX_WAIT, 0, NULL, NULL, 0);
}

static int low(void *arg)
{
	(void)arg;
	run_as(SCHED_FIFO, 1);
	CHECK(pi_lock(&lock1, NULL) == 0);
	pass_gate();
	while (worked < 100000)
		worked++;
	pi_unlock(&lock1);
	return 0;
}

/* Owns one lock and wants the other: the chain's middle, less urgent than the middling thread. */
static int chain_link(void *arg)
{
	(void)arg;
	run_as(SCHED_FIFO, 2);
	CHECK(pi_lock(&lock2, NULL) == 0);
	pass_gate();
	CHECK(pi_lock(&lock1, NULL) == 0);
	pi_unlock(&lock1);
	pi_unlock(&lock2);
	return 0;
}

static int middling(void *arg)
{
	(void)arg;
	run_as(SCHED_FIFO, 20);
	pass_gate();
	while (!urgent_done && counted < PATIENCE)
		counted++;
	return 0;
}

static int urgent(void *arg)
{
	volatile unsigned int *l = arg;

	run_as(SCHED_FIFO, 30);
	pass_gate();
	CHECK(pi_lock(l, NULL) == 0);
	CHECK(worked == 100000);
	urgent_done = 1;
	pi_unlock(l);
	return 0;
}

static void begin(struct thread *t, int (*fn)(void *), void *arg, unsigned int n)
{
	thread_start(t, fn, arg);
	while (ready < n)
		futex(&ready, FUTEX_WAIT, n - 1, NULL, NULL, 0);
}

static void invert(int chain)
{
	struct thread t[4];

	stay_on(0);
	run_as(SCHED_FIFO, 40);
	begin(&t[0], low, NULL, 1);
	begin(&t[1], chain_link, NULL, 2);
	begin(&t[2], middling, NULL, 3);
	begin(&t[3], urgent, (void *)(chain ? &lock2 : &lock1), 4);
	gate = 1;
	futex(&gate, FUTEX_WAKE, 4, NULL, NULL, 0);
	for (int i = 0; i < 4; i++)
		thread_join(&t[i]);
	CHECK(counted == 0);
	CHECK(lock1 == 0 && lock2 == 0);
}

static void inversion(void)
{
	invert(0);
}

/* The link waits for low only once it runs itself: the urgent thread pushes both. */
static void inversion_chain(void)
{
	invert(1);
}

/* ---- everything against everything ---------------------------------------------------------- */

#define THREADS 8
#define ROUNDS	250

static volatile unsigned int locks[3], inside[3], word;
static volatile unsigned long holds;
static volatile int tids[THREADS], over;

static void on_signal(int sig)
{
	(void)sig;
}

static unsigned int next(unsigned int *seed)
{
	*seed = *seed * 1103515245u + 12345;
	return *seed >> 16;
}

static struct timespec soon(unsigned int us)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += us * 1000l;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	return ts;
}

static void have(unsigned int i, unsigned int *seed)
{
	CHECK((locks[i] & FUTEX_TID_MASK) == my_tid());
	CHECK(__atomic_exchange_n(&inside[i], 1, __ATOMIC_SEQ_CST) == 0);
	holds++;
	if (next(seed) % 4 == 0)
		sched_yield();
	CHECK(__atomic_exchange_n(&inside[i], 0, __ATOMIC_SEQ_CST) == 1);
}

static void take_and_give(unsigned int i, unsigned int *seed)
{
	struct timespec ts = soon(next(seed) % 300);
	unsigned int how = next(seed) % 8;
	long r;

	if (how == 0)
		r = futex(&locks[i], FUTEX_TRYLOCK_PI, 0, NULL, NULL, 0);
	else
		r = pi_lock(&locks[i], how < 5 ? &ts : NULL);
	if (r == 0) {
		have(i, seed);
		/* Sometimes with a second one, in any order. */
		if (next(seed) % 4 == 0 && pi_lock(&locks[2 - i], &ts) == 0)
			pi_unlock(&locks[2 - i]);
		pi_unlock(&locks[i]);
	} else if (errno != ETIMEDOUT && errno != EDEADLK && errno != EAGAIN) {
		fail("lock: errno %d", errno);
	}
}

static void wait_for_word(unsigned int *seed)
{
	struct timespec ts = soon(next(seed) % 500);

	if (futex(&word, FUTEX_WAIT_REQUEUE_PI, 0, &ts, &locks[1], 0) == 0) {
		have(1, seed);
		pi_unlock(&locks[1]);
	} else if (errno != ETIMEDOUT && errno != EAGAIN) {
		fail("wait: errno %d", errno);
	}
}

static void requeue(unsigned int *seed)
{
	long r = futex(&word, FUTEX_CMP_REQUEUE_PI, 1, (void *)(unsigned long)(next(seed) % 4),
		       &locks[1], 0);

	if (r < 0 && errno != EDEADLK && errno != EAGAIN)
		fail("requeue: errno %d", errno);
}

static void change_class(unsigned int priority)
{
	run_as(priority ? SCHED_RR : SCHED_OTHER, (int)priority);
}

static int anything(void *arg)
{
	unsigned int seed = (unsigned int)(unsigned long)arg * 7919 + 1;

	tids[(unsigned long)arg] = (int)my_tid();
	for (int i = 0; i < ROUNDS; i++) {
		unsigned int what = next(&seed) % 16;

		if (what < 8)
			take_and_give(what % 2 ? 0 : 2, &seed);
		else if (what < 11)
			wait_for_word(&seed);
		else if (what < 14)
			requeue(&seed);
		else if (what == 14)
			change_class(next(&seed) % 9);
		else
			syscall(__NR_tgkill, getpid(), tids[next(&seed) % THREADS], SIGUSR1);
	}
	tids[(unsigned long)arg] = 0;
	return 0;
}

/* Ends with a lock in hand; bit 0 of its robust list's entry says which kind of lock it is. */
static int leave_behind(void *arg)
{
	struct robust_list_head head = { .list_op_pending = (void *)((uintptr_t)arg | 1) };
	struct timespec ts = soon(2000);

	head.list.next = &head.list;
	CHECK(syscall(__NR_set_robust_list, &head, sizeof(head)) == 0);
	pi_lock(arg, &ts);
	syscall(__NR_exit, 0); /* the stack with the list is still there */
	return 0;
}

static int reaper(void *arg)
{
	(void)arg;
	for (int i = 0; !over; i++) {
		struct thread t;

		thread_start(&t, leave_behind, (void *)&locks[i % 2 * 2]);
		thread_join(&t);
		requeue(&(unsigned int){ (unsigned int)i });
	}
	return 0;
}

static void everything(void)
{
	struct sigaction sa = { .sa_handler = on_signal };
	struct thread t[THREADS], r;

	sigaction(SIGUSR1, &sa, NULL);
	thread_start(&r, reaper, NULL);
	for (long i = 0; i < THREADS; i++)
		thread_start(&t[i], anything, (void *)i);
	for (int i = 0; i < THREADS; i++)
		thread_join(&t[i]);
	over = 1;
	thread_join(&r);
	CHECK(holds > 0);
	for (int i = 0; i < 3; i++)
		CHECK((locks[i] & FUTEX_TID_MASK) == 0);
}

/* ---- an owner leaves while the first waiter comes -------------------------------------------- */

#define PAIRS 4

static volatile unsigned int left[PAIRS];

static int leave_at_once(void *arg)
{
	volatile unsigned int *l = arg;

	*l = my_tid();
	syscall(__NR_exit, 0);
	return 0;
}

/* Whoever comes too late is told so; the one in time gets the lock. Nobody waits for ever. */
static int come_when_it_leaves(void *arg)
{
	volatile unsigned int *l = arg;
	unsigned int seed = (unsigned int)(l - left) + 1;

	for (int i = 0; i < 100; i++) {
		struct thread t;

		*l = 0;
		thread_start(&t, leave_at_once, arg);
		while (!*l)
			;
		for (volatile unsigned int n = next(&seed) % 2000; n; n--)
			;
		CHECK(futex(l, FUTEX_LOCK_PI2, 0, NULL, NULL, 0) == 0 || errno == ESRCH);
		thread_join(&t);
	}
	return 0;
}

static void owner_leaves(void)
{
	struct thread t[PAIRS];

	for (int i = 0; i < PAIRS; i++)
		thread_start(&t[i], come_when_it_leaves, (void *)&left[i]);
	for (int i = 0; i < PAIRS; i++)
		thread_join(&t[i]);
}

/* ---- an owner's exec passes by while the first waiter comes ---------------------------------- */

#define LISTED 30
#define EXECS  200

struct listed {
	struct robust_list next;
	volatile unsigned int lock;
};

/*
 * The kernel walks the list at the exec, its last lock with inheritance; the process stays. Only the
 * walk can give that lock to who waits.
 */
static void exec_with_locks(struct listed *l, int in)
{
	char *const argv[] = { (char *)"usertests", (char *)"--wait", NULL };
	struct robust_list_head head = { .futex_offset = offsetof(struct listed, lock) };

	for (int i = LISTED - 1; i >= 0; i--) {
		struct robust_list *last = i == LISTED - 1 ? &head.list : &l[i + 1].next;

		l[i].next.next = (void *)((uintptr_t)last | (i == LISTED - 2));
		l[i].lock = my_tid();
	}
	head.list.next = &l[0].next;
	CHECK(dup2(in, 0) == 0);
	CHECK(syscall(__NR_set_robust_list, &head, sizeof(head)) == 0);
	execv("/proc/self/exe", argv);
	_exit(1);
}

/* Asks for the last lock when the walk has begun: that one takes as long as the delay may. */
static void owner_execs(void)
{
	struct listed *l =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	unsigned int seed = 1;
	int p[2];

	CHECK(l != MAP_FAILED && pipe(p) == 0);
	for (int i = 0; i < EXECS; i++) {
		pid_t pid;

		l[0].lock = 0;
		pid = spawn();
		if (!pid)
			exec_with_locks(l, p[0]);
		while (!(l[0].lock & FUTEX_OWNER_DIED))
			;
		for (volatile unsigned int n = next(&seed) % 4000; n; n--)
			;
		CHECK(syscall(__NR_futex, &l[LISTED - 1].lock, FUTEX_LOCK_PI, 0, NULL, NULL, 0) ==
		      0);
		kill(pid, SIGKILL);
		CHECK(wait_for(pid) == SIGKILL);
	}
}

/* ---- thousands who wait do not slow the others ---------------------------------------------- */

#define PARKED 500

static volatile unsigned int parking, arrived;

static int park(void *arg)
{
	(void)arg;
	__atomic_fetch_add(&arrived, 1, __ATOMIC_SEQ_CST);
	while (!parking)
		futex(&parking, FUTEX_WAIT_BITSET, 0, NULL, NULL, 1);
	return 0;
}

/* A wake that matches nobody's bits, then all at once, moved to another word on the way. */
static void parked(void)
{
	static struct thread t[PARKED];
	static volatile unsigned int elsewhere;
	long n = 0;

	for (int i = 0; i < PARKED; i++)
		thread_start(&t[i], park, NULL);
	while (arrived < PARKED)
		sched_yield();
	CHECK(futex(&parking, FUTEX_WAKE_BITSET, PARKED, NULL, NULL, 2) == 0);
	parking = 1;
	while (n < PARKED) {
		long moved = futex(&parking, FUTEX_CMP_REQUEUE, 1, (void *)7l, &elsewhere, 1);
		long woken = futex(&elsewhere, FUTEX_WAKE, 7, NULL, NULL, 0);

		CHECK(moved >= 0 && moved <= 8 && woken >= 0 && woken <= 7);
		if (moved == 0)
			break;
		n += moved;
	}
	for (int i = 0; i < PARKED; i++)
		thread_join(&t[i]);
}

const struct test futex_tests[] = {
	{ "futex-inversion", inversion, 60 },
	{ "futex-inversion-chain", inversion_chain, 60 },
	{ "futex-pi-races", everything, 120 },
	{ "futex-owner-leaves", owner_leaves, 60 },
	{ "futex-owner-execs", owner_execs, 60 },
	{ "futex-parked", parked, 60 },
	{ NULL, NULL, 0 },
};

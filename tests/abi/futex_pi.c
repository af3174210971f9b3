/*
 * Futexes with priority inheritance: lock, trylock, unlock, the words they leave, errors; who inherits
 * what (seen in /proc/PID/stat); deadlocks; owners that end; requeueing from a word to a lock.
 */
#include "abi.h"
#include <linux/futex.h>
#include <pthread.h>
#include <sys/resource.h>

static unsigned locks[8], word;
static volatile int step, got;

static long futex(void *u, int op, unsigned v, const void *timeout, void *u2, unsigned v3)
{
	return syscall(SYS_futex, u, op, v, timeout, u2, v3);
}

static int my_tid(void)
{
	return (int)syscall(SYS_gettid);
}

static long lock(unsigned *l)
{
	return futex(l, FUTEX_LOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

static long unlock(unsigned *l)
{
	return futex(l, FUTEX_UNLOCK_PI_PRIVATE, 0, NULL, NULL, 0);
}

/* A lock's word without the tid: whose it is, and the flags. */
static const char *lock_text(unsigned v, int tid)
{
	static char text[64];

	snprintf(text, sizeof(text), "%s%s%s", !(v & FUTEX_TID_MASK) ? "free" : (int)(v & FUTEX_TID_MASK) == tid ? "mine" : "other",
		 v & FUTEX_WAITERS ? " waiters" : "", v & FUTEX_OWNER_DIED ? " died" : "");
	return text;
}

/* Field 18 of /proc/self/task/TID/stat: the priority it runs with. */
static int prio_of(int tid)
{
	char path[64], buf[600], *p;
	int n = 0, v = 999;

	snprintf(path, sizeof(path), "/proc/self/task/%d/stat", tid);
	FILE *f = fopen(path, "r");
	if (!f)
		return 998;
	if (fgets(buf, sizeof(buf), f) && (p = strrchr(buf, ')')) != NULL)
		for (p = strtok(p + 2, " "); p; p = strtok(NULL, " "))
			if (++n == 16)
				v = atoi(p);
	fclose(f);
	return v;
}

static void until(volatile int *v, int want)
{
	for (int i = 0; i < 5000 && *v < want; i++)
		sleep_ms(1);
}

struct worker {
	pthread_t thread;
	int policy, prio, nice;
	unsigned *takes, *wants; /* takes the first, then waits for the second */
	long result; /* of the wait */
	volatile int tid, go, done;
	char had[64];
};

static void *work(void *arg)
{
	struct worker *w = arg;
	struct sched_param sp = { .sched_priority = w->prio };

	syscall(SYS_sched_setscheduler, 0, w->policy, &sp);
	if (w->nice)
		setpriority(PRIO_PROCESS, 0, w->nice);
	if (w->takes)
		MUST(lock(w->takes));
	w->tid = my_tid();
	if (w->wants) {
		w->result = lock(w->wants);
		if (w->result < 0)
			w->result = -errno;
		strcpy(w->had, lock_text(*w->wants, my_tid()));
		w->done = ++got;
		until(&w->go, 1);
		if (!w->result)
			unlock(w->wants);
	} else {
		until(&w->go, 1);
	}
	if (w->takes)
		unlock(w->takes);
	return NULL;
}

static void start(struct worker *w)
{
	w->tid = w->done = w->go = 0;
	pthread_create(&w->thread, NULL, work, w);
	until(&w->tid, 1);
	if (w->wants)
		until_asleep(&w->tid);
}

static void finish(struct worker *w)
{
	w->go = 1;
	pthread_join(w->thread, NULL);
}

static void words(void)
{
	int me = my_tid();
	struct timespec ts = { 1, 0 }, bad = { 0, 1000000000 };
	static const unsigned fixed = 0;

	SECTION("one thread");
	R(lock(&locks[0]));
	say("%s\n", lock_text(locks[0], me));
	R(lock(&locks[0]));
	R(futex(&locks[0], FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	R(unlock(&locks[0]));
	say("%s\n", lock_text(locks[0], me));
	R(unlock(&locks[0]));
	R(futex(&locks[0], FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	say("%s\n", lock_text(locks[0], me));
	R(unlock(&locks[0]));
	R(futex(&locks[0], FUTEX_LOCK_PI2_PRIVATE, 0, NULL, NULL, 0));
	R(unlock(&locks[0]));
	SECTION("words");
	locks[0] = FUTEX_OWNER_DIED;
	R(lock(&locks[0]));
	say("%s\n", lock_text(locks[0], me));
	R(unlock(&locks[0]));
	locks[0] = FUTEX_WAITERS;
	R(lock(&locks[0]));
	say("%s\n", lock_text(locks[0], me));
	locks[0] = me | FUTEX_WAITERS;
	R(unlock(&locks[0]));
	say("%s\n", lock_text(locks[0], me));
	locks[0] = 0x3ffffff; /* no such thread */
	R(lock(&locks[0]));
	say("%#x\n", locks[0]);
	R(futex(&locks[0], FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	R(unlock(&locks[0]));
	locks[0] = 0;
	SECTION("arguments");
	R(lock((void *)((char *)locks + 2)));
	R(lock(NULL));
	R(unlock(NULL));
	R(lock((void *)&fixed));
	R(futex(&locks[0], FUTEX_LOCK_PI, 0, &bad, NULL, 0));
	R(futex(&locks[0], FUTEX_LOCK_PI | FUTEX_CLOCK_REALTIME, 0, &ts, NULL, 0));
	R(futex(&locks[0], FUTEX_LOCK_PI2 | FUTEX_CLOCK_REALTIME, 0, &ts, NULL, 0));
	R(futex(&locks[0], FUTEX_UNLOCK_PI, 0, NULL, NULL, 0));
	R(futex(&locks[0], FUTEX_TRYLOCK_PI | FUTEX_CLOCK_REALTIME, 0, NULL, NULL, 0));
	R(futex(&word, FUTEX_WAIT | FUTEX_CLOCK_REALTIME, 1, NULL, NULL, 0));
}

static void hand_over(void)
{
	struct worker a = { .wants = &locks[0] }, b = { .wants = &locks[0] };
	int me = my_tid();

	SECTION("hand over");
	got = 0;
	MUST(lock(&locks[0]));
	start(&a);
	start(&b);
	say("%s\n", lock_text(locks[0], me));
	R(futex(&locks[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	R(futex(&locks[0], FUTEX_WAIT_PRIVATE, locks[0] ^ 1, NULL, NULL, 0));
	R(futex(&locks[0], FUTEX_REQUEUE_PRIVATE, 1, (void *)1L, &locks[1], 0));
	R(unlock(&locks[0]));
	until(&got, 1);
	say("first done %d %d: %s\n", a.done, b.done, a.had);
	say("%s\n", lock_text(locks[0], me));
	R(unlock(&locks[0]));
	R(futex(&locks[0], FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	finish(&a);
	until(&got, 2);
	say("then %s\n", b.had);
	finish(&b);
	say("%s\n", lock_text(locks[0], me));
	SECTION("urgent first");
	got = 0;
	a = (struct worker){ .wants = &locks[0], .policy = SCHED_FIFO, .prio = 10 };
	b = (struct worker){ .wants = &locks[0], .policy = SCHED_RR, .prio = 20 };
	struct worker c = { .wants = &locks[0] };
	MUST(lock(&locks[0]));
	start(&c);
	start(&a);
	start(&b);
	MUST(unlock(&locks[0]));
	until(&b.done, 1);
	finish(&b);
	until(&a.done, 1);
	finish(&a);
	until(&c.done, 1);
	finish(&c);
	say("order: rr 20 %d, fifo 10 %d, other %d\n", b.done, a.done, c.done);
}

static void time_out(void)
{
	struct worker a = { .takes = &locks[0] };
	struct timespec ts, now;

	SECTION("time");
	start(&a);
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec--;
	R(futex(&locks[0], FUTEX_LOCK_PI_PRIVATE, 0, &ts, NULL, 0));
	say("%s\n", lock_text(locks[0], my_tid()));
	clock_gettime(CLOCK_MONOTONIC, &ts);
	R(futex(&locks[0], FUTEX_LOCK_PI_PRIVATE, 0, &ts, NULL, 0));
	if ((ts.tv_nsec += 20000000) >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	R(futex(&locks[0], FUTEX_LOCK_PI2_PRIVATE, 0, &ts, NULL, 0));
	clock_gettime(CLOCK_MONOTONIC, &now);
	say("not early %d\n", now.tv_sec > ts.tv_sec || (now.tv_sec == ts.tv_sec && now.tv_nsec >= ts.tv_nsec));
	R(futex(&locks[0], FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	finish(&a);
	say("%s\n", lock_text(locks[0], my_tid()));
}

static void inherit(void)
{
	struct worker low = { .takes = &locks[1] };
	struct worker mid = { .takes = &locks[2], .wants = &locks[1], .policy = SCHED_FIFO, .prio = 5 };
	struct worker high = { .wants = &locks[2], .policy = SCHED_RR, .prio = 30 };
	struct worker top = { .wants = &locks[1], .policy = SCHED_FIFO, .prio = 40 };
	struct sched_param sp = { .sched_priority = 35 };

	SECTION("inheritance");
	got = 0;
	low.nice = 5;
	start(&low);
	say("low alone %d\n", prio_of(low.tid));
	start(&mid);
	say("low %d mid %d\n", prio_of(low.tid), prio_of(mid.tid));
	start(&high);
	say("low %d mid %d high %d\n", prio_of(low.tid), prio_of(mid.tid), prio_of(high.tid));
	start(&top);
	say("low %d mid %d high %d top %d\n", prio_of(low.tid), prio_of(mid.tid), prio_of(high.tid), prio_of(top.tid));
	R(sched_getscheduler(low.tid));
	R(getpriority(PRIO_PROCESS, low.tid));
	SECTION("changed while they wait");
	R(sched_setparam(top.tid, &(struct sched_param){ .sched_priority = 1 }));
	say("low %d mid %d\n", prio_of(low.tid), prio_of(mid.tid));
	R(sched_setparam(high.tid, &sp));
	say("low %d mid %d\n", prio_of(low.tid), prio_of(mid.tid));
	R(syscall(SYS_sched_setscheduler, low.tid, SCHED_FIFO, &(struct sched_param){ .sched_priority = 50 }));
	say("low %d\n", prio_of(low.tid));
	R(syscall(SYS_sched_setscheduler, low.tid, SCHED_OTHER, &(struct sched_param){ 0 }));
	say("low %d\n", prio_of(low.tid));
	SECTION("given up");
	finish(&low);
	until(&mid.done, 1);
	say("mid %d high %d top %d\n", prio_of(mid.tid), prio_of(high.tid), prio_of(top.tid));
	say("done: mid %d high %d top %d\n", !!mid.done, !!high.done, !!top.done);
	finish(&mid);
	until(&top.done, 1);
	until(&high.done, 1);
	say("results %ld %ld %ld\n", mid.result, high.result, top.result);
	say("high %d top %d\n", prio_of(high.tid), prio_of(top.tid));
	finish(&high);
	finish(&top);
	SECTION("given up by who waits");
	struct worker owner = { .takes = &locks[3] };
	struct timespec ts;
	start(&owner);
	high = (struct worker){ .wants = &locks[3], .policy = SCHED_FIFO, .prio = 3 };
	start(&high);
	say("owner %d\n", prio_of(owner.tid));
	MUST(syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &(struct sched_param){ .sched_priority = 60 }));
	clock_gettime(CLOCK_REALTIME, &ts);
	if ((ts.tv_nsec += 5000000) >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	R(futex(&locks[3], FUTEX_LOCK_PI_PRIVATE, 0, &ts, NULL, 0));
	say("owner %d\n", prio_of(owner.tid));
	MUST(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, &(struct sched_param){ 0 }));
	finish(&owner);
	until(&high.done, 1);
	finish(&high);
	SECTION("nice");
	owner = (struct worker){ .takes = &locks[3], .nice = 10 };
	start(&owner);
	high = (struct worker){ .wants = &locks[3], .nice = -7 };
	start(&high);
	say("owner %d\n", prio_of(owner.tid));
	finish(&owner);
	until(&high.done, 1);
	finish(&high);
}

static void deadlocks(void)
{
	struct worker a = { .takes = &locks[1], .wants = &locks[0] };
	struct worker b = { .takes = &locks[2], .wants = &locks[1] };

	SECTION("deadlock");
	got = 0;
	MUST(lock(&locks[0]));
	start(&a);
	R(lock(&locks[1]));
	start(&b);
	R(lock(&locks[2]));
	R(futex(&locks[2], FUTEX_TRYLOCK_PI_PRIVATE, 0, NULL, NULL, 0));
	MUST(unlock(&locks[0]));
	until(&a.done, 1);
	finish(&a);
	until(&b.done, 1);
	finish(&b);
	say("results %ld %ld\n", a.result, b.result);
}

static void *dies(void *arg)
{
	MUST(lock(arg));
	step = 1;
	until(&step, 2);
	return NULL;
}

static void owner_ends(void)
{
	struct worker a = { .wants = &locks[4] }, b = { .wants = &locks[4] };
	pthread_t t;

	SECTION("the owner ends");
	got = step = 0;
	pthread_create(&t, NULL, dies, &locks[4]);
	until(&step, 1);
	start(&a);
	start(&b);
	step = 2;
	pthread_join(t, NULL);
	until(&got, 1);
	say("%ld %s\n", a.result, a.had);
	finish(&a);
	until(&got, 2);
	say("%ld %s\n", b.result, b.had);
	finish(&b);
	say("%s\n", lock_text(locks[4], 0));
	SECTION("it has ended");
	step = 0;
	pthread_create(&t, NULL, dies, &locks[4]);
	until(&step, 1);
	step = 2;
	pthread_join(t, NULL);
	R(lock(&locks[4]));
	locks[4] = 0;
}

/* ---- requeue ---- */

static volatile int waits;

struct cond_waiter {
	pthread_t thread;
	int prio;
	struct timespec *until;
	volatile int tid, done, go;
	long result;
	char had[64];
};

static void *cond_wait(void *arg)
{
	struct cond_waiter *w = arg;
	struct sched_param sp = { .sched_priority = w->prio };

	if (w->prio)
		syscall(SYS_sched_setscheduler, 0, SCHED_FIFO, &sp);
	w->tid = my_tid();
	w->result = futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, w->until, &locks[5], 0);
	if (w->result < 0)
		w->result = -errno;
	strcpy(w->had, lock_text(locks[5], w->tid));
	w->done = ++waits;
	until(&w->go, 1);
	if (!w->result)
		unlock(&locks[5]);
	return NULL;
}

static void start_cond(struct cond_waiter *w)
{
	w->tid = w->done = w->go = 0;
	pthread_create(&w->thread, NULL, cond_wait, w);
	until(&w->tid, 1);
	until_asleep(&w->tid);
}

static long requeue(int wake, long move, unsigned cmp)
{
	return futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, wake, (void *)move, &locks[5], cmp);
}

static void requeues(void)
{
	struct cond_waiter w[4] = { { 0 } };
	struct timespec ts;

	SECTION("requeue: arguments");
	R(requeue(0, 1, 0));
	R(requeue(2, 1, 0));
	R(requeue(1, -1, 0));
	R(requeue(1, 1, 1));
	R(requeue(1, 1, 0));
	R(futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1L, &word, 0));
	R(futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 1, NULL, &locks[5], 0));
	R(futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, NULL, &word, 0));
	clock_gettime(CLOCK_MONOTONIC, &ts);
	R(futex(&word, FUTEX_WAIT_REQUEUE_PI_PRIVATE, 0, &ts, &locks[5], 0));
	SECTION("requeue: the lock is free");
	waits = 0;
	for (int i = 0; i < 3; i++)
		start_cond(&w[i]);
	R(futex(&word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	R(futex(&word, FUTEX_CMP_REQUEUE_PRIVATE, 1, (void *)1L, &locks[6], 0));
	R(futex(&word, FUTEX_CMP_REQUEUE_PI_PRIVATE, 1, (void *)1L, &locks[6], 0));
	R(requeue(1, 100, 0));
	until(&waits, 1);
	for (int i = 0; i < 3; i++) {
		until(&waits, i + 1);
		say("%d: %ld %s\n", w[i].done, w[i].result, w[i].had);
		w[i].go = 1;
		pthread_join(w[i].thread, NULL);
	}
	say("%s\n", lock_text(locks[5], 0));
	SECTION("requeue: the lock is mine");
	waits = 0;
	MUST(lock(&locks[5]));
	w[1].prio = 20;
	for (int i = 0; i < 4; i++)
		start_cond(&w[i]);
	R(requeue(1, 1, 0));
	say("I run with %d\n", prio_of(my_tid()));
	R(requeue(1, 0, 0));
	R(requeue(1, 0, 0));
	R(requeue(1, 0, 0));
	say("waits %d, %s\n", waits, lock_text(locks[5], my_tid()));
	MUST(unlock(&locks[5]));
	say("I run with %d\n", prio_of(my_tid()));
	until(&waits, 1);
	say("urgent first %d\n", w[1].done);
	for (int i = 0; i < 4; i++)
		w[i].go = 1;
	for (int i = 0; i < 4; i++)
		pthread_join(w[i].thread, NULL);
	for (int i = 0; i < 4; i++)
		say("%ld %s\n", w[i].result, w[i].had);
	w[1].prio = 0;
	SECTION("requeue: time is up on the lock");
	waits = 0;
	MUST(lock(&locks[5]));
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_sec++;
	w[0].until = &ts;
	start_cond(&w[0]);
	R(requeue(1, 1, 0));
	until(&waits, 1);
	say("%ld %s\n", w[0].result, w[0].had);
	w[0].go = 1;
	pthread_join(w[0].thread, NULL);
	MUST(unlock(&locks[5]));
}

int main(void)
{
	words();
	hand_over();
	time_out();
	inherit();
	deadlocks();
	owner_ends();
	requeues();
	return 0;
}

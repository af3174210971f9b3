/*
 * libposix-thread-tests - the C library's threads: what locks them, what ends them, what is theirs. It also compiles
 * against any other libc, to see whether that agrees.
 */
#include "libposix-check.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

static struct timespec in_ms(clockid_t clock, long ms)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	ts.tv_nsec += ms % 1000 * 1000000;
	ts.tv_sec += ms / 1000 + ts.tv_nsec / 1000000000;
	ts.tv_nsec %= 1000000000;
	return ts;
}

static pthread_t start(void *(*fn)(void *), void *arg)
{
	pthread_t t;

	if (pthread_create(&t, NULL, fn, arg)) {
		puts("no thread");
		exit(1);
	}
	return t;
}

static void *joined(pthread_t t)
{
	void *result = (void *)-2;

	CHECK(!pthread_join(t, &result));
	return result;
}

/* ---- threads --------------------------------------------------------------------------- */

static __thread int tls_zero;
static __thread int tls_set = 42;
static __thread char tls_aligned[64] __attribute__((aligned(64)));
static _Atomic int counter;

static void *add_one(void *arg)
{
	CHECK(tls_zero == 0 && tls_set == 42);
	CHECK(((uintptr_t)tls_aligned & 63) == 0);
	tls_zero = tls_set = 7;
	errno = EDOM;
	counter++;
	sched_yield();
	CHECK(errno == EDOM);
	return arg;
}

static void *detached_end(void *arg)
{
	pthread_detach(pthread_self());
	counter++;
	return arg;
}

static void test_threads(void)
{
	char name[16], *stack;
	pthread_t t[20];
	pthread_attr_t attr;
	size_t size;
	void *base;

	counter = 0;
	errno = 0;
	for (int i = 0; i < 20; i++)
		t[i] = start(add_one, &t[i]);
	for (int i = 0; i < 20; i++)
		CHECK(joined(t[i]) == &t[i]);
	CHECK(counter == 20 && tls_set == 42 && errno == 0);
	for (int i = 0; i < 50; i++)
		start(detached_end, NULL);
	while (counter < 70)
		sched_yield();
	CHECK(pthread_join(pthread_self(), NULL) == EDEADLK);
	CHECK(pthread_equal(pthread_self(), pthread_self()));
	CHECK(!pthread_setname_np(pthread_self(), "tester"));
	CHECK(!pthread_getname_np(pthread_self(), name, sizeof(name)) && !strcmp(name, "tester"));
	CHECK(pthread_setname_np(pthread_self(), "a name that is too long") == ERANGE);

	stack = mmap(NULL, 1 << 16, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	CHECK(!pthread_attr_init(&attr));
	CHECK(!pthread_attr_setstack(&attr, stack, 1 << 16));
	CHECK(!pthread_attr_getstack(&attr, &base, &size) && base == stack && size == 1 << 16);
	CHECK(!pthread_create(&t[0], &attr, add_one, stack));
	CHECK(joined(t[0]) == stack);
	CHECK(pthread_attr_setstacksize(&attr, 100) == EINVAL);
	pthread_attr_destroy(&attr);
	munmap(stack, 1 << 16);
	CHECK(!pthread_getattr_np(pthread_self(), &attr));
	CHECK(!pthread_attr_getstack(&attr, &base, &size));
	CHECK((char *)&attr > (char *)base && (char *)&attr < (char *)base + size);
	pthread_attr_destroy(&attr);
}

/* ---- mutexes ---------------------------------------------------------------------------- */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static int protected_count;

static void *count_up(void *arg)
{
	for (int i = 0; i < 2000; i++) {
		pthread_mutex_lock(arg);
		protected_count++;
		pthread_mutex_unlock(arg);
	}
	return NULL;
}

static void *lock_and_end(void *arg)
{
	pthread_mutex_lock(arg);
	return NULL;
}

static void *try_it(void *arg)
{
	return (void *)(long)pthread_mutex_trylock(arg);
}

static void *unlock_it(void *arg)
{
	return (void *)(long)pthread_mutex_unlock(arg);
}

static void mutex_make(pthread_mutex_t *m, int type, int robust, int protocol)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	pthread_mutexattr_settype(&a, type);
	pthread_mutexattr_setrobust(&a, robust);
	pthread_mutexattr_setprotocol(&a, protocol);
	pthread_mutex_init(m, &a);
	pthread_mutexattr_destroy(&a);
}

static void count_together(pthread_mutex_t *m)
{
	pthread_t t[4];

	protected_count = 0;
	for (int i = 0; i < 4; i++)
		t[i] = start(count_up, m);
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(protected_count == 8000);
}

static void test_mutex(void)
{
	struct timespec past = { 1, 0 }, soon;
	pthread_mutex_t m;

	count_together(&mutex);
	CHECK(!pthread_mutex_lock(&mutex));
	CHECK(pthread_mutex_trylock(&mutex) == EBUSY);
	CHECK(pthread_mutex_timedlock(&mutex, &past) == ETIMEDOUT);
	soon = in_ms(CLOCK_MONOTONIC, 10);
	CHECK(pthread_mutex_clocklock(&mutex, CLOCK_MONOTONIC, &soon) == ETIMEDOUT);
	CHECK(!pthread_mutex_unlock(&mutex));

	mutex_make(&m, PTHREAD_MUTEX_RECURSIVE, 0, 0);
	CHECK(!pthread_mutex_lock(&m) && !pthread_mutex_lock(&m) && !pthread_mutex_trylock(&m));
	CHECK(!pthread_mutex_unlock(&m) && !pthread_mutex_unlock(&m));
	CHECK((long)joined(start(try_it, &m)) == EBUSY);
	CHECK((long)joined(start(unlock_it, &m)) == EPERM);
	CHECK(!pthread_mutex_unlock(&m));
	CHECK(pthread_mutex_unlock(&m) == EPERM);

	mutex_make(&m, PTHREAD_MUTEX_ERRORCHECK, 0, 0);
	CHECK(!pthread_mutex_lock(&m) && pthread_mutex_lock(&m) == EDEADLK);
	CHECK(!pthread_mutex_unlock(&m) && pthread_mutex_unlock(&m) == EPERM);

	for (int pi = 0; pi < 2; pi++) {
		mutex_make(&m, PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, pi);
		count_together(&m);
		joined(start(lock_and_end, &m));
		CHECK(pthread_mutex_lock(&m) == EOWNERDEAD);
		CHECK(!pthread_mutex_consistent(&m));
		CHECK(!pthread_mutex_unlock(&m));
		CHECK(!pthread_mutex_lock(&m) && !pthread_mutex_unlock(&m));
		joined(start(lock_and_end, &m));
		CHECK(pthread_mutex_lock(&m) == EOWNERDEAD);
		CHECK(!pthread_mutex_unlock(&m));
		CHECK(pthread_mutex_lock(&m) == ENOTRECOVERABLE);
		pthread_mutex_destroy(&m);
	}
	mutex_make(&m, PTHREAD_MUTEX_NORMAL, 0, PTHREAD_PRIO_INHERIT);
	count_together(&m);
}

/* ---- condition variables, rwlocks, barriers, semaphores ------------------------------------ */

static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static int turn;

static void *take_turns(void *arg)
{
	int me = (int)(long)arg;

	pthread_mutex_lock(&mutex);
	for (int i = 0; i < 200; i++) {
		while (turn % 3 != me)
			pthread_cond_wait(&cond, &mutex);
		turn++;
		pthread_cond_broadcast(&cond);
	}
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static void test_cond(void)
{
	struct timespec soon = in_ms(CLOCK_REALTIME, 10), bad = { 0, 1000000000 };
	pthread_condattr_t a;
	pthread_cond_t c;
	clockid_t clock;
	pthread_t t[3];

	turn = 0;
	for (long i = 0; i < 3; i++)
		t[i] = start(take_turns, (void *)i);
	for (int i = 0; i < 3; i++)
		joined(t[i]);
	CHECK(turn == 600);
	pthread_mutex_lock(&mutex);
	CHECK(pthread_cond_timedwait(&cond, &mutex, &soon) == ETIMEDOUT);
	CHECK(pthread_cond_timedwait(&cond, &mutex, &bad) == EINVAL);
	pthread_condattr_init(&a);
	CHECK(!pthread_condattr_setclock(&a, CLOCK_MONOTONIC));
	CHECK(pthread_condattr_setclock(&a, CLOCK_PROCESS_CPUTIME_ID) == EINVAL);
	CHECK(!pthread_condattr_getclock(&a, &clock) && clock == CLOCK_MONOTONIC);
	pthread_cond_init(&c, &a);
	soon = in_ms(CLOCK_MONOTONIC, 10);
	CHECK(pthread_cond_timedwait(&c, &mutex, &soon) == ETIMEDOUT);
	pthread_mutex_unlock(&mutex);
	CHECK(!pthread_cond_destroy(&c));
}

static pthread_rwlock_t rwlock = PTHREAD_RWLOCK_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;

static void *write_much(void *arg)
{
	for (int i = 0; i < 500; i++) {
		pthread_rwlock_wrlock(&rwlock);
		protected_count++;
		pthread_rwlock_unlock(&rwlock);
		pthread_rwlock_rdlock(&rwlock);
		pthread_rwlock_unlock(&rwlock);
	}
	return arg;
}

static void *meet(void *arg)
{
	long serial = 0;

	(void)arg;
	for (int i = 0; i < 50; i++) {
		counter++;
		serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
		CHECK(counter % 4 == 0);
		pthread_barrier_wait(&barrier);
	}
	return (void *)serial;
}

static void *post_some(void *arg)
{
	for (int i = 0; i < 100; i++)
		sem_post(&sem);
	return arg;
}

static void test_locks(void)
{
	struct timespec soon;
	pthread_t t[4];
	long serials = 0;
	sem_t *a, *b;
	int value;

	protected_count = 0;
	for (int i = 0; i < 4; i++)
		t[i] = start(write_much, NULL);
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(protected_count == 2000);
	CHECK(!pthread_rwlock_rdlock(&rwlock) && !pthread_rwlock_tryrdlock(&rwlock));
	CHECK(pthread_rwlock_trywrlock(&rwlock) == EBUSY);
	soon = in_ms(CLOCK_REALTIME, 10);
	CHECK(pthread_rwlock_timedwrlock(&rwlock, &soon) == ETIMEDOUT);
	CHECK(!pthread_rwlock_unlock(&rwlock) && !pthread_rwlock_unlock(&rwlock));
	CHECK(!pthread_rwlock_wrlock(&rwlock) && pthread_rwlock_wrlock(&rwlock) == EDEADLK);
	CHECK(pthread_rwlock_tryrdlock(&rwlock) == EBUSY);
	CHECK(!pthread_rwlock_unlock(&rwlock));

	counter = 0;
	CHECK(pthread_barrier_init(&barrier, NULL, 0) == EINVAL);
	CHECK(!pthread_barrier_init(&barrier, NULL, 4));
	for (int i = 0; i < 4; i++)
		t[i] = start(meet, NULL);
	for (int i = 0; i < 4; i++)
		serials += (long)joined(t[i]);
	CHECK(serials == 50 && !pthread_barrier_destroy(&barrier));

	sem_init(&sem, 0, 0);
	CHECK(sem_trywait(&sem) == -1 && errno == EAGAIN);
	soon = in_ms(CLOCK_REALTIME, 10);
	CHECK(sem_timedwait(&sem, &soon) == -1 && errno == ETIMEDOUT);
	for (int i = 0; i < 4; i++)
		t[i] = start(post_some, NULL);
	for (int i = 0; i < 400; i++)
		CHECK(!sem_wait(&sem));
	for (int i = 0; i < 4; i++)
		joined(t[i]);
	CHECK(!sem_getvalue(&sem, &value) && value == 0);

	sem_unlink("/libposix-sys");
	CHECK(sem_open("/libposix-sys", 0) == SEM_FAILED && errno == ENOENT);
	a = sem_open("/libposix-sys", O_CREAT | O_EXCL, 0600, 3);
	b = sem_open("/libposix-sys", O_CREAT, 0600, 9);
	CHECK(a != SEM_FAILED && a == b && !sem_getvalue(a, &value) && value == 3);
	CHECK(sem_open("/libposix-sys", O_CREAT | O_EXCL, 0600, 3) == SEM_FAILED &&
	      errno == EEXIST);
	CHECK(!sem_close(a) && !sem_wait(b) && !sem_close(b) && !sem_unlink("/libposix-sys"));
}

/* ---- keys, once, cancellation, C11 ------------------------------------------------------------ */

static pthread_key_t key;
static char trace[64];
static int fds[2];

static void note(void *arg)
{
	strcat(trace, arg);
}

static void key_again(void *arg)
{
	strcat(trace, "k");
	if (strlen(trace) < 2)
		pthread_setspecific(key, arg);
}

static void *set_key(void *arg)
{
	CHECK(pthread_getspecific(key) == NULL);
	pthread_setspecific(key, arg);
	CHECK(pthread_getspecific(key) == arg);
	return NULL;
}

static void *read_for_ever(void *arg)
{
	char c;

	pthread_cleanup_push(note, (void *)"b");
	sem_post(&sem);
	while (read(fds[0], &c, 1) == 1)
		continue;
	pthread_cleanup_pop(1);
	return arg;
}

static void *read_cleanly(void *arg)
{
	pthread_cleanup_push(note, (void *)"a");
	arg = read_for_ever(arg);
	pthread_cleanup_pop(1);
	return arg;
}

static void *spin_for_ever(void *arg)
{
	volatile unsigned long n = 0;

	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
	pthread_cleanup_push(note, (void *)"s");
	sem_post(&sem);
	for (;;)
		n++;
	pthread_cleanup_pop(0);
	return arg;
}

static void unlock(void *arg)
{
	pthread_mutex_unlock(arg);
}

static void *wait_cond(void *arg)
{
	pthread_mutex_lock(&mutex);
	pthread_cleanup_push(unlock, &mutex);
	sem_post(&sem);
	for (;;)
		pthread_cond_wait(&cond, &mutex);
	pthread_cleanup_pop(1);
	return arg;
}

static void *unwilling(void *arg)
{
	int old;

	CHECK(!pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old));
	CHECK(old == PTHREAD_CANCEL_ENABLE);
	sem_post(&sem);
	usleep(20000);
	pthread_testcancel();
	note((void *)"d");
	pthread_setcancelstate(PTHREAD_CANCEL_ENABLE, &old);
	pthread_testcancel();
	note((void *)"x");
	return arg;
}

static void cancel_one(void *(*fn)(void *), const char *want)
{
	pthread_t t;

	trace[0] = 0;
	t = start(fn, NULL);
	sem_wait(&sem);
	if (fn == read_cleanly)
		usleep(5000);
	CHECK(!pthread_cancel(t));
	CHECK(joined(t) == PTHREAD_CANCELED);
	CHECK(!strcmp(trace, want));
}

static void once_fn(void)
{
	counter++;
}

static int c11_thread(void *arg)
{
	return *(int *)arg + 1;
}

static void test_cancel(void)
{
	pthread_once_t once = PTHREAD_ONCE_INIT;
	int number = 41, result = 0;
	thrd_t thread;

	trace[0] = 0;
	CHECK(!pthread_key_create(&key, key_again));
	joined(start(set_key, (void *)"v"));
	CHECK(!strcmp(trace, "kk"));
	CHECK(!pthread_key_delete(key) && pthread_setspecific(key, "x") == EINVAL);

	counter = 0;
	pthread_once(&once, once_fn);
	pthread_once(&once, once_fn);
	CHECK(counter == 1);

	sem_init(&sem, 0, 0);
	CHECK(!pipe(fds));
	for (int i = 0; i < 5; i++)
		cancel_one(read_cleanly, "ba");
	cancel_one(spin_for_ever, "s");
	cancel_one(wait_cond, "");
	CHECK(!pthread_mutex_trylock(&mutex) && !pthread_mutex_unlock(&mutex));
	cancel_one(unwilling, "d");
	close(fds[0]);
	close(fds[1]);

	CHECK(thrd_create(&thread, c11_thread, &number) == thrd_success);
	CHECK(thrd_join(thread, &result) == thrd_success && result == 42);
}

static const struct check_group groups[] = {
	{ "threads", test_threads }, { "mutex", test_mutex },	{ "cond", test_cond },
	{ "locks", test_locks },     { "cancel", test_cancel },
};

int main(int argc, char **argv)
{
	return CHECK_GROUPS("libposix-thread-tests", groups, argc, argv);
}

/* threads - what pthread functions answer, edges included: mutex types, cancellation, keys, clocks. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <threads.h>
#include <time.h>
#include <unistd.h>

#define SHOW(call) printf("%s: %s\n", #call, name_of(call))

static const char *name_of(int err)
{
	static char text[16];

	switch (err) {
	case 0:
		return "0";
	case EBUSY:
		return "EBUSY";
	case EPERM:
		return "EPERM";
	case EINVAL:
		return "EINVAL";
	case EDEADLK:
		return "EDEADLK";
	case ETIMEDOUT:
		return "ETIMEDOUT";
	case EOWNERDEAD:
		return "EOWNERDEAD";
	case ENOTRECOVERABLE:
		return "ENOTRECOVERABLE";
	case ENOTSUP:
		return "ENOTSUP";
	case ERANGE:
		return "ERANGE";
	case EAGAIN:
		return "EAGAIN";
	}
	snprintf(text, sizeof(text), "%d", err);
	return text;
}

static pthread_mutex_t m;
static pthread_cond_t c = PTHREAD_COND_INITIALIZER;
static pthread_rwlock_t l = PTHREAD_RWLOCK_INITIALIZER;
static pthread_key_t key;
static sem_t ready;

static void make(int type, int robust, int protocol)
{
	pthread_mutexattr_t a;

	pthread_mutexattr_init(&a);
	SHOW(pthread_mutexattr_settype(&a, type));
	SHOW(pthread_mutexattr_setrobust(&a, robust));
	SHOW(pthread_mutexattr_setprotocol(&a, protocol));
	SHOW(pthread_mutex_init(&m, &a));
	pthread_mutexattr_destroy(&a);
}

static void *other_try(void *arg)
{
	SHOW(pthread_mutex_trylock(&m));
	SHOW(pthread_mutex_unlock(&m));
	return arg;
}

static void *lock_and_die(void *arg)
{
	pthread_mutex_lock(&m);
	return arg;
}

static void in_thread(void *(*fn)(void *))
{
	pthread_t t;
	void *result;

	/* What it answers would be told before or behind what the thread tells. */
	if (pthread_create(&t, NULL, fn, &t))
		exit(1);
	SHOW(pthread_join(t, &result));
	printf("result %s\n", result == &t		 ? "its argument" :
			      result == PTHREAD_CANCELED ? "cancelled" :
							   "?");
}

static void mutexes(void)
{
	struct timespec past = { 1, 0 }, wrong = { 1, -1 };
	pthread_mutexattr_t a;

	for (int type = PTHREAD_MUTEX_RECURSIVE; type <= PTHREAD_MUTEX_ERRORCHECK; type++) {
		make(type, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
		SHOW(pthread_mutex_lock(&m));
		SHOW(pthread_mutex_lock(&m));
		SHOW(pthread_mutex_trylock(&m));
		SHOW(pthread_mutex_timedlock(&m, &past));
		in_thread(other_try);
		SHOW(pthread_mutex_destroy(&m));
		for (int i = 0; i < 5; i++)
			SHOW(pthread_mutex_unlock(&m));
		SHOW(pthread_mutex_destroy(&m));
	}
	make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_STALLED, PTHREAD_PRIO_NONE);
	SHOW(pthread_mutex_lock(&m));
	SHOW(pthread_mutex_timedlock(&m, &past));
	SHOW(pthread_mutex_timedlock(&m, &wrong));
	SHOW(pthread_mutex_unlock(&m));
	for (int protocol = PTHREAD_PRIO_NONE; protocol <= PTHREAD_PRIO_INHERIT; protocol++) {
		make(PTHREAD_MUTEX_NORMAL, PTHREAD_MUTEX_ROBUST, protocol);
		SHOW(pthread_mutex_consistent(&m));
		in_thread(lock_and_die);
		SHOW(pthread_mutex_trylock(&m));
		SHOW(pthread_mutex_consistent(&m));
		SHOW(pthread_mutex_unlock(&m));
		in_thread(lock_and_die);
		SHOW(pthread_mutex_lock(&m));
		SHOW(pthread_mutex_unlock(&m));
		SHOW(pthread_mutex_lock(&m));
		SHOW(pthread_mutex_trylock(&m));
	}
	pthread_mutexattr_init(&a);
	SHOW(pthread_mutexattr_settype(&a, 9));
	SHOW(pthread_mutexattr_setprotocol(&a, 9));
	SHOW(pthread_mutexattr_setrobust(&a, 9));
	SHOW(pthread_mutexattr_setpshared(&a, 9));
}

static void locks(void)
{
	struct timespec past = { 1, 0 }, wrong = { 0, 1000000000 };
	pthread_condattr_t a;
	pthread_barrier_t b;
	sem_t s;
	int v;

	m = (pthread_mutex_t)PTHREAD_MUTEX_INITIALIZER;
	pthread_mutex_lock(&m);
	SHOW(pthread_cond_timedwait(&c, &m, &past));
	SHOW(pthread_cond_timedwait(&c, &m, &wrong));
	pthread_mutex_unlock(&m);
	pthread_condattr_init(&a);
	SHOW(pthread_condattr_setclock(&a, CLOCK_MONOTONIC));
	SHOW(pthread_condattr_setclock(&a, CLOCK_PROCESS_CPUTIME_ID));
	SHOW(pthread_rwlock_rdlock(&l));
	SHOW(pthread_rwlock_tryrdlock(&l));
	SHOW(pthread_rwlock_trywrlock(&l));
	SHOW(pthread_rwlock_timedwrlock(&l, &past));
	SHOW(pthread_rwlock_timedwrlock(&l, &wrong));
	SHOW(pthread_rwlock_unlock(&l));
	SHOW(pthread_rwlock_unlock(&l));
	SHOW(pthread_rwlock_wrlock(&l));
	SHOW(pthread_rwlock_wrlock(&l));
	SHOW(pthread_rwlock_tryrdlock(&l));
	SHOW(pthread_rwlock_timedrdlock(&l, &past));
	SHOW(pthread_rwlock_unlock(&l));
	SHOW(pthread_barrier_init(&b, NULL, 0));
	SHOW(pthread_barrier_init(&b, NULL, 1));
	printf("barrier of one: %d\n", pthread_barrier_wait(&b));
	SHOW(pthread_barrier_destroy(&b));
	printf("sem_init: %d %s\n", sem_init(&s, 0, SEM_VALUE_MAX), name_of(0));
	printf("sem_post: %d %s\n", sem_post(&s), errno == EOVERFLOW ? "EOVERFLOW" : "?");
	sem_init(&s, 0, 0);
	v = sem_trywait(&s);
	printf("sem_trywait: %d %s\n", v, name_of(errno));
	v = sem_timedwait(&s, &past);
	printf("sem_timedwait: %d %s\n", v, name_of(errno));
	v = sem_timedwait(&s, &wrong);
	printf("sem_timedwait: %d %s\n", v, name_of(errno));
}

static void say(void *text)
{
	printf("cleanup %s\n", (char *)text);
}

static void destroy(void *value)
{
	printf("key's value %s goes\n", (char *)value);
}

static void *sleeper(void *arg)
{
	pthread_setspecific(key, "k");
	pthread_cleanup_push(say, "outer");
	pthread_cleanup_push(say, "inner");
	sem_post(&ready);
	sleep(100);
	pthread_cleanup_pop(0);
	pthread_cleanup_pop(0);
	return arg;
}

static void *unwilling(void *arg)
{
	int old;

	pthread_setcancelstate(PTHREAD_CANCEL_DISABLE, &old);
	printf("state before: %s\n", old == PTHREAD_CANCEL_ENABLE ? "enabled" : "?");
	pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, &old);
	printf("type before: %s\n", old == PTHREAD_CANCEL_DEFERRED ? "deferred" : "?");
	pthread_cancel(pthread_self());
	pthread_testcancel();
	puts("still here");
	return arg;
}

static void *exits(void *arg)
{
	pthread_cleanup_push(say, "at exit");
	pthread_exit(arg);
	pthread_cleanup_pop(0);
}

static void ends(void)
{
	pthread_attr_t a;
	char name[16];
	pthread_t t;
	void *result;
	int detached;

	SHOW(pthread_key_create(&key, destroy));
	sem_init(&ready, 0, 0);
	pthread_create(&t, NULL, sleeper, NULL);
	sem_wait(&ready);
	SHOW(pthread_cancel(t));
	SHOW(pthread_join(t, &result));
	printf("cancelled: %d\n", result == PTHREAD_CANCELED);
	in_thread(unwilling);
	in_thread(exits);
	SHOW(pthread_join(pthread_self(), NULL));
	SHOW(pthread_setcancelstate(77, NULL));
	SHOW(pthread_setcanceltype(77, NULL));
	SHOW(pthread_key_delete(key));
	SHOW(pthread_setspecific(key, ""));
	pthread_attr_init(&a);
	SHOW(pthread_attr_setdetachstate(&a, 7));
	SHOW(pthread_attr_setdetachstate(&a, PTHREAD_CREATE_DETACHED));
	pthread_attr_getdetachstate(&a, &detached);
	printf("detached %d\n", detached == PTHREAD_CREATE_DETACHED);
	SHOW(pthread_attr_setstacksize(&a, 10));
	SHOW(pthread_attr_setscope(&a, PTHREAD_SCOPE_PROCESS));
	SHOW(pthread_attr_setschedpolicy(&a, 77));
	SHOW(pthread_attr_setinheritsched(&a, 77));
	SHOW(pthread_setname_np(pthread_self(), "name"));
	SHOW(pthread_getname_np(pthread_self(), name, sizeof(name)));
	printf("name %s\n", name);
	SHOW(pthread_setname_np(pthread_self(), "0123456789abcdef"));
	SHOW(pthread_kill(pthread_self(), 0));
	SHOW(pthread_kill(pthread_self(), 99));
}

int main(void)
{
	mutexes();
	locks();
	ends();
	return 0;
}

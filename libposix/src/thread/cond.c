/*
 * cond.c - condition variables: pthread_cond_wait(3) and its family.
 *
 * A waiter notes __seq with the mutex held, and sleeps while it is that. A
 * signal changes it and wakes one, a broadcast all. __users counts who may still
 * touch the structure, and pthread_cond_destroy waits for them.
 */
#include "mutex.h"

#include <errno.h>
#include <limits.h>

#define DESTROYED 0x80000000u

struct waiting {
	pthread_cond_t *c;
	pthread_mutex_t *m;
	unsigned int seq;
	int err;
};

static void leave(pthread_cond_t *c)
{
	int shared = c->__shared;

	__atomic_sub_fetch(&c->__waiters, 1, __ATOMIC_RELAXED);
	if (__atomic_sub_fetch(&c->__users, 1, __ATOMIC_RELEASE) == DESTROYED)
		__futex_wake(&c->__users, INT_MAX, shared);
}

/* Cancelled in its sleep: with the mutex again, and no signal taken from the others. */
static void cancelled(void *arg)
{
	struct waiting *w = arg;
	pthread_cond_t *c = w->c;

	if (__atomic_load_n(&c->__seq, __ATOMIC_RELAXED) != w->seq)
		__futex_wake(&c->__seq, 1, c->__shared);
	leave(c);
	pthread_mutex_lock(w->m);
}

static int wait(pthread_cond_t *c, pthread_mutex_t *m, int clock, const struct timespec *until)
{
	struct waiting w = { .c = c, .m = m };
	int err, got = 0;

	if (until && (unsigned long)until->tv_nsec >= 1000000000ul)
		return EINVAL;
	pthread_testcancel();
	__atomic_add_fetch(&c->__users, 1, __ATOMIC_RELAXED);
	__atomic_add_fetch(&c->__waiters, 1, __ATOMIC_SEQ_CST);
	w.seq = __atomic_load_n(&c->__seq, __ATOMIC_SEQ_CST);
	err = pthread_mutex_unlock(m);
	if (err) {
		leave(c);
		return err;
	}
	pthread_cleanup_push(cancelled, &w);
	do {
		got = __futex_wait_c(&c->__seq, (int)w.seq, clock, until, c->__shared);
	} while (got == EINTR && __atomic_load_n(&c->__seq, __ATOMIC_RELAXED) == w.seq);
	pthread_cleanup_pop(0);
	leave(c);
	err = pthread_mutex_lock(m);
	if (err)
		return err;
	return got == ETIMEDOUT ? ETIMEDOUT : 0;
}

int pthread_cond_wait(pthread_cond_t *__restrict c, pthread_mutex_t *__restrict m)
{
	return wait(c, m, c->__clock, NULL);
}

int pthread_cond_timedwait(pthread_cond_t *__restrict c, pthread_mutex_t *__restrict m,
			   const struct timespec *__restrict until)
{
	return wait(c, m, c->__clock, until);
}

int pthread_cond_clockwait(pthread_cond_t *__restrict c, pthread_mutex_t *__restrict m,
			   clockid_t clock, const struct timespec *__restrict until)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	return wait(c, m, clock, until);
}

static int wake(pthread_cond_t *c, int count)
{
	int shared = c->__shared;

	if (!__atomic_load_n(&c->__waiters, __ATOMIC_SEQ_CST))
		return 0;
	__atomic_add_fetch(&c->__seq, 1, __ATOMIC_SEQ_CST);
	__futex_wake(&c->__seq, count, shared);
	return 0;
}

int pthread_cond_signal(pthread_cond_t *c)
{
	return wake(c, 1);
}

int pthread_cond_broadcast(pthread_cond_t *c)
{
	return wake(c, INT_MAX);
}

int pthread_cond_init(pthread_cond_t *__restrict c, const pthread_condattr_t *__restrict attr)
{
	*c = (pthread_cond_t){ 0 };
	if (attr) {
		c->__clock = attr->__clock;
		c->__shared = attr->__shared;
	}
	return 0;
}

int pthread_cond_destroy(pthread_cond_t *c)
{
	unsigned int users = __atomic_or_fetch(&c->__users, DESTROYED, __ATOMIC_ACQ_REL);

	while (users != DESTROYED) {
		__futex_wait(&c->__users, (int)users, CLOCK_REALTIME, NULL, c->__shared);
		users = __atomic_load_n(&c->__users, __ATOMIC_ACQUIRE);
	}
	return 0;
}

int pthread_condattr_init(pthread_condattr_t *attr)
{
	*attr = (pthread_condattr_t){ 0 };
	return 0;
}

int pthread_condattr_destroy(pthread_condattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_condattr_getclock(const pthread_condattr_t *__restrict attr,
			      clockid_t *__restrict clock)
{
	*clock = attr->__clock;
	return 0;
}

int pthread_condattr_setclock(pthread_condattr_t *attr, clockid_t clock)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	attr->__clock = clock;
	return 0;
}

int pthread_condattr_getpshared(const pthread_condattr_t *__restrict attr, int *__restrict shared)
{
	*shared = attr->__shared;
	return 0;
}

int pthread_condattr_setpshared(pthread_condattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = shared;
	return 0;
}

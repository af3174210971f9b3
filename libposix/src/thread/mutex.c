/*
 * mutex.c - mutexes: pthread_mutex_lock(3) and its family. The fast paths, types
 * and recursion; robust and PI ones take their lock in mutex_owned.c.
 */
#include "mutex.h"

#include <errno.h>

#define COUNT_MOST 0x7fffffffu

static inline int owned(const pthread_mutex_t *m)
{
	return m->__kind & (KIND_ROBUST | KIND_INHERIT);
}

static int lock_plain(pthread_mutex_t *m, int clock, const struct timespec *until, int try)
{
	int seen = 0, err;

	if (__atomic_compare_exchange_n(&m->__lock, &seen, 1, 0, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return 0;
	if (try)
		return EBUSY;
	while (__atomic_exchange_n(&m->__lock, 2, __ATOMIC_ACQUIRE)) {
		err = __futex_wait(&m->__lock, 2, clock, until, m->__kind & KIND_SHARED);
		if (err == ETIMEDOUT || err == EINVAL)
			return err;
	}
	return 0;
}

static int held_by_me(const pthread_mutex_t *m)
{
	int tid = __self()->tid;

	if (owned(m))
		return (__atomic_load_n(&m->__lock, __ATOMIC_RELAXED) & FUTEX_TID_MASK) == tid;
	return __atomic_load_n(&m->__owner, __ATOMIC_RELAXED) == tid;
}

int __mutex_lock(pthread_mutex_t *m, int clock, const struct timespec *until, int try)
{
	int type = m->__kind & KIND_TYPE, err = 0;

	if (type && held_by_me(m)) {
		if (type == PTHREAD_MUTEX_ERRORCHECK)
			return try ? EBUSY : EDEADLK;
		if (m->__count == COUNT_MOST)
			return EAGAIN;
		m->__count++;
		return 0;
	}
	if (m->__kind & KIND_PROTECT)
		err = __ceiling_raise(m);
	if (err)
		return err;
	err = owned(m) ? __mutex_lock_owned(m, clock, until, try) :
			 lock_plain(m, clock, until, try);
	if (err && err != EOWNERDEAD) {
		if (m->__kind & KIND_PROTECT)
			__ceiling_lower(m);
		return err;
	}
	m->__count = 0;
	if (!owned(m))
		__atomic_store_n(&m->__owner, __self()->tid, __ATOMIC_RELAXED);
	return err;
}

int pthread_mutex_lock(pthread_mutex_t *m)
{
	int seen = 0;

	if (!m->__kind && __atomic_compare_exchange_n(&m->__lock, &seen, 1, 0, __ATOMIC_ACQUIRE,
						      __ATOMIC_RELAXED))
		return 0;
	if (!m->__kind)
		return lock_plain(m, 0, NULL, 0);
	return __mutex_lock(m, CLOCK_REALTIME, NULL, 0);
}

int pthread_mutex_trylock(pthread_mutex_t *m)
{
	return m->__kind ? __mutex_lock(m, CLOCK_REALTIME, NULL, 1) : lock_plain(m, 0, NULL, 1);
}

int pthread_mutex_timedlock(pthread_mutex_t *__restrict m, const struct timespec *__restrict until)
{
	return pthread_mutex_clocklock(m, CLOCK_REALTIME, until);
}

int pthread_mutex_clocklock(pthread_mutex_t *__restrict m, clockid_t clock,
			    const struct timespec *__restrict until)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	return m->__kind ? __mutex_lock(m, clock, until, 0) : lock_plain(m, clock, until, 0);
}

int pthread_mutex_unlock(pthread_mutex_t *m)
{
	int kind = m->__kind, shared = kind & KIND_SHARED;

	if (kind) {
		if (((kind & KIND_TYPE) || owned(m)) && !held_by_me(m))
			return EPERM;
		if ((kind & KIND_TYPE) == PTHREAD_MUTEX_RECURSIVE && m->__count) {
			m->__count--;
			return 0;
		}
		if (owned(m))
			return __mutex_unlock_owned(m);
		__atomic_store_n(&m->__owner, 0, __ATOMIC_RELAXED);
		if (kind & KIND_PROTECT)
			__ceiling_lower(m);
	}
	/* Whoever gets it now may destroy it: nothing of it is read any more. */
	if (__atomic_exchange_n(&m->__lock, 0, __ATOMIC_RELEASE) == 2)
		__futex_wake(&m->__lock, 1, shared);
	return 0;
}

int pthread_mutex_init(pthread_mutex_t *__restrict m, const pthread_mutexattr_t *__restrict attr)
{
	*m = (pthread_mutex_t){ .__kind = attr ? (int)attr->__kind : 0 };
	return 0;
}

/* A robust mutex that its owner destroys must leave the list of those he holds. */
int pthread_mutex_destroy(pthread_mutex_t *m)
{
	if ((m->__kind & KIND_ROBUST) && held_by_me(m))
		return __mutex_unlock_owned(m);
	if (__atomic_load_n(&m->__lock, __ATOMIC_RELAXED) && m->__state != NOT_RECOVERABLE)
		return EBUSY;
	return 0;
}

int pthread_mutex_consistent(pthread_mutex_t *m)
{
	if (!(m->__kind & KIND_ROBUST) || m->__state != OWNER_DIED || !held_by_me(m))
		return EINVAL;
	m->__state = CONSISTENT;
	return 0;
}

/*
 * rwlock.c - locks that many may hold to read, or one to write:
 * pthread_rwlock_rdlock(3) and its family. Readers get in while others read,
 * unless the attribute prefers writers. Who has to wait sleeps on __seq, which
 * every release changes while somebody waits.
 */
#include "../internal/thread.h"

#include <errno.h>
#include <limits.h>

#define WRITER	     0x80000000u
#define READERS_MOST 0x7ffffffeu
#define SHARED	     1
#define PREFER	     2 /* writers */

static int try_read(pthread_rwlock_t *l)
{
	unsigned int v = __atomic_load_n(&l->__state, __ATOMIC_RELAXED);

	do {
		if (v & WRITER)
			return EBUSY;
		if ((l->__shared & PREFER) && v && __atomic_load_n(&l->__writers, __ATOMIC_RELAXED))
			return EBUSY;
		if (v == READERS_MOST)
			return EAGAIN;
	} while (!__atomic_compare_exchange_n(&l->__state, &v, v + 1, 0, __ATOMIC_ACQUIRE,
					      __ATOMIC_RELAXED));
	return 0;
}

static int try_write(pthread_rwlock_t *l)
{
	unsigned int v = 0;

	if (!__atomic_compare_exchange_n(&l->__state, &v, WRITER, 0, __ATOMIC_ACQUIRE,
					 __ATOMIC_RELAXED))
		return EBUSY;
	__atomic_store_n(&l->__owner, __self()->tid, __ATOMIC_RELAXED);
	return 0;
}

static int lock(pthread_rwlock_t *l, int (*try)(pthread_rwlock_t *), int clock,
		const struct timespec *until)
{
	int err = try(l), waited, write = try == try_write;
	unsigned int seq;

	if (err != EBUSY)
		return err;
	if (__atomic_load_n(&l->__owner, __ATOMIC_RELAXED) == __self()->tid)
		return EDEADLK;
	if (until && (unsigned long)until->tv_nsec >= 1000000000ul)
		return EINVAL;
	__atomic_add_fetch(&l->__waiting, 1, __ATOMIC_SEQ_CST);
	if (write)
		__atomic_add_fetch(&l->__writers, 1, __ATOMIC_SEQ_CST);
	for (;;) {
		seq = __atomic_load_n(&l->__seq, __ATOMIC_SEQ_CST);
		err = try(l);
		if (err != EBUSY)
			break;
		waited = __futex_wait(&l->__seq, (int)seq, clock, until, l->__shared & SHARED);
		if (waited == ETIMEDOUT || waited == EINVAL) {
			err = try(l);
			if (err == EBUSY)
				err = waited;
			break;
		}
	}
	if (write)
		__atomic_sub_fetch(&l->__writers, 1, __ATOMIC_RELAXED);
	__atomic_sub_fetch(&l->__waiting, 1, __ATOMIC_RELAXED);
	return err;
}

int pthread_rwlock_rdlock(pthread_rwlock_t *l)
{
	return lock(l, try_read, CLOCK_REALTIME, NULL);
}

int pthread_rwlock_tryrdlock(pthread_rwlock_t *l)
{
	return try_read(l);
}

int pthread_rwlock_timedrdlock(pthread_rwlock_t *__restrict l,
			       const struct timespec *__restrict until)
{
	return lock(l, try_read, CLOCK_REALTIME, until);
}

int pthread_rwlock_clockrdlock(pthread_rwlock_t *__restrict l, clockid_t clock,
			       const struct timespec *__restrict until)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	return lock(l, try_read, clock, until);
}

int pthread_rwlock_wrlock(pthread_rwlock_t *l)
{
	return lock(l, try_write, CLOCK_REALTIME, NULL);
}

int pthread_rwlock_trywrlock(pthread_rwlock_t *l)
{
	return try_write(l);
}

int pthread_rwlock_timedwrlock(pthread_rwlock_t *__restrict l,
			       const struct timespec *__restrict until)
{
	return lock(l, try_write, CLOCK_REALTIME, until);
}

int pthread_rwlock_clockwrlock(pthread_rwlock_t *__restrict l, clockid_t clock,
			       const struct timespec *__restrict until)
{
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return EINVAL;
	return lock(l, try_write, clock, until);
}

int pthread_rwlock_unlock(pthread_rwlock_t *l)
{
	int shared = l->__shared & SHARED;
	unsigned int left;

	if (__atomic_load_n(&l->__state, __ATOMIC_RELAXED) & WRITER) {
		__atomic_store_n(&l->__owner, 0, __ATOMIC_RELAXED);
		left = 0;
		__atomic_store_n(&l->__state, 0, __ATOMIC_SEQ_CST);
	} else {
		left = __atomic_sub_fetch(&l->__state, 1, __ATOMIC_SEQ_CST);
	}
	if (!left && __atomic_load_n(&l->__waiting, __ATOMIC_SEQ_CST)) {
		__atomic_add_fetch(&l->__seq, 1, __ATOMIC_SEQ_CST);
		__futex_wake(&l->__seq, INT_MAX, shared);
	}
	return 0;
}

int pthread_rwlock_init(pthread_rwlock_t *__restrict l, const pthread_rwlockattr_t *__restrict attr)
{
	*l = (pthread_rwlock_t){ 0 };
	if (attr)
		l->__shared = (attr->__shared ? SHARED : 0) |
			      (attr->__prefer == PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP ?
				       PREFER :
				       0);
	return 0;
}

int pthread_rwlock_destroy(pthread_rwlock_t *l)
{
	(void)l;
	return 0;
}

int pthread_rwlockattr_init(pthread_rwlockattr_t *attr)
{
	*attr = (pthread_rwlockattr_t){ 0 };
	return 0;
}

int pthread_rwlockattr_destroy(pthread_rwlockattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_rwlockattr_getpshared(const pthread_rwlockattr_t *__restrict attr,
				  int *__restrict shared)
{
	*shared = attr->__shared;
	return 0;
}

int pthread_rwlockattr_setpshared(pthread_rwlockattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = shared;
	return 0;
}

int pthread_rwlockattr_getkind_np(const pthread_rwlockattr_t *__restrict attr,
				  int *__restrict prefer)
{
	*prefer = attr->__prefer;
	return 0;
}

/* PREFER_WRITER_NP is glibc's, and prefers readers there: a reader may lock again. */
int pthread_rwlockattr_setkind_np(pthread_rwlockattr_t *attr, int prefer)
{
	if (prefer < 0 || prefer > PTHREAD_RWLOCK_PREFER_WRITER_NONRECURSIVE_NP)
		return EINVAL;
	attr->__prefer = prefer;
	return 0;
}

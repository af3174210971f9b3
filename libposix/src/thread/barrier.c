/*
 * barrier.c - barriers: pthread_barrier_wait(3) and its family. Who comes last
 * begins the next round and wakes the others.
 */
#include "../internal/thread.h"

#include <errno.h>
#include <limits.h>

int pthread_barrier_init(pthread_barrier_t *__restrict b,
			 const pthread_barrierattr_t *__restrict attr, unsigned int count)
{
	if (!count || count > INT_MAX)
		return EINVAL;
	*b = (pthread_barrier_t){ .__limit = count, .__shared = attr ? attr->__shared : 0 };
	return 0;
}

static void leave(pthread_barrier_t *b, int shared)
{
	if (!__atomic_sub_fetch(&b->__leaving, 1, __ATOMIC_RELEASE))
		__futex_wake(&b->__leaving, INT_MAX, shared);
}

int pthread_barrier_wait(pthread_barrier_t *b)
{
	unsigned int round = __atomic_load_n(&b->__round, __ATOMIC_ACQUIRE);
	int shared = b->__shared;

	__atomic_add_fetch(&b->__leaving, 1, __ATOMIC_RELAXED);
	if (__atomic_add_fetch(&b->__count, 1, __ATOMIC_ACQ_REL) == b->__limit) {
		__atomic_store_n(&b->__count, 0, __ATOMIC_RELAXED);
		__atomic_add_fetch(&b->__round, 1, __ATOMIC_RELEASE);
		__futex_wake(&b->__round, INT_MAX, shared);
		leave(b, shared);
		return PTHREAD_BARRIER_SERIAL_THREAD;
	}
	while (__atomic_load_n(&b->__round, __ATOMIC_ACQUIRE) == round)
		__futex_wait(&b->__round, (int)round, CLOCK_REALTIME, NULL, shared);
	leave(b, shared);
	return 0;
}

int pthread_barrier_destroy(pthread_barrier_t *b)
{
	unsigned int left;

	if (__atomic_load_n(&b->__count, __ATOMIC_RELAXED))
		return EBUSY;
	while ((left = __atomic_load_n(&b->__leaving, __ATOMIC_ACQUIRE)))
		__futex_wait(&b->__leaving, (int)left, CLOCK_REALTIME, NULL, b->__shared);
	return 0;
}

int pthread_barrierattr_init(pthread_barrierattr_t *attr)
{
	*attr = (pthread_barrierattr_t){ 0 };
	return 0;
}

int pthread_barrierattr_destroy(pthread_barrierattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_barrierattr_getpshared(const pthread_barrierattr_t *__restrict attr,
				   int *__restrict shared)
{
	*shared = attr->__shared;
	return 0;
}

int pthread_barrierattr_setpshared(pthread_barrierattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__shared = shared;
	return 0;
}

/*
 * sem.c - semaphores: sem_wait(3) and its family. The value and how many wait
 * for it are one word, so that sem_post reads nothing of a semaphore that whoever
 * it let go may have destroyed.
 */
#include "../internal/thread.h"

#include <errno.h>
#include <limits.h>
#include <semaphore.h>

#define WAITER (1ul << 32)

static int fail(int err)
{
	errno = err;
	return -1;
}

int sem_init(sem_t *s, int shared, unsigned int value)
{
	if (value > SEM_VALUE_MAX)
		return fail(EINVAL);
	*s = (sem_t){ .__word = value, .__shared = shared != 0 };
	return 0;
}

int sem_destroy(sem_t *s)
{
	return s->__word >= WAITER ? fail(EBUSY) : 0;
}

int sem_getvalue(sem_t *__restrict s, int *__restrict value)
{
	*value = (int)__atomic_load_n(&s->__word, __ATOMIC_RELAXED);
	return 0;
}

int sem_post(sem_t *s)
{
	unsigned long v = __atomic_load_n(&s->__word, __ATOMIC_RELAXED);
	int shared = s->__shared;

	do {
		if ((unsigned int)v == SEM_VALUE_MAX)
			return fail(EOVERFLOW);
	} while (!__atomic_compare_exchange_n(&s->__word, &v, v + 1, 0, __ATOMIC_RELEASE,
					      __ATOMIC_RELAXED));
	if (v >= WAITER)
		__futex_wake(&s->__word, 1, shared);
	return 0;
}

static int try(sem_t *s)
{
	unsigned long v = __atomic_load_n(&s->__word, __ATOMIC_RELAXED);

	while ((unsigned int)v)
		if (__atomic_compare_exchange_n(&s->__word, &v, v - 1, 0, __ATOMIC_ACQUIRE,
						__ATOMIC_RELAXED))
			return 1;
	return 0;
}

int sem_trywait(sem_t *s)
{
	return try(s) ? 0 : fail(EAGAIN);
}

static void leave(void *arg)
{
	sem_t *s = arg;

	__atomic_sub_fetch(&s->__word, WAITER, __ATOMIC_RELAXED);
}

int sem_clockwait(sem_t *__restrict s, clockid_t clock, const struct timespec *__restrict until)
{
	int err = 0;

	pthread_testcancel();
	if (try(s))
		return 0;
	if (clock != CLOCK_REALTIME && clock != CLOCK_MONOTONIC)
		return fail(EINVAL);
	if (until && (unsigned long)until->tv_nsec >= 1000000000ul)
		return fail(EINVAL);
	__atomic_add_fetch(&s->__word, WAITER, __ATOMIC_RELAXED);
	pthread_cleanup_push(leave, s);
	while (!try(s)) {
		err = __futex_wait_c(&s->__word, 0, clock, until, s->__shared);
		if (err == EAGAIN)
			err = 0;
		if (err)
			break;
	}
	pthread_cleanup_pop(1);
	return err ? fail(err) : 0;
}

int sem_timedwait(sem_t *__restrict s, const struct timespec *__restrict until)
{
	return sem_clockwait(s, CLOCK_REALTIME, until);
}

int sem_wait(sem_t *s)
{
	return sem_clockwait(s, CLOCK_REALTIME, NULL);
}

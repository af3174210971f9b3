/*
 * join.c - waiting for a thread's end: pthread_join(3) and its forms with time,
 * pthread_detach(3).
 */
#include "list.h"

#include "../internal/syscall.h"

#include <errno.h>

/* The kernel clears tid at the very end, and wakes who waits for that. */
static int wait_end(struct thread *t, int clock, const struct timespec *until)
{
	int tid, err;

	while ((tid = __atomic_load_n(&t->tid, __ATOMIC_ACQUIRE))) {
		err = __futex_wait_c(&t->tid, tid, clock, until, 1);
		if (err == ETIMEDOUT || err == EINVAL)
			return err;
	}
	return 0;
}

static int join(pthread_t thread, void **result, int clock, const struct timespec *until, int try)
{
	struct thread *self = __self(), *t;
	int err = 0;

	pthread_testcancel();
	if (thread == (pthread_t)self)
		return EDEADLK;
	__threads_lock();
	t = __threads_find(thread);
	if (!t)
		err = ESRCH;
	else if (t->detach == DETACHED)
		err = EINVAL;
	else if (try && t->tid)
		err = EBUSY;
	__threads_unlock();
	if (err)
		return err;
	err = wait_end(t, clock, until);
	if (err)
		return err;
	__threads_lock();
	if (__threads_find(thread)) {
		if (result)
			*result = t->result;
		__threads_remove(t);
		__stack_put(t);
	}
	__threads_unlock();
	return 0;
}

int pthread_join(pthread_t thread, void **result)
{
	return join(thread, result, CLOCK_REALTIME, NULL, 0);
}

int pthread_tryjoin_np(pthread_t thread, void **result)
{
	return join(thread, result, CLOCK_REALTIME, NULL, 1);
}

int pthread_timedjoin_np(pthread_t thread, void **result, const struct timespec *until)
{
	return join(thread, result, CLOCK_REALTIME, until, 0);
}

int pthread_detach(pthread_t thread)
{
	struct thread *t;
	int err = 0;

	__threads_lock();
	t = __threads_find(thread);
	if (!t) {
		err = ESRCH;
	} else if (t->detach == JOINABLE) {
		t->detach = DETACHED;
	} else if (t->detach == EXITED) {
		__threads_remove(t);
		__stack_put(t);
	} else {
		err = EINVAL;
	}
	__threads_unlock();
	return err;
}

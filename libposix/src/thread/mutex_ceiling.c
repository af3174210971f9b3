/*
 * mutex_ceiling.c - PTHREAD_PRIO_PROTECT: who holds such a mutex runs with its
 * ceiling's priority, if his own is lower and of a kind that has priorities.
 */
#include "mutex.h"

#include "../internal/syscall.h"

#include <errno.h>

int __ceiling_raise(pthread_mutex_t *m)
{
	int ceiling = KIND_CEILING(m->__kind);
	struct sched_param now, want = { .sched_priority = ceiling };
	long policy = SC(__NR_sched_getscheduler, 0);

	m->__old = -1;
	if (policy != SCHED_FIFO && policy != SCHED_RR)
		return 0;
	if (SC(__NR_sched_getparam, 0, &now) < 0)
		return 0;
	if (now.sched_priority > ceiling)
		return EINVAL;
	if (now.sched_priority < ceiling && !SC(__NR_sched_setparam, 0, &want))
		m->__old = now.sched_priority;
	return 0;
}

void __ceiling_lower(pthread_mutex_t *m)
{
	struct sched_param back = { .sched_priority = m->__old };

	if (m->__old >= 0)
		SC(__NR_sched_setparam, 0, &back);
	m->__old = -1;
}

int pthread_mutex_getprioceiling(const pthread_mutex_t *__restrict m, int *__restrict ceiling)
{
	if (!(m->__kind & KIND_PROTECT))
		return EINVAL;
	*ceiling = KIND_CEILING(m->__kind);
	return 0;
}

int pthread_mutex_setprioceiling(pthread_mutex_t *__restrict m, int ceiling, int *__restrict old)
{
	int err;

	if (!(m->__kind & KIND_PROTECT) || ceiling < 1 || ceiling > 99)
		return EINVAL;
	err = pthread_mutex_lock(m);
	if (err)
		return err;
	if (old)
		*old = KIND_CEILING(m->__kind);
	m->__kind = (m->__kind & 0xff) | ceiling << 8;
	return pthread_mutex_unlock(m);
}

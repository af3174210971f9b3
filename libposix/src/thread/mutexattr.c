/*
 * mutexattr.c - what pthread_mutex_init is told: pthread_mutexattr_init(3) and
 * its family. The attributes are a mutex's __kind.
 */
#include "mutex.h"

#include <errno.h>

int pthread_mutexattr_init(pthread_mutexattr_t *attr)
{
	attr->__kind = 0;
	return 0;
}

int pthread_mutexattr_destroy(pthread_mutexattr_t *attr)
{
	(void)attr;
	return 0;
}

int pthread_mutexattr_gettype(const pthread_mutexattr_t *__restrict attr, int *__restrict type)
{
	*type = (int)attr->__kind & KIND_TYPE;
	return 0;
}

int pthread_mutexattr_settype(pthread_mutexattr_t *attr, int type)
{
	if (type < PTHREAD_MUTEX_NORMAL || type > PTHREAD_MUTEX_ERRORCHECK)
		return EINVAL;
	attr->__kind = (attr->__kind & ~(unsigned)KIND_TYPE) | (unsigned)type;
	return 0;
}

int pthread_mutexattr_getpshared(const pthread_mutexattr_t *__restrict attr, int *__restrict shared)
{
	*shared = attr->__kind & KIND_SHARED ? PTHREAD_PROCESS_SHARED : PTHREAD_PROCESS_PRIVATE;
	return 0;
}

int pthread_mutexattr_setpshared(pthread_mutexattr_t *attr, int shared)
{
	if (shared != PTHREAD_PROCESS_PRIVATE && shared != PTHREAD_PROCESS_SHARED)
		return EINVAL;
	attr->__kind = (attr->__kind & ~(unsigned)KIND_SHARED) | (shared ? KIND_SHARED : 0);
	return 0;
}

int pthread_mutexattr_getrobust(const pthread_mutexattr_t *__restrict attr, int *__restrict robust)
{
	*robust = attr->__kind & KIND_ROBUST ? PTHREAD_MUTEX_ROBUST : PTHREAD_MUTEX_STALLED;
	return 0;
}

int pthread_mutexattr_setrobust(pthread_mutexattr_t *attr, int robust)
{
	if (robust != PTHREAD_MUTEX_STALLED && robust != PTHREAD_MUTEX_ROBUST)
		return EINVAL;
	attr->__kind = (attr->__kind & ~(unsigned)KIND_ROBUST) | (robust ? KIND_ROBUST : 0);
	return 0;
}

int pthread_mutexattr_getprotocol(const pthread_mutexattr_t *__restrict attr,
				  int *__restrict protocol)
{
	*protocol = attr->__kind & KIND_INHERIT ? PTHREAD_PRIO_INHERIT :
		    attr->__kind & KIND_PROTECT ? PTHREAD_PRIO_PROTECT :
						  PTHREAD_PRIO_NONE;
	return 0;
}

int pthread_mutexattr_setprotocol(pthread_mutexattr_t *attr, int protocol)
{
	static const unsigned int kinds[] = { 0, KIND_INHERIT, KIND_PROTECT };

	if (protocol < PTHREAD_PRIO_NONE || protocol > PTHREAD_PRIO_PROTECT)
		return EINVAL;
	attr->__kind = (attr->__kind & ~(unsigned)(KIND_INHERIT | KIND_PROTECT)) | kinds[protocol];
	if (protocol == PTHREAD_PRIO_PROTECT && !KIND_CEILING(attr->__kind))
		attr->__kind |= 1 << 8;
	return 0;
}

int pthread_mutexattr_getprioceiling(const pthread_mutexattr_t *__restrict attr,
				     int *__restrict ceiling)
{
	*ceiling = KIND_CEILING(attr->__kind) ? (int)KIND_CEILING(attr->__kind) : 1;
	return 0;
}

int pthread_mutexattr_setprioceiling(pthread_mutexattr_t *attr, int ceiling)
{
	if (ceiling < 1 || ceiling > 99)
		return EINVAL;
	attr->__kind = (attr->__kind & 0xff) | (unsigned)ceiling << 8;
	return 0;
}

/*
 * attr.c - what pthread_create is told: pthread_attr_init(3) and its family.
 */
#include "list.h"

#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

int pthread_attr_init(pthread_attr_t *attr)
{
	return pthread_getattr_default_np(attr);
}

int pthread_attr_destroy(pthread_attr_t *attr)
{
	free(attr->__cpus);
	memset(attr, 0, sizeof(*attr));
	attr->__detached = -1; /* may not be used any more */
	return 0;
}

int pthread_attr_getdetachstate(const pthread_attr_t *attr, int *state)
{
	*state = attr->__detached;
	return 0;
}

int pthread_attr_setdetachstate(pthread_attr_t *attr, int state)
{
	if (state != PTHREAD_CREATE_JOINABLE && state != PTHREAD_CREATE_DETACHED)
		return EINVAL;
	attr->__detached = state;
	return 0;
}

int pthread_attr_getguardsize(const pthread_attr_t *__restrict attr, size_t *__restrict size)
{
	*size = attr->__guard_size;
	return 0;
}

int pthread_attr_setguardsize(pthread_attr_t *attr, size_t size)
{
	if (size > SIZE_MAX / 8)
		return EINVAL;
	attr->__guard_size = size;
	return 0;
}

int pthread_attr_getinheritsched(const pthread_attr_t *__restrict attr, int *__restrict inherit)
{
	*inherit = attr->__inherit;
	return 0;
}

int pthread_attr_setinheritsched(pthread_attr_t *attr, int inherit)
{
	if (inherit != PTHREAD_INHERIT_SCHED && inherit != PTHREAD_EXPLICIT_SCHED)
		return EINVAL;
	attr->__inherit = inherit;
	return 0;
}

int pthread_attr_getschedparam(const pthread_attr_t *__restrict attr,
			       struct sched_param *__restrict param)
{
	param->sched_priority = attr->__priority;
	return 0;
}

int pthread_attr_setschedparam(pthread_attr_t *__restrict attr,
			       const struct sched_param *__restrict param)
{
	int least = sched_get_priority_min(attr->__policy);
	int most = sched_get_priority_max(attr->__policy);

	if (param->sched_priority < least || param->sched_priority > most)
		return EINVAL;
	attr->__priority = param->sched_priority;
	return 0;
}

int pthread_attr_getschedpolicy(const pthread_attr_t *__restrict attr, int *__restrict policy)
{
	*policy = attr->__policy;
	return 0;
}

int pthread_attr_setschedpolicy(pthread_attr_t *attr, int policy)
{
	if (policy != SCHED_OTHER && policy != SCHED_FIFO && policy != SCHED_RR)
		return EINVAL;
	attr->__policy = policy;
	return 0;
}

int pthread_attr_getscope(const pthread_attr_t *__restrict attr, int *__restrict scope)
{
	*scope = attr->__scope;
	return 0;
}

int pthread_attr_setscope(pthread_attr_t *attr, int scope)
{
	if (scope == PTHREAD_SCOPE_PROCESS)
		return ENOTSUP;
	if (scope != PTHREAD_SCOPE_SYSTEM)
		return EINVAL;
	attr->__scope = scope;
	return 0;
}

int pthread_attr_getstacksize(const pthread_attr_t *__restrict attr, size_t *__restrict size)
{
	*size = attr->__stack_size;
	return 0;
}

int pthread_attr_setstacksize(pthread_attr_t *attr, size_t size)
{
	if (size < PTHREAD_STACK_MIN || size > SIZE_MAX / 4)
		return EINVAL;
	attr->__stack_size = size;
	return 0;
}

int pthread_attr_getstack(const pthread_attr_t *__restrict attr, void **__restrict stack,
			  size_t *__restrict size)
{
	*stack = attr->__stack;
	*size = attr->__stack_size;
	return 0;
}

int pthread_attr_setstack(pthread_attr_t *attr, void *stack, size_t size)
{
	if (size < PTHREAD_STACK_MIN || size > SIZE_MAX / 4 || ((uintptr_t)stack & 15))
		return EINVAL;
	attr->__stack = stack;
	attr->__stack_size = size;
	return 0;
}

/* The old forms give the end that the stack grows from. */
int pthread_attr_getstackaddr(const pthread_attr_t *__restrict attr, void **__restrict top)
{
	*top = (char *)attr->__stack + attr->__stack_size;
	return 0;
}

int pthread_attr_setstackaddr(pthread_attr_t *attr, void *top)
{
	attr->__stack = (char *)top - attr->__stack_size;
	return 0;
}

int pthread_attr_setaffinity_np(pthread_attr_t *attr, size_t size, const cpu_set_t *set)
{
	void *copy = size ? malloc(size) : NULL;

	if (size && !copy)
		return ENOMEM;
	if (size)
		memcpy(copy, set, size);
	free(attr->__cpus);
	attr->__cpus = copy;
	attr->__cpu_size = size;
	return 0;
}

int pthread_attr_getaffinity_np(const pthread_attr_t *attr, size_t size, cpu_set_t *set)
{
	const char *have = attr->__cpus;

	memset(set, attr->__cpus ? 0 : 0xff, size);
	for (size_t i = 0; i < attr->__cpu_size; i++) {
		if (i < size)
			((char *)set)[i] = have[i];
		else if (have[i])
			return EINVAL;
	}
	return 0;
}

/* The main thread's stack is the mapping that this very function's frame is in. */
static int main_stack(pthread_attr_t *attr)
{
	unsigned long from, to, here = (unsigned long)__builtin_frame_address(0);
	FILE *f = fopen("/proc/self/maps", "re");
	struct rlimit lim;
	char line[256];
	int err = ENOENT;

	if (!f)
		return errno;
	while (err && fgets(line, sizeof(line), f)) {
		char *end;

		from = strtoul(line, &end, 16);
		to = strtoul(end + 1, NULL, 16);
		if (here < from || here >= to)
			continue;
		attr->__stack_size = to - from;
		if (!getrlimit(RLIMIT_STACK, &lim) && lim.rlim_cur != RLIM_INFINITY)
			attr->__stack_size = lim.rlim_cur & -__libc.page_size;
		attr->__stack = (void *)(to - attr->__stack_size);
		err = 0;
	}
	fclose(f);
	return err;
}

int pthread_getattr_np(pthread_t thread, pthread_attr_t *attr)
{
	struct sched_param param = { 0 };
	struct thread *t;
	int err = 0;

	memset(attr, 0, sizeof(*attr));
	__threads_lock();
	t = __threads_find(thread);
	if (t) {
		attr->__detached = t->detach == DETACHED;
		attr->__guard_size = t->guard_size;
		attr->__stack = t->stack;
		attr->__stack_size = t->stack_size;
	} else {
		err = ESRCH;
	}
	__threads_unlock();
	if (err)
		return err;
	if (!attr->__stack)
		err = main_stack(attr);
	if (!pthread_getschedparam(thread, &attr->__policy, &param))
		attr->__priority = param.sched_priority;
	return err;
}

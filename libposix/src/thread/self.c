/* self.c - pthread_self(3), pthread_equal(3), and hints that the kernel needs not. */
#include "../internal/thread.h"

#include <errno.h>
#include <sched.h>

pthread_t pthread_self(void)
{
	return (pthread_t)__self();
}

int(pthread_equal)(pthread_t a, pthread_t b)
{
	return a == b;
}

int pthread_getconcurrency(void)
{
	return 0;
}

int pthread_setconcurrency(int level)
{
	if (level < 0)
		return EINVAL;
	return level ? EAGAIN : 0;
}

int pthread_yield(void)
{
	return sched_yield();
}

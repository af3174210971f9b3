/*
 * prctl.c - prctl(2), personality(2), unshare(2) and what else is said about oneself.
 */
#include "../internal/syscall.h"

#include <sched.h>
#include <stdarg.h>
#include <sys/membarrier.h>
#include <sys/personality.h>
#include <sys/prctl.h>

int prctl(int option, ...)
{
	unsigned long a[4];
	va_list ap;

	va_start(ap, option);
	for (int i = 0; i < 4; i++)
		a[i] = va_arg(ap, unsigned long);
	va_end(ap);
	return (int)RET(SC(__NR_prctl, option, a[0], a[1], a[2], a[3]));
}

int personality(unsigned long persona)
{
	return (int)RET(SC(__NR_personality, persona));
}

int unshare(int flags)
{
	return (int)RET(SC(__NR_unshare, flags));
}

int setns(int fd, int type)
{
	return (int)RET(SC(__NR_setns, fd, type));
}

int membarrier(int cmd, unsigned int flags, int cpu)
{
	return (int)RET(SC(__NR_membarrier, cmd, flags, cpu));
}

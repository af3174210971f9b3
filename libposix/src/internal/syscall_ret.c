/*
 * syscall_ret.c - errno, and the one place that sets it from a system call's
 * result; also syscall(2), the door for numbers without a function.
 */
#include "syscall.h"
#include "thread.h"

#include <errno.h>
#include <stdarg.h>
#include <unistd.h>

int *__errno_location(void)
{
	return &__self()->errno_value;
}

long __syscall_ret(long raw)
{
	if ((unsigned long)raw > -4096ul) {
		errno = (int)-raw;
		return -1;
	}
	return raw;
}

long syscall(long number, ...)
{
	long a[6];
	va_list ap;

	va_start(ap, number);
	for (int i = 0; i < 6; i++)
		a[i] = va_arg(ap, long);
	va_end(ap);
	return RET(SC(number, a[0], a[1], a[2], a[3], a[4], a[5]));
}

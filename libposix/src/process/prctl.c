/*
 * prctl.c - prctl(2).
 */
#include "../internal/syscall.h"

#include <stdarg.h>
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

/*
 * auxv.c - getauxval(3): what the kernel told the program at exec.
 */
#include "../internal/libc.h"

#include <errno.h>
#include <sys/auxv.h>

unsigned long getauxval(unsigned long type)
{
	for (const uint64_t *av = __libc.auxv; av[0] != AT_NULL; av += 2)
		if (av[0] == type)
			return av[1];
	errno = ENOENT;
	return 0;
}

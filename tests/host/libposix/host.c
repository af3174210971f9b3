/*
 * What libposix has from its start files, on this machine: one thread, and no locks.
 */
#include "libposix/src/internal/libc.h"

#include <string.h>

struct libc __libc = { .page_size = 4096 };
int __threaded;

struct thread *__self_here(void)
{
	static struct thread only;

	return &only;
}

int *__errno_location(void)
{
	return &__self_here()->errno_value;
}

long __syscall_ret(long raw)
{
	if (raw < 0 && raw >= -4095) {
		__self_here()->errno_value = (int)-raw;
		return -1;
	}
	return raw;
}

void __lock(int *lock)
{
	*lock = 1;
}

void __unlock(int *lock)
{
	*lock = 0;
}

/* The C library of this machine has none. */
size_t strlcpy(char *restrict dst, const char *restrict src, size_t size)
{
	size_t n = strlen(src), k = n < size ? n : size - 1;

	if (size) {
		memcpy(dst, src, k);
		dst[k] = 0;
	}
	return n;
}

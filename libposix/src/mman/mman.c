/*
 * mman.c - mapping memory: mmap(2) and its relatives, brk(2).
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

void *mmap(void *addr, size_t len, int prot, int flags, int fd, off_t offset)
{
	return (void *)RET(SC(__NR_mmap, addr, len, prot, flags, fd, offset));
}

int munmap(void *addr, size_t len)
{
	return (int)RET(SC(__NR_munmap, addr, len));
}

int mprotect(void *addr, size_t len, int prot)
{
	return (int)RET(SC(__NR_mprotect, addr, len, prot));
}

void *mremap(void *addr, size_t old, size_t len, int flags, ...)
{
	va_list ap;
	void *to;

	va_start(ap, flags);
	to = flags & MREMAP_FIXED ? va_arg(ap, void *) : NULL;
	va_end(ap);
	return (void *)RET(SC(__NR_mremap, addr, old, len, flags, to));
}

int madvise(void *addr, size_t len, int advice)
{
	return (int)RET(SC(__NR_madvise, addr, len, advice));
}

int msync(void *addr, size_t len, int flags)
{
	return (int)RET(SC(__NR_msync, addr, len, flags));
}

/* The kernel answers with the break as it then is, whether or not it moved. */
int brk(void *end)
{
	if ((void *)SC(__NR_brk, end) == end)
		return 0;
	errno = ENOMEM;
	return -1;
}

void *sbrk(intptr_t step)
{
	char *now = (char *)SC(__NR_brk, 0);

	if (step && brk(now + step))
		return (void *)-1;
	return now;
}

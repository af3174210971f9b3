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

void *mremap(void *addr, size_t old, size_t len, int flags, ...)
{
	va_list ap;
	void *to;

	va_start(ap, flags);
	to = flags & MREMAP_FIXED ? va_arg(ap, void *) : NULL;
	va_end(ap);
	return (void *)RET(SC(__NR_mremap, addr, old, len, flags, to));
}

int posix_madvise(void *addr, size_t len, int advice)
{
	/* Linux' MADV_DONTNEED throws private pages away: more than advice. */
	if (advice == POSIX_MADV_DONTNEED)
		return 0;
	return (int)-SC(__NR_madvise, addr, len, advice);
}

int munmap(void *addr, size_t len)
{
	return (int)RET(SC(__NR_munmap, addr, len));
}

int mprotect(void *addr, size_t len, int prot)
{
	return (int)RET(SC(__NR_mprotect, addr, len, prot));
}

int madvise(void *addr, size_t len, int advice)
{
	return (int)RET(SC(__NR_madvise, addr, len, advice));
}

int msync(void *addr, size_t len, int flags)
{
	return (int)RET(SCC(__NR_msync, addr, len, flags));
}

int mlock(const void *addr, size_t len)
{
	return (int)RET(SC(__NR_mlock, addr, len));
}

int mlock2(const void *addr, size_t len, unsigned int flags)
{
	return (int)RET(SC(__NR_mlock2, addr, len, flags));
}

int munlock(const void *addr, size_t len)
{
	return (int)RET(SC(__NR_munlock, addr, len));
}

int mlockall(int flags)
{
	return (int)RET(SC(__NR_mlockall, flags));
}

int munlockall(void)
{
	return (int)RET(SC(__NR_munlockall));
}

int mincore(void *addr, size_t len, unsigned char *pages)
{
	return (int)RET(SC(__NR_mincore, addr, len, pages));
}

int remap_file_pages(void *addr, size_t len, int prot, size_t page, int flags)
{
	return (int)RET(SC(__NR_remap_file_pages, addr, len, prot, page, flags));
}

int pkey_alloc(unsigned int flags, unsigned int rights)
{
	return (int)RET(SC(__NR_pkey_alloc, flags, rights));
}

int pkey_free(int key)
{
	return (int)RET(SC(__NR_pkey_free, key));
}

int pkey_mprotect(void *addr, size_t len, int prot, int key)
{
	return (int)RET(SC(__NR_pkey_mprotect, addr, len, prot, key));
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

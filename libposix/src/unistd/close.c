/*
 * close.c - close(2). Linux has closed the descriptor when it answers EINTR: trying
 * again might close somebody else's.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <unistd.h>

int close(int fd)
{
	long raw = SCC(__NR_close, fd);

	return (int)RET(raw == -EINTR ? 0 : raw);
}

int posix_close(int fd, int flags)
{
	(void)flags;
	return close(fd);
}

/*
 * fd.c - descriptors themselves: duplicates, pipes, fcntl(2), ioctl(2).
 */
#include "../internal/syscall.h"

#include <fcntl.h>
#include <stdarg.h>
#include <sys/ioctl.h>
#include <unistd.h>

int dup(int fd)
{
	return (int)RET(SC(__NR_dup, fd));
}

/* dup3(2) refuses equal descriptors; dup2 only checks that there is one. */
int dup2(int fd, int to)
{
	if (fd == to)
		return fcntl(fd, F_GETFD) < 0 ? -1 : to;
	return (int)RET(SC(__NR_dup3, fd, to, 0));
}

int dup3(int fd, int to, int flags)
{
	return (int)RET(SC(__NR_dup3, fd, to, flags));
}

int pipe2(int fds[2], int flags)
{
	return (int)RET(SC(__NR_pipe2, fds, flags));
}

int pipe(int fds[2])
{
	return pipe2(fds, 0);
}

int fcntl(int fd, int cmd, ...)
{
	va_list ap;
	long arg;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)RET(SC(__NR_fcntl, fd, cmd, arg));
}

int ioctl(int fd, unsigned long request, ...)
{
	va_list ap;
	long arg;

	va_start(ap, request);
	arg = va_arg(ap, long);
	va_end(ap);
	return (int)RET(SC(__NR_ioctl, fd, request, arg));
}

int isatty(int fd)
{
	struct winsize ws;

	return ioctl(fd, TIOCGWINSZ, &ws) == 0;
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)RET(SC(__NR_close_range, first, last, flags));
}

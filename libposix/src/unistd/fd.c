/*
 * fd.c - descriptors themselves: duplicates, pipes, fcntl(2), ioctl(2).
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
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

/* F_SETLKW waits, and is a cancellation point. F_GETOWN of a group is negative and no error. */
int fcntl(int fd, int cmd, ...)
{
	struct f_owner_ex ex;
	va_list ap;
	long arg, raw;

	va_start(ap, cmd);
	arg = va_arg(ap, long);
	va_end(ap);
	if (cmd == F_SETLKW || cmd == F_OFD_SETLKW)
		return (int)RET(SCC(__NR_fcntl, fd, cmd, arg));
	if (cmd == F_GETOWN) {
		raw = SC(__NR_fcntl, fd, F_GETOWN_EX, &ex);
		if (!raw)
			return ex.type == F_OWNER_PGRP ? -ex.pid : ex.pid;
	}
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

int flock(int fd, int op)
{
	return (int)RET(SC(__NR_flock, fd, op));
}

int lockf(int fd, int op, off_t size)
{
	struct flock l = { .l_type = F_WRLCK, .l_whence = SEEK_CUR, .l_len = size };

	switch (op) {
	case F_ULOCK:
		l.l_type = F_UNLCK;
		return fcntl(fd, F_SETLK, &l);
	case F_LOCK:
		return fcntl(fd, F_SETLKW, &l);
	case F_TLOCK:
		return fcntl(fd, F_SETLK, &l);
	case F_TEST:
		if (fcntl(fd, F_GETLK, &l))
			return -1;
		if (l.l_type == F_UNLCK || l.l_pid == getpid())
			return 0;
		errno = EACCES;
		return -1;
	default:
		errno = EINVAL;
		return -1;
	}
}

int isfdtype(int fd, int type)
{
	struct stat st;

	return fstat(fd, &st) ? -1 : (int)(st.st_mode & S_IFMT) == type;
}

int close_range(unsigned int first, unsigned int last, int flags)
{
	return (int)RET(SC(__NR_close_range, first, last, flags));
}

void closefrom(int first)
{
	close_range(first < 0 ? 0 : (unsigned int)first, ~0u, 0);
}

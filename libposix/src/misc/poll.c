/*
 * poll.c - waiting for descriptors: poll(2), epoll(7), eventfd(2).
 */
#include "../internal/syscall.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/sendfile.h>
#include <unistd.h>

#define SET_BYTES 8

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec left;

	/* The kernel writes the time that is left into what it is given. */
	if (timeout)
		left = *timeout;
	return (int)RET(SC(__NR_ppoll, fds, count, timeout ? &left : NULL, mask, SET_BYTES));
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };

	return ppoll(fds, count, ms < 0 ? NULL : &ts, NULL);
}

int epoll_create1(int flags)
{
	return (int)RET(SC(__NR_epoll_create1, flags));
}

int epoll_create(int size)
{
	(void)size;
	return epoll_create1(0);
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	return (int)RET(SC(__NR_epoll_ctl, epfd, op, fd, ev));
}

int epoll_pwait(int epfd, struct epoll_event *ev, int count, int ms, const sigset_t *mask)
{
	return (int)RET(SC(__NR_epoll_pwait, epfd, ev, count, ms, mask, SET_BYTES));
}

int epoll_wait(int epfd, struct epoll_event *ev, int count, int ms)
{
	return epoll_pwait(epfd, ev, count, ms, NULL);
}

int eventfd(unsigned int value, int flags)
{
	return (int)RET(SC(__NR_eventfd2, value, flags));
}

ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
	return RET(SC(__NR_sendfile, out, in, offset, count));
}

/*
 * poll.c - waiting for descriptors: poll(2), select(2), epoll(7). Cancellation points.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <sys/epoll.h>
#include <sys/select.h>

#define SET_BYTES 8

int ppoll(struct pollfd *fds, nfds_t count, const struct timespec *timeout, const sigset_t *mask)
{
	struct timespec left;

	/* The kernel writes the time that is left into what it is given. */
	if (timeout)
		left = *timeout;
	return (int)RET(SCC(__NR_ppoll, fds, count, timeout ? &left : NULL, mask, SET_BYTES));
}

int poll(struct pollfd *fds, nfds_t count, int ms)
{
	struct timespec ts = { .tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000l };

	return ppoll(fds, count, ms < 0 ? NULL : &ts, NULL);
}

int pselect(int count, fd_set *__restrict in, fd_set *__restrict out, fd_set *__restrict except,
	    const struct timespec *__restrict timeout, const sigset_t *__restrict mask)
{
	struct {
		const sigset_t *mask;
		size_t size;
	} both = { mask, SET_BYTES };
	struct timespec left;

	if (timeout)
		left = *timeout;
	return (int)RET(SCC(__NR_pselect6, count, in, out, except, timeout ? &left : NULL, &both));
}

/* As on Linux, the time that is left comes back. */
int select(int count, fd_set *__restrict in, fd_set *__restrict out, fd_set *__restrict except,
	   struct timeval *__restrict timeout)
{
	struct timespec left;
	long raw;

	if (timeout) {
		if (timeout->tv_sec < 0 || timeout->tv_usec < 0)
			return (int)RET(-EINVAL);
		left.tv_sec = timeout->tv_sec + timeout->tv_usec / 1000000;
		left.tv_nsec = timeout->tv_usec % 1000000 * 1000;
	}
	raw = SCC(__NR_pselect6, count, in, out, except, timeout ? &left : NULL, NULL);
	if (timeout) {
		timeout->tv_sec = left.tv_sec;
		timeout->tv_usec = left.tv_nsec / 1000;
	}
	return (int)RET(raw);
}

int epoll_create1(int flags)
{
	return (int)RET(SC(__NR_epoll_create1, flags));
}

int epoll_create(int size)
{
	if (size <= 0)
		return (int)RET(-EINVAL);
	return epoll_create1(0);
}

int epoll_ctl(int epfd, int op, int fd, struct epoll_event *ev)
{
	return (int)RET(SC(__NR_epoll_ctl, epfd, op, fd, ev));
}

int epoll_pwait(int epfd, struct epoll_event *ev, int count, int ms, const sigset_t *mask)
{
	return (int)RET(SCC(__NR_epoll_pwait, epfd, ev, count, ms, mask, SET_BYTES));
}

int epoll_wait(int epfd, struct epoll_event *ev, int count, int ms)
{
	return epoll_pwait(epfd, ev, count, ms, NULL);
}

int epoll_pwait2(int epfd, struct epoll_event *ev, int count, const struct timespec *timeout,
		 const sigset_t *mask)
{
	return (int)RET(SCC(__NR_epoll_pwait2, epfd, ev, count, timeout, mask, SET_BYTES));
}

/*
 * packetdrill's calls that ask what is ready: poll, epoll; and pipes, which splice fills.
 */
#include "packetdrill.h"

#include <uapi/epoll.h>
#include <uapi/errno.h>

#include "core/sched.h"
#include "fs/epoll.h"
#include "lib/string.h"

/* What epoll.c asks of the machine: there is enough of all. */
u64 ram_pages = 1 << 16;

u64 user_charge(u32 uid __unused, enum user_count what __unused, u64 limit __unused)
{
	return 1;
}

void user_uncharge(u32 uid __unused, enum user_count what __unused)
{
}

static int count_ready(struct pollfd_host *fds, unsigned long n)
{
	int ready = 0;

	for (unsigned long i = 0; i < n; i++) {
		struct pd_entry *e = pd_entry(fds[i].fd);
		u32 ev = e && e->sk ? e->sk->ops->poll(e->sk, &e->file, NULL) : 0x20;

		fds[i].revents =
			(short)(ev & ((u32)(u16)fds[i].events | EPOLLERR | EPOLLHUP | 0x20));
		ready += fds[i].revents != 0;
	}
	return ready;
}

static struct {
	struct pollfd_host *fds;
	unsigned long n;
} polled;

static bool poll_ready(void *sk)
{
	(void)sk;
	return count_ready(polled.fds, polled.n) != 0;
}

int pd_poll(void *u, struct pollfd_host *fds, unsigned long n, int timeout)
{
	int ready;

	(void)u;
	pd_lock();
	ready = count_ready(fds, n);
	if (!ready && timeout) {
		polled.fds = fds;
		polled.n = n;
		pd_wait(NULL, NULL, poll_ready,
			timeout < 0 ? WAIT_FOREVER : world_now + (u64)timeout * NSEC_PER_MSEC);
		ready = count_ready(fds, n);
	}
	return (int)pd_done(ready);
}

/* As the C library of the machine that packetdrill runs on has it. */
struct epoll_event_host {
	u32 events;
	u64 data;
} __attribute__((packed));

int pd_epoll_create(void *u, int size)
{
	int fd;

	(void)u;
	(void)size;
	pd_lock();
	fd = pd_new_entry();
	pd_entry(fd)->epoll = epoll_create_file();
	return (int)pd_done(fd);
}

int pd_epoll_ctl(void *u, int ep, int op, int fd, void *event)
{
	struct socket *sk = pd_begin(fd);
	const struct epoll_event_host *h = event;
	struct epoll_event ev = { 0 };
	struct pd_entry *e = pd_entry(ep);

	(void)u;
	if (!e || !e->epoll || !sk)
		return (int)pd_done(-EBADF);
	if (h)
		ev = (struct epoll_event){ .events = h->events, .data = h->data };
	return (int)pd_done(epoll_control(e->epoll, op, fd, &pd_entry(fd)->file, &ev));
}

int pd_epoll_wait(void *u, int ep, void *events, int n, int timeout)
{
	struct epoll_event_host *h = events;
	struct epoll_event got[16];
	struct pd_entry *e;
	int ret;

	(void)u;
	pd_begin(-1);
	e = pd_entry(ep);
	if (!e || !e->epoll)
		return (int)pd_done(-EBADF);
	ret = epoll_wait_file(e->epoll, got, min(n, (int)ARRAY_SIZE(got)),
			      timeout < 0 ? WAIT_FOREVER :
			      timeout	  ? world_now + (u64)timeout * NSEC_PER_MSEC :
					    0);
	for (int i = 0; i < ret; i++)
		h[i] = (struct epoll_event_host){ got[i].events, got[i].data };
	return (int)pd_done(ret);
}

/* What goes into a pipe is not looked at. */
int pd_pipe(void *u, int fds[2])
{
	(void)u;
	pd_lock();
	for (int i = 0; i < 2; i++) {
		fds[i] = pd_new_entry();
		pd_entry(fds[i])->pipe = true;
	}
	return (int)pd_done(0);
}

int pd_splice(void *u, int in, s64 *off_in, int out, s64 *off_out, size_t n, unsigned flags)
{
	static u8 bytes[65536];
	struct pd_entry *e = pd_entry(out);

	(void)off_in;
	(void)off_out;
	if (!e || !e->pipe || !pd_entry(in) || !pd_entry(in)->sk) {
		*__errno_location() = EINVAL;
		return -1;
	}
	return (int)pd_recv(u, in, bytes, min(n, sizeof(bytes)), (int)flags ? MSG_DONTWAIT : 0);
}

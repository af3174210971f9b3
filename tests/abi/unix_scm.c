/* Files and credentials in messages: unix(7), cmsg(3), SCM_RIGHTS, SCM_CREDENTIALS. */
#include "abi.h"
#include <poll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

union control {
	struct cmsghdr align;
	char buf[2048];
};

static ssize_t send_fds(int s, const int *fds, int n, int flags)
{
	union control c = { .buf = { 0 } };
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = CMSG_SPACE((size_t)n * sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN((size_t)n * sizeof(int));
	memcpy(CMSG_DATA(h), fds, (size_t)n * sizeof(int));
	return sendmsg(s, &m, flags);
}

/* Receives into `room` bytes of control; says what came. The descriptors go to fds. */
static int receive(int s, size_t room, int flags, int *fds)
{
	union control c;
	char data[32];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room ? &c : NULL,
			    .msg_controllen = room };
	int n = 0;

	memset(&c, 0, sizeof(c));
	ssize_t r = recvmsg(s, &m, flags | MSG_DONTWAIT);
	if (r < 0) {
		say("recvmsg: %s\n", ename(errno));
		return 0;
	}
	say("recvmsg: %zd bytes, flags %x, control %zu\n", r, m.msg_flags, m.msg_controllen);
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_type == SCM_RIGHTS) {
			n = (int)((h->cmsg_len - CMSG_LEN(0)) / sizeof(int));
			say("  rights: length %zu, %d files\n", (size_t)h->cmsg_len, n);
			if (fds)
				memcpy(fds, CMSG_DATA(h), (size_t)n * sizeof(int));
			else
				for (int i = 0; i < n; i++)
					close(((int *)CMSG_DATA(h))[i]);
		} else if (h->cmsg_type == SCM_CREDENTIALS) {
			struct ucred *u = (struct ucred *)CMSG_DATA(h);

			say("  credentials: length %zu, %s %d %d\n", (size_t)h->cmsg_len,
			    u->pid == getpid()	? "me" :
			    u->pid == getppid() ? "parent" :
			    u->pid		? "other" :
						  "none",
			    u->uid, u->gid);
		} else {
			say("  type %d\n", h->cmsg_type);
		}
	}
	return n;
}

static void files(int type)
{
	int s[2], p[2], got[300], fds[300];
	char buf[32];

	SECTION(type == SOCK_STREAM ? "files on a stream" : "files with datagrams");
	MUST(socketpair(AF_UNIX, type, 0, s));
	MUST(pipe(p));
	R(send_fds(s[0], p, 2, 0));
	R(receive(s[1], 256, MSG_CMSG_CLOEXEC, got));
	R(fcntl(got[0], F_GETFD));
	close(p[0]);
	close(p[1]);
	R(write(got[1], "through", 7));
	R(read(got[0], buf, sizeof(buf)));
	fds[0] = 99;
	R(send_fds(s[0], fds, 1, 0));
	for (int i = 0; i < 300; i++)
		fds[i] = got[0];
	R(send_fds(s[0], fds, 253, 0));
	R(send_fds(s[0], fds, 254, 0));
	R(receive(s[1], 100, 0, NULL));
	R(send_fds(s[0], got, 2, 0));
	R(receive(s[1], 0, 0, NULL));
	R(send_fds(s[0], got, 2, 0));
	R(receive(s[1], CMSG_LEN(4), 0, NULL));
	R(send_fds(s[0], got, 2, 0));
	R(receive(s[1], 8, 0, NULL));
	R(send_fds(s[0], got, 2, 0));
	R(receive(s[1], 256, MSG_PEEK, NULL));
	R(receive(s[1], 256, 0, NULL));
	R(send_fds(s[0], got, 1, 0));
	R(send_fds(s[0], got, 2, 0));
	R(send(s[0], "tail", 4, 0));
	R(receive(s[1], 256, 0, NULL));
	R(receive(s[1], 256, 0, NULL));
	R(receive(s[1], 256, 0, NULL));
	R(send(s[0], "head", 4, 0));
	R(send_fds(s[0], got, 1, 0));
	R(receive(s[1], 256, 0, NULL));
	R(receive(s[1], 256, 0, NULL));
	R(send_fds(s[0], got, 1, 0));
	R(read(s[1], buf, sizeof(buf)));

	/* No descriptor is left for what comes. */
	struct rlimit old, none = { 0, 0 };
	R(send_fds(s[0], got, 1, 0));
	getrlimit(RLIMIT_NOFILE, &old);
	none.rlim_max = old.rlim_max;
	setrlimit(RLIMIT_NOFILE, &none);
	R(receive(s[1], 256, 0, NULL));
	setrlimit(RLIMIT_NOFILE, &old);
	close(got[0]);
	close(got[1]);
	close(s[0]);
	close(s[1]);
}

static ssize_t send_raw(int s, int level, int type, size_t len, size_t total, const void *data,
			size_t n)
{
	union control c = { .buf = { 0 } };
	struct iovec iov = { "r", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c,
			    .msg_controllen = total };

	c.align.cmsg_level = level;
	c.align.cmsg_type = type;
	c.align.cmsg_len = len;
	memcpy(CMSG_DATA(&c.align), data, n);
	return sendmsg(s, &m, 0);
}

static void credentials(void)
{
	struct ucred me = { getpid(), getuid(), getgid() }, c;
	int s[2], on = 1;

	SECTION("credentials");
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	R(send(s[0], "none", 4, 0));
	R(setsockopt(s[1], SOL_SOCKET, SO_PASSCRED, &on, sizeof(on)));
	R(receive(s[1], 256, 0, NULL));
	R(send(s[0], "mine", 4, 0));
	R(receive(s[1], 256, 0, NULL));
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), CMSG_SPACE(12), &me, 12));
	R(receive(s[1], 256, 0, NULL));
	c = me;
	c.pid = 1;
	c.uid = 5;
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), CMSG_SPACE(12), &c, 12));
	R(send(s[0], "mine", 4, 0));
	R(receive(s[1], 256, 0, NULL));
	R(receive(s[1], 256, 0, NULL));
	c.pid = 4000000;
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), CMSG_SPACE(12), &c, 12));
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(8), CMSG_SPACE(12), &me, 12));
	R(send_raw(s[0], SOL_SOCKET, 77, CMSG_LEN(4), CMSG_SPACE(4), &me, 4));
	R(send_raw(s[0], 77, 77, CMSG_LEN(4), CMSG_SPACE(4), &me, 4));
	R(send_raw(s[0], SOL_SOCKET, SCM_RIGHTS, 8, CMSG_SPACE(4), &me, 4));
	R(send_raw(s[0], SOL_SOCKET, SCM_RIGHTS, 100, CMSG_SPACE(4), &me, 4));
	R(send_raw(s[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(0), CMSG_SPACE(0), &me, 0));
	R(send_raw(s[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), 8, &me, 4));
	R(receive(s[1], CMSG_LEN(4), 0, NULL));
	R(receive(s[1], 64, 0, NULL));
	MUST(setuid(1000));
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), CMSG_SPACE(12), &me, 12));
	me.uid = 1000;
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), CMSG_SPACE(12), &me, 12));
	me.pid = 1;
	R(send_raw(s[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), CMSG_SPACE(12), &me, 12));
	struct rlimit few = { 20, 20 };
	setrlimit(RLIMIT_NOFILE, &few);
	int i, e = 0, fds[10] = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0 };
	for (i = 0; i < 10 && !e; i++)
		if (send_fds(s[0], fds, 10, 0) < 0)
			e = errno;
	say("in flight: %d sent, then %s\n", i - 1, ename(e));
}

/* A socket's end is when the kernel looks for others that nobody has any more. */
static void end_one(void)
{
	int s[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	close(s[0]);
	close(s[1]);
}

/* Sockets that only messages to each other hold are collected: their pipe's end goes. */
static void cycles(void)
{
	int a[2], b[2], p[2];
	struct pollfd pf;

	SECTION("cycles");
	for (int round = 0; round < 3; round++) {
		MUST(pipe(p));
		MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, a));
		MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, b));
		MUST(send_fds(a[0], a, 2, 0));
		MUST(send_fds(a[0], &p[1], 1, 0));
		if (round) {
			MUST(send_fds(b[0], &b[0], 1, 0));
			MUST(send_fds(b[0], &a[1], 1, 0));
			MUST(send_fds(a[0], &b[1], 1, 0));
		}
		close(p[1]);
		close(b[0]);
		if (round < 2)
			close(b[1]);
		close(a[0]);
		close(a[1]);
		end_one();
		pf = (struct pollfd){ .fd = p[0], .events = POLLIN };
		if (round < 2) {
			int r = poll(&pf, 1, 5000);

			say("collected: %d %x\n", r, pf.revents);
		} else {
			int r = poll(&pf, 1, 100);

			say("held: %d %x\n", r, pf.revents);
			int got[4];
			R(receive(b[1], 64, 0, got));
			R(receive(b[1], 64, 0, got));
			R(receive(got[0], 64, 0, NULL));
			close(got[0]);
			close(b[1]);
			end_one();
			r = poll(&pf, 1, 5000);
			say("collected: %d %x\n", r, pf.revents);
		}
		close(p[0]);
	}
	/* A chain of sockets each in the queue of the next: no stack for each when it goes. */
	int held = -1, n;
	for (n = 0; n < 2000; n++) {
		MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, a));
		if (held >= 0) {
			if (send_fds(a[0], &held, 1, 0) < 0)
				break;
			close(held);
		}
		close(a[0]);
		held = a[1];
	}
	close(held);
	say("a chain of %d\n", n);
}

int main(void)
{
	alarm(25);
	files(SOCK_STREAM);
	files(SOCK_DGRAM);
	cycles();
	in_child("credentials", credentials);
	return 0;
}

/* Pidfds of who is at the other end: SO_PEERPIDFD, SO_PASSPIDFD and SCM_PIDFD of unix(7). */
#include "abi.h"
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/un.h>

#ifndef SO_PASSPIDFD
#define SO_PASSPIDFD 76
#define SO_PEERPIDFD 77
#endif
#define SCM_PIDFD 4

union control {
	struct cmsghdr align;
	char buf[256];
};

/* Whom a pidfd names, by its entry in /proc. */
static const char *named(int fd)
{
	char path[64], line[256];
	const char *who = "?";
	int pid = -2;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", fd);
	f = fopen(path, "r");
	while (f && fgets(line, sizeof(line), f))
		if (sscanf(line, "Pid: %d", &pid) == 1)
			who = pid == getpid() ? "me" : pid == getppid() ? "parent" : pid > 0 ? "other" : "gone";
	if (f)
		fclose(f);
	return who;
}

static void peer(const char *what, int s)
{
	int fd = -7;
	socklen_t len = sizeof(fd);

	if (getsockopt(s, SOL_SOCKET, SO_PEERPIDFD, &fd, &len) < 0) {
		say("%s: %s, length %u\n", what, ename(errno), len);
		return;
	}
	say("%s: length %u, %s, close on exec %d\n", what, len, named(fd), fcntl(fd, F_GETFD));
	close(fd);
}

static void receive(const char *what, int s, size_t room, int flags)
{
	union control c;
	char data[32];
	struct iovec iov = { data, sizeof(data) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = room ? &c : NULL, .msg_controllen = room };
	int fd;

	memset(&c, 0, sizeof(c));
	ssize_t r = recvmsg(s, &m, flags | MSG_DONTWAIT);
	if (r < 0) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	say("%s: %zd bytes, flags %x, control %zu\n", what, r, m.msg_flags, m.msg_controllen);
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		memcpy(&fd, CMSG_DATA(h), sizeof(fd));
		if (h->cmsg_type != SCM_PIDFD) {
			say("  type %d length %zu\n", h->cmsg_type, (size_t)h->cmsg_len);
			if (h->cmsg_type == SCM_RIGHTS)
				close(fd);
		} else if (fd < 0) {
			say("  pidfd: length %zu, %s\n", (size_t)h->cmsg_len, ename(-fd));
		} else {
			say("  pidfd: length %zu, %s, close on exec %d\n", (size_t)h->cmsg_len, named(fd),
			    fcntl(fd, F_GETFD));
			close(fd);
		}
	}
}

static void on(int s, int option)
{
	MUST(setsockopt(s, SOL_SOCKET, option, &(int){ 1 }, sizeof(int)));
}

static void send_pidfd(int s)
{
	union control c = { .buf = { 0 } };
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = CMSG_SPACE(sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_PIDFD;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	R(sendmsg(s, &m, 0));
}

static void peers(void)
{
	struct sockaddr_un a = { AF_UNIX, "name" };
	int pair[2], l, c, d, fd;
	socklen_t len = 2;
	pid_t pid;

	SECTION("SO_PEERPIDFD");
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
	peer("pair", pair[0]);
	R(getsockopt(pair[0], SOL_SOCKET, SO_PEERPIDFD, &fd, &len));
	say("length %u\n", len);
	R(getsockopt(pair[0], SOL_SOCKET, SO_PEERPIDFD, &fd, NULL));
	R(setsockopt(pair[0], SOL_SOCKET, SO_PEERPIDFD, &fd, sizeof(fd)));
	l = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	peer("new", l);
	MUST(bind(l, (struct sockaddr *)&a, sizeof(a)));
	peer("bound", l);
	MUST(listen(l, 5));
	peer("listens", l);
	pid = MUST(fork());
	if (!pid) {
		c = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
		MUST(connect(c, (struct sockaddr *)&a, sizeof(a)));
		peer("connected", c);
		_exit(0);
	}
	d = MUST(accept(l, NULL, NULL));
	struct pollfd gone = { d, POLLIN, 0 };
	poll(&gone, 1, -1);
	siginfo_t si;
	MUST(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	peer("accepted, it is dead", d);
	MUST(waitpid(pid, NULL, 0));
	peer("reaped", d);
	c = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	peer("datagrams", c);
	c = MUST(socket(AF_INET, SOCK_STREAM, 0));
	peer("inet", c);
}

static void messages(int type)
{
	int pair[2], v = 5;
	socklen_t len = sizeof(v);
	pid_t pid;

	SECTION(type == SOCK_STREAM ? "stream" : "datagrams");
	MUST(socketpair(AF_UNIX, type, 0, pair));
	R(getsockopt(pair[0], SOL_SOCKET, SO_PASSPIDFD, &v, &len));
	say("off %d\n", v);
	MUST(send(pair[1], "ab", 2, 0));
	on(pair[0], SO_PASSPIDFD);
	R(getsockopt(pair[0], SOL_SOCKET, SO_PASSPIDFD, &v, &len));
	say("on %d\n", v);
	receive("sent before", pair[0], 256, 0);
	MUST(send(pair[1], "ab", 2, 0));
	receive("peek", pair[0], 256, MSG_PEEK);
	receive("mine", pair[0], 256, 0);
	MUST(send(pair[1], "ab", 2, 0));
	receive("no room", pair[0], 0, 0);
	MUST(send(pair[1], "ab", 2, 0));
	receive("19 bytes", pair[0], 19, 0);
	MUST(send(pair[1], "ab", 2, 0));
	receive("20 bytes", pair[0], 20, 0);
	pid = MUST(fork());
	if (!pid) {
		MUST(send(pair[1], "child", 5, 0));
		_exit(0);
	}
	siginfo_t si;
	MUST(waitid(P_PID, pid, &si, WEXITED | WNOWAIT));
	MUST(send(pair[1], "me", 2, 0));
	receive("of a dead one", pair[0], 256, MSG_PEEK);
	MUST(waitpid(pid, NULL, 0));
	receive("of a reaped one", pair[0], 256, 0);
	receive("mine", pair[0], 256, 0);
	on(pair[0], SO_PASSCRED);
	union control c = { .buf = { 0 } };
	struct iovec iov = { "f", 1 };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = CMSG_SPACE(sizeof(int)) };
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	MUST(sendmsg(pair[1], &m, 0));
	receive("all kinds", pair[0], 256, 0);
	send_pidfd(pair[1]);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	peers();
	messages(SOCK_STREAM);
	messages(SOCK_DGRAM);
	return 0;
}

/* AF_UNIX datagrams and records: unix(7), send(2), recv(2), sendmmsg(2), recvmmsg(2). */
#include "abi.h"
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>

static void *volatile bad_address = (void *)8;

static struct sockaddr_un at(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	strcpy(a.sun_path, path);
	return a;
}

static int bound(const char *path)
{
	struct sockaddr_un a = at(path);
	int s = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));

	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static int writable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };

	poll(&p, 1, 0);
	return p.revents;
}

static void show_from(int fd, int flags)
{
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	char buf[16];
	ssize_t n;

	memset(&from, 0, sizeof(from));
	n = recvfrom(fd, buf, sizeof(buf), flags | MSG_DONTWAIT, (struct sockaddr *)&from, &len);
	if (n < 0)
		say("recvfrom: %s\n", ename(errno));
	else
		say("recvfrom: %zd bytes from %s, length %d\n", n, len > 2 ? from.sun_path : "nobody",
		    (int)len);
}

static void by_address(void)
{
	struct sockaddr_un a = at("a"), b = at("b"), none = { .sun_family = AF_UNSPEC };
	int sa = bound("a"), sb = bound("b"), c = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	static char big[400000];
	char buf[16];

	SECTION("by address");
	R(send(c, "x", 1, 0));
	R(sendto(c, "hello", 5, 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(sb, "from b", 6, 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(sb, "", 0, 0, (struct sockaddr *)&a, sizeof(a)));
	int n = -1;
	R(ioctl(sa, FIONREAD, &n));
	say("next %d\n", n);
	show_from(sa, MSG_PEEK);
	show_from(sa, 0);
	show_from(sa, 0);
	show_from(sa, 0);
	show_from(sa, 0);
	R(sendto(c, "long message", 12, 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(c, "long message", 12, 0, (struct sockaddr *)&a, sizeof(a)));
	R(recv(sa, buf, 4, 0));
	R(recv(sa, buf, 4, MSG_TRUNC));
	R(sendto(c, big, sizeof(big), 0, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(c, big, 100000, 0, (struct sockaddr *)&a, sizeof(a)));
	R(recv(sa, big, sizeof(big), 0));
	struct sockaddr_un nowhere = at("nowhere");
	R(sendto(c, "x", 1, 0, (struct sockaddr *)&nowhere, sizeof(nowhere)));
	R(sendto(c, "x", 1, MSG_OOB, (struct sockaddr *)&a, sizeof(a)));
	R(listen(sa, 1));
	R(accept(sa, NULL, NULL));

	SECTION("connected");
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	R(send(c, "x", 1, 0));
	R(connect(sa, (struct sockaddr *)&b, sizeof(b)));
	R(send(c, "x", 1, 0));
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	R(sendto(c, "x", 1, 0, (struct sockaddr *)&b, sizeof(b)));
	R(connect(c, (struct sockaddr *)&none, sizeof(none)));
	R(send(c, "x", 1, 0));
	R(connect(sa, (struct sockaddr *)&none, sizeof(sa_family_t)));
	R(connect(sa, (struct sockaddr *)&none, 1));
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	close(sa);
	R(send(c, "x", 1, 0));
	R(send(c, "x", 1, 0));
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	close(c);
	close(sb);
	unlink("a");
	unlink("b");
}

static void queue(void)
{
	struct sockaddr_un a = at("q");
	int s = bound("q"), c = MUST(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0)), i;
	char buf[16];

	SECTION("a full queue");
	MUST(connect(c, (struct sockaddr *)&a, sizeof(a)));
	for (i = 0; send(c, "x", 1, 0) == 1; i++)
		;
	say("%d sent, then %s; writable %d\n", i, ename(errno), writable(c));
	R(recv(s, buf, 1, 0));
	say("writable %d\n", writable(c));
	R(send(c, "x", 1, 0));
	pid_t pid = MUST(fork());
	if (!pid) {
		usleep(20000);
		MUST(recv(s, buf, 1, 0));
		_exit(0);
	}
	struct pollfd p = { .fd = c, .events = POLLOUT };
	R(poll(&p, 1, 5000));
	say("revents %d\n", p.revents);
	waitpid(pid, NULL, 0);
	R(send(c, "x", 1, 0));
	fcntl(c, F_SETFL, 0);
	pid = MUST(fork());
	if (!pid) {
		usleep(20000);
		MUST(recv(s, buf, 1, 0));
		_exit(0);
	}
	R(send(c, "waits", 5, 0));
	waitpid(pid, NULL, 0);
	R(shutdown(s, SHUT_RD));
	R(send(c, "x", 1, MSG_NOSIGNAL));
	R(send(c, "x", 1, 0));
	close(s);
	close(c);
	unlink("q");

	SECTION("pairs");
	int d[2];
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, d));
	fcntl(d[0], F_SETFL, O_NONBLOCK);
	for (i = 0; i < 100 && send(d[0], "x", 1, 0) == 1; i++)
		;
	say("%d sent\n", i);
	shutdown(d[1], SHUT_RD);
	R(recv(d[1], buf, 1, 0));
	while (recv(d[1], buf, 1, MSG_DONTWAIT) == 1)
		;
	R(recv(d[1], buf, 1, 0));
	R(recv(d[1], buf, 1, MSG_DONTWAIT));
	close(d[1]);
	R(send(d[0], "x", 1, 0));
	R(send(d[0], "x", 1, 0));
	close(d[0]);
	MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, d));
	R(send(d[0], "one", 3, 0));
	R(send(d[0], "", 0, 0));
	R(send(d[0], "three", 5, 0));
	R(recv(d[1], buf, 2, 0));
	R(recv(d[1], buf, 2, 0));
	R(recv(d[1], buf, 16, 0));
	R(write(d[0], "write", 5));
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &iov, .msg_iovlen = 1 };
	R(recvmsg(d[1], &m, 0));
	say("flags %x\n", m.msg_flags);
	R(recvmsg(d[1], &m, MSG_DONTWAIT));
	close(d[0]);
	R(recv(d[1], buf, 2, 0));
	R(send(d[1], "x", 1, 0));
	close(d[1]);
}

static void many(void)
{
	char buf[4][8];
	struct iovec iov[4];
	struct mmsghdr m[4];
	struct timespec ts = { 0, 10000000 };
	int d[2];

	SECTION("many at once");
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, d));
	memset(m, 0, sizeof(m));
	for (int i = 0; i < 4; i++) {
		iov[i] = (struct iovec){ buf[i], (size_t)i + 1 };
		memset(buf[i], 'a' + i, 8);
		m[i].msg_hdr.msg_iov = &iov[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	R(sendmmsg(d[0], m, 3, 0));
	say("%u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	for (int i = 0; i < 4; i++)
		iov[i].iov_len = 8;
	R(recvmmsg(d[1], m, 4, MSG_DONTWAIT, NULL));
	say("%u %u %u\n", m[0].msg_len, m[1].msg_len, m[2].msg_len);
	R(recvmmsg(d[1], m, 4, MSG_DONTWAIT, NULL));
	R(sendmmsg(d[0], m, 1, 0));
	R(recvmmsg(d[1], m, 4, MSG_WAITFORONE, NULL));
	R(sendmmsg(d[0], m, 1, 0));
	R(recvmmsg(d[1], m, 1, 0, &ts));
	ts.tv_nsec = -1;
	R(recvmmsg(d[1], m, 1, MSG_DONTWAIT, &ts));
	R(recvmmsg(d[1], m, 0, MSG_DONTWAIT, NULL));
	R(sendmmsg(d[1], bad_address, 1, 0));
	R(sendmmsg(99, m, 1, 0));
	m[0].msg_hdr.msg_iovlen = 2000;
	R(sendmsg(d[0], &m[0].msg_hdr, 0));
	m[0].msg_hdr.msg_iovlen = 1;
	m[0].msg_hdr.msg_name = buf;
	m[0].msg_hdr.msg_namelen = (socklen_t)-1;
	R(sendmsg(d[0], &m[0].msg_hdr, 0));
	R(recvmsg(d[0], &m[0].msg_hdr, MSG_DONTWAIT));
	close(d[0]);
	close(d[1]);
}

int main(void)
{
	alarm(25);
	by_address();
	queue();
	many();
	return 0;
}

/* AF_UNIX streams and seqpackets: unix(7), connect(2), accept(2), shutdown(2), poll(2). */
#include "abi.h"
#include <poll.h>
#include <stddef.h>
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

static socklen_t abstract(struct sockaddr_un *a, const char *name)
{
	memset(a, 0, sizeof(*a));
	a->sun_family = AF_UNIX;
	strcpy(a->sun_path + 1, name);
	return (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name));
}

static void show_name(const char *what, int fd, int peer)
{
	struct sockaddr_un a;
	socklen_t len = sizeof(a);
	int r, named, n;

	memset(&a, 'x', sizeof(a));
	r = peer ? getpeername(fd, (struct sockaddr *)&a, &len) :
		   getsockname(fd, (struct sockaddr *)&a, &len);
	if (r < 0)
		say("%s: %s\n", what, ename(errno));
	else if (len <= 2)
		say("%s: family %d, unnamed, length %d\n", what, a.sun_family, (int)len);
	if (r < 0 || len <= 2)
		return;
	named = a.sun_path[0] != 0;
	n = (len > sizeof(a) ? (int)sizeof(a) : (int)len) - 2 - !named;
	say("%s: family %d, %s%.*s, length %d\n", what, a.sun_family, named ? "" : "@", n,
	    a.sun_path + !named, (int)len);
}

static void show_poll(const char *what, int fd)
{
	static const struct {
		int bit;
		const char *name;
	} bits[] = { { POLLIN, "IN" },	     { POLLOUT, "OUT" },   { POLLERR, "ERR" },
		     { POLLHUP, "HUP" },     { POLLRDHUP, "RDHUP" }, { POLLPRI, "PRI" },
		     { POLLNVAL, "NVAL" } };
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLRDHUP | POLLPRI };
	int n = poll(&p, 1, 0);

	say("%s: poll %d", what, n);
	for (unsigned i = 0; i < ARRAY_SIZE(bits); i++)
		if (p.revents & bits[i].bit)
			say(" %s", bits[i].name);
	say("\n");
}

static void creation(void)
{
	int fds[2];

	SECTION("creation");
	R(socket(AF_UNIX, SOCK_STREAM, 5));
	OK(socket(AF_UNIX, SOCK_STREAM, AF_UNIX));
	R(socket(AF_UNIX, SOCK_RDM, 0));
	R(socket(AF_UNIX, 77, 0));
	R(socket(AF_UNIX, 12, 0));
	R(socket(AF_UNIX, -1, 0));
	R(socket(-1, SOCK_STREAM, 0));
	R(socket(99, SOCK_STREAM, 0));
	R(socket(AF_UNIX, SOCK_STREAM | 0x100000, 0));
	R(socketpair(AF_UNIX, SOCK_STREAM, 0, bad_address));
	R(socketpair(AF_UNIX, SOCK_STREAM | 0x100000, 0, fds));
	MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds));
	R(fcntl(fds[0], F_GETFD));
	R(fcntl(fds[1], F_GETFL));
	R(lseek(fds[0], 0, SEEK_CUR));
	char c;
	R(pread(fds[0], &c, 1, 0));
	R(read(fds[0], &c, 0));
	R(read(fds[0], &c, 1));
	R(write(fds[0], "", 0));
	struct stat st;
	MUST(fstat(fds[0], &st));
	say("mode %o\n", st.st_mode);
	char link[64] = "", path[64];
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fds[0]);
	MUST(readlink(path, link, sizeof(link) - 1));
	say("link %.8s\n", link);
	R(open(path, O_RDWR));
	close(fds[0]);
	close(fds[1]);
	R(bind(0, NULL, 0));
	R(bind(99, NULL, 0));
	R(listen(99, 1));
	R(accept(0, NULL, NULL));
	R(shutdown(0, 1));
}

static void names(void)
{
	struct sockaddr_un a, b;
	socklen_t len;
	int s = MUST(socket(AF_UNIX, SOCK_STREAM, 0)), t = MUST(socket(AF_UNIX, SOCK_STREAM, 0));

	SECTION("names");
	show_name("fresh", s, 0);
	show_name("fresh peer", s, 1);
	a = at("name");
	R(bind(s, (struct sockaddr *)&a, 1));
	R(bind(s, (struct sockaddr *)&a, 111));
	R(bind(s, (struct sockaddr *)&a, 200));
	R(bind(s, (struct sockaddr *)&a, -1));
	a.sun_family = AF_INET;
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	a = at("nodir/name");
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	a = at("name");
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(bind(t, (struct sockaddr *)&a, sizeof(a)));
	show_name("bound", s, 0);
	struct stat st;
	MUST(stat("name", &st));
	say("type %o\n", st.st_mode & S_IFMT);
	R(open("name", O_RDWR));
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	len = abstract(&b, "tarn-abi-name");
	R(connect(t, (struct sockaddr *)&b, len));
	R(bind(t, (struct sockaddr *)&b, len));
	show_name("abstract", t, 0);
	int u = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	R(bind(u, (struct sockaddr *)&b, len));
	R(bind(u, (struct sockaddr *)&b, len - 1));
	close(u);
	u = MUST(socket(AF_UNIX, SOCK_DGRAM, 0));
	R(bind(u, (struct sockaddr *)&b, len));
	close(u);
	u = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	R(bind(u, (struct sockaddr *)&b, 2));
	len = sizeof(b);
	MUST(getsockname(u, (struct sockaddr *)&b, &len));
	say("autobind: length %d, %d\n", (int)len, b.sun_path[0]);
	len = 0;
	R(getsockname(s, (struct sockaddr *)&b, &len));
	say("length %d\n", (int)len);
	len = 4;
	memset(&b, 'x', sizeof(b));
	R(getsockname(s, (struct sockaddr *)&b, &len));
	say("length %d, %.4s\n", (int)len, b.sun_path);
	len = -1;
	R(getsockname(s, (struct sockaddr *)&b, &len));
	R(getsockname(s, bad_address, &len));
	char full[sizeof(a)];
	memset(full, 'p', sizeof(full));
	*(sa_family_t *)full = AF_UNIX;
	int w = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	R(bind(w, (struct sockaddr *)full, sizeof(full)));
	show_name("without NUL", w, 0);
	close(w);
	close(u);
	close(t);
	close(s);
	a = at("name");
	t = MUST(socket(AF_UNIX, SOCK_STREAM, 0));
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	R(unlink("name"));
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	close(MUST(open("plain", O_CREAT | O_RDWR, 0600)));
	a = at("plain");
	R(connect(t, (struct sockaddr *)&a, sizeof(a)));
	close(t);
}

static void connections(int type)
{
	struct sockaddr_un a = at("listener");
	int l = MUST(socket(AF_UNIX, type, 0)), c = MUST(socket(AF_UNIX, type, 0)), s;
	int other = MUST(socket(AF_UNIX, type == SOCK_STREAM ? SOCK_SEQPACKET : SOCK_STREAM, 0));
	char buf[32];

	SECTION(type == SOCK_STREAM ? "connections" : "seqpacket connections");
	R(listen(l, 1));
	MUST(bind(l, (struct sockaddr *)&a, sizeof(a)));
	show_poll("bound", l);
	R(accept(l, NULL, NULL));
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	R(listen(l, 1));
	R(listen(l, 1));
	show_poll("listening", l);
	show_poll("not connected", c);
	R(send(c, "x", 1, MSG_NOSIGNAL));
	R(recv(c, buf, 1, 0));
	R(recv(l, buf, 1, 0));
	R(send(l, "x", 1, MSG_NOSIGNAL));
	R(connect(other, (struct sockaddr *)&a, sizeof(a)));
	R(connect(l, (struct sockaddr *)&a, sizeof(a)));
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	R(connect(c, (struct sockaddr *)&a, sizeof(a)));
	show_poll("pending", l);
	show_name("client's peer", c, 1);
	R(send(c, "early", 5, 0));
	struct sockaddr_un from;
	socklen_t len = sizeof(from);
	s = MUST(accept4(l, (struct sockaddr *)&from, &len, SOCK_CLOEXEC));
	say("from: length %d\n", (int)len);
	R(fcntl(s, F_GETFD));
	R(fcntl(s, F_GETFL));
	show_name("accepted", s, 0);
	show_name("accepted's peer", s, 1);
	R(recv(s, buf, sizeof(buf), 0));
	show_poll("accepted", s);
	R(send(s, "answer", 6, 0));
	int n = 0;
	R(ioctl(c, FIONREAD, &n));
	say("to read %d\n", n);
	R(recv(c, buf, 3, MSG_PEEK));
	R(recv(c, buf, 3, 0));
	R(recv(c, buf, 3, MSG_DONTWAIT));
	R(accept(s, NULL, NULL));
	R(listen(s, 1));
	R(sendto(c, "x", 1, 0, (struct sockaddr *)&a, sizeof(a)));
	R(accept4(l, NULL, NULL, 1));
	fcntl(l, F_SETFL, O_NONBLOCK);
	R(accept(l, NULL, NULL));

	int v;
	len = sizeof(v);
	getsockopt(l, SOL_SOCKET, SO_ACCEPTCONN, &v, &len);
	say("ACCEPTCONN %d", v);
	getsockopt(s, SOL_SOCKET, SO_ACCEPTCONN, &v, &len);
	say(" %d\n", v);
	getsockopt(s, SOL_SOCKET, SO_TYPE, &v, &len);
	say("TYPE %d\n", v);
	struct ucred cred = { 0 };
	len = sizeof(cred);
	getsockopt(s, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	say("PEERCRED %d %d %d\n", cred.pid == getpid(), cred.uid, cred.gid);
	len = sizeof(cred);
	getsockopt(l, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	say("listener's %d %d %d\n", cred.pid == getpid(), cred.uid, cred.gid);
	len = sizeof(cred);
	getsockopt(other, SOL_SOCKET, SO_PEERCRED, &cred, &len);
	say("nobody's %d %d %d\n", cred.pid, cred.uid, cred.gid);

	SECTION("a full backlog");
	int more[6], i;
	for (i = 0; i < 6; i++) {
		more[i] = MUST(socket(AF_UNIX, type | SOCK_NONBLOCK, 0));
		if (connect(more[i], (struct sockaddr *)&a, sizeof(a)) < 0)
			break;
	}
	say("%d connections, then %s\n", i, ename(errno));
	close(l);
	show_poll("never accepted", more[0]);
	R(recv(more[0], buf, 1, 0));
	R(recv(more[0], buf, 1, 0));
	R(send(more[0], "x", 1, MSG_NOSIGNAL));
	while (i >= 0)
		close(more[i--]);

	SECTION("shutdown and close");
	R(shutdown(c, 3));
	R(shutdown(other, SHUT_RD));
	R(shutdown(c, SHUT_WR));
	R(send(c, "x", 1, MSG_NOSIGNAL));
	show_poll("writer", c);
	show_poll("reader", s);
	R(recv(s, buf, 1, 0));
	R(send(s, "y", 1, 0));
	R(recv(c, buf, 1, 0));
	R(shutdown(s, SHUT_RD));
	R(shutdown(s, SHUT_WR));
	show_poll("both ways", c);
	R(recv(c, buf, 1, 0));
	close(s);
	close(c);
	int p[2];
	MUST(socketpair(AF_UNIX, type, 0, p));
	R(send(p[0], "unread", 6, 0));
	close(p[1]);
	show_poll("reset", p[0]);
	R(recv(p[0], buf, 1, 0));
	R(recv(p[0], buf, 1, 0));
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	close(p[0]);
	MUST(socketpair(AF_UNIX, type, 0, p));
	R(send(p[1], "last words", 10, 0));
	close(p[1]);
	show_poll("closed", p[0]);
	R(recv(p[0], buf, 32, 0));
	R(recv(p[0], buf, 32, 0));
	close(p[0]);
	close(other);
	unlink("listener");
}

static void die_of_it(void)
{
	int p[2];

	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	close(p[1]);
	R(write(p[0], "x", 1));
}

static void options(void)
{
	static const struct {
		int name;
		const char *text;
	} ints[] = { { SO_DEBUG, "DEBUG" },	     { SO_REUSEADDR, "REUSEADDR" },
		     { SO_TYPE, "TYPE" },	     { SO_ERROR, "ERROR" },
		     { SO_DONTROUTE, "DONTROUTE" },  { SO_BROADCAST, "BROADCAST" },
		     { SO_SNDBUF, "SNDBUF" },	     { SO_RCVBUF, "RCVBUF" },
		     { SO_KEEPALIVE, "KEEPALIVE" },  { SO_OOBINLINE, "OOBINLINE" },
		     { SO_PRIORITY, "PRIORITY" },    { SO_REUSEPORT, "REUSEPORT" },
		     { SO_PASSCRED, "PASSCRED" },    { SO_RCVLOWAT, "RCVLOWAT" },
		     { SO_SNDLOWAT, "SNDLOWAT" },    { SO_TIMESTAMP, "TIMESTAMP" },
		     { SO_PROTOCOL, "PROTOCOL" },    { SO_DOMAIN, "DOMAIN" },
		     { SO_MARK, "MARK" },	     { SO_PEEK_OFF, "PEEK_OFF" },
		     { SO_ACCEPTCONN, "ACCEPTCONN" }, { 1000, "1000" } };
	int p[2];
	socklen_t len;

	SECTION("options");
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	for (unsigned i = 0; i < ARRAY_SIZE(ints); i++) {
		int v = 1, r, e, w = -5;

		errno = 0;
		r = setsockopt(p[0], SOL_SOCKET, ints[i].name, &v, sizeof(v));
		e = errno;
		len = sizeof(w);
		errno = 0;
		getsockopt(p[0], SOL_SOCKET, ints[i].name, &w, &len);
		say("%s: set %d %s, get %s %d length %d\n", ints[i].text, r, e ? ename(e) : "ok",
		    errno ? ename(errno) : "ok", w, (int)len);
	}
	int v = 7;
	R(setsockopt(p[0], SOL_SOCKET, SO_PRIORITY, &v, 3));
	R(setsockopt(p[0], SOL_SOCKET, SO_PRIORITY, bad_address, 4));
	R(setsockopt(p[0], SOL_SOCKET, SO_PRIORITY, &v, -1));
	R(setsockopt(p[0], 77, 1, &v, 4));
	R(getsockopt(p[0], 77, 1, &v, &len));
	v = 100000;
	R(setsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &v, 4));
	len = 4;
	getsockopt(p[0], SOL_SOCKET, SO_SNDBUF, &v, &len);
	say("SNDBUF %d\n", v);
	v = 100000000;
	R(setsockopt(p[0], SOL_SOCKET, SO_RCVBUF, &v, 4));
	getsockopt(p[0], SOL_SOCKET, SO_RCVBUF, &v, &len);
	say("RCVBUF %d\n", v);
	struct linger l = { 1, 3 }, m = { 9, 9 };
	R(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &l, sizeof(l)));
	R(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &l, 4));
	len = sizeof(m);
	R(getsockopt(p[0], SOL_SOCKET, SO_LINGER, &m, &len));
	say("LINGER %d %d, length %d\n", m.l_onoff, m.l_linger, (int)len);
	len = 2;
	R(getsockopt(p[0], SOL_SOCKET, SO_TYPE, &v, &len));
	say("length %d\n", (int)len);
	len = -1;
	R(getsockopt(p[0], SOL_SOCKET, SO_TYPE, &v, &len));
	struct timeval tv = { 0, 20000 }, got;
	R(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	char c;
	R(recv(p[0], &c, 1, 0));
	len = sizeof(got);
	R(getsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &got, &len));
	say("RCVTIMEO %d %d\n", (int)got.tv_sec, (int)got.tv_usec);
	tv.tv_usec = 1000000;
	R(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	R(setsockopt(p[0], SOL_SOCKET, SO_RCVTIMEO, &tv, 8));
	uint64_t cookie = 0, cookie2 = 0;
	len = 8;
	R(getsockopt(p[0], SOL_SOCKET, SO_COOKIE, &cookie, &len));
	getsockopt(p[0], SOL_SOCKET, SO_COOKIE, &cookie2, &len);
	say("cookie %d %d\n", cookie != 0, cookie == cookie2);
	len = 4;
	R(getsockopt(p[0], SOL_SOCKET, SO_COOKIE, &cookie, &len));
	struct sockaddr_un a;
	len = sizeof(a);
	R(getsockopt(p[0], SOL_SOCKET, SO_PEERNAME, &a, &len));
	len = 2;
	R(getsockopt(p[0], SOL_SOCKET, SO_PEERNAME, &a, &len));
	say("length %d\n", (int)len);
	gid_t groups[8];
	len = sizeof(groups);
	R(getsockopt(p[0], SOL_SOCKET, SO_PEERGROUPS, groups, &len));
	R(setsockopt(p[0], SOL_SOCKET, SO_PEERCRED, groups, 12));
	R(setsockopt(p[0], SOL_SOCKET, SO_DETACH_FILTER, &v, 4));
	close(p[0]);
	close(p[1]);
}

/* Reads of a stream: how messages are glued and cut. */
static void bytes(void)
{
	int p[2], off = 0;
	char buf[64];

	SECTION("bytes");
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, p));
	R(write(p[0], "abc", 3));
	R(write(p[0], "defgh", 5));
	R(recv(p[1], buf, 2, 0));
	R(recv(p[1], buf, 64, MSG_PEEK));
	R(recv(p[1], buf, 4, 0));
	R(recv(p[1], buf, 64, MSG_TRUNC));
	R(write(p[0], "12345678", 8));
	R(setsockopt(p[1], SOL_SOCKET, SO_PEEK_OFF, &off, 4));
	R(recv(p[1], buf, 3, MSG_PEEK));
	R(recv(p[1], buf, 3, MSG_PEEK));
	say("%.3s\n", buf);
	R(recv(p[1], buf, 2, 0));
	R(recv(p[1], buf, 9, MSG_PEEK));
	say("%.2s\n", buf);
	R(recv(p[1], buf, 9, MSG_PEEK | MSG_DONTWAIT));
	R(recv(p[1], buf, 9, 0));
	R(recv(p[1], buf, 0, MSG_DONTWAIT));
	pid_t pid = MUST(fork());
	if (!pid) {
		for (int i = 0; i < 4; i++) {
			usleep(2000);
			MUST(write(p[0], "wait", 4));
		}
		_exit(0);
	}
	R(recv(p[1], buf, 16, MSG_WAITALL));
	say("%.16s\n", buf);
	waitpid(pid, NULL, 0);
	R(read(p[1], bad_address, 0));
	write(p[0], "kept", 4);
	R(read(p[1], bad_address, 4));
	R(read(p[1], buf, 4));
	R(write(p[0], bad_address, 4));

	SECTION("much");
	size_t sum = 0, want = 3 << 20;
	unsigned char *big = malloc(want);
	for (size_t i = 0; i < want; i++)
		big[i] = (unsigned char)(i * 7 + i / 4096);
	pid = MUST(fork());
	if (!pid) {
		MUST(write(p[0], big, want));
		_exit(0);
	}
	unsigned bad = 0;
	static unsigned char in[100000];
	while (sum < want) {
		ssize_t n = MUST(read(p[1], in, sizeof(in)));
		for (ssize_t i = 0; i < n; i++)
			bad += in[i] != big[sum + (size_t)i];
		sum += (size_t)n;
	}
	waitpid(pid, NULL, 0);
	say("%zu bytes, %u wrong\n", sum, bad);
	fcntl(p[0], F_SETFL, O_NONBLOCK);
	ssize_t n = write(p[0], big, want);
	say("a part of it %d", n > 0 && n < (ssize_t)want);
	say(", then %s\n", write(p[0], big, want) < 0 ? ename(errno) : "more");
	show_poll("full", p[0]);
	while (read(p[1], in, sizeof(in)) == sizeof(in))
		;
	show_poll("empty", p[0]);
	free(big);
	close(p[0]);
	close(p[1]);
}

int main(void)
{
	signal(SIGALRM, SIG_DFL);
	alarm(25);
	creation();
	names();
	connections(SOCK_STREAM);
	connections(SOCK_SEQPACKET);
	in_child("SIGPIPE", die_of_it);
	options();
	bytes();
	return 0;
}

/* TCP over the loopback: tcp(7), socket(7), connect(2), accept(2), shutdown(2), poll(2), epoll(7). */
#include "inet.h"
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/sendfile.h>
#include <linux/sockios.h>

static void show_poll(const char *what, int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP };

	poll(&p, 1, 0);
	say("%s:%s%s%s%s%s%s\n", what, p.revents & POLLIN ? " IN" : "",
	    p.revents & POLLOUT ? " OUT" : "", p.revents & POLLPRI ? " PRI" : "",
	    p.revents & POLLRDHUP ? " RDHUP" : "", p.revents & POLLHUP ? " HUP" : "",
	    p.revents & POLLERR ? " ERR" : "");
}

/* Until there is something: what was sent may still be on its way. */
static void settle(int fd, int events)
{
	struct pollfd p = { .fd = fd, .events = events };

	poll(&p, 1, 2000);
}

static int state_of(int s)
{
	struct tcp_info i;
	socklen_t n = sizeof(i);

	memset(&i, 0xee, sizeof(i));
	if (getsockopt(s, SOL_TCP, TCP_INFO, &i, &n))
		return -errno;
	return i.tcpi_state;
}

static int opt(int s, int level, int name)
{
	int v = -77;
	socklen_t n = sizeof(v);

	return getsockopt(s, level, name, &v, &n) ? -1000 - errno : v;
}

static int set(int s, int level, int name, int v)
{
	return setsockopt(s, level, name, &v, sizeof(v));
}

static int error_of(int s)
{
	return opt(s, SOL_SOCKET, SO_ERROR);
}

static void opening(void)
{
	struct sockaddr_in a = at("127.0.0.1", 1), any = at("0.0.0.0", 0);
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0)), l;

	SECTION("opening");
	R(socket(AF_INET, SOCK_STREAM, IPPROTO_UDP));
	R(socket(AF_INET, SOCK_STREAM | 64, 0));
	show_name(s, 0);
	show_name(s, 1);
	show_poll("new", s);
	say("state %d\n", state_of(s));
	R(accept(s, NULL, NULL));
	R(connect(s, (struct sockaddr *)&a, 1));
	R(connect(s, (struct sockaddr *)&six, sizeof(six)));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	say("error %d\n", error_of(s));
	show_poll("refused", s);
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(send(s, "x", 1, MSG_NOSIGNAL));
	R(recv(s, &a, 1, 0));
	R(shutdown(s, SHUT_WR));
	l = listener(5);
	R(connect(l, (struct sockaddr *)&a, sizeof(a)));
	a = at("127.0.0.1", port_of(l));
	show_poll("listening", l);
	R(send(l, "x", 1, MSG_NOSIGNAL));
	R(recv(l, &a, 1, MSG_DONTWAIT));
	say("listener: state %d, accepts %d, type %d, protocol %d\n", state_of(l),
	    opt(l, SOL_SOCKET, SO_ACCEPTCONN), opt(l, SOL_SOCKET, SO_TYPE),
	    opt(l, SOL_SOCKET, SO_PROTOCOL));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	show_poll("to accept", l);
	R(accept(l, NULL, NULL));
	show_name(s, 0);
	show_name(s, 1);
	R(listen(s, 5));
	R(bind(s, (struct sockaddr *)&any, sizeof(any)));
	say("client: state %d\n", state_of(s));
	a.sin_family = AF_UNSPEC;
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	say("disconnected: state %d\n", state_of(s));
	show_name(s, 1);
	a.sin_family = AF_INET;
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(shutdown(l, SHUT_RD));
	R(accept(l, NULL, NULL));
	close(s);
	close(l);
}

static void nonblocking(void)
{
	int l = listener(5), s = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0)), c;
	struct sockaddr_in a = at("127.0.0.1", port_of(l)), none = at("127.0.0.1", 1);
	char b;

	SECTION("without waiting");
	MUST(fcntl(l, F_SETFL, O_NONBLOCK));
	R(accept(l, NULL, NULL));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	settle(s, POLLOUT);
	say("error %d\n", error_of(s));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	c = MUST(accept4(l, NULL, NULL, SOCK_NONBLOCK));
	R(recv(c, &b, 1, 0));
	R(recv(s, &b, 1, 0));
	close(c);
	close(s);
	s = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
	R(connect(s, (struct sockaddr *)&none, sizeof(none)));
	settle(s, POLLOUT);
	show_poll("refused", s);
	say("error %d\n", error_of(s));
	say("error %d\n", error_of(s));
	close(s);
	close(l);
}

static void data(void)
{
	int p[2], n;
	char b[64];

	SECTION("data");
	pair(p);
	show_poll("idle", p[0]);
	R(send(p[0], "hello", 5, 0));
	settle(p[1], POLLIN);
	show_poll("to read", p[1]);
	n = -1;
	R(ioctl(p[1], FIONREAD, &n));
	say("FIONREAD %d\n", n);
	R(recv(p[1], b, 3, MSG_PEEK));
	R(recv(p[1], b, 64, MSG_TRUNC | MSG_PEEK));
	R(recv(p[1], b, 2, 0));
	say("%.2s\n", b);
	R(recv(p[1], NULL, 2, MSG_TRUNC));
	R(recv(p[1], b, 64, 0));
	say("%.1s\n", b);
	R(recv(p[1], b, 64, MSG_DONTWAIT));
	R(recv(p[1], b, 0, MSG_DONTWAIT));
	R(recv(p[1], b, 1, MSG_DONTWAIT | MSG_ERRQUEUE));
	R(send(p[0], NULL, 0, 0));
	R(send(p[0], "abc", 3, MSG_MORE));
	R(send(p[0], "def", 3, 0));
	R(recv(p[1], b, 6, MSG_WAITALL));
	say("%.6s\n", b);
	MUST(set(p[1], SOL_SOCKET, SO_RCVLOWAT, 3));
	R(send(p[0], "x", 1, 0));
	usleep(20000);
	show_poll("below the mark", p[1]);
	R(send(p[0], "yz", 2, 0));
	settle(p[1], POLLIN);
	show_poll("at the mark", p[1]);
	R(recv(p[1], b, 64, 0));
	R(sendto(p[0], "q", 1, 0, NULL, 0));
	R(recv(p[1], b, 64, MSG_DONTWAIT) >= -1);
	close(p[0]);
	close(p[1]);
}

static void urgent(void)
{
	int p[2], mark;
	char b[64];

	SECTION("urgent data");
	pair(p);
	R(recv(p[1], b, 1, MSG_OOB));
	R(send(p[0], "ab", 2, 0));
	R(send(p[0], "cX", 2, MSG_OOB));
	R(send(p[0], "de", 2, 0));
	usleep(20000);
	show_poll("urgent", p[1]);
	mark = -1;
	ioctl(p[1], SIOCATMARK, &mark);
	say("at the mark: %d\n", mark);
	R(recv(p[1], b, 64, 0));
	say("%.3s\n", b);
	ioctl(p[1], SIOCATMARK, &mark);
	say("at the mark: %d\n", mark);
	R(recv(p[1], b, 64, MSG_OOB | MSG_PEEK));
	R(recv(p[1], b, 64, MSG_OOB));
	say("%.1s\n", b);
	R(recv(p[1], b, 64, MSG_OOB));
	show_poll("taken", p[1]);
	R(recv(p[1], b, 64, 0));
	say("%.2s\n", b);
	MUST(set(p[1], SOL_SOCKET, SO_OOBINLINE, 1));
	R(send(p[0], "fY", 2, MSG_OOB));
	usleep(20000);
	R(recv(p[1], b, 64, MSG_OOB));
	R(recv(p[1], b, 64, 0));
	R(recv(p[1], b, 64, 0));
	say("%.1s\n", b);
	close(p[0]);
	close(p[1]);
}

static int pipes;

static void on_pipe(int sig)
{
	(void)sig;
	pipes++;
}

static void ending(void)
{
	struct linger now = { 1, 0 };
	struct pollfd w;
	int p[2];
	char b[64];

	SECTION("ending");
	signal(SIGPIPE, on_pipe);
	pair(p);
	R(send(p[0], "bye", 3, 0));
	R(shutdown(p[0], 7));
	R(shutdown(p[0], SHUT_WR));
	settle(p[1], POLLRDHUP);
	show_poll("peer sends no more", p[1]);
	show_poll("sends no more", p[0]);
	R(send(p[0], "x", 1, 0));
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	say("SIGPIPE %d times\n", pipes);
	R(recv(p[1], b, 64, 0));
	R(recv(p[1], b, 64, 0));
	R(send(p[1], "still", 5, 0));
	R(recv(p[0], b, 64, 0));
	say("states %d %d\n", state_of(p[0]), state_of(p[1]));
	R(shutdown(p[1], SHUT_WR));
	settle(p[0], POLLRDHUP);
	w = (struct pollfd){ .fd = p[1], .events = POLLHUP };
	poll(&w, 1, 2000);
	show_poll("both", p[0]);
	show_poll("both", p[1]);
	R(recv(p[0], b, 64, 0));
	R(recv(p[1], b, 64, 0));
	R(shutdown(p[1], SHUT_RDWR));
	say("states %d %d\n", state_of(p[0]), state_of(p[1]));
	close(p[0]);
	close(p[1]);

	SECTION("shut for reading");
	pair(p);
	R(shutdown(p[1], SHUT_RD));
	show_poll("receives no more", p[1]);
	R(recv(p[1], b, 64, 0));
	R(send(p[0], "x", 1, 0));
	close(p[0]);
	close(p[1]);

	SECTION("reset");
	pair(p);
	R(setsockopt(p[0], SOL_SOCKET, SO_LINGER, &now, sizeof(now)));
	R(send(p[0], "last", 4, 0));
	close(p[0]);
	settle(p[1], POLLHUP);
	show_poll("reset", p[1]);
	R(recv(p[1], b, 64, 0));
	R(recv(p[1], b, 64, 0));
	R(recv(p[1], b, 64, 0));
	R(send(p[1], "x", 1, MSG_NOSIGNAL));
	say("state %d, error %d\n", state_of(p[1]), error_of(p[1]));
	show_name(p[1], 1);
	close(p[1]);

	SECTION("unread data");
	pair(p);
	R(send(p[0], "unread", 6, 0));
	settle(p[1], POLLIN);
	close(p[1]);
	settle(p[0], POLLHUP);
	show_poll("reset", p[0]);
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	R(recv(p[0], b, 64, 0));
	close(p[0]);

	SECTION("closed by the peer");
	pair(p);
	close(p[1]);
	settle(p[0], POLLRDHUP);
	show_poll("peer closed", p[0]);
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	settle(p[0], POLLHUP);
	show_poll("and reset", p[0]);
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	R(send(p[0], "x", 1, MSG_NOSIGNAL));
	R(recv(p[0], b, 64, 0));
	close(p[0]);
}

#define SHOW(s, level, name) say(#name " %d\n", opt(s, level, name))
#define TRY(s, name, v) say(#name " = %d: %s, now %d\n", v, \
	set(s, SOL_TCP, name, v) ? ename(errno) : "ok", opt(s, SOL_TCP, name))

static void options(void)
{
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0)), p[2], v = 1;
	struct tcp_info i;
	char name[32] = { 0 };
	socklen_t n;

	SECTION("options");
	SHOW(s, SOL_TCP, TCP_NODELAY);
	SHOW(s, SOL_TCP, TCP_MAXSEG);
	SHOW(s, SOL_TCP, TCP_CORK);
	SHOW(s, SOL_TCP, TCP_KEEPIDLE);
	SHOW(s, SOL_TCP, TCP_KEEPINTVL);
	SHOW(s, SOL_TCP, TCP_KEEPCNT);
	SHOW(s, SOL_TCP, TCP_SYNCNT);
	SHOW(s, SOL_TCP, TCP_LINGER2);
	SHOW(s, SOL_TCP, TCP_DEFER_ACCEPT);
	SHOW(s, SOL_TCP, TCP_WINDOW_CLAMP);
	SHOW(s, SOL_TCP, TCP_QUICKACK);
	SHOW(s, SOL_TCP, TCP_USER_TIMEOUT);
	SHOW(s, SOL_TCP, TCP_FASTOPEN);
	SHOW(s, SOL_TCP, TCP_NOTSENT_LOWAT);
	SHOW(s, SOL_TCP, TCP_SAVE_SYN);
	SHOW(s, SOL_TCP, TCP_INQ);
	SHOW(s, SOL_TCP, 999);
	SHOW(s, SOL_SOCKET, SO_SNDBUF);
	SHOW(s, SOL_SOCKET, SO_RCVBUF);
	TRY(s, TCP_NODELAY, 5);
	TRY(s, TCP_MAXSEG, 87);
	TRY(s, TCP_MAXSEG, 1000);
	TRY(s, TCP_CORK, 1);
	TRY(s, TCP_KEEPIDLE, 0);
	TRY(s, TCP_KEEPIDLE, 33);
	TRY(s, TCP_KEEPINTVL, 32768);
	TRY(s, TCP_KEEPINTVL, 7);
	TRY(s, TCP_KEEPCNT, 128);
	TRY(s, TCP_KEEPCNT, 3);
	TRY(s, TCP_SYNCNT, 0);
	TRY(s, TCP_SYNCNT, 2);
	TRY(s, TCP_LINGER2, -5);
	TRY(s, TCP_LINGER2, 30);
	TRY(s, TCP_LINGER2, 1000);
	TRY(s, TCP_DEFER_ACCEPT, 5);
	TRY(s, TCP_WINDOW_CLAMP, 100);
	TRY(s, TCP_QUICKACK, 0);
	TRY(s, TCP_USER_TIMEOUT, -1);
	TRY(s, TCP_USER_TIMEOUT, 5000);
	TRY(s, TCP_FASTOPEN, 5);
	TRY(s, TCP_NOTSENT_LOWAT, 4096);
	TRY(s, TCP_SAVE_SYN, 3);
	TRY(s, TCP_INQ, 2);
	TRY(s, 999, 1);
	R(setsockopt(s, SOL_TCP, TCP_NODELAY, &v, 3));
	R(setsockopt(s, SOL_TCP, TCP_CONGESTION, "reno", 4));
	n = sizeof(name);
	R(getsockopt(s, SOL_TCP, TCP_CONGESTION, name, &n));
	say("%s, length %d\n", name, n);
	R(setsockopt(s, SOL_TCP, TCP_CONGESTION, "nothing", 7));
	n = 4;
	R(getsockopt(s, SOL_TCP, TCP_CONGESTION, name, &n));
	say("%.4s, length %d\n", name, n);
	close(s);
	pair(p);
	memset(&i, 0xee, sizeof(i));
	n = sizeof(i);
	R(getsockopt(p[0], SOL_TCP, TCP_INFO, &i, &n));
	say("info: state %d, ca %d, retransmits %d, options %d, mss %d, advmss %d, "
	    "pmtu %d, cwnd %d, reordering %d, unacked %d\n",
	    i.tcpi_state, i.tcpi_ca_state, i.tcpi_retransmits, i.tcpi_options,
	    i.tcpi_snd_mss, i.tcpi_advmss, i.tcpi_pmtu, i.tcpi_snd_cwnd,
	    i.tcpi_reordering, i.tcpi_unacked);
	say("MAXSEG %d\n", opt(p[0], SOL_TCP, TCP_MAXSEG));
	SHOW(p[0], SOL_SOCKET, SO_SNDBUF);
	SHOW(p[0], SOL_SOCKET, SO_RCVBUF);
	R(ioctl(p[0], SIOCOUTQ, &v));
	say("unsent %d\n", v);
	close(p[0]);
	close(p[1]);
}

static void show_epoll(const char *what, int ep)
{
	struct epoll_event e;
	int n = epoll_wait(ep, &e, 1, 0);

	if (n > 0)
		say("%s: %x\n", what, e.events);
	else
		say("%s: %d\n", what, n);
}

static void edges(void)
{
	struct epoll_event e = { .events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET };
	static char big[65536];
	int p[2], ep = MUST(epoll_create1(0));
	ssize_t total = 0, n;
	char b[64];

	SECTION("edges");
	pair(p);
	MUST(fcntl(p[0], F_SETFL, O_NONBLOCK));
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, p[0], &e));
	show_epoll("at first", ep);
	show_epoll("nothing new", ep);
	R(send(p[1], "a", 1, 0));
	settle(p[0], POLLIN);
	show_epoll("data", ep);
	show_epoll("nothing new", ep);
	R(send(p[1], "b", 1, 0));
	usleep(20000);
	show_epoll("more data", ep);
	R(recv(p[0], b, 64, 0));
	show_epoll("read", ep);
	while ((n = send(p[0], big, sizeof(big), 0)) > 0)
		total += n;
	say("full: %s, something was sent: %d\n", ename(errno), total > 0);
	while (epoll_wait(ep, &e, 1, 0) > 0)
		;
	while (total > 0) {
		n = recv(p[1], big, sizeof(big), 0);
		if (n <= 0)
			break;
		total -= n;
	}
	usleep(50000);
	show_epoll("room again", ep);
	R(shutdown(p[1], SHUT_WR));
	usleep(20000);
	show_epoll("peer shut", ep);
	close(p[1]);
	close(p[0]);
	close(ep);
}

static void reuse(void)
{
	struct sockaddr_in a = at("127.0.0.1", 5105);
	int l = MUST(socket(AF_INET, SOCK_STREAM, 0)), m = MUST(socket(AF_INET, SOCK_STREAM, 0)), s, c;

	SECTION("ports");
	R(bind(l, (struct sockaddr *)&a, sizeof(a)));
	R(bind(m, (struct sockaddr *)&a, sizeof(a)));
	R(listen(l, 1));
	MUST(set(m, SOL_SOCKET, SO_REUSEADDR, 1));
	R(bind(m, (struct sockaddr *)&a, sizeof(a)));
	s = MUST(socket(AF_INET, SOCK_STREAM, 0));
	MUST(connect(s, (struct sockaddr *)&a, sizeof(a)));
	c = MUST(accept(l, NULL, NULL));
	close(l);
	l = MUST(socket(AF_INET, SOCK_STREAM, 0));
	R(bind(l, (struct sockaddr *)&a, sizeof(a)));
	close(l);
	close(s);
	close(c);
	close(m);
	s = MUST(socket(AF_INET, SOCK_STREAM, 0));
	m = MUST(socket(AF_INET, SOCK_STREAM, 0));
	a = at("127.0.0.1", 5106);
	MUST(set(s, SOL_SOCKET, SO_REUSEADDR, 1));
	MUST(set(m, SOL_SOCKET, SO_REUSEADDR, 1));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(bind(m, (struct sockaddr *)&a, sizeof(a)));
	R(listen(s, 1));
	R(listen(m, 1));
	close(s);
	close(m);
	s = MUST(socket(AF_INET, SOCK_STREAM, 0));
	m = MUST(socket(AF_INET, SOCK_STREAM, 0));
	a = at("127.0.0.1", 5107);
	MUST(set(s, SOL_SOCKET, SO_REUSEPORT, 1));
	MUST(set(m, SOL_SOCKET, SO_REUSEPORT, 1));
	R(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(bind(m, (struct sockaddr *)&a, sizeof(a)));
	R(listen(s, 1));
	R(listen(m, 1));
	close(s);
	close(m);
}

static void files(void)
{
	int p[2], fd = MUST(open("/tmp/inet_tcp", O_RDWR | O_CREAT | O_TRUNC, 0600)), i;
	static char page[8192], got[8192];
	size_t n = 0;

	SECTION("sendfile");
	for (i = 0; i < 8192; i++)
		page[i] = (char)(i * 7 + i / 4096);
	MUST(write(fd, page, sizeof(page)));
	pair(p);
	R(sendfile(p[0], fd, &(off_t){ 100 }, 8000));
	/* What is sent is what the file holds; later changes may or may not be seen. */
	while (n < 8000) {
		ssize_t k = MUST(recv(p[1], got + n, 8000 - n, 0));

		n += k;
	}
	say("same %d\n", !memcmp(got, page + 100, 8000));
	close(p[0]);
	R(sendfile(p[1], fd, &(off_t){ 0 }, 10) >= -1);
	close(p[1]);
	close(fd);
	unlink("/tmp/inet_tcp");
}

static void itself(void)
{
	struct sockaddr_in a = at("127.0.0.1", 5110);
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0));
	char b[8];

	SECTION("to itself");
	MUST(bind(s, (struct sockaddr *)&a, sizeof(a)));
	R(connect(s, (struct sockaddr *)&a, sizeof(a)));
	R(send(s, "echo", 4, 0));
	R(recv(s, b, 8, 0));
	say("%.4s\n", b);
	close(s);
}

static void backlog(void)
{
	int l = listener(0), s[3], i, ok = 0;
	struct sockaddr_in a = at("127.0.0.1", port_of(l));

	SECTION("backlog");
	for (i = 0; i < 3; i++) {
		struct pollfd w;

		s[i] = MUST(socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
		connect(s[i], (struct sockaddr *)&a, sizeof(a));
		w = (struct pollfd){ .fd = s[i], .events = POLLOUT };
		ok += poll(&w, 1, 100) == 1 && state_of(s[i]) == TCP_ESTABLISHED;
	}
	say("connected: %d\n", ok);
	close(l);
	usleep(20000);
	show_poll("nobody accepted", s[0]);
	say("error %d\n", error_of(s[0]));
	for (i = 0; i < 3; i++)
		close(s[i]);
}

int main(void)
{
	lo_up();
	opening();
	nonblocking();
	data();
	urgent();
	ending();
	options();
	edges();
	reuse();
	files();
	itself();
	backlog();
	return 0;
}

/*
 * Rows of sockets on one machine: round trips, bulk, small datagrams, connections, over the loopback and
 * between Unix sockets. Sizes and options are those a program has that sets none but TCP_NODELAY.
 */
#include "bench.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>

#define CHUNK (64UL << 10)
#define MIB   (1UL << 20)
#define BATCH 32 /* datagrams under way at a time; connections that wait for accept */

static char buf[CHUNK];

/* ---- sockets --------------------------------------------------------------------------------- */

static struct sockaddr_in loopback(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };

	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	return a;
}

void loopback_up(void)
{
	int s = MUST(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0));
	struct ifreq r = { .ifr_name = "lo" };

	MUST(ioctl(s, SIOCGIFFLAGS, &r));
	r.ifr_flags |= IFF_UP;
	MUST(ioctl(s, SIOCSIFFLAGS, &r));
	close(s);
}

/* A socket of that type on a port of its own; *at: where. */
static int bound(int type, struct sockaddr_in *at)
{
	socklen_t len = sizeof(*at);
	int s = MUST(socket(AF_INET, type, 0));

	*at = loopback(0);
	MUST(bind(s, (struct sockaddr *)at, len));
	MUST(getsockname(s, (struct sockaddr *)at, &len));
	return s;
}

static int connected(const struct sockaddr_in *to)
{
	int s = MUST(socket(AF_INET, SOCK_STREAM, 0)), on = 1;

	MUST(connect(s, (const struct sockaddr *)to, sizeof(*to)));
	MUST(setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	return s;
}

static int listener(struct sockaddr_in *at)
{
	int s = bound(SOCK_STREAM, at);

	MUST(listen(s, 1024));
	return s;
}

static void tcp_pair(int pair[2])
{
	struct sockaddr_in at;
	int l = listener(&at), on = 1;

	pair[0] = connected(&at);
	pair[1] = MUST(accept(l, NULL, NULL));
	MUST(setsockopt(pair[1], IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on)));
	close(l);
}

static void udp_pair(int pair[2])
{
	struct sockaddr_in at[2];

	for (int i = 0; i < 2; i++)
		pair[i] = bound(SOCK_DGRAM, &at[i]);
	for (int i = 0; i < 2; i++)
		MUST(connect(pair[i], (struct sockaddr *)&at[!i], sizeof(at[0])));
}

static void unix_pair(int pair[2])
{
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, pair));
}

static void unix_dgram_pair(int pair[2])
{
	MUST(socketpair(AF_UNIX, SOCK_DGRAM, 0, pair));
}

/* ---- to another process, and back ------------------------------------------------------------ */

static int pair_fd[2];

static void op_byte(void)
{
	char c = 'x';

	if (write(pair_fd[0], &c, 1) != 1 || read(pair_fd[0], &c, 1) != 1)
		give_up("a round trip");
}

static uint64_t round_trips(void (*make)(int pair[2]), uint64_t n)
{
	char c;

	loopback_up();
	make(pair_fd);
	pid_t pid = MUST(fork());
	if (pid == 0)
		while (read(pair_fd[1], &c, 1) == 1 && write(pair_fd[1], &c, 1) == 1)
			;
	uint64_t t = time_calls(op_byte, n);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pair_fd[0]);
	close(pair_fd[1]);
	return t;
}

static uint64_t row_tcp(uint64_t n)
{
	return round_trips(tcp_pair, n);
}

static uint64_t row_udp(uint64_t n)
{
	return round_trips(udp_pair, n);
}

static uint64_t row_unix(uint64_t n)
{
	return round_trips(unix_pair, n);
}

static uint64_t row_unix_dgram(uint64_t n)
{
	return round_trips(unix_dgram_pair, n);
}

/* ---- bulk ------------------------------------------------------------------------------------ */

/* n MiB to a child, until it has said that they are all there. */
static uint64_t bulk(void (*make)(int pair[2]), uint64_t n)
{
	int pair[2];
	char c;

	loopback_up();
	make(pair);
	pid_t pid = MUST(fork());
	if (pid == 0) {
		ssize_t got;

		close(pair[0]);
		while ((got = read(pair[1], buf, sizeof(buf))) > 0)
			;
		_exit(got < 0);
	}
	close(pair[1]);
	uint64_t start = now();
	for (uint64_t left = n * MIB; left; left -= CHUNK)
		if (write(pair[0], buf, CHUNK) != (ssize_t)CHUNK)
			give_up("write");
	MUST(shutdown(pair[0], SHUT_WR));
	if (read(pair[0], &c, 1) != 0)
		give_up("read the end");
	uint64_t t = now() - start;
	wait_child(pid);
	close(pair[0]);
	return t;
}

static uint64_t row_tcp_bulk(uint64_t n)
{
	return bulk(tcp_pair, n);
}

static uint64_t row_unix_bulk(uint64_t n)
{
	return bulk(unix_pair, n);
}

/* ---- small datagrams, sent and received by one task ------------------------------------------ */

static uint64_t row_packet(uint64_t n)
{
	int pair[2];

	loopback_up();
	udp_pair(pair);
	uint64_t start = now();
	for (uint64_t left = n; left;) {
		uint64_t k = left < BATCH ? left : BATCH;

		for (uint64_t i = 0; i < k; i++)
			if (send(pair[0], buf, 64, 0) != 64)
				give_up("send");
		for (uint64_t i = 0; i < k; i++)
			if (recv(pair[1], buf, 64, MSG_DONTWAIT) != 64)
				give_up("recv");
		left -= k;
	}
	uint64_t t = now() - start;
	close(pair[0]);
	close(pair[1]);
	return t;
}

static uint64_t row_packets(uint64_t n)
{
	struct mmsghdr m[BATCH] = { 0 };
	struct iovec v[BATCH];
	int pair[2];

	loopback_up();
	udp_pair(pair);
	for (int i = 0; i < BATCH; i++) {
		v[i] = (struct iovec){ buf + 64 * i, 64 };
		m[i].msg_hdr.msg_iov = &v[i];
		m[i].msg_hdr.msg_iovlen = 1;
	}
	uint64_t start = now();
	for (uint64_t left = n; left;) {
		int k = left < BATCH ? (int)left : BATCH;

		if (sendmmsg(pair[0], m, k, 0) != k)
			give_up("sendmmsg");
		if (recvmmsg(pair[1], m, k, MSG_DONTWAIT, NULL) != k)
			give_up("recvmmsg");
		left -= k;
	}
	uint64_t t = now() - start;
	close(pair[0]);
	close(pair[1]);
	return t;
}

/* ---- connections ----------------------------------------------------------------------------- */

static int listens;
static struct sockaddr_in server;

static void setup_listener(void)
{
	loopback_up();
	listens = listener(&server);
}

static void op_connect(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);

	if (connect(s, (struct sockaddr *)&server, sizeof(server)))
		give_up("connect");
	int a = accept4(listens, NULL, NULL, SOCK_CLOEXEC);
	if (a < 0)
		give_up("accept");
	close(s);
	close(a);
}

/* accept(2) alone: the connections are there before the clock runs. */
static uint64_t row_accept(uint64_t n)
{
	int fd[2][BATCH];
	uint64_t t = 0;

	setup_listener();
	for (uint64_t left = n; left;) {
		uint64_t k = left < BATCH ? left : BATCH;

		for (uint64_t i = 0; i < k; i++)
			fd[0][i] = connected(&server);
		uint64_t start = now();
		for (uint64_t i = 0; i < k; i++)
			fd[1][i] = accept4(listens, NULL, NULL, SOCK_CLOEXEC);
		t += now() - start;
		for (uint64_t i = 0; i < k; i++) {
			MUST(fd[1][i]);
			close(fd[0][i]);
			close(fd[1][i]);
		}
		left -= k;
	}
	close(listens);
	return t;
}

/* Pairs of connected sockets that stay for the row's life: the server's ends, at the clients'. */
static int (*many_sockets(unsigned pairs))[2]
{
	struct rlimit r = { 2 * pairs + 64, 2 * pairs + 64 };
	int(*fd)[2] = malloc(pairs * sizeof(*fd));

	MUST(setrlimit(RLIMIT_NOFILE, &r));
	if (!fd)
		give_up("malloc");
	setup_listener();
	for (unsigned i = 0; i < pairs; i++) {
		fd[i][0] = connected(&server);
		fd[i][1] = MUST(accept(listens, NULL, NULL));
	}
	return fd;
}

static uint64_t row_connect_10000(uint64_t n)
{
	static int(*fd)[2];

	if (!fd)
		fd = many_sockets(5000);
	return time_calls(op_connect, n);
}

#define WATCHED 1000

static int watcher, (*watched)[2];

static void op_epoll(void)
{
	static unsigned turn;
	struct epoll_event e;
	char c = 'x';

	turn = (turn + 7) % WATCHED;
	if (write(watched[turn][0], &c, 1) != 1 || epoll_wait(watcher, &e, 1, -1) != 1 ||
	    read(e.data.fd, &c, 1) != 1)
		give_up("epoll");
}

static void setup_epoll(void)
{
	watched = many_sockets(WATCHED);
	watcher = MUST(epoll_create1(0));
	for (int i = 0; i < WATCHED; i++) {
		struct epoll_event e = { .events = EPOLLIN, .data.fd = watched[i][1] };

		MUST(epoll_ctl(watcher, EPOLL_CTL_ADD, e.data.fd, &e));
	}
}

const struct row net_rows[] = {
	{ "tcp", 1000, 500, .run = row_tcp },
	{ "udp", 1000, 500, .run = row_udp },
	{ "unix", 1000, 500, .run = row_unix },
	{ "unix-dgram", 1000, 500, .run = row_unix_dgram },
	{ "tcp-bulk", 32, 64, .run = row_tcp_bulk },
	{ "unix-bulk", 32, 64, .run = row_unix_bulk },
	{ "packet", 2048, 2048, .run = row_packet },
	{ "packets", 2048, 2048, .run = row_packets },
	{ "connect", 500, 500, .op = op_connect, .setup = setup_listener },
	{ "accept", 512, 512, .run = row_accept },
	{ "connect-10000", 500, 500, .run = row_connect_10000 },
	{ "epoll", 1000, 1000, .op = op_epoll, .setup = setup_epoll },
	{ .name = NULL },
};

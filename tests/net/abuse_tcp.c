/*
 * TCP under abuse, from a link whose other end we are and over the loopback. One machine each:
 *
 *	abuse_tcp flood N	N SYNs of nobody's; who means it is served meanwhile
 *	abuse_tcp vanish	peers that say no more, in each state in which that can be
 *	abuse_tcp deaf		peers whose window stays shut
 *	abuse_tcp many N	N connections over the loopback at once, opened and closed
 *	abuse_tcp flat		what a connect(2) costs beside 1 .. 10,000 sockets
 *	abuse_tcp memory	buffers that are filled and not read, by all that there is
 *
 * Times are the machine's; under --icount it skips over those in which nothing happens.
 */
#include "abuse.h"

#define SOCKSTAT "/proc/net/sockstat"

static long tcp_figure(const char *name)
{
	return figure(SOCKSTAT, "TCP:", name);
}

/* Echoes a byte to each who connects, until it is killed. */
static pid_t echo_server(int l)
{
	pid_t pid = (pid_t)MUST(fork());

	while (!pid) {
		int s = (int)MUST(accept(l, NULL, NULL));
		struct timeval t = { 5, 0 };
		char c;

		setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof(t));
		if (read(s, &c, 1) == 1)
			MUST(send(s, &c, 1, MSG_NOSIGNAL));
		close(s);
	}
	return pid;
}

static int local_client(void)
{
	struct sockaddr_in a = at(OURS, 80);
	int s = (int)MUST(socket(AF_INET, SOCK_STREAM, 0));
	char c = 'l';

	MUST(connect(s, (struct sockaddr *)&a, sizeof(a)));
	MUST(send(s, &c, 1, 0));
	CHECK(read(s, &c, 1) == 1 && c == 'l', "no answer for a client here");
	close(s);
	return 1;
}

static int far_client(int sport)
{
	struct peer p;
	struct seg got;
	int answered = 0;

	if (!peer_connect(&p, OURS + 0x101, sport, 65535))
		return 0;
	/* The ACK of a cookie is not repeated by anybody, data is. */
	for (int i = 0; i < 5 && !answered; i++) {
		uint32_t seq = p.s.seq;

		peer_send(&p, ACK | PSH, "f", 1);
		while (!answered && peer_get(&p, &got, 1000))
			answered = got.len == 1 && got.data[0] == 'f';
		p.s.seq = answered ? p.s.seq : seq;
	}
	peer_send(&p, RST | ACK, NULL, 0);
	return answered;
}

static void flood(int n)
{
	int l = listener(OURS, 80, 16), served = 0, asked = 0;
	pid_t server = echo_server(l);
	struct seg s = { .dst = OURS, .dport = 80, .flags = SYN, .window = 64240 }, got;
	long before, replies = 0, cookies;

	MUST(local_client());
	before = free_kib();
	for (int i = 0; i < n; i++) {
		s.src = 0x0a070000 | (0x200 + rnd() % 0xf000);
		s.sport = 1024 + (int)(rnd() % 60000);
		s.seq = rnd();
		put_tcp(&s);
		if (i % 64 == 63)
			while (get_tcp(&got, 0))
				replies += (got.flags & (SYN | ACK)) == (SYN | ACK);
		if (i % (n / 8) == n / 8 - 1) {
			asked++;
			served += far_client(1024 + i % 50000);
			local_client();
		}
	}
	while (get_tcp(&got, 20))
		replies += (got.flags & (SYN | ACK)) == (SYN | ACK);
	CHECK(served == asked, "%d of %d who meant it were served", served, asked);
	CHECK(replies > n / 2, "%ld of %d SYNs were answered", replies, n);
	cookies = counter("SyncookiesSent");
	CHECK(before - free_kib() < 1024, "the flood took %ld KiB", before - free_kib());
	kill(server, SIGKILL);
	waitpid(server, NULL, 0);
	close(l);
	CHECK(cookies > 0, "no cookies were sent");
	printf("ok flood: %d served, %ld cookies for %d\n", served, cookies, n);
}

/* --- peers that vanish --- */

static int accepted(int l, struct peer *p, uint32_t from, int sport, int window)
{
	CHECK(peer_connect(p, from, sport, window), "no connection");
	return (int)MUST(accept(l, NULL, NULL));
}

static void no_keepalive_answer(int l)
{
	int one = 1, idle = 5, interval = 1, count = 3, s;
	double start;
	struct peer p;
	char c;

	s = accepted(l, &p, OURS + 1, 2000, 65535);
	MUST(setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, &one, sizeof(one)));
	MUST(setsockopt(s, SOL_TCP, TCP_KEEPIDLE, &idle, sizeof(idle)));
	MUST(setsockopt(s, SOL_TCP, TCP_KEEPINTVL, &interval, sizeof(interval)));
	MUST(setsockopt(s, SOL_TCP, TCP_KEEPCNT, &count, sizeof(count)));
	start = now();
	CHECK(read(s, &c, 1) < 0 && errno == ETIMEDOUT, "a peer that is gone");
	CHECK(now() - start > 7 && now() - start < 10, "it was noticed after %f s", now() - start);
	close(s);
	printf("ok keepalive\n");
}

/* Connections closed here while the peer says nothing: FIN-WAIT-1 with data and without. */
static void orphans(int l)
{
	long before = free_kib();
	struct peer p;

	set("ipv4/tcp_max_orphans", "64");
	for (int i = 0; i < 300; i++) {
		int s = accepted(l, &p, OURS + 2 + (uint32_t)i, 3000, 65535);

		if (i & 1)
			MUST(send(s, "data", 4, 0));
		close(s);
		CHECK(tcp_figure("orphan") <= 65, "%ld orphans", tcp_figure("orphan"));
	}
	CHECK(tcp_figure("orphan") > 32, "only %ld orphans", tcp_figure("orphan"));
	rest(900);
	CHECK(tcp_figure("orphan") == 0, "%ld orphans after 15 minutes", tcp_figure("orphan"));
	CHECK(tcp_figure("mem") == 0, "their buffers take %ld pages", tcp_figure("mem"));
	memory_is_back(before, 512);
	printf("ok orphans\n");
}

/* The peer acknowledges the FIN, and sends none. Then: it does, and TIME-WAIT is limited. */
static void half_closed(int l)
{
	struct peer p;
	struct seg got;

	for (int i = 0; i < 100; i++) {
		int s = accepted(l, &p, OURS + 2 + (uint32_t)i, 4000, 65535);

		close(s);
		while (peer_get(&p, &got, 1000) && !(got.flags & FIN))
			;
		peer_send(&p, ACK, NULL, 0);
	}
	rest(.1);
	CHECK(tcp_figure("orphan") == 0 && tcp_figure("tw") == 100,
	      "FIN-WAIT-2 is %ld orphans and %ld waiting", tcp_figure("orphan"), tcp_figure("tw"));
	rest(62);
	CHECK(tcp_figure("tw") == 0, "%ld are in FIN-WAIT-2 after a minute", tcp_figure("tw"));
	set("ipv4/tcp_max_tw_buckets", "50");
	for (int i = 0; i < 120; i++) {
		int s = accepted(l, &p, OURS + 2 + (uint32_t)i, 5000, 65535);

		close(s);
		while (peer_get(&p, &got, 1000) && !(got.flags & FIN))
			;
		peer_send(&p, FIN | ACK, NULL, 0);
		rest(.001);
		CHECK(tcp_figure("tw") <= 50, "%ld in TIME-WAIT", tcp_figure("tw"));
	}
	CHECK(tcp_figure("tw") == 50 && tcp_figure("orphan") == 0, "%ld in TIME-WAIT, %ld orphans",
	      tcp_figure("tw"), tcp_figure("orphan"));
	rest(62);
	CHECK(tcp_figure("tw") == 0, "%ld are in TIME-WAIT after a minute", tcp_figure("tw"));
	printf("ok half closed\n");
}

static void vanish(void)
{
	int l = listener(OURS, 80, 16);

	no_keepalive_answer(l);
	orphans(l);
	half_closed(l);
	close(l);
}

/* --- peers that do not read --- */

/* Answers what comes for so long, with a window of 0. */
static void stay_shut(struct peer *p, double seconds)
{
	double end = now() + seconds;
	struct seg got;

	p->s.window = 0;
	while (now() < end)
		if (peer_get(p, &got, (int)((end - now()) * 1000) + 1) && !(got.flags & RST))
			peer_send(p, ACK, NULL, 0);
}

static int fill(int s)
{
	static char block[20000];
	ssize_t n, all = 0;

	while ((n = send(s, block, sizeof(block), MSG_DONTWAIT)) > 0)
		all += n;
	CHECK(errno == EAGAIN, "send to a peer that does not read");
	return (int)all;
}

static void deaf(void)
{
	int l = listener(OURS, 80, 16), timeout = 20000, s, all, err;
	socklen_t len = sizeof(err);
	struct peer p, q;
	char c;

	/* For ever, as long as it answers. */
	s = accepted(l, &p, OURS + 1, 2000, 3000);
	all = fill(s);
	stay_shut(&p, 3000);
	CHECK(recv(s, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN, "after an hour");
	/* It opens again, and all of it comes. */
	p.s.window = 65535;
	peer_send(&p, ACK, NULL, 0);
	for (struct seg got; all > 0 && peer_get(&p, &got, 130000);) {
		all -= got.len;
		peer_send(&p, ACK, NULL, 0);
	}
	CHECK(all <= 3000, "%d bytes did not come", all);
	peer_send(&p, RST | ACK, NULL, 0);
	close(s);
	printf("ok deaf for an hour\n");
	/* Not for longer than the program says. */
	s = accepted(l, &p, OURS + 1, 2001, 3000);
	MUST(setsockopt(s, SOL_TCP, TCP_USER_TIMEOUT, &timeout, sizeof(timeout)));
	fill(s);
	stay_shut(&p, 15);
	CHECK(recv(s, &c, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN, "before the user timeout");
	stay_shut(&p, 30);
	MUST(getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len));
	CHECK(err == ETIMEDOUT, "after the user timeout: %s", strerror(err));
	close(s);
	printf("ok user timeout\n");
	/* Nobody has it open any more: not for ever, though it answers. */
	s = accepted(l, &q, OURS + 1, 2002, 3000);
	fill(s);
	stay_shut(&q, 5);
	close(s);
	CHECK(tcp_figure("orphan") == 1, "%ld orphans", tcp_figure("orphan"));
	stay_shut(&q, 3000);
	CHECK(tcp_figure("orphan") == 0, "it is there after an hour");
	CHECK(tcp_figure("mem") == 0, "its buffers take %ld pages", tcp_figure("mem"));
	printf("ok deaf to nobody\n");
	close(l);
}

/* --- many --- */

static void files_limit(rlim_t n)
{
	struct rlimit r = { n, n };

	MUST(setrlimit(RLIMIT_NOFILE, &r));
}

/* n connections, both ends here; they stand at to[0], to[1], ... */
static void open_many(int *to, int n)
{
	enum { LISTENERS = 4 };
	struct sockaddr_in a;
	int l[LISTENERS], k;

	for (int i = 0; i < LISTENERS; i++)
		l[i] = listener(INADDR_LOOPBACK, 8000 + i, 64);
	for (int i = 0; i < n; i++) {
		k = i % LISTENERS;
		a = at(INADDR_LOOPBACK, 8000 + k);
		to[2 * i] = (int)MUST(socket(AF_INET, SOCK_STREAM, 0));
		MUST(connect(to[2 * i], (struct sockaddr *)&a, sizeof(a)));
		to[2 * i + 1] = (int)MUST(accept(l[k], NULL, NULL));
	}
	for (int i = 0; i < LISTENERS; i++)
		close(l[i]);
}

static void many(int n)
{
	int *s = malloc((size_t)n * 2 * sizeof(*s));
	long before;
	char c;

	CHECK(s, "malloc");
	memset(s, 1, (size_t)n * 2 * sizeof(*s));
	files_limit((rlim_t)n * 2 + 64);
	/* Once with a few, so that slabs and tables are there. */
	open_many(s, 100);
	for (int i = 0; i < 200; i++)
		close(s[i]);
	sleep(62);
	before = free_kib();
	open_many(s, n);
	CHECK(tcp_figure("alloc") >= 2 * n, "%ld sockets", tcp_figure("alloc"));
	for (int i = 0; i < n; i++) {
		MUST(send(s[2 * i], "x", 1, 0));
		CHECK(read(s[2 * i + 1], &c, 1) == 1, "a byte through connection %d", i);
	}
	printf("ok open: %ld KiB each\n", (before - free_kib()) / n);
	for (int i = 0; i < 2 * n; i++)
		close(s[i]);
	CHECK(tcp_figure("tw") <= 16384, "%ld in TIME-WAIT", tcp_figure("tw"));
	sleep(62);
	CHECK(tcp_figure("tw") == 0 && tcp_figure("orphan") == 0 && tcp_figure("mem") == 0,
	      "after a minute: %ld in TIME-WAIT, %ld orphans, %ld pages", tcp_figure("tw"),
	      tcp_figure("orphan"), tcp_figure("mem"));
	memory_is_back(before, 1024);
	printf("ok many\n");
}

/* --- what a connect costs --- */

static long connects(int l, int port)
{
	enum { TIMES = 200 };
	struct sockaddr_in a = at(INADDR_LOOPBACK, port);
	struct timespec t0, t1;
	long ns = 0;

	for (int i = 0; i < TIMES; i++) {
		int s = (int)MUST(socket(AF_INET, SOCK_STREAM, 0)), t;
		struct linger now_ = { 1, 0 };

		clock_gettime(CLOCK_MONOTONIC, &t0);
		MUST(connect(s, (struct sockaddr *)&a, sizeof(a)));
		clock_gettime(CLOCK_MONOTONIC, &t1);
		ns += (t1.tv_sec - t0.tv_sec) * 1000000000 + t1.tv_nsec - t0.tv_nsec;
		t = (int)MUST(accept(l, NULL, NULL));
		setsockopt(s, SOL_SOCKET, SO_LINGER, &now_, sizeof(now_));
		close(s);
		close(t);
	}
	return ns / TIMES;
}

static void flat(void)
{
	static const int steps[] = { 1, 10, 100, 1000, 5000, 10000 };
	static int s[20000];
	long cost, first = 0;
	int l, have = 0;

	files_limit(30000);
	l = listener(INADDR_LOOPBACK, 9000, 16);
	connects(l, 9000);
	for (unsigned i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		/* To one destination, as whoever runs out of ports does. */
		struct sockaddr_in a = at(INADDR_LOOPBACK, 9000);

		for (; have < steps[i]; have++) {
			s[2 * have] = (int)MUST(socket(AF_INET, SOCK_STREAM, 0));
			MUST(connect(s[2 * have], (struct sockaddr *)&a, sizeof(a)));
			s[2 * have + 1] = (int)MUST(accept(l, NULL, NULL));
		}
		cost = connects(l, 9000);
		if (!first)
			first = cost;
		printf("%d sockets: %ld\n", steps[i], cost);
		CHECK(cost < first + first / 4, "a connect costs %ld, beside one socket %ld", cost,
		      first);
	}
	printf("ok flat\n");
}

/* --- memory --- */

#define PAIRS 120

static void memory_of_tcp(void)
{
	static int s[2 * PAIRS];
	long before, limit, most = 0, used, sent = 0, got = 0;
	int big = 8 << 20;
	static char block[65536];
	ssize_t n;
	FILE *f = fopen("/proc/sys/net/ipv4/tcp_mem", "r");
	long low, middle;

	CHECK(f && fscanf(f, "%ld %ld %ld", &low, &middle, &limit) == 3, "tcp_mem");
	fclose(f);
	before = free_kib();
	open_many(s, PAIRS);
	for (int i = 0; i < 2 * PAIRS; i++)
		MUST(setsockopt(s[i], SOL_SOCKET, i & 1 ? SO_RCVBUFFORCE : SO_SNDBUFFORCE, &big,
				sizeof(big)));
	for (int round = 0, more = 1; more && round < 100; round++) {
		more = 0;
		for (int i = 0; i < PAIRS; i++) {
			n = send(s[2 * i], block, sizeof(block), MSG_DONTWAIT);
			CHECK(n > 0 || errno == EAGAIN, "send");
			sent += n > 0 ? n : 0;
			more |= n > 0;
		}
		used = tcp_figure("mem");
		most = used > most ? used : most;
	}
	CHECK(most > limit / 2, "only %ld of %ld pages were taken", most, limit);
	CHECK(most <= limit + 2 * PAIRS * 16, "%ld pages are taken, %ld may be", most, limit);
	others_go_on();
	/* What was taken comes through. */
	for (int i = 0; i < PAIRS; i++)
		MUST(shutdown(s[2 * i], SHUT_WR));
	for (int i = 0; i < PAIRS; i++)
		while ((n = read(s[2 * i + 1], block, sizeof(block))) > 0)
			got += n;
	CHECK(got == sent, "%ld of %ld bytes came", got, sent);
	for (int i = 0; i < 2 * PAIRS; i++)
		close(s[i]);
	sleep(62);
	CHECK(tcp_figure("mem") == 0, "%ld pages are taken still", tcp_figure("mem"));
	memory_is_back(before, 1024);
	printf("ok memory of TCP\n");
}

static void memory_of_udp(void)
{
	enum { SOCKETS = 100 };
	long before = free_kib(), most = 0, used, low, middle, limit;
	FILE *f = fopen("/proc/sys/net/ipv4/udp_mem", "r");
	int s[SOCKETS], big = 16 << 20, from;
	static char block[32000];

	CHECK(f && fscanf(f, "%ld %ld %ld", &low, &middle, &limit) == 3, "udp_mem");
	fclose(f);
	from = (int)MUST(socket(AF_INET, SOCK_DGRAM, 0));
	for (int i = 0; i < SOCKETS; i++) {
		struct sockaddr_in a = at(INADDR_LOOPBACK, 10000 + i);

		s[i] = (int)MUST(socket(AF_INET, SOCK_DGRAM, 0));
		MUST(bind(s[i], (struct sockaddr *)&a, sizeof(a)));
		MUST(setsockopt(s[i], SOL_SOCKET, SO_RCVBUFFORCE, &big, sizeof(big)));
	}
	for (int round = 0; round < 80; round++) {
		for (int i = 0; i < SOCKETS; i++) {
			struct sockaddr_in a = at(INADDR_LOOPBACK, 10000 + i);

			CHECK(sendto(from, block, sizeof(block), MSG_DONTWAIT,
				     (struct sockaddr *)&a, sizeof(a)) > 0 ||
				      errno == EAGAIN || errno == ENOBUFS,
			      "sendto");
		}
		used = figure(SOCKSTAT, "UDP:", "mem");
		most = used > most ? used : most;
	}
	CHECK(most > limit / 2, "only %ld of %ld pages were taken", most, limit);
	CHECK(most <= limit, "%ld pages are taken, %ld may be", most, limit);
	others_go_on();
	for (int i = 0; i < SOCKETS; i++)
		close(s[i]);
	close(from);
	CHECK(figure(SOCKSTAT, "UDP:", "mem") == 0, "pages are taken still");
	memory_is_back(before, 1024);
	printf("ok memory of UDP\n");
}

int main(int argc, char **argv)
{
	const char *what = argc > 1 ? argv[1] : "";
	int n = argc > 2 ? atoi(argv[2]) : 1000;

	setvbuf(stdout, NULL, _IOLBF, 0);
	link_up(0);
	if (!strcmp(what, "flood"))
		flood(n);
	else if (!strcmp(what, "vanish"))
		vanish();
	else if (!strcmp(what, "deaf"))
		deaf();
	else if (!strcmp(what, "many"))
		many(n);
	else if (!strcmp(what, "flat"))
		flat();
	else if (!strcmp(what, "memory")) {
		memory_of_tcp();
		memory_of_udp();
	} else
		return 2;
	return 0;
}

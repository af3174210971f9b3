/*
 * netconf_sock.c - what the words of net.ipv4, net.ipv6 and net.core change for sockets: what options tell of a new
 * one, what the two ends of a connection agree on, what is refused. Everything happens on the loopback.
 */
#define _GNU_SOURCE
#include "netconf.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/wait.h>

static void nothing(void)
{
}

/* --- what a new socket has --- */

static void option(int family, int type, int level, int name)
{
	int s = socket(family, type, 0), v = -1;
	socklen_t n = sizeof(v);

	if (getsockopt(s, level, name, &v, &n))
		printf("%s", strerror(errno));
	else
		printf("%d", v);
	close(s);
}

#define OPTION(fn, family, type, level, name)      \
	static void fn(void)                       \
	{                                          \
		option(family, type, level, name); \
	}
OPTION(keep_idle, AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_KEEPIDLE)
OPTION(keep_intvl, AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_KEEPINTVL)
OPTION(keep_cnt, AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_KEEPCNT)
OPTION(syn_count, AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_SYNCNT)
OPTION(linger2, AF_INET, SOCK_STREAM, IPPROTO_TCP, TCP_LINGER2)
OPTION(rcvbuf, AF_INET, SOCK_STREAM, SOL_SOCKET, SO_RCVBUF)
OPTION(sndbuf, AF_INET, SOCK_STREAM, SOL_SOCKET, SO_SNDBUF)
OPTION(udp_rcvbuf, AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_RCVBUF)
OPTION(udp_sndbuf, AF_INET, SOCK_DGRAM, SOL_SOCKET, SO_SNDBUF)
OPTION(discover, AF_INET, SOCK_DGRAM, SOL_IP, IP_MTU_DISCOVER)
OPTION(ttl, AF_INET, SOCK_DGRAM, SOL_IP, IP_TTL)
OPTION(v6only, AF_INET6, SOCK_STREAM, SOL_IPV6, IPV6_V6ONLY)
OPTION(flow_label, AF_INET6, SOCK_DGRAM, SOL_IPV6, 70) /* IPV6_AUTOFLOWLABEL */

static void largest(int name, int option)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), v = 1 << 24;
	socklen_t n = sizeof(v);

	CHECK(!setsockopt(s, SOL_SOCKET, name, &v, sizeof(v)));
	CHECK(!getsockopt(s, SOL_SOCKET, option, &v, &n));
	printf("%d", v);
	close(s);
}

static void largest_rcvbuf(void)
{
	largest(SO_RCVBUF, SO_RCVBUF);
}

static void largest_sndbuf(void)
{
	largest(SO_SNDBUF, SO_SNDBUF);
}

static void congestion(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	char name[16] = "";
	socklen_t n = sizeof(name);

	CHECK(!getsockopt(s, IPPROTO_TCP, TCP_CONGESTION, name, &n));
	printf("%s", name);
	close(s);
}

/* --- connections --- */

static int listener(int backlog, struct sockaddr_in *a)
{
	int s = socket(AF_INET, SOCK_STREAM, 0);
	socklen_t n = sizeof(*a);

	*a = (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	CHECK(!bind(s, (void *)a, sizeof(*a)) && !listen(s, backlog));
	CHECK(!getsockname(s, (void *)a, &n));
	return s;
}

static int small_segments;

static void pair(int p[2])
{
	struct sockaddr_in a;
	int l = listener(5, &a), mss = 600;

	p[0] = socket(AF_INET, SOCK_STREAM, 0);
	if (small_segments)
		CHECK(!setsockopt(p[0], IPPROTO_TCP, TCP_MAXSEG, &mss, sizeof(mss)));
	CHECK(!connect(p[0], (void *)&a, sizeof(a)));
	p[1] = accept(l, NULL, NULL);
	CHECK(p[1] >= 0);
	close(l);
}

static struct tcp_info info(int s)
{
	struct tcp_info i = { 0 };
	socklen_t n = sizeof(i);

	CHECK(!getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n));
	return i;
}

/* So many bytes from one end to the other. */
static void move(int p[2], int n)
{
	static char buf[65536];

	while (n > 0) {
		ssize_t sent = send(p[0], buf, n < (int)sizeof(buf) ? (size_t)n : sizeof(buf), 0),
			got;

		CHECK(sent > 0);
		n -= (int)sent;
		for (; sent > 0; sent -= got) {
			got = recv(p[1], buf, sizeof(buf), 0);
			CHECK(got > 0);
		}
	}
}

static void agreed(void)
{
	int p[2];

	pair(p);
	printf("timestamps %d, SACK %d, scaling %d",
	       !!(info(p[0]).tcpi_options & TCPI_OPT_TIMESTAMPS),
	       !!(info(p[0]).tcpi_options & TCPI_OPT_SACK),
	       !!(info(p[0]).tcpi_options & TCPI_OPT_WSCALE));
	close(p[0]);
	close(p[1]);
}

static void ecn(void)
{
	int p[2];

	pair(p);
	printf("%d", !!(info(p[0]).tcpi_options & TCPI_OPT_ECN));
	close(p[0]);
	close(p[1]);
}

static void least_timeout(void)
{
	int p[2];

	pair(p);
	for (int i = 0; i < 20; i++)
		move(p, 1);
	printf("%s", info(p[0]).tcpi_rto >= 200000 ? "200 ms or more" : "less");
	close(p[0]);
	close(p[1]);
}

/* The window grows, and nothing happens for some timeouts. */
static void after_pause(void)
{
	int p[2], before;

	small_segments = 1;
	pair(p);
	small_segments = 0;
	move(p, 3 << 20);
	before = (int)info(p[0]).tcpi_snd_cwnd;
	usleep(1500000);
	CHECK(send(p[0], "x", 1, 0) == 1);
	printf("%s", (int)info(p[0]).tcpi_snd_cwnd < before ? "smaller" : "the same");
	close(p[0]);
	close(p[1]);
}

/* What waits in a socket whose peer does not read. */
static void not_sent(void)
{
	static char buf[4096];
	int p[2], n = 0;

	pair(p);
	CHECK(!fcntl(p[0], F_SETFL, O_NONBLOCK));
	for (int idle = 0; idle < 20; usleep(5000)) /* ACKs may make room again */
		if (send(p[0], buf, sizeof(buf), 0) > 0)
			idle = 0;
		else
			idle++;
	CHECK(!ioctl(p[0], SIOCOUTQNSD, &n));
	printf("%s", n > 150000 ? "much" : "little");
	close(p[0]);
	close(p[1]);
}

/* Of 100: what is told of the rate, against window and round trip. */
static void ratio(void)
{
	struct tcp_info i;
	double r;
	int p[2];

	pair(p);
	for (int k = 0; k < 4; k++)
		move(p, 2000);
	i = info(p[0]);
	r = (double)i.tcpi_pacing_rate * i.tcpi_rtt /
	    ((double)i.tcpi_snd_mss * i.tcpi_snd_cwnd * 10000);
	printf("%d", ((int)r + 50) / 100 * 100);
	close(p[0]);
	close(p[1]);
}

static void fast_open(void)
{
	struct sockaddr_in a;
	int l = listener(5, &a), s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	printf("%s, ", setsockopt(s, IPPROTO_TCP, TCP_FASTOPEN_CONNECT, &one, sizeof(one)) ?
			       strerror(errno) :
			       "may");
	close(s);
	s = socket(AF_INET, SOCK_STREAM, 0);
	printf("%s", sendto(s, "x", 1, MSG_FASTOPEN, (void *)&a, sizeof(a)) < 0 ? strerror(errno) :
										  "sent");
	close(s);
	close(l);
}

/* A connection of which we say goodbye first: is there a TIME-WAIT of it? */
static void time_wait(void)
{
	char line[256], want[32];
	struct sockaddr_in a;
	socklen_t n = sizeof(a);
	int p[2], found = 0;
	FILE *f;
	char c;

	pair(p);
	CHECK(!getsockname(p[0], (void *)&a, &n));
	shutdown(p[0], SHUT_WR);
	CHECK(!read(p[1], &c, 1));
	close(p[1]);
	CHECK(!read(p[0], &c, 1));
	close(p[0]);
	snprintf(want, sizeof(want), "0100007F:%04X ", ntohs(a.sin_port));
	f = fopen("/proc/net/tcp", "r");
	while (fgets(line, sizeof(line), f)) {
		char *at = strstr(line, want);

		found |= at && at < line + 10 && strstr(line, " 06 ");
	}
	fclose(f);
	printf("%s", found ? "yes" : "no");
}

static void reordering(void)
{
	int p[2];

	pair(p);
	printf("%u", info(p[0]).tcpi_reordering);
	close(p[0]);
	close(p[1]);
}

/* Does the room of one who reads much grow? */
static void own_room(void)
{
	int p[2], before = 0, after = 0;
	socklen_t n = sizeof(before);

	pair(p);
	CHECK(!getsockopt(p[1], SOL_SOCKET, SO_RCVBUF, &before, &n));
	move(p, 8 << 20);
	CHECK(!getsockopt(p[1], SOL_SOCKET, SO_RCVBUF, &after, &n));
	printf("%s", after > before ? "grows" : "stays");
	close(p[0]);
	close(p[1]);
}

/* Of three thousand datagrams that nobody reads. */
static void kept_datagrams(void)
{
	static char buf[1000];
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr = { htonl(INADDR_LOOPBACK) } };
	int s = socket(AF_INET, SOCK_DGRAM, 0), t = socket(AF_INET, SOCK_DGRAM, 0), n = 0,
	    room = 1 << 24;
	socklen_t len = sizeof(a);

	CHECK(!setsockopt(s, SOL_SOCKET, SO_RCVBUFFORCE, &room, sizeof(room)));
	CHECK(!bind(s, (void *)&a, len) && !getsockname(s, (void *)&a, &len));
	for (int i = 0; i < 3000; i++)
		sendto(t, buf, sizeof(buf), 0, (void *)&a, len);
	while (recv(s, buf, sizeof(buf), MSG_DONTWAIT) > 0)
		n++;
	printf("%s", n == 3000 ? "all" : "fewer");
	close(s);
	close(t);
}

/* The mark of an error about a datagram with one. */
static void mark_of_error(int family, const char *dst, int protocol)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6, .sin6_port = htons(9) };
	struct sockaddr_in a4 = { .sin_family = AF_INET, .sin_port = htons(9) };
	int six = family == AF_INET6, s = socket(family, SOCK_RAW, protocol), one = 1, mark = 9,
	    t = socket(family, SOCK_DGRAM, 0);
	char room[64] = "", buf[300];
	struct iovec v = { buf, sizeof(buf) };
	struct msghdr m = { .msg_iov = &v, .msg_iovlen = 1, .msg_control = room };

	inet_pton(family, dst, six ? (void *)&a6.sin6_addr : (void *)&a4.sin_addr);
	CHECK(!setsockopt(s, SOL_SOCKET, 75, &one, sizeof(one))); /* SO_RCVMARK */
	CHECK(!setsockopt(t, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	CHECK(sendto(t, "x", 1, 0, six ? (void *)&a6 : (void *)&a4,
		     six ? sizeof(a6) : sizeof(a4)) == 1);
	m.msg_controllen = sizeof(room);
	CHECK(recvmsg(s, &m, 0) > 0 && CMSG_FIRSTHDR(&m));
	printf("%d", *(int *)CMSG_DATA(CMSG_FIRSTHDR(&m)));
	close(s);
	close(t);
}

static void mark_of_error4(void)
{
	mark_of_error(AF_INET, "127.0.0.1", IPPROTO_ICMP);
}

static void mark_of_error6(void)
{
	mark_of_error(AF_INET6, "::1", IPPROTO_ICMPV6);
}

/* --- labels --- */

/* Of a datagram to ourselves, as a socket with these options sends it. */
static unsigned label_of(int option)
{
	int s = socket(AF_INET6, SOCK_DGRAM, 0), t = socket(AF_INET6, SOCK_DGRAM, 0), one = 1;
	struct sockaddr_in6 a = { .sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT };
	char c, room[64];
	struct iovec v = { &c, 1 };
	struct msghdr m = {
		.msg_iov = &v, .msg_iovlen = 1, .msg_control = room, .msg_controllen = sizeof(room)
	};
	socklen_t n = sizeof(a);
	unsigned label = ~0u;

	CHECK(!setsockopt(s, SOL_IPV6, 11, &one, sizeof(one))); /* IPV6_FLOWINFO */
	CHECK(!bind(s, (void *)&a, sizeof(a)) && !getsockname(s, (void *)&a, &n));
	if (option >= 0)
		CHECK(!setsockopt(t, SOL_IPV6, 70, &option, sizeof(option)));
	CHECK(sendto(t, "x", 1, 0, (void *)&a, sizeof(a)) == 1);
	CHECK(recvmsg(s, &m, MSG_DONTWAIT) == 1);
	label = CMSG_FIRSTHDR(&m) ? ntohl(*(unsigned *)CMSG_DATA(CMSG_FIRSTHDR(&m))) & 0xfffff : 0;
	close(s);
	close(t);
	return label;
}

static void labels(void)
{
	flow_label();
	for (int option = -1; option < 2; option++)
		printf(", %s", label_of(option) ? "labelled" : "none");
}

/* --- ports, groups, pieces --- */

static void low_port(void)
{
	int status;

	fflush(stdout);
	if (!fork()) {
		struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(80) };
		int s;

		CHECK(!setuid(1000));
		s = socket(AF_INET, SOCK_DGRAM, 0);
		printf("%s", bind(s, (void *)&a, sizeof(a)) ? strerror(errno) : "bound");
		fflush(stdout);
		_exit(0);
	}
	wait(&status);
}

static void memberships(void)
{
	int s = socket(AF_INET, SOCK_DGRAM, 0), n = 0;
	struct ip_mreqn r = { .imr_ifindex = 1 };

	for (; n < 30; n++) {
		r.imr_multiaddr.s_addr = htonl(0xef010100u + (unsigned)n);
		if (setsockopt(s, SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r)))
			break;
	}
	printf("%d %s", n, n < 30 ? strerror(errno) : "");
	close(s);
}

/* A datagram in two pieces. */
static void pieces(int family, const char *dst)
{
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	void *a = family == AF_INET ? (void *)&a4 : (void *)&a6;
	socklen_t len = family == AF_INET ? sizeof(a4) : sizeof(a6);
	int s = socket(family, SOCK_DGRAM, 0), t = socket(family, SOCK_DGRAM, 0);
	static char buf[2500];

	sh(IP "link set lo mtu 1500");
	inet_pton(family, dst, family == AF_INET ? (void *)&a4.sin_addr : (void *)&a6.sin6_addr);
	CHECK(!bind(s, a, len) && !getsockname(s, a, &len));
	CHECK(sendto(t, buf, sizeof(buf), 0, a, len) == sizeof(buf));
	printf("%s", recv(s, buf, sizeof(buf), MSG_DONTWAIT) > 0 ? "comes" : "lost");
	close(s);
	close(t);
	sh(IP "link set lo mtu 65536");
}

static void pieces4(void)
{
	pieces(AF_INET, "127.0.0.1");
	put("ipv4/ipfrag_high_thresh", "0");
	printf(", without room ");
	pieces(AF_INET, "127.0.0.1");
	put("ipv4/ipfrag_high_thresh", "4194304");
}

static void pieces6(void)
{
	pieces(AF_INET6, "::1");
	put("ipv6/ip6frag_high_thresh", "0");
	printf(", without room ");
	pieces(AF_INET6, "::1");
	put("ipv6/ip6frag_high_thresh", "4194304");
}

static const struct netconf_case cases[] = {
	{ "ipv4/tcp_keepalive_time", { "7200", "55" }, keep_idle },
	{ "ipv4/tcp_keepalive_intvl", { "75", "5" }, keep_intvl },
	{ "ipv4/tcp_keepalive_probes", { "9", "3" }, keep_cnt },
	{ "ipv4/tcp_syn_retries", { "6", "2", "128" }, syn_count },
	{ "ipv4/tcp_fin_timeout", { "60", "7" }, linger2 },
	{ "ipv4/tcp_rmem", { "4096 131072 6291456", "4096 50000 60000" }, rcvbuf },
	{ "ipv4/tcp_wmem", { "4096 16384 4194304", "4096 40000 60000" }, sndbuf },
	{ "core/rmem_default", { "212992", "100000" }, udp_rcvbuf },
	{ "core/wmem_default", { "212992", "100000" }, udp_sndbuf },
	{ "core/rmem_max", { "212992", "100000" }, largest_rcvbuf },
	{ "core/wmem_max", { "212992", "100000" }, largest_sndbuf },
	{ "ipv4/ip_no_pmtu_disc", { "0", "1", "2", "3", "4" }, discover },
	{ "ipv4/ip_default_ttl", { "64", "5", "0" }, ttl },
	{ "ipv6/bindv6only", { "0", "1" }, v6only },
	{ "ipv6/auto_flowlabels", { "0", "1", "2", "3" }, labels },
	{ "ipv4/tcp_congestion_control", { "cubic", "reno", "none" }, congestion },
	{ "ipv4/tcp_timestamps", { "0", "1" }, agreed },
	{ "ipv4/tcp_sack", { "0", "1" }, agreed },
	{ "ipv4/tcp_window_scaling", { "0", "1" }, agreed },
	{ "ipv4/tcp_ecn", { "0", "1", "2" }, ecn },
	{ "ipv4/tcp_rto_min_us", { "200000", "20000", "0" }, least_timeout },
	{ "ipv4/tcp_slow_start_after_idle", { "1", "0" }, after_pause },
	{ "ipv4/tcp_notsent_lowat", { "4294967295", "1", "-1", "4294967296" }, not_sent },
	{ "ipv4/tcp_pacing_ss_ratio", { "200", "800", "1001" }, ratio },
	{ "ipv4/tcp_pacing_ca_ratio", { "120", "1001", "-1" }, nothing },
	{ "ipv4/tcp_fastopen", { "1", "0", "2" }, fast_open },
	{ "ipv4/tcp_max_tw_buckets", { "4096", "0" }, time_wait },
	{ "ipv4/tcp_reordering", { "3", "20" }, reordering },
	{ "ipv4/tcp_moderate_rcvbuf", { "1", "0" }, own_room },
	{ "ipv4/udp_mem", { "10000 20000 30000", "300 400 500" }, kept_datagrams },
	{ "ipv4/fwmark_reflect", { "0", "1" }, mark_of_error4 },
	{ "ipv6/fwmark_reflect", { "0", "1" }, mark_of_error6 },
	{ "ipv4/tcp_sack", { "256", "-1" }, nothing },
	{ "ipv4/tcp_ecn", { "3" }, nothing },
	{ "ipv4/tcp_ecn_fallback", { "2" }, nothing },
	{ "ipv4/tcp_retries2", { "255", "256" }, nothing },
	{ "ipv4/tcp_syncookies", { "255", "256" }, nothing },
	{ "ipv4/tcp_tw_reuse", { "3" }, nothing },
	{ "ipv4/tcp_syn_linear_timeouts", { "128" }, nothing },
	{ "ipv4/tcp_mtu_probe_floor", { "47", "65536" }, nothing },
	{ "ipv4/tcp_tso_win_divisor", { "255", "256" }, nothing },
	{ "ipv4/tcp_keepalive_probes", { "255", "256" }, nothing },
	{ "ipv4/tcp_orphan_retries", { "256" }, nothing },
	{ "ipv4/tcp_min_rtt_wlen", { "86400", "86401" }, nothing },
	{ "ipv4/ip_unprivileged_port_start", { "1024", "81", "80" }, low_port },
	{ "ipv4/igmp_max_memberships", { "20", "2" }, memberships },
	{ "ipv4/ipfrag_low_thresh", { "0" }, pieces4 },
	{ "ipv6/ip6frag_low_thresh", { "0" }, pieces6 },
};

int main(int argc, char **argv)
{
	walk(cases, sizeof(cases) / sizeof(cases[0]), argc > 1 ? argv[1] : "", nothing);
	return 0;
}

/*
 * netconf_icmp.c - what is answered, forwarded, believed and told of: IP and ICMP of both versions.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

/* --- what is answered --- */

static int arp_or_reply(const u8 *f, int n)
{
	return arp_reply(f, n) || reply4(f, n) || reply6(f, n);
}

/* Is an echo request answered? The fence is a question of ARP's, which nobody turns off. */
static void ping(const u8 *mac, const char *dst)
{
	if (strchr(dst, ':'))
		echo6(mac, ours, "fd00::2", dst, 0x11);
	else
		echo4(mac, ours, "10.9.0.2", dst, 0x11, 16);
	drain();
	emit();
	arp(1, theirs, ours, "10.9.0.2", "10.9.0.1");
	printf("%s", next(arp_or_reply, 20000) ? yes(!arp_reply(in, in_len)) : "no fence");
	drain();
}

#define PING(fn, mac, dst)      \
	static void fn(void)    \
	{                       \
		ping(mac, dst); \
	}
static const u8 nodes[6] = { 0x33, 0x33, 0, 0, 0, 1 };
PING(ping_one, theirs, "10.9.0.1")
PING(ping_all, all, "10.9.0.255")
PING(ping_one6, theirs, "fd00::1")
PING(ping_all6, nodes, "ff02::1")
PING(to_all4, all, "10.9.0.1") /* to one, but to all of the link */
PING(to_all6, all, "fd00::1")

/* --- forwarding and ICMP --- */

static void expired(void)
{
	echo4(theirs, ours, "10.8.0.2", "10.88.0.1", 0x11, 16);
	out[22] = 1;
	ip4_sum();
	emit();
	if (seen(icmp4_error))
		printf("%d.%d.%d.%d", in[26], in[27], in[28], in[29]);
	else
		printf("none");
}

static int too_big(const u8 *f, int n)
{
	return icmp4_error(f, n) && f[35] == 4;
}

/* A path that ICMP said is narrow: for what others send by us, too? */
static void narrow(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) }, me;
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	socklen_t len = sizeof(me);

	inet_pton(AF_INET, "10.88.0.1", &a.sin_addr);
	CHECK(!connect(s, (struct sockaddr *)&a, sizeof(a)));
	CHECK(!getsockname(s, (struct sockaddr *)&me, &len));
	CHECK(send(s, "hello", 5, 0) == 5);
	about_udp(4, &me.sin_addr, &a.sin_addr, ntohs(me.sin_port), 9, 800);
	emit();
	count(too_big);
	echo4(theirs, ours, "10.9.0.2", "10.88.0.1", 0x11, 1000);
	out[20] = 0x40;
	ip4_sum();
	emit();
	printf("%s", yes(count(too_big)));
	close(s);
}

static void redirects(void)
{
	int n = 0;

	for (int i = 0; i < 6; i++) {
		echo4(theirs, ours, "10.9.0.2", "10.88.0.1", 0x11, 16);
		emit();
		n += count(redirect4);
		usleep(20000);
	}
	printf("%d", n);
}

static void late_piece(void)
{
	echo4(theirs, ours, "10.9.0.2", "10.9.0.1", 0x11, 64);
	out[20] = 0x20;
	ip4_sum();
	drain();
	emit();
	printf("%s", yes(next(icmp4_error, 10000) && in[34] == 11 && in[35] == 1));
}

/* The first of two pieces. */
static int told_late6(const u8 *f, int n)
{
	return icmp6_of(f, n, 3) && f[55] == 1;
}

static void late_piece6(void)
{
	u8 *p = echo6(theirs, ours, "fd00::2", "fd00::1", 0x11);

	memmove(p + 8, p, 16);
	memset(p, 0, 8);
	p[0] = IPPROTO_ICMPV6;
	p[3] = 1; /* more follow */
	put16(p + 6, 5);
	out[20] = IPPROTO_FRAGMENT;
	put16(out + 18, 24);
	out_len += 8;
	drain();
	emit();
	printf("%s", yes(next(told_late6, 10000)));
}

/* After a pause: is one who was told often enough told again? */
static void told_again(void)
{
	usleep(1300000);
	redirects();
}

/* An error about a broadcast of ours: does its sender hear of it? */
static void about_broadcast(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(5500) }, to = a;
	int s = socket(AF_INET, SOCK_DGRAM, 0), one = 1, err = 0;
	socklen_t len = sizeof(err);

	inet_pton(AF_INET, "10.9.0.1", &a.sin_addr);
	inet_pton(AF_INET, "10.9.0.255", &to.sin_addr);
	CHECK(!setsockopt(s, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)));
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)) &&
	      !connect(s, (struct sockaddr *)&to, sizeof(to)));
	about_udp(3, &a.sin_addr, &to.sin_addr, 5500, 5500, 0);
	emit();
	count(synack); /* none: the fence is behind it */
	CHECK(!getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len));
	printf("%s", err ? strerror(err) : "no");
	close(s);
}

static int unreachable6(const u8 *f, int n)
{
	return icmp6_of(f, n, 1);
}

/* Errors about as many datagrams to nobody's port. */
static int errors(int datagrams, int six)
{
	int n = 0;

	for (int i = 0; i < datagrams; i++) {
		if (six)
			udp("fd00::2", "fd00::1", 1000, 9, 8);
		else
			udp("10.9.0.2", "10.9.0.1", 5700, 9, 1);
		emit();
		n += count(six ? unreachable6 : icmp4_error);
	}
	return n;
}

static void many_errors(void)
{
	int n = errors(40, 1);

	printf("%s", n == 40 ? "all" : n ? "some" : "none");
}

static void masked(void)
{
	int n;

	put("ipv4/icmp_ratelimit", "100000");
	n = errors(20, 0);
	printf("%s", n == 20 ? "all" : n < 20 ? "fewer" : "more");
	put("ipv4/icmp_ratelimit", "0");
}

/* The bucket is as deep as the word says, and fills by one a second. */
static void burst(void)
{
	int n;

	put("ipv4/icmp_msgs_per_sec", "1");
	n = errors(40, 0);
	printf("%s", n == 40 ? "all" : "fewer");
	put("ipv4/icmp_msgs_per_sec", "1000");
}

static void label(void)
{
	echo6(theirs, ours, "fd00::2", "fd00::1", 0x11);
	out[15] = 1;
	out[16] = 0x23;
	out[17] = 0x45;
	emit();
	printf("%s", seen(reply6) ?
			     (in[15] & 15) == 1 && get16(in + 16) == 0x2345 ? "same" : "other" :
			     "none");
}

/* A header of options before the echo: 16 bytes, one option that nobody knows. */
static void options(int next_header)
{
	u8 *p = echo6(theirs, ours, "fd00::2", "fd00::1", 0x11);

	memmove(p + 16, p, 16);
	memset(p, 0, 16);
	p[0] = IPPROTO_ICMPV6;
	p[1] = 1;
	p[2] = 0x1e;
	p[3] = 12;
	out[20] = (u8)next_header;
	put16(out + 18, 32);
	out_len += 16;
	emit();
	printf("%s", yes(count(reply6)));
}

static void destination_options(void)
{
	options(IPPROTO_DSTOPTS);
}

static void hop_options(void)
{
	options(IPPROTO_HOPOPTS);
}

/* A datagram: does a socket that is bound to dst get it? */
static void datagram(const char *src, const char *dst)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(5600) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char c;

	inet_pton(AF_INET, dst, &a.sin_addr);
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)));
	udp(src, dst, 5600, 5600, 1);
	emit();
	count(reply4); /* the fence is behind it */
	printf("%s", yes(recv(s, &c, 1, MSG_DONTWAIT) == 1));
	close(s);
}

static void from_ourselves(void)
{
	datagram("10.7.7.7", "10.9.0.1");
}

static void to_localhost(void)
{
	datagram("10.9.0.2", "127.0.0.1");
}

static const struct netconf_case cases[] = {
	{ "ipv4/conf/v0/drop_unicast_in_l2_multicast", { "0", "1" }, to_all4 },
	{ "ipv6/conf/v0/drop_unicast_in_l2_multicast", { "0", "1" }, to_all6 },
	{ "ipv4/icmp_errors_use_inbound_ifaddr", { "0", "1" }, expired },
	{ "ipv4/route/redirect_number", { "0", "2", "4" }, redirects },
	{ "ipv4/ip_forward_use_pmtu", { "0", "1" }, narrow },
	{ "ipv4/ipfrag_time", { "1" }, late_piece },
	{ "ipv6/ip6frag_time", { "1" }, late_piece6 },
	{ "ipv4/route/redirect_silence", { "100000", "250" }, told_again },
	{ "ipv4/icmp_ignore_bogus_error_responses", { "1", "0" }, about_broadcast },
	{ "ipv6/icmp/ratemask", { "0-1,3-127", "2-3", "", "256", "5-" }, many_errors },
	{ "ipv6/flowlabel_reflect", { "0", "4" }, label },
	{ "ipv6/max_dst_opts_length", { "2147483647", "16", "8" }, destination_options },
	{ "ipv6/max_hbh_length", { "2147483647", "16", "8" }, hop_options },
	{ "ipv6/max_dst_opts_number", { "8", "0" }, destination_options },
	{ "ipv6/max_hbh_opts_number", { "8", "0" }, hop_options },
	{ "ipv4/icmp_echo_ignore_all", { "0", "1" }, ping_one },
	{ "ipv4/icmp_echo_ignore_broadcasts", { "1", "0" }, ping_all },
	{ "ipv6/icmp/echo_ignore_all", { "0", "1" }, ping_one6 },
	{ "ipv6/icmp/echo_ignore_multicast", { "0", "1" }, ping_all6 },
	{ "ipv4/conf/v0/accept_local", { "0", "1" }, from_ourselves },
	{ "ipv4/conf/v0/route_localnet", { "0", "1" }, to_localhost },
	{ "ipv4/icmp_ratemask", { "6168", "6160" }, masked },
	{ "ipv4/icmp_msgs_burst", { "2" }, burst },
};

NETCONF_TABLE(netconf_icmp, "ICMP");

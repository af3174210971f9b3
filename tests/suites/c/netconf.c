/*
 * netconf.c - what the words of net.ipv4 and net.ipv6 change. netconf.sh has made a pair of devices, v0 with
 * addresses and v1 without: frames that this program sends by v1 are received by v0, and what v0 sends it
 * sees on v1. Each case writes a word, does the same for each value, and prints what came of it.
 *
 * What is not sent cannot be waited for: an echo request behind it is answered, and then it would have been
 * there (all of this happens on one processor, in order).
 */
#define _GNU_SOURCE
#include "netconf.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

typedef unsigned char u8;

static const u8 ours[6] = { 2, 0, 0, 0, 0, 2 }, theirs[6] = { 2, 0, 0, 0, 0, 1 },
		all[6] = { 255, 255, 255, 255, 255, 255 }, other[6] = { 2, 0, 0, 0, 0, 3 };
static int wire; /* v1 */
static u8 out[1600], in[70000];
static int out_len, in_len;

/* --- frames --- */

static unsigned sum16(const u8 *p, int n, unsigned sum)
{
	for (int i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void put16(u8 *p, unsigned v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

static unsigned get16(const u8 *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

static void eth(const u8 *dst, const u8 *src, unsigned type)
{
	memset(out, 0, sizeof(out));
	memcpy(out, dst, 6);
	memcpy(out + 6, src, 6);
	put16(out + 12, type);
	out_len = 14;
}

/* An IPv4 header for n more bytes, which follow. */
static u8 *ip4(const char *src, const char *dst, int proto, int n)
{
	u8 *h = out + 14;

	h[0] = 0x45;
	put16(h + 2, 20u + (unsigned)n);
	put16(h + 4, 7);
	h[8] = 64;
	h[9] = (u8)proto;
	inet_pton(AF_INET, src, h + 12);
	inet_pton(AF_INET, dst, h + 16);
	out_len = 34 + n;
	return h + 20;
}

static void ip4_sum(void)
{
	put16(out + 24, 0);
	put16(out + 24, ~sum16(out + 14, 20, 0));
}

static u8 *ip6(const char *src, const char *dst, int next, int hops, int n)
{
	u8 *h = out + 14;

	h[0] = 0x60;
	put16(h + 4, (unsigned)n);
	h[6] = (u8)next;
	h[7] = (u8)hops;
	inet_pton(AF_INET6, src, h + 8);
	inet_pton(AF_INET6, dst, h + 24);
	out_len = 54 + n;
	return h + 40;
}

/* Of a transport at `at`, n bytes long, the sum at `where`. */
static void l4_sum(u8 *at, int n, int proto, int where)
{
	int six = out[14] >> 4 == 6;
	unsigned s = sum16(out + (six ? 22 : 26), six ? 32 : 8, (unsigned)(proto + n));

	put16(at + where, 0);
	put16(at + where, ~sum16(at, n, s));
}

static void emit(void)
{
	CHECK(send(wire, out, (size_t)out_len, 0) == out_len);
}

static void echo4(const u8 *mac, const u8 *from, const char *src, const char *dst, int id, int n)
{
	u8 *p;

	eth(mac, from, 0x0800);
	p = ip4(src, dst, IPPROTO_ICMP, n);
	p[0] = 8;
	put16(p + 4, (unsigned)id);
	put16(p + 2, ~sum16(p, n, 0));
	ip4_sum();
}

static u8 *echo6(const u8 *mac, const u8 *from, const char *src, const char *dst, int id)
{
	u8 *p;

	eth(mac, from, 0x86dd);
	p = ip6(src, dst, IPPROTO_ICMPV6, 64, 16);
	p[0] = 128;
	put16(p + 4, (unsigned)id);
	l4_sum(p, 16, IPPROTO_ICMPV6, 2);
	return p;
}

/* --- what v0 sends --- */

typedef int match(const u8 *f, int n);

static int is_fence(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP && f[34] == 0 &&
	       get16(f + 38) == 0xfe;
}

/* The next frame of v0's that is wanted, in `in`; 0: none came for so many ms. */
static int next(match *want, long ms)
{
	long end = now_ms() + ms;

	for (;;) {
		long left = end - now_ms();
		struct pollfd p = { .fd = wire, .events = POLLIN };
		struct sockaddr_ll from;
		socklen_t len = sizeof(from);

		if (left < 0 || poll(&p, 1, (int)left) <= 0)
			return 0;
		in_len = (int)recvfrom(wire, in, sizeof(in), 0, (struct sockaddr *)&from, &len);
		if (in_len > 0 && from.sll_pkttype != PACKET_OUTGOING &&
		    (!want || want(in, in_len)))
			return 1;
	}
}

static void drain(void)
{
	while (recv(wire, in, sizeof(in), MSG_DONTWAIT) > 0)
		continue;
}

/* How many frames that are wanted v0 sends before it answers the fence. */
static int count(match *want)
{
	int n = 0;

	echo4(theirs, ours, "10.9.0.2", "10.9.0.1", 0xfe, 16);
	emit();
	for (;;) {
		if (!next(NULL, 20000)) {
			printf("no fence ");
			return n;
		}
		if (is_fence(in, in_len))
			return n;
		n += want(in, in_len);
	}
}

/* The same, but the last one that was wanted stays in `in`. */
static int seen(match *want)
{
	static u8 kept[sizeof(in)];
	int n = 0, len = 0;

	echo4(theirs, ours, "10.9.0.2", "10.9.0.1", 0xfe, 16);
	emit();
	while (next(NULL, 20000) && !is_fence(in, in_len))
		if (want(in, in_len)) {
			n++;
			memcpy(kept, in, (size_t)in_len);
			len = in_len;
		}
	memcpy(in, kept, (size_t)len);
	in_len = len;
	return n;
}

static int reply4(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP && f[34] == 0 &&
	       get16(f + 38) == 0x11;
}

static int reply6(const u8 *f, int n)
{
	return n >= 62 && get16(f + 12) == 0x86dd && f[20] == IPPROTO_ICMPV6 && f[54] == 129;
}

static int icmp6_of(const u8 *f, int n, int type)
{
	return n >= 58 && get16(f + 12) == 0x86dd && f[20] == IPPROTO_ICMPV6 && f[54] == type;
}

static int advert(const u8 *f, int n)
{
	return icmp6_of(f, n, 136);
}

/* A test whether somebody has an address: from none. */
static int dad(const u8 *f, int n)
{
	static const u8 none[16];

	return icmp6_of(f, n, 135) && !memcmp(f + 22, none, 16);
}

static int arp_reply(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0806 && get16(f + 20) == 2;
}

static int icmp4_error(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP &&
	       (f[34] == 3 || f[34] == 11);
}

static int redirect4(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP && f[34] == 5;
}

static int synack(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_TCP && f[47] == 0x12;
}

static const char *yes(int n)
{
	return n ? "yes" : "no";
}

/* --- neighbours --- */

static void arp(unsigned op, const u8 *to, const u8 *mac, const char *sender, const char *target)
{
	u8 *a = out + 14;

	eth(to, mac, 0x0806);
	put16(a, 1);
	put16(a + 2, 0x0800);
	a[4] = 6;
	a[5] = 4;
	put16(a + 6, op);
	memcpy(a + 8, mac, 6);
	inet_pton(AF_INET, sender, a + 14);
	inet_pton(AF_INET, target, a + 24);
	out_len = 42;
	emit();
}

/* option: 1 the source's, 2 the target's link address, 0 none. */
static u8 *nd(int type, const u8 *to, const u8 *mac, const char *src, const char *dst,
	      const char *target, int flags, int option)
{
	int n = option ? 32 : 24;
	u8 *p;

	eth(to, mac, 0x86dd);
	p = ip6(src, dst, IPPROTO_ICMPV6, 255, n);
	p[0] = (u8)type;
	p[4] = (u8)flags;
	inet_pton(AF_INET6, target, p + 8);
	if (option) {
		p[24] = (u8)option;
		p[25] = 1;
		memcpy(p + 26, mac, 6);
	}
	l4_sum(p, n, IPPROTO_ICMPV6, 2);
	return p;
}

/* Somebody has had one link address, and now, it is said, has another one. */
static void two_claims(void)
{
	sh(IP "neigh flush dev v0 10.9.0.3");
	arp(1, all, ours, "10.9.0.3", "10.9.0.1");
	count(arp_reply);
	usleep(50000);
	arp(2, theirs, other, "10.9.0.3", "10.9.0.1");
	echo4(theirs, other, "10.9.0.3", "10.9.0.1", 0x11, 16);
	emit();
	printf("%s", seen(reply4) ? memcmp(in, other, 6) ? "first" : "last" : "none");
}

static void two_claims6(void)
{
	sh(IP "-6 neigh flush dev v0 fd00::3");
	nd(135, theirs, ours, "fd00::3", "fd00::1", "fd00::1", 0, 1);
	emit();
	count(advert);
	nd(136, all, other, "fd00::3", "ff02::1", "fd00::3", 0x20, 2);
	put16(out, 0x3333);
	put16(out + 2, 0);
	put16(out + 4, 1);
	emit();
	echo6(theirs, ours, "fd00::3", "fd00::1", 0x11);
	emit();
	printf("%s", seen(reply6) ? memcmp(in, other, 6) ? "first" : "last" : "none");
}

static void untracked(void)
{
	sh(IP "-6 neigh flush dev v0 fd00::5");
	nd(136, all, other, "fd00::5", "ff02::1", "fd00::5", 0x20, 2);
	put16(out, 0x3333);
	put16(out + 2, 0);
	put16(out + 4, 1);
	emit();
	echo6(theirs, other, "fd00::5", "fd00::1", 0x11);
	emit();
	printf("%s", seen(reply6) ? "known" : "asks");
}

static void pvlan(void)
{
	arp(1, theirs, ours, "10.9.0.2", "10.9.0.77");
	printf("%s", yes(count(arp_reply)));
}

static int asks_for_9(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0806 && get16(f + 20) == 1 && f[41] == 9;
}

/* How often somebody who is not there is asked for. */
static void unanswered(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(9) };
	int s = socket(AF_INET, SOCK_DGRAM, 0), n = 0;

	inet_pton(AF_INET, "10.9.0.9", &a.sin_addr);
	sh(IP "neigh flush dev v0 10.9.0.9");
	drain();
	sendto(s, "x", 1, 0, (struct sockaddr *)&a, sizeof(a));
	while (next(asks_for_9, 900))
		n++;
	printf("%d", n);
	close(s);
}

/* How often all are asked when who was asked alone did not answer. */
static void reprobed(void)
{
	int n = 0;

	drain();
	sh(IP "neigh replace 10.9.0.9 lladdr 02:00:00:00:00:09 nud probe dev v0");
	while (next(asks_for_9, 900))
		n += in[0] == 255;
	printf("%d", n);
}

static void solicited_alone(void)
{
	nd(135, theirs, ours, "fd00::2", "fd00::1", "fd00::1", 0, 0);
	emit();
	printf("%s", seen(advert) ? in_len > 78 ? "with" : "without" : "none");
}

static void class_of_advert(void)
{
	nd(135, theirs, ours, "fd00::2", "fd00::1", "fd00::1", 0, 0);
	emit();
	printf("%x", seen(advert) ? (unsigned)(get16(in + 14) >> 4 & 0xff) : 0x999);
}

static void in_pieces(void)
{
	u8 *p = nd(135, theirs, ours, "fd00::2", "fd00::1", "fd00::1", 0, 0);

	/* A header of fragments, with all of it in one. */
	memmove(p + 8, p, 24);
	memset(p, 0, 8);
	p[0] = IPPROTO_ICMPV6;
	put16(p + 4, 77);
	out[20] = IPPROTO_FRAGMENT;
	put16(out + 18, 32);
	out_len += 8;
	emit();
	printf("%s", yes(count(advert)));
}

static void test_with_nonce(void)
{
	drain();
	sh(IP "addr add fd00::99/64 dev v0");
	printf("%s", next(dad, 5000) ? in_len > 78 ? "with" : "without" : "none");
	sh(IP "addr del fd00::99/64 dev v0");
}

static void told_of_address(void)
{
	drain();
	sh(IP "addr add fd00::98/64 dev v0");
	printf("%s %s", yes(next(dad, 5000)), yes(next(advert, 2500)));
	sh(IP "addr del fd00::98/64 dev v0");
}

/* --- to one, but to all of the link --- */

static void to_all4(void)
{
	echo4(all, ours, "10.9.0.2", "10.9.0.1", 0x11, 16);
	emit();
	printf("%s", yes(count(reply4)));
}

static void to_all6(void)
{
	echo6(all, ours, "fd00::2", "fd00::1", 0x11);
	emit();
	printf("%s", yes(count(reply6)));
}

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
	u8 *p;

	inet_pton(AF_INET, "10.88.0.1", &a.sin_addr);
	CHECK(!connect(s, (struct sockaddr *)&a, sizeof(a)));
	CHECK(!getsockname(s, (struct sockaddr *)&me, &len));
	CHECK(send(s, "hello", 5, 0) == 5);
	eth(theirs, ours, 0x0800);
	p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_ICMP, 8 + 28);
	p[0] = 3;
	p[1] = 4;
	put16(p + 6, 800);
	p[8] = 0x45;
	put16(p + 10, 33);
	p[12 + 2] = 0x40;
	p[8 + 8] = 64;
	p[8 + 9] = IPPROTO_UDP;
	memcpy(p + 20, &me.sin_addr, 4);
	inet_pton(AF_INET, "10.88.0.1", p + 24);
	memcpy(p + 28, &me.sin_port, 2);
	put16(p + 30, 9);
	put16(p + 32, 13);
	put16(p + 18, ~sum16(p + 8, 20, 0));
	put16(p + 2, ~sum16(p, 36, 0));
	ip4_sum();
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

/* --- ICMPv6 --- */

static int unreachable6(const u8 *f, int n)
{
	return icmp6_of(f, n, 1);
}

static void many_errors(void)
{
	int n = 0;

	for (int i = 0; i < 40; i++) {
		u8 *p;

		eth(theirs, ours, 0x86dd);
		p = ip6("fd00::2", "fd00::1", IPPROTO_UDP, 64, 16);
		put16(p, 1000);
		put16(p + 2, 9);
		put16(p + 4, 16);
		l4_sum(p, 16, IPPROTO_UDP, 6);
		emit();
		n += count(unreachable6);
	}
	printf("%s", n == 40 ? "all" : n ? "some" : "none");
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

/* --- routers --- */

/* From a router, with n bytes of options behind what is said of it. */
static u8 *router(const char *src, unsigned lifetime, int n)
{
	u8 *p;

	eth(all, other, 0x86dd);
	put16(out, 0x3333);
	put16(out + 2, 0);
	put16(out + 4, 1);
	p = ip6(src, "ff02::1", IPPROTO_ICMPV6, 255, 16 + n);
	p[0] = 134;
	put16(p + 6, lifetime);
	return p;
}

static void said(u8 *p, int n)
{
	l4_sum(p, 16 + n, IPPROTO_ICMPV6, 2);
	emit();
	count(advert);
	usleep(100000); /* Tarn does what it says in a task */
}

static int found(const char *command)
{
	return !system(command);
}

static void more_specific(void)
{
	u8 *p = router("fe80::77", 1800, 16);

	p[16] = 24;
	p[17] = 2;
	p[18] = 48;
	put16(p + 20, 0);
	put16(p + 22, 600);
	inet_pton(AF_INET6, "fd01::", p + 24);
	p[16 + 1] = 2;
	said(p, 16);
	printf("%s", yes(found(IP "-6 route show dev v0 | grep -q fd01::/48")));
	sh(IP "-6 route flush proto ra");
}

static void short_router(void)
{
	said(router("fe80::77", 60, 0), 0);
	printf("%s", yes(found(IP "-6 route show default | grep -q fe80::77")));
	sh(IP "-6 route flush proto ra");
}

static void prefix(unsigned valid)
{
	u8 *p = router("fe80::77", 0, 32);

	p[16] = 3;
	p[17] = 4;
	p[18] = 64;
	p[19] = 0xc0;
	put16(p + 22, valid);
	put16(p + 26, valid);
	inet_pton(AF_INET6, "fd02::", p + 32);
	said(p, 32);
}

static void shortened(void)
{
	prefix(20000);
	prefix(100);
	printf("%s",
	       found(IP
		     "-6 addr show dev v0 | grep -A1 fd02: | grep -q 'valid_lft [0-9]\\{1,3\\}sec'") ?
		       "short" :
		       "long");
	sh(IP "-6 addr flush dev v0 to fd02::/64");
}

/* --- groups --- */

static u8 asked_group[16];

static int report4(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_IGMP && f[38] == 0x22 &&
	       f[46] == 4 && !memcmp(f + 50, asked_group, 4);
}

static int report6(const u8 *f, int n)
{
	return n >= 90 && f[20] == IPPROTO_HOPOPTS && f[62] == 143 && f[70] == 4 &&
	       !memcmp(f + 74, asked_group, 16);
}

static int open_wire(const char *dev)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(3),
				 .sll_ifindex = (int)if_nametoindex(dev) };
	int s = socket(AF_PACKET, SOCK_RAW, htons(3));

	CHECK(s >= 0 && !bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

/* Reports of a group that is joined on w0, raised anew, until there are no more for a while. */
static void reports(const char *group)
{
	struct group_req r = { .gr_interface = if_nametoindex("w0") };
	int before = wire, six = !!strchr(group, ':'),
	    s = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0), n = 0;
	struct sockaddr_in *a4 = (void *)&r.gr_group;
	struct sockaddr_in6 *a6 = (void *)&r.gr_group;

	sh(IP "link set w0 down");
	sh(IP "link set w0 up");
	wire = open_wire("w1");
	for (int i = 0; i < 100 && next(NULL, 900); i++) /* its own groups */
		continue;
	r.gr_group.ss_family = six ? AF_INET6 : AF_INET;
	inet_pton(six ? AF_INET6 : AF_INET, group,
		  six ? (void *)&a6->sin6_addr : (void *)&a4->sin_addr);
	memcpy(asked_group, six ? (void *)&a6->sin6_addr : (void *)&a4->sin_addr, six ? 16 : 4);
	CHECK(!setsockopt(s, six ? SOL_IPV6 : SOL_IP, MCAST_JOIN_GROUP, &r, sizeof(r)));
	while (next(six ? report6 : report4, 900))
		n++;
	printf("%d", n);
	close(s);
	close(wire);
	wire = before;
}

static void reports_v4(void)
{
	reports("239.1.2.3");
}

static void reports_link(void)
{
	reports("224.0.0.77");
}

static void reports_v6(void)
{
	reports("ff05::77");
}

/* --- TCP --- */

static int listener(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	CHECK(!setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)) && !listen(s, 5));
	return s;
}

/* What answers a SYN, in `in`. */
static int ask(int tos)
{
	static unsigned port = 2000;
	int s = listener(80), n;
	u8 *p;

	eth(theirs, ours, 0x0800);
	p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_TCP, 20);
	out[15] = (u8)tos;
	put16(p, port++);
	put16(p + 2, 80);
	p[7] = 1;
	p[12] = 0x50;
	p[13] = 2;
	put16(p + 14, 60000);
	l4_sum(p, 20, IPPROTO_TCP, 16);
	ip4_sum();
	emit();
	n = seen(synack);
	close(s);
	return n;
}

static void tos(void)
{
	printf("%x", ask(0x50) ? in[15] : 0x999u);
}

static void window(void)
{
	printf("%s", ask(0) ? get16(in + 48) > 32767 ? "large" : "small" : "none");
}

static void mss(void)
{
	sh(IP "link set v0 mtu 1300");
	printf("%u", ask(0) && in[54] == 2 ? get16(in + 56) : 0);
	sh(IP "link set v0 mtu 1500");
}

static int syn(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_TCP && (f[47] & 0x12) == 2 &&
	       get16(f + 36) == 99;
}

/* ECN is asked for by a SYN, and by the one after it? */
static void again(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(99) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);

	put("ipv4/tcp_ecn", "1");
	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	connect(s, (struct sockaddr *)&to, sizeof(to));
	for (int i = 0; i < 2; i++)
		printf("%s%s", i ? ", then " : "",
		       !next(syn, 60000) ? "nothing" :
		       in[47] & 0x40	 ? "ECN" :
					   "none");
	close(s);
	put("ipv4/tcp_ecn", "2");
}

/* How many of eight SYNs a listener answers that may not send cookies. */
static void half_open(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(82) };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1, n = 0;
	static unsigned port = 4000;

	put("ipv4/tcp_syncookies", "0");
	CHECK(!setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)) && !listen(s, 100));
	for (int i = 0; i < 8; i++) {
		u8 *p;

		eth(theirs, ours, 0x0800);
		p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_TCP, 20);
		put16(p, port++);
		put16(p + 2, 82);
		p[7] = 1;
		p[12] = 0x50;
		p[13] = 2;
		put16(p + 14, 60000);
		l4_sum(p, 20, IPPROTO_TCP, 16);
		ip4_sum();
		emit();
		n += seen(synack) > 0;
	}
	printf("%d", n);
	close(s);
	put("ipv4/tcp_syncookies", "1");
}

/* How many sources a socket may name for a group; twenty are tried. */
static void sources(int family, int level, const char *group, const char *source)
{
	struct group_source_req r = { .gsr_interface = if_nametoindex("v0") };
	int s = socket(family, SOCK_DGRAM, 0), n = 0;

	r.gsr_group.ss_family = r.gsr_source.ss_family = (unsigned short)family;
	for (; n < 20; n++) {
		char text[64];

		snprintf(text, sizeof(text), source, n + 1);
		if (family == AF_INET) {
			inet_pton(family, group, &((struct sockaddr_in *)&r.gsr_group)->sin_addr);
			inet_pton(family, text, &((struct sockaddr_in *)&r.gsr_source)->sin_addr);
		} else {
			inet_pton(family, group, &((struct sockaddr_in6 *)&r.gsr_group)->sin6_addr);
			inet_pton(family, text, &((struct sockaddr_in6 *)&r.gsr_source)->sin6_addr);
		}
		if (setsockopt(s, level, MCAST_JOIN_SOURCE_GROUP, &r, sizeof(r)))
			break;
	}
	printf("%d %s", n, n < 20 ? strerror(errno) : "");
	close(s);
}

static void sources4(void)
{
	sources(AF_INET, SOL_IP, "239.9.9.9", "10.9.0.%d");
}

static void sources6(void)
{
	sources(AF_INET6, SOL_IPV6, "ff05::99", "fd00::1%02d");
}

/* An error about a broadcast of ours: does its sender hear of it? */
static void about_broadcast(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(5500) }, to = a;
	int s = socket(AF_INET, SOCK_DGRAM, 0), one = 1, err = 0;
	socklen_t len = sizeof(err);
	u8 *p;

	inet_pton(AF_INET, "10.9.0.1", &a.sin_addr);
	inet_pton(AF_INET, "10.9.0.255", &to.sin_addr);
	CHECK(!setsockopt(s, SOL_SOCKET, SO_BROADCAST, &one, sizeof(one)));
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)) &&
	      !connect(s, (struct sockaddr *)&to, sizeof(to)));
	eth(theirs, ours, 0x0800);
	p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_ICMP, 8 + 28);
	p[0] = 3;
	p[1] = 3;
	p[8] = 0x45;
	put16(p + 10, 28);
	p[16] = 64;
	p[17] = IPPROTO_UDP;
	memcpy(p + 20, &a.sin_addr, 4);
	memcpy(p + 24, &to.sin_addr, 4);
	put16(p + 18, 0xffff & ~sum16(p + 8, 20, 0));
	put16(p + 28, 5500);
	put16(p + 30, 5500);
	put16(p + 32, 8);
	put16(p + 2, 0xffff & ~sum16(p, 36, 0));
	ip4_sum();
	emit();
	count(synack); /* none: the fence is behind it */
	CHECK(!getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len));
	printf("%s", err ? strerror(err) : "no");
	close(s);
}

static void connected(int *c, int *a, int mark)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(81) };
	int l = listener(81);

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	*c = socket(AF_INET, SOCK_STREAM, 0);
	CHECK(!setsockopt(*c, SOL_SOCKET, SO_MARK, &mark, sizeof(mark)));
	CHECK(!connect(*c, (struct sockaddr *)&to, sizeof(to)));
	*a = accept(l, NULL, NULL);
	CHECK(*a >= 0);
	close(l);
}

static void accepted_mark(void)
{
	int c, a, mark = -1;
	socklen_t len = sizeof(mark);

	connected(&c, &a, 9);
	CHECK(!getsockopt(a, SOL_SOCKET, SO_MARK, &mark, &len));
	printf("%d", mark);
	close(c);
	close(a);
}

/* After some questions and answers: are ACKs put off? */
static void to_and_fro(void)
{
	int c, a, v = -1;
	socklen_t len = sizeof(v);
	char byte;

	connected(&c, &a, 0);
	for (int i = 0; i < 20; i++) {
		CHECK(send(c, "q", 1, 0) == 1 && recv(a, &byte, 1, 0) == 1);
		CHECK(send(a, "a", 1, 0) == 1 && recv(c, &byte, 1, 0) == 1);
	}
	CHECK(!getsockopt(a, IPPROTO_TCP, TCP_QUICKACK, &v, &len));
	printf("%s", v ? "quick" : "put off");
	close(c);
	close(a);
}

/* --- ports and addresses --- */

static int bind_to(int s, const char *addr, int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6,
				   .sin6_port = htons((unsigned short)port) };

	if (strchr(addr, ':')) {
		inet_pton(AF_INET6, addr, &a6.sin6_addr);
		return bind(s, (struct sockaddr *)&a6, sizeof(a6));
	}
	inet_pton(AF_INET, addr, &a.sin_addr);
	return bind(s, (struct sockaddr *)&a, sizeof(a));
}

static void nobodys(const char *addr, int family)
{
	int s = socket(family, SOCK_DGRAM, 0), r = bind_to(s, addr, 0);

	printf("%s", r ? strerror(errno) : "bound");
	close(s);
}

static void nobodys4(void)
{
	nobodys("10.200.0.1", AF_INET);
}

static void nobodys6(void)
{
	nobodys("fd99::1", AF_INET6);
}

/* Ports that come unasked of a small range, until there is none. */
static void unasked(int type)
{
	int s[8], n = 0;

	put("ipv4/ip_local_port_range", "40000 40003");
	for (; n < 8; n++) {
		int one = 1;

		s[n] = socket(AF_INET, type, 0);
		CHECK(!setsockopt(s[n], SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
		if (bind_to(s[n], "127.0.0.1", 0))
			break;
	}
	printf("%d", n);
	for (int i = 0; i <= n && i < 8; i++)
		close(s[i]);
	put("ipv4/ip_local_port_range", "32768 60999");
}

static void unasked_tcp(void)
{
	unasked(SOCK_STREAM);
}

static void unasked_udp(void)
{
	unasked(SOCK_DGRAM);
}

static void asked(void)
{
	int s = socket(AF_INET, SOCK_STREAM, 0), l = listener(82), c[5], n = 0;
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(82) };

	printf("%s ", bind_to(s, "127.0.0.1", 40001) ? strerror(errno) : "bound");
	close(s);
	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	put("ipv4/ip_local_port_range", "40000 40003");
	for (; n < 5; n++) {
		c[n] = socket(AF_INET, SOCK_STREAM, 0);
		if (connect(c[n], (struct sockaddr *)&to, sizeof(to)))
			break;
	}
	printf("%d", n);
	for (int i = 0; i <= n && i < 5; i++) {
		struct linger hard = { .l_onoff = 1 };

		setsockopt(c[i], SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
		close(c[i]);
	}
	close(l);
	put("ipv4/ip_local_port_range", "32768 60999");
}

static void control(void)
{
	static char space[5000] __attribute__((aligned(8)));
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(9) };
	struct iovec v = { space, 1 };
	struct msghdr m = { .msg_name = &to,
			    .msg_namelen = sizeof(to),
			    .msg_iov = &v,
			    .msg_iovlen = 1,
			    .msg_control = space,
			    .msg_controllen = CMSG_SPACE(4900) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);

	inet_pton(AF_INET, "127.0.0.1", &to.sin_addr);
	CMSG_FIRSTHDR(&m)->cmsg_level = 12345; /* nobody's */
	CMSG_FIRSTHDR(&m)->cmsg_len = CMSG_LEN(4900);
	printf("%s", sendmsg(s, &m, 0) < 0 ? strerror(errno) : "sent");
	close(s);
}

/* --- routers, and what they say of the link --- */

static void with_prefix(void)
{
	prefix(20000);
	printf("%s", yes(found(IP "-6 addr show dev v0 | grep -q fd02:")));
	sh(IP "-6 addr flush dev v0 to fd02::/64");
	sh(IP "-6 route flush proto ra");
	sh(IP "-6 route flush proto kernel fd02::/64");
}

static void long_enough(void)
{
	put("ipv6/conf/v0/accept_ra_rt_info_max_plen", "64");
	more_specific();
	put("ipv6/conf/v0/accept_ra_rt_info_max_plen", "0");
}

static void told_hops(void)
{
	u8 *p = router("fe80::77", 0, 0);
	char hops[20];

	p[4] = 30;
	said(p, 0);
	get("ipv6/conf/v0/hop_limit", hops, sizeof(hops));
	printf("%s", hops);
	put("ipv6/conf/v0/hop_limit", "64");
}

static void told_mtu(void)
{
	u8 *p = router("fe80::77", 0, 8);
	char mtu[20];

	p[16] = 5;
	p[17] = 1;
	put16(p + 22, 1400);
	said(p, 8);
	get("ipv6/conf/v0/mtu", mtu, sizeof(mtu));
	printf("%s", mtu);
	put("ipv6/conf/v0/mtu", "1500");
}

static void preferred(void)
{
	u8 *p = router("fe80::77", 600, 0);

	p[5] = 8;
	said(p, 0);
	printf("%s", yes(found(IP "-6 route show default | grep -q 'pref high'")));
	sh(IP "-6 route flush proto ra");
}

static void metric(void)
{
	said(router("fe80::77", 600, 0), 0);
	printf("%s %s", yes(found(IP "-6 route show default | grep -q 'metric 1024'")),
	       yes(found(IP "-6 route show default | grep -q 'metric 77'")));
	sh(IP "-6 route flush proto ra");
}

static int solicits(const u8 *f, int n)
{
	return icmp6_of(f, n, 133);
}

/* How often routers are asked for within so many ms after the first time. */
static void solicited(long ms)
{
	int before = wire, n;
	long end;

	sh(IP "link set w0 down");
	put("ipv6/conf/w0/router_solicitations", "3");
	wire = open_wire("w1");
	sh(IP "link set w0 up");
	n = next(solicits, 10000);
	for (end = now_ms() + ms; n && now_ms() < end;)
		n += next(solicits, end - now_ms());
	printf("%d", n);
	put("ipv6/conf/w0/router_solicitations", "0");
	close(wire);
	wire = before;
}

static void solicited_again(void)
{
	solicited(1700);
}

static void solicited_late(void)
{
	put("ipv6/conf/w0/router_solicitation_interval", "1");
	solicited(2700);
	put("ipv6/conf/w0/router_solicitation_interval", "4");
}

static void solicited_soon(void)
{
	int before = wire;

	sh(IP "link set w0 down");
	put("ipv6/conf/w0/router_solicitations", "1");
	wire = open_wire("w1");
	sh(IP "link set w0 up");
	printf("%s", next(solicits, 1900) ? "soon" : "later");
	put("ipv6/conf/w0/router_solicitations", "0");
	close(wire);
	wire = before;
}

static void tests_of_address(void)
{
	int n = 0;

	drain();
	sh(IP "addr add fd00::97/64 dev v0");
	while (next(dad, 900))
		n++;
	printf("%d", n);
	sh(IP "addr del fd00::97/64 dev v0");
}

static void kept(void)
{
	sh(IP "addr add fd05::1/64 dev w0 nodad");
	sh(IP "link set w0 down");
	printf("%s", yes(found(IP "-6 addr show dev w0 | grep -q fd05::1")));
	sh(IP "link set w0 up");
	sh(IP "-6 addr flush dev w0 to fd05::/64");
}

/* --- reports of older versions --- */

static const u8 *ip4_payload(const u8 *f)
{
	return f + 14 + (f[14] & 15) * 4;
}

static int igmp(const u8 *f, int n)
{
	static const u8 group[4] = { 239, 1, 2, 3 };

	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_IGMP &&
	       (!memcmp(f + 30, group, 4) || !memcmp(ip4_payload(f) + 12, group, 4));
}

static int mld(const u8 *f, int n)
{
	return n >= 86 && get16(f + 12) == 0x86dd && f[20] == IPPROTO_HOPOPTS &&
	       (f[62] == 143 ? !memcmp(f + 74, asked_group, 16) : !memcmp(f + 70, asked_group, 16));
}

/* Of which kind the reports of a group are that is joined, and how many come. */
static void kind_of_reports(int six)
{
	struct group_req r = { .gr_interface = if_nametoindex("w0") };
	int before = wire, s, n = 0, kind = 0;

	sh(IP "link set w0 down");
	sh(IP "link set w0 up");
	wire = open_wire("w1");
	for (int i = 0; i < 100 && next(NULL, 900); i++) /* its own groups */
		continue;
	r.gr_group.ss_family = six ? AF_INET6 : AF_INET;
	if (six)
		inet_pton(AF_INET6, "ff05::77", &((struct sockaddr_in6 *)&r.gr_group)->sin6_addr);
	else
		inet_pton(AF_INET, "239.1.2.3", &((struct sockaddr_in *)&r.gr_group)->sin_addr);
	if (six)
		inet_pton(AF_INET6, "ff05::77", asked_group);
	s = socket(six ? AF_INET6 : AF_INET, SOCK_DGRAM, 0);
	CHECK(!setsockopt(s, six ? SOL_IPV6 : SOL_IP, MCAST_JOIN_GROUP, &r, sizeof(r)));
	while (next(six ? mld : igmp, 900)) {
		kind = six ? in[62] : *ip4_payload(in);
		n++;
	}
	printf("kind %d, %d times", kind, n);
	close(s);
	close(wire);
	wire = before;
}

static void kind_of_reports4(void)
{
	kind_of_reports(0);
}

static void kind_of_reports6(void)
{
	kind_of_reports(1);
}

/* --- what is answered, believed, told --- */

static void ping_one(void)
{
	drain();
	echo4(theirs, ours, "10.9.0.2", "10.9.0.1", 0x11, 16);
	emit();
	printf("%s", yes(next(reply4, 500)));
}

static void ping_all(void)
{
	echo4(all, ours, "10.9.0.2", "10.9.0.255", 0x11, 16);
	emit();
	printf("%s", yes(count(reply4)));
}

static void ping_one6(void)
{
	echo6(theirs, ours, "fd00::2", "fd00::1", 0x11);
	emit();
	printf("%s", yes(count(reply6)));
}

static void ping_all6(void)
{
	static const u8 nodes[6] = { 0x33, 0x33, 0, 0, 0, 1 };

	echo6(nodes, ours, "fd00::2", "ff02::1", 0x11);
	emit();
	printf("%s", yes(count(reply6)));
}

/* A datagram: does a socket that is bound to dst get it? */
static void datagram(const char *src, const char *dst)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(5600) };
	int s = socket(AF_INET, SOCK_DGRAM, 0);
	char c;
	u8 *p;

	inet_pton(AF_INET, dst, &a.sin_addr);
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)));
	eth(theirs, ours, 0x0800);
	p = ip4(src, dst, IPPROTO_UDP, 9);
	put16(p, 5600);
	put16(p + 2, 5600);
	put16(p + 4, 9);
	p[8] = 'x';
	l4_sum(p, 9, IPPROTO_UDP, 6);
	ip4_sum();
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

/* Errors about as many datagrams to nobody's port. */
static int errors4(int datagrams)
{
	int n = 0;

	for (int i = 0; i < datagrams; i++) {
		u8 *p;

		eth(theirs, ours, 0x0800);
		p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_UDP, 9);
		put16(p, 5700);
		put16(p + 2, 9);
		put16(p + 4, 9);
		l4_sum(p, 9, IPPROTO_UDP, 6);
		ip4_sum();
		emit();
		n += count(icmp4_error);
	}
	return n;
}

static void masked(void)
{
	int n;

	put("ipv4/icmp_ratelimit", "100000");
	n = errors4(20);
	printf("%s", n == 20 ? "all" : n < 20 ? "fewer" : "more");
	put("ipv4/icmp_ratelimit", "0");
}

/* The bucket is as deep as the word says, and fills by one a second. */
static void burst(void)
{
	int n;

	put("ipv4/icmp_msgs_per_sec", "1");
	n = errors4(40);
	printf("%s", n == 40 ? "all" : "fewer");
	put("ipv4/icmp_msgs_per_sec", "1000");
}

static int about_v0(const u8 *f, int n)
{
	static const u8 mine[4] = { 10, 10, 0, 1 };

	return n >= 42 && get16(f + 12) == 0x0806 && !memcmp(f + 28, mine, 4) &&
	       !memcmp(f + 38, mine, 4);
}

static void told_of_device(void)
{
	int before = wire;

	sh(IP "link set w0 down");
	wire = open_wire("w1");
	sh(IP "link set w0 up");
	printf("%s", yes(next(about_v0, 900)));
	close(wire);
	wire = before;
}

/* SYNs within so many ms of the first. */
static void syns(void)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(99) };
	int s = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), n;
	long end;

	inet_pton(AF_INET, "10.9.0.2", &to.sin_addr);
	drain();
	connect(s, (struct sockaddr *)&to, sizeof(to));
	n = next(syn, 10000);
	for (end = now_ms() + 2600; now_ms() < end;)
		n += next(syn, end - now_ms());
	printf("%d", n);
	close(s);
}

/* --- the table --- */

static const struct netconf_case cases[] = {
	{ "ipv4/conf/v0/drop_unicast_in_l2_multicast", { "0", "1" }, to_all4 },
	{ "ipv6/conf/v0/drop_unicast_in_l2_multicast", { "0", "1" }, to_all6 },
	{ "ipv4/neigh/v0/locktime", { "0", "100000" }, two_claims },
	{ "ipv4/conf/v0/proxy_arp_pvlan", { "0", "1" }, pvlan },
	{ "ipv4/neigh/v0/mcast_solicit", { "1", "3" }, unanswered },
	{ "ipv4/neigh/v0/mcast_resolicit", { "0", "2" }, reprobed },
	{ "ipv4/icmp_errors_use_inbound_ifaddr", { "0", "1" }, expired },
	{ "ipv4/route/redirect_number", { "0", "2", "4" }, redirects },
	{ "ipv4/ip_forward_use_pmtu", { "0", "1" }, narrow },
	{ "ipv4/ipfrag_time", { "1" }, late_piece },
	{ "ipv4/igmp_qrv", { "1", "2", "4", "0" }, reports_v4 },
	{ "ipv4/igmp_link_local_mcast_reports", { "0", "1" }, reports_link },
	{ "ipv6/mld_qrv", { "1", "2", "4" }, reports_v6 },
	{ "ipv4/tcp_reflect_tos", { "0", "1" }, tos },
	{ "ipv4/tcp_workaround_signed_windows", { "0", "1" }, window },
	{ "ipv4/route/min_adv_mss", { "256", "1400" }, mss },
	{ "ipv4/tcp_ecn_fallback", { "1", "0" }, again },
	{ "ipv4/tcp_max_syn_backlog", { "4", "6", "512" }, half_open },
	{ "ipv4/igmp_max_msf", { "10", "3" }, sources4 },
	{ "ipv6/mld_max_msf", { "64", "12" }, sources6 },
	{ "ipv4/icmp_ignore_bogus_error_responses", { "1", "0" }, about_broadcast },
	{ "ipv4/tcp_fwmark_accept", { "0", "1" }, accepted_mark },
	{ "ipv4/tcp_pingpong_thresh", { "1", "255", "0" }, to_and_fro },
	{ "ipv4/ip_nonlocal_bind", { "0", "1" }, nobodys4 },
	{ "ipv6/ip_nonlocal_bind", { "0", "1" }, nobodys6 },
	{ "ipv4/ip_autobind_reuse", { "0", "1" }, unasked_tcp },
	{ "ipv4/ip_local_reserved_ports", { "40001-40002", "40000,40003", "\n" }, unasked_tcp },
	{ "ipv4/ip_local_reserved_ports", { "40000-40003", "40000" }, asked },
	{ "ipv4/ip_local_reserved_ports", { "40000-40002,", "7-3", "65536" }, unasked_udp },
	{ "core/optmem_max", { "131072", "4096" }, control },
	{ "ipv6/icmp/ratemask", { "0-1,3-127", "2-3", "", "256", "5-" }, many_errors },
	{ "ipv6/flowlabel_reflect", { "0", "4" }, label },
	{ "ipv6/max_dst_opts_length", { "2147483647", "16", "8" }, destination_options },
	{ "ipv6/max_hbh_length", { "2147483647", "16", "8" }, hop_options },
	{ "ipv6/conf/v0/force_tllao", { "0", "1" }, solicited_alone },
	{ "ipv6/conf/v0/ndisc_tclass", { "0", "64", "256" }, class_of_advert },
	{ "ipv6/conf/v0/suppress_frag_ndisc", { "1", "0" }, in_pieces },
	{ "ipv6/conf/v0/drop_unsolicited_na", { "0", "1" }, two_claims6 },
	{ "ipv6/conf/v0/accept_untracked_na", { "0", "1" }, untracked },
	{ "ipv6/conf/v0/enhanced_dad", { "1", "0" }, test_with_nonce },
	{ "ipv6/conf/v0/ndisc_notify", { "0", "1" }, told_of_address },
	{ "ipv6/conf/v0/accept_ra_rt_info_max_plen", { "0", "64" }, more_specific },
	{ "ipv6/conf/v0/accept_ra_min_lft", { "0", "100" }, short_router },
	{ "ipv6/conf/v0/ra_honor_pio_life", { "0", "1" }, shortened },
	{ "ipv6/max_dst_opts_number", { "8", "0" }, destination_options },
	{ "ipv6/max_hbh_opts_number", { "8", "0" }, hop_options },
	{ "ipv6/conf/v0/accept_ra_defrtr", { "1", "0" }, short_router },
	{ "ipv6/conf/v0/accept_ra_rt_info_min_plen", { "0", "64" }, long_enough },
	{ "ipv6/conf/v0/accept_ra_rtr_pref", { "1", "0" }, preferred },
	{ "ipv6/conf/v0/ra_defrtr_metric", { "1024", "77", "0" }, metric },
	{ "ipv6/conf/v0/accept_ra_pinfo", { "1", "0" }, with_prefix },
	{ "ipv6/conf/v0/autoconf", { "1", "0" }, with_prefix },
	{ "ipv6/conf/v0/accept_ra_min_hop_limit", { "1", "40" }, told_hops },
	{ "ipv6/conf/v0/accept_ra_mtu", { "1", "0" }, told_mtu },
	{ "ipv6/conf/v0/dad_transmits", { "1", "3", "0" }, tests_of_address },
	{ "ipv6/conf/w0/keep_addr_on_down", { "0", "1" }, kept },
	{ "ipv6/conf/w0/router_solicitation_interval", { "1", "4" }, solicited_again },
	{ "ipv6/conf/w0/router_solicitation_max_interval", { "1", "3600" }, solicited_late },
	{ "ipv6/conf/w0/router_solicitation_delay", { "1", "3" }, solicited_soon },
	{ "ipv4/conf/w0/force_igmp_version", { "0", "1", "2", "3" }, kind_of_reports4 },
	{ "ipv6/conf/w0/force_mld_version", { "0", "1", "2" }, kind_of_reports6 },
	{ "ipv4/conf/w0/arp_notify", { "0", "1" }, told_of_device },
	{ "ipv4/icmp_echo_ignore_all", { "0", "1" }, ping_one },
	{ "ipv4/icmp_echo_ignore_broadcasts", { "1", "0" }, ping_all },
	{ "ipv6/icmp/echo_ignore_all", { "0", "1" }, ping_one6 },
	{ "ipv6/icmp/echo_ignore_multicast", { "0", "1" }, ping_all6 },
	{ "ipv4/conf/v0/accept_local", { "0", "1" }, from_ourselves },
	{ "ipv4/conf/v0/route_localnet", { "0", "1" }, to_localhost },
	{ "ipv4/icmp_ratemask", { "6168", "6160" }, masked },
	{ "ipv4/icmp_msgs_burst", { "1000", "2" }, burst },
	{ "ipv4/tcp_syn_linear_timeouts", { "4", "0" }, syns },
};

int main(void)
{
	cpu_set_t one;

	CPU_ZERO(&one);
	CPU_SET(0, &one);
	CHECK(!sched_setaffinity(0, sizeof(one), &one));
	wire = open_wire("v1");
	while (next(NULL, 2000)) /* v0's own groups and addresses: until all is told */
		continue;
	walk(cases, sizeof(cases) / sizeof(cases[0]), drain);
	return 0;
}

/*
 * netconf_frames.c - frames that are made by hand, and the wire that they are sent on and seen on.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

#include <linux/if_packet.h>
#include <poll.h>

const u8 ours[6] = { 2, 0, 0, 0, 0, 2 }, theirs[6] = { 2, 0, 0, 0, 0, 1 },
	 all[6] = { 255, 255, 255, 255, 255, 255 }, other[6] = { 2, 0, 0, 0, 0, 3 };
int wire;
u8 out[1600], in[70000];
int out_len, in_len;

unsigned sum16(const u8 *p, int n, unsigned sum)
{
	for (int i = 0; i < n; i++)
		sum += i % 2 ? p[i] : (unsigned)p[i] << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

void put16(u8 *p, unsigned v)
{
	p[0] = (u8)(v >> 8);
	p[1] = (u8)v;
}

void put32(u8 *p, unsigned v)
{
	put16(p, v >> 16);
	put16(p + 2, v & 0xffff);
}

unsigned get16(const u8 *p)
{
	return (unsigned)p[0] << 8 | p[1];
}

void eth(const u8 *dst, const u8 *src, unsigned type)
{
	memset(out, 0, sizeof(out));
	memcpy(out, dst, 6);
	memcpy(out + 6, src, 6);
	put16(out + 12, type);
	out_len = 14;
}

unsigned get32(const u8 *p)
{
	return get16(p) << 16 | get16(p + 2);
}

/* An IPv4 header for n more bytes, which follow. */
u8 *ip4(const char *src, const char *dst, int proto, int n)
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

void ip4_sum(void)
{
	put16(out + 24, 0);
	put16(out + 24, ~sum16(out + 14, 20, 0));
}

u8 *ip6(const char *src, const char *dst, int next, int hops, int n)
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
void l4_sum(u8 *at, int n, int proto, int where)
{
	int six = out[14] >> 4 == 6;
	unsigned s = sum16(out + (six ? 22 : 26), six ? 32 : 8, (unsigned)(proto + n));

	put16(at + where, 0);
	put16(at + where, ~sum16(at, n, s));
}

void emit(void)
{
	CHECK(send(wire, out, (size_t)out_len, 0) == out_len);
}

void echo4(const u8 *mac, const u8 *from, const char *src, const char *dst, int id, int n)
{
	u8 *p;

	eth(mac, from, 0x0800);
	p = ip4(src, dst, IPPROTO_ICMP, n);
	p[0] = 8;
	put16(p + 4, (unsigned)id);
	put16(p + 2, ~sum16(p, n, 0));
	ip4_sum();
}

u8 *echo6(const u8 *mac, const u8 *from, const char *src, const char *dst, int id)
{
	u8 *p;

	eth(mac, from, 0x86dd);
	p = ip6(src, dst, IPPROTO_ICMPV6, 64, 16);
	p[0] = 128;
	put16(p + 4, (unsigned)id);
	l4_sum(p, 16, IPPROTO_ICMPV6, 2);
	return p;
}

/* A datagram of n bytes to v0, of either version. */
void udp(const char *src, const char *dst, int from, int to, int n)
{
	int six = !!strchr(dst, ':');
	u8 *p;

	eth(theirs, ours, six ? 0x86dd : 0x0800);
	p = six ? ip6(src, dst, IPPROTO_UDP, 64, 8 + n) : ip4(src, dst, IPPROTO_UDP, 8 + n);
	put16(p, (unsigned)from);
	put16(p + 2, (unsigned)to);
	put16(p + 4, 8 + (unsigned)n);
	memset(p + 8, 'x', (size_t)n);
	l4_sum(p, 8 + n, IPPROTO_UDP, 6);
	if (!six)
		ip4_sum();
}

/* An ICMP error, unreachable and the code, about a datagram of ours. */
void about_udp(int code, const void *src, const void *dst, int from, int to, int mtu)
{
	u8 *p;

	eth(theirs, ours, 0x0800);
	p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_ICMP, 8 + 28);
	p[0] = 3;
	p[1] = (u8)code;
	put16(p + 6, (unsigned)mtu);
	p[8] = 0x45;
	put16(p + 10, 33);
	p[14] = 0x40;
	p[16] = 64;
	p[17] = IPPROTO_UDP;
	memcpy(p + 20, src, 4);
	memcpy(p + 24, dst, 4);
	put16(p + 18, 0xffff & ~sum16(p + 8, 20, 0));
	put16(p + 28, (unsigned)from);
	put16(p + 30, (unsigned)to);
	put16(p + 32, 13);
	put16(p + 2, 0xffff & ~sum16(p, 36, 0));
	ip4_sum();
}

void segment(const struct segment *s)
{
	int n = 20 + s->options_len + s->len;
	u8 *p;

	eth(theirs, ours, 0x0800);
	p = ip4("10.9.0.2", "10.9.0.1", IPPROTO_TCP, n);
	out[15] = (u8)s->tos;
	put16(p, s->from);
	put16(p + 2, s->to);
	put32(p + 4, s->seq);
	put32(p + 8, s->ack);
	p[12] = (u8)((20 + s->options_len) / 4 << 4);
	p[13] = (u8)s->flags;
	put16(p + 14, s->window);
	put16(p + 18, s->urgent);
	if (s->options_len)
		memcpy(p + 20, s->options, (size_t)s->options_len);
	if (s->len)
		memcpy(p + 20 + s->options_len, s->data, (size_t)s->len);
	l4_sum(p, n, IPPROTO_TCP, 16);
	ip4_sum();
	emit();
}

void arp(unsigned op, const u8 *to, const u8 *mac, const char *sender, const char *target)
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
u8 *nd(int type, const u8 *to, const u8 *mac, const char *src, const char *dst, const char *target,
       int flags, int option)
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

/* --- what v0 sends --- */

int open_wire(const char *dev)
{
	struct sockaddr_ll a = { .sll_family = AF_PACKET,
				 .sll_protocol = htons(3),
				 .sll_ifindex = (int)if_nametoindex(dev) };
	int s = socket(AF_PACKET, SOCK_RAW, htons(3));

	CHECK(s >= 0 && !bind(s, (struct sockaddr *)&a, sizeof(a)));
	return s;
}

static int is_fence(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP && f[34] == 0 &&
	       get16(f + 38) == 0xfe;
}

/* The next frame of v0's that is wanted, in `in`; 0: none came for so many ms. */
int next(match *want, long ms)
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

void drain(void)
{
	while (recv(wire, in, sizeof(in), MSG_DONTWAIT) > 0)
		continue;
}

/* How many frames that are wanted v0 sends before it answers the fence. */
int count(match *want)
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
int seen(match *want)
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

int reply4(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP && f[34] == 0 &&
	       get16(f + 38) == 0x11;
}

int reply6(const u8 *f, int n)
{
	return n >= 62 && get16(f + 12) == 0x86dd && f[20] == IPPROTO_ICMPV6 && f[54] == 129;
}

int icmp6_of(const u8 *f, int n, int type)
{
	return n >= 58 && get16(f + 12) == 0x86dd && f[20] == IPPROTO_ICMPV6 && f[54] == type;
}

int advert(const u8 *f, int n)
{
	return icmp6_of(f, n, 136);
}

/* A test whether somebody has an address: from none. */
int dad(const u8 *f, int n)
{
	static const u8 none[16];

	return icmp6_of(f, n, 135) && !memcmp(f + 22, none, 16);
}

int arp_reply(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0806 && get16(f + 20) == 2;
}

int icmp4_error(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP &&
	       (f[34] == 3 || f[34] == 11);
}

int redirect4(const u8 *f, int n)
{
	return n >= 42 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_ICMP && f[34] == 5;
}

int synack(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_TCP && f[47] == 0x12;
}

int syn(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_TCP && (f[47] & 0x12) == 2 &&
	       get16(f + 36) == 99;
}

const char *yes(int n)
{
	return n ? "yes" : "no";
}

int found(const char *command)
{
	return !system(command);
}

int listener(int port, int backlog)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((unsigned short)port) };
	int s = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	CHECK(!setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)));
	CHECK(!bind(s, (struct sockaddr *)&a, sizeof(a)) && !listen(s, backlog));
	return s;
}

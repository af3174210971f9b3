/*
 * libFuzzer over what a link can bring: frames into a machine that has sockets of all kinds, groups, a
 * TCP connection in one of its states, and forwards. `make fuzz-net` builds it; see host.mk.
 *
 * The input's first byte chooses the state, the version of IP and whether options are agreed on. Then frames: a byte that says how much
 * of it is made right (addresses, lengths, checksums, TCP's numbers), so that the fuzzer gets further
 * than the first look; a length; bytes. Behind a mended IPv6 header extension headers are followed to
 * what they lead to.
 */
#include "sim.h"

#include <err.h>
#include <uapi/icmp.h>
#include <uapi/in.h>
#include <uapi/in6.h>
#include <uapi/rtnetlink.h>

#include "net/ipv4.h"
#include "net/ipv6_dev.h"
#include "net/wire/eth.h"
#include "net/wire/ipv6.h"
#include "net/wire/tcp.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size);

#define OUR_PORT   80
#define THEIR_PORT 5000
#define THEIR_ISN  1000
#define UDP4_PORT  0x0909
#define UDP6_PORT  0x0a0a

enum { /* of the byte before a frame */
       HOW_ARP = 1,
       HOW_IP = 2,
       HOW_IP6 = 3,
       HOW_LINK = 3, /* the mask: which of them; 0 as it is */
       HOW_HEADER = 4, /* the IP header is right, but for its options and what follows */
       HOW_SUM = 8, /* and the checksum of what it carries */
       HOW_TCP = 16, /* a segment of the connection: ports; its numbers are near those expected */
       HOW_GROUP = 32, /* to a group, to somebody else, or to us */
       HOW_OTHER = 64,
};

enum state {
	LISTENING,
	SYN_SENT,
	SYN_RECEIVED,
	OPEN,
	FIN_WAIT_1,
	FIN_WAIT_2,
	CLOSE_WAIT,
	CLOSING,
	LAST_ACK,
	TIMEWAIT,
	NR_STATES,
};

static const u8 our_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 1 },
		their_mac[ETH_ALEN] = { 2, 0, 0, 0, 0, 9 };
static struct netdev *dev;
static bool v6; /* what the connection is over */
static bool with_options; /* its SYN has all that there are */
static u32 snd, rcv; /* its numbers: ours next, theirs next */
static u16 our_port;

static struct in6_addr six(u8 last)
{
	return (struct in6_addr){ .s6_addr = { 0xfd, [15] = last } };
}

/* --- making right --- */

static u32 sum_of(const u8 *p, size_t n, u32 sum)
{
	for (; n > 1; n -= 2, p += 2)
		sum += get_be16(p);
	if (n)
		sum += (u32)*p << 8;
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

static void mend_tcp(u8 *t)
{
	put_be16(t, THEIR_PORT);
	put_be16(t + 2, our_port);
	/* Near what is expected: two bytes of the fuzzer's say by how much off. */
	put_be32(t + 4, rcv + (u32)(s32)(s16)get_be16(t + 6));
	put_be32(t + 8, snd + (u32)(s32)(s16)get_be16(t + 10));
}

/* addrs: both addresses as they stand in the header. */
static void mend_payload(u8 proto, u8 *t, size_t n, const u8 *addrs, size_t len, u8 how)
{
	static const u8 offsets[] = { [IPPROTO_ICMP] = 2,
				      [IPPROTO_IGMP] = 2,
				      [IPPROTO_TCP] = 16,
				      [IPPROTO_UDP] = 6,
				      [IPPROTO_ICMPV6] = 2 };
	size_t at = proto < sizeof(offsets) ? offsets[proto] : 0;
	u32 sum = 0;

	if (how & HOW_TCP && proto == IPPROTO_TCP && n >= 20)
		mend_tcp(t);
	if (how & HOW_TCP && proto == IPPROTO_UDP && n >= 8) {
		put_be16(t + 2, len == 8 ? UDP4_PORT : UDP6_PORT);
		put_be16(t + 4, (u16)n);
	}
	if (!(how & HOW_SUM) || !at || n < at + 2)
		return;
	if (proto != IPPROTO_ICMP && proto != IPPROTO_IGMP)
		sum = sum_of(addrs, len, proto + (u32)n);
	put_be16(t + at, 0);
	put_be16(t + at, (u16)~sum_of(t, n, sum));
}

static void mend4(u8 *f, size_t n, u8 how)
{
	struct ipv4_header *h = (struct ipv4_header *)(f + ETH_HLEN);
	u32 hlen = (h->version_ihl & 15) * 4u;

	if (hlen < sizeof(*h) || n < ETH_HLEN + hlen)
		return;
	h->version_ihl = (u8)(0x40 | hlen / 4);
	h->len = cpu_to_be16((u16)(n - ETH_HLEN));
	h->src = cpu_to_be32(0x0a000002);
	h->dst = cpu_to_be32(how & HOW_GROUP ? 0xef010101 :
			     how & HOW_OTHER ? 0x0a000102 :
					       0x0a000001);
	if (how & HOW_TCP && h->proto != IPPROTO_UDP) {
		h->proto = IPPROTO_TCP;
		h->frag = (__force be16)0;
	}
	h->sum = (__force be16)0;
	h->sum = (__force be16)ip4_header_sum(h, hlen);
	mend_payload(h->proto, f + ETH_HLEN + hlen, n - ETH_HLEN - hlen, (u8 *)&h->src, 8, how);
}

static void mend6(u8 *f, size_t n, u8 how)
{
	size_t at = ETH_HLEN + IPV6_HLEN;
	struct in6_addr a = six(2);
	u8 *next = f + ETH_HLEN + 6;

	f[ETH_HLEN] = (u8)(0x60 | (f[ETH_HLEN] & 15));
	put_be16(f + ETH_HLEN + 4, (u16)(n - at));
	if (!(how & HOW_OTHER) && *next != IPPROTO_ICMPV6)
		f[ETH_HLEN + 7] |= 1;
	else
		f[ETH_HLEN + 7] = 255; /* neighbour discovery wants it */
	memcpy(f + ETH_HLEN + 8, &a, 16);
	a = six(how & HOW_OTHER ? 77 : 1);
	if (how & HOW_GROUP)
		a = (struct in6_addr){ .s6_addr = { 0xff, 2, [15] = 1 } };
	memcpy(f + ETH_HLEN + 24, &a, 16);
	while (at + 8 <= n && (*next == 0 || *next == 60 || *next == 43 || *next == 44)) {
		size_t len = *next == 44 ? 8 : f[at + 1] * 8u + 8;

		next = f + at;
		at += len;
	}
	if (how & HOW_TCP && at <= n && *next != IPPROTO_UDP)
		*next = IPPROTO_TCP;
	if (at < n)
		mend_payload(*next, f + at, n - at, f + ETH_HLEN + 8, 32, how);
}

static void mend(u8 *f, size_t n, u8 how)
{
	u8 link = how & HOW_LINK;

	if (!link || n < ETH_HLEN)
		return;
	memcpy(f, how & HOW_GROUP && link == HOW_IP6 ? (const u8 *)"\x33\x33\0\0\0\1" : our_mac,
	       ETH_ALEN);
	memcpy(f + ETH_ALEN, their_mac, ETH_ALEN);
	put_be16(f + 12, link == HOW_ARP ? ETH_P_ARP : link == HOW_IP ? ETH_P_IP : ETH_P_IPV6);
	if (!(how & HOW_HEADER))
		return;
	if (link == HOW_IP && n >= ETH_HLEN + sizeof(struct ipv4_header))
		mend4(f, n, how);
	else if (link == HOW_IP6 && n >= ETH_HLEN + IPV6_HLEN)
		mend6(f, n, how);
}

/* --- a connection --- */

static bool watch(struct netdev *from __unused, const u8 *f, size_t n)
{
	const u8 *t = f + ETH_HLEN + (v6 ? IPV6_HLEN : 20);

	if (n < (size_t)(t - f) + 20 || get_be16(f + 12) != (v6 ? ETH_P_IPV6 : ETH_P_IP) ||
	    f[ETH_HLEN + (v6 ? 6 : 9)] != IPPROTO_TCP)
		return true;
	if (t[13] & TCP_SYN) {
		our_port = get_be16(t);
		snd = get_be32(t + 4) + 1;
	}
	return true;
}

/* A segment of the peer's as it should be, its numbers off by so much. */
static void segment(u8 flags, u32 seq_off, u32 ack_off)
{
	static const u8 options[] = {
		2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 9, 0, 0, 0, 0, 1, 3, 3, 7
	};
	u8 f[ETH_HLEN + IPV6_HLEN + 20 + sizeof(options)] = { 0 };
	size_t at = ETH_HLEN + (v6 ? IPV6_HLEN : 20u), more = 0;
	u8 *t = f + at;

	if (flags & TCP_SYN && with_options) {
		more = sizeof(options);
		memcpy(t + 20, options, more);
	}

	f[ETH_HLEN] = v6 ? 0x60 : 0x45;
	f[ETH_HLEN + (v6 ? 7 : 8)] = 64;
	f[ETH_HLEN + (v6 ? 6 : 9)] = IPPROTO_TCP;
	put_be16(t + 6, (u16)seq_off);
	put_be16(t + 10, (u16)ack_off);
	t[12] = (u8)((20 + more) / 4 << 4);
	t[13] = flags;
	put_be16(t + 14, 60000);
	mend(f, at + 20 + more, (u8)((v6 ? HOW_IP6 : HOW_IP) | HOW_HEADER | HOW_SUM | HOW_TCP));
	sim_inject(dev, f, at + 20 + more);
}

/* Both tell their link address, so that answers go out at once. */
static void make_known(void)
{
	u8 f[ETH_HLEN + IPV6_HLEN + 32] = { 0 }, *a = f + ETH_HLEN;
	struct in6_addr us = six(1);

	memcpy(a, "\0\1\10\0\6\4\0\1", 8);
	memcpy(a + 8, their_mac, ETH_ALEN);
	put_be32(a + 14, 0x0a000002);
	put_be32(a + 24, 0x0a000001);
	mend(f, ETH_HLEN + 28, HOW_ARP);
	sim_inject(dev, f, ETH_HLEN + 28);
	memset(f, 0, sizeof(f));
	a[6] = IPPROTO_ICMPV6;
	a[IPV6_HLEN] = 135;
	memcpy(a + IPV6_HLEN + 8, &us, 16);
	a[IPV6_HLEN + 24] = a[IPV6_HLEN + 25] = 1;
	memcpy(a + IPV6_HLEN + 26, their_mac, ETH_ALEN);
	mend(f, sizeof(f), HOW_IP6 | HOW_HEADER | HOW_SUM);
	sim_inject(dev, f, sizeof(f));
}

static struct sockaddr_storage address(u8 last, u16 port)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in6 *a = (struct sockaddr_in6 *)&ss;

	if (!v6)
		return last ? sim_addr(last == 1 ? "10.0.0.1" : "10.0.0.2", port) :
			      sim_addr("0.0.0.0", port);
	a->sin6_family = AF_INET6;
	a->sin6_port = (__force u16)cpu_to_be16(port);
	a->sin6_addr = six(last);
	return ss;
}

static struct socket *listener;

static struct socket *connection(struct net *net, enum state s)
{
	struct sockaddr_storage us = address(1, OUR_PORT), them = address(2, THEIR_PORT);
	int len = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
	struct socket *sk;

	our_port = OUR_PORT;
	rcv = THEIR_ISN;
	snd = 0;
	if (s == SYN_SENT) {
		sk = sim_socket(net, v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
		sk->ops->connect(sk, &them, len, 0);
		return sk;
	}
	listener = sim_socket(net, v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	if (listener->ops->bind(listener, &us, len) || listener->ops->listen(listener, 3))
		__builtin_trap();
	if (s == LISTENING)
		return NULL;
	segment(TCP_SYN, 0, 0);
	rcv++;
	if (s == SYN_RECEIVED)
		return NULL;
	segment(TCP_ACK, 0, 0);
	sk = listener->ops->accept(listener, 0);
	if (IS_ERR(sk))
		__builtin_trap();
	if (s == CLOSE_WAIT || s == LAST_ACK) {
		segment(TCP_FIN | TCP_ACK, 0, 0);
		rcv++;
	}
	if (s != OPEN && s != CLOSE_WAIT)
		sk->ops->shutdown(sk, SHUT_SEND);
	if (s == FIN_WAIT_2 || s == TIMEWAIT) {
		snd++;
		segment(TCP_ACK, 0, 0);
	}
	if (s == CLOSING || s == TIMEWAIT) {
		segment(TCP_FIN | TCP_ACK, 0, 0);
		rcv++;
	}
	return sk;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size)
{
	struct ip_mreqn r = { .imr_multiaddr.s_addr = 0x010101ef };
	struct ip6_addr_config c = { .addr = six(1),
				     .prefix_len = 64,
				     .flags = IFA_F_NODAD,
				     .valid = ~0u,
				     .preferred = ~0u };
	struct socket *sk[6];
	struct net *net;
	u8 frame[2048], buf[2048];

	if (size < 3)
		return 0;
	sim_begin(1);
	sim_ipv6 = true;
	net = sim_net();
	dev = sim_attach(net, sim_link(&(struct sim_link_config){ 0 }));
	memcpy(dev->addr, our_mac, ETH_ALEN);
	sim_address(dev, "10.0.0.1", 24);
	mutex_lock(&net->mutex);
	ip6_addr_add(dev, &c);
	mutex_unlock(&net->mutex);
	ip4_dev(dev)->conf.forwarding = 1;
	net->ip4->ping_low = 0;
	sk[0] = sim_socket(net, AF_INET, SOCK_DGRAM, 0);
	sk[1] = sim_socket(net, AF_INET, SOCK_RAW, IPPROTO_ICMP);
	sk[2] = sim_socket(net, AF_INET, SOCK_DGRAM, IPPROTO_ICMP);
	sk[3] = sim_socket(net, AF_INET6, SOCK_DGRAM, 0);
	sk[4] = sim_socket(net, AF_INET6, SOCK_RAW, IPPROTO_ICMPV6);
	sim_bind(sk[0], "0.0.0.0", UDP4_PORT);
	sim_bind(sk[2], "0.0.0.0", UDP4_PORT);
	r.imr_ifindex = dev->ifindex;
	socket_setsockopt(sk[0], SOL_IP, IP_ADD_MEMBERSHIP, &r, sizeof(r));
	v6 = true;
	{
		struct sockaddr_storage any = address(0, UDP6_PORT);

		((struct sockaddr_in6 *)&any)->sin6_addr = (struct in6_addr){ 0 };
		sk[3]->ops->bind(sk[3], &any, sizeof(struct sockaddr_in6));
	}
	v6 = data[0] / NR_STATES & 1;
	with_options = data[0] / NR_STATES & 2;
	sim_tap = watch;
	listener = NULL;
	make_known();
	sk[5] = connection(net, (enum state)(data[0] % NR_STATES));
	data++;
	size--;
	/* Frames of so many bytes each as a byte before them says. */
	while (size >= 2) {
		size_t n = data[1] * 4u + 2u;

		if (n > size - 2)
			n = size - 2;
		memcpy(frame, data + 2, n);
		mend(frame, n, data[0]);
		sim_inject(dev, frame, n);
		data += n + 2;
		size -= n + 2;
	}
	sim_run(NSEC_PER_SEC, NULL, NULL);
	for (int i = 0; i < 6; i++) {
		if (!sk[i])
			continue;
		while (sim_receive(sk[i], buf, sizeof(buf), 0) > 0)
			;
		sim_close(sk[i]);
	}
	if (listener)
		sim_close(listener);
	sim_tap = NULL;
	/* What is left of TCP ends by its timers. */
	sim_run(3600 * NSEC_PER_SEC, NULL, NULL);
	if (sim_end())
		__builtin_trap();
	return 0;
}

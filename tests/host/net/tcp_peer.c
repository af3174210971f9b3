/*
 * One host and a peer whose segments a test writes out (tcp_peer.h).
 */
#include "tcp_peer.h"

#include <err.h>
#include <uapi/in.h>

#include "lib/string.h"

struct seen sent[256];
unsigned nr_sent, taken;
u32 our_isn;
u16 our_port, peer_port = 8080;
struct socket *sk;
bool congested;
static const char *suite, *running;

void fail_at(int line, const char *what)
{
	printf("FAIL %s: %s, line %d: %s\n", suite, running, line, what);
	for (unsigned i = taken ? taken - 1 : 0; i < nr_sent; i++)
		printf("  sent at %lu us: flags %x seq %u ack %u len %u\n",
		       sent[i].at / NSEC_PER_USEC, sent[i].flags, sent[i].seq, sent[i].ack,
		       sent[i].len);
	exit(1);
}

static int record(struct net *net __unused, struct packet *p, const struct ip_send *s __unused)
{
	u32 header = (u32)(p->data[12] >> 4) * 4, seq = get_be32(p->data + 4);
	struct seen *n = &sent[nr_sent];

	if (congested) {
		packet_free(p);
		return -ENOBUFS;
	}
	CHECK(nr_sent < ARRAY_SIZE(sent));
	nr_sent++;
	memset(n, 0, sizeof(*n));
	n->flags = p->data[13];
	if ((n->flags & TCP_SYN) && get_be16(p->data) != our_port) {
		our_port = get_be16(p->data);
		our_isn = seq;
	}
	n->seq = seq - our_isn;
	n->ack = n->flags & TCP_ACK ? get_be32(p->data + 8) - PEER_ISN : 0;
	n->window = get_be16(p->data + 14);
	n->urgent = get_be16(p->data + 18);
	n->len = p->len - header;
	n->at = world_now;
	memcpy(n->bytes, p->data + 20, header - 20);
	tcp_parse_options(&tcp_sysctl, n->bytes, header - 20, n->flags & TCP_SYN, &n->opt);
	packet_free(p);
	return 0;
}

void say(u8 flags, u32 seq, u32 ack, u16 window, u32 len, const void *opts, u32 n)
{
	struct in6_addr me = world_addr(0), peer = world_addr(1);
	static u8 seg[4096];

	memset(seg, 0, sizeof(seg));
	put_be16(seg, peer_port);
	put_be16(seg + 2, our_port);
	put_be32(seg + 4, PEER_ISN + seq);
	put_be32(seg + 8, flags & TCP_ACK ? our_isn + ack : 0);
	seg[12] = (u8)((20 + n) / 4 << 4);
	seg[13] = flags;
	put_be16(seg + 14, window);
	if (n)
		memcpy(seg + 20, opts, n);
	world_in(world_net(0), &peer, &me, seg, 20 + n + len, 0, CSUM_VERIFIED, 0);
	world_settle();
}

void ack(u32 seq, u32 of, u16 window)
{
	say(TCP_ACK, seq, of, window, 0, NULL, 0);
}

void sack(u32 of, u32 start, u32 end)
{
	u8 o[12] = { TCP_OPT_NOP, TCP_OPT_NOP, TCP_OPT_SACK, 10 };

	put_be32(o + 4, our_isn + start);
	put_be32(o + 8, our_isn + end);
	say(TCP_ACK, 1, of, 60000, 0, o, sizeof(o));
}

void pass(u64 ns)
{
	u64 until = world_now + ns;

	while (world_step(until))
		;
}

struct seen *next_at(int line)
{
	if (taken == nr_sent)
		fail_at(line, "nothing was sent");
	return &sent[taken++];
}

struct seen *want(int line, u8 flags, u32 seq, u32 len, u32 acked)
{
	struct seen *s = next_at(line);

	if ((s->flags & ~TCP_PSH) != flags || s->seq != seq || s->len != len || s->ack != acked)
		fail_at(line, "another segment than was to come");
	return s;
}

void want_all(int line, u32 seq, u32 end)
{
	while (seq != end) {
		struct seen *s = next_at(line);

		if (s->seq != seq || !s->len)
			fail_at(line, "data is missing");
		seq += s->len;
	}
}

void option(int name, int v)
{
	CHECK(!sk->ops->setsockopt(sk, SOL_TCP, name, (__force void __user *)&v, sizeof(v)));
}

struct sockaddr_storage peer_name(void)
{
	struct sockaddr_storage ss = { 0 };
	struct sockaddr_in *in = (struct sockaddr_in *)&ss;
	struct in6_addr peer = world_addr(1);

	in->sin_family = AF_INET;
	in->sin_port = bswap16(peer_port);
	in->sin_addr.s_addr = (__force u32)addr_v4(&peer);
	return ss;
}

void new_socket(void)
{
	our_port = 0;
	sk = world_socket(0);
}

ssize_t open_with(size_t n)
{
	static u8 zero[20000];
	struct sockaddr_storage ss = peer_name();
	struct iovec iov = { zero, n };
	struct iter it = { .kind = ITER_KERNEL, .count = n, .nr_segs = 1, .iov = &iov };
	struct message m = { .data = &it,
			     .flags = MSG_FASTOPEN | MSG_NOSIGNAL,
			     .name = &ss,
			     .name_len = sizeof(struct sockaddr_in) };
	ssize_t ret = sk->ops->sendmsg(sk, &m);

	world_settle();
	return ret;
}

ssize_t write_n(size_t n)
{
	static u8 zero[400000];

	return world_send(sk, zero, n, 0);
}

struct tcp_info info(void)
{
	struct tcp_info i;

	tcp_get_info(sk, &i);
	return i;
}

void leave(void)
{
	sk->options |= 1u << OPT_LINGER;
	sk->linger = 0;
	world_close(sk);
	taken = nr_sent;
}

/* --- handshakes --- */

void connected(u64 rtt, u16 window, const void *opts, u32 n)
{
	struct sockaddr_storage ss = peer_name();

	CHECK(sk->ops->connect(sk, &ss, sizeof(struct sockaddr_in), 0) == -EINPROGRESS);
	CHECK(next()->flags == TCP_SYN);
	pass(rtt);
	say(TCP_SYN | TCP_ACK, 0, 1, window, 0, opts, n);
	WANT(TCP_ACK, 1, 0, 1);
}

struct socket *accepted(u64 rtt, u16 window, const void *opts, u32 n)
{
	struct socket *l = world_socket(0);

	our_port = 0;
	CHECK(!world_bind(l, 0, 80) && !l->ops->listen(l, 5));
	our_port = 80;
	say(TCP_SYN, 0, 0, window, 0, opts, n);
	our_isn += next()->seq;
	pass(rtt);
	ack(1, 1, window);
	sk = l->ops->accept(l, 0);
	CHECK(!IS_ERR(sk));
	return l;
}

int tcp_peer_main(int argc, char **argv, const char *name, const struct rule *rules, unsigned n)
{
	const struct tcp_sysctl usual = tcp_sysctl;

	suite = name;
	for (unsigned i = 0; i < n; i++) {
		if (argc > 1 && strcmp(argv[1], rules[i].name))
			continue;
		running = rules[i].name;
		nr_sent = taken = 0;
		our_port = 0;
		congested = false;
		tcp_sysctl = usual;
		tcp_sysctl.timestamps = 0;
		world_start(i + 1, 1, false);
		world_out = record;
		rules[i].run();
		while (world_step(world_now + 300 * NSEC_PER_SEC))
			;
		world_end();
		if (world_allocations)
			fail_at(__LINE__, "memory is left over");
		printf("ok %s: %s\n", suite, rules[i].name);
	}
	return 0;
}

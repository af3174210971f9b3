/*
 * TCP rule by rule, against a peer whose segments are written out (tcp_peer.h): what a RST, urgent
 * data, cookies of two keys and the ACK of a write are answered with.
 */
#include "tcp_peer.h"

#include <err.h>
#include <uapi/errqueue.h>
#include <uapi/in.h>

#include "lib/string.h"

static const u8 mss_sack[] = { TCP_OPT_MSS, 4,		 1000 >> 8, 1000 & 0xff,
			       TCP_OPT_NOP, TCP_OPT_NOP, 4,	    2 };

/* --- RST in SYN-RECEIVED (RFC 9293 3.10.7.4, RFC 5961 3) --- */

static struct socket *listening(void)
{
	struct socket *l = world_socket(0);

	our_port = 0;
	CHECK(!world_bind(l, 0, 80) && !l->ops->listen(l, 5));
	our_port = 80;
	our_isn = 0;
	say(TCP_SYN, 0, 0, 60000, 0, NULL, 0);
	our_isn += next()->seq;
	return l;
}

static void gone(struct socket *l)
{
	sk = l;
	leave();
}

static void becomes_connection(struct socket *l)
{
	ack(1, 1, 60000);
	sk = l->ops->accept(l, 0);
	CHECK(!IS_ERR(sk));
	leave();
	gone(l);
}

static void rst_exact(void)
{
	struct socket *l = listening();

	say(TCP_RST, 1, 0, 0, 0, NULL, 0);
	QUIET();
	ack(1, 1, 60000); /* nobody knows of it any more */
	CHECK(next()->flags == TCP_RST);
	CHECK(PTR_ERR(l->ops->accept(l, 0)) == -EAGAIN);
	gone(l);
}

static void rst_inexact(void)
{
	struct socket *l = listening();

	say(TCP_RST, 2, 0, 0, 0, NULL, 0);
	WANT(TCP_ACK, 1, 0, 1);
	becomes_connection(l);
}

static void rst_inexact_wrong_ack(void)
{
	struct socket *l = listening();

	say(TCP_RST | TCP_ACK, 2, 100, 0, 0, NULL, 0);
	WANT(TCP_ACK, 1, 0, 1);
	becomes_connection(l);
}

static void rst_outside(void)
{
	struct socket *l = listening();

	say(TCP_RST | TCP_ACK, 100001, 100, 0, 0, NULL, 0);
	QUIET();
	becomes_connection(l);
}

/* --- urgent data (RFC 9293 3.8.5) --- */

/* A hole of two segments is sent again: each has a pointer of its own. */
static void urgent_again(void)
{
	static u8 byte[1];
	struct socket *l = accepted(50 * MS, 60000, mss_sack, sizeof(mss_sack));

	CHECK(write_n(5000) == 5000);
	WANT_ALL(1, 5001);
	CHECK(world_send(sk, byte, 1, MSG_OOB) == 1);
	CHECK(WANT(TCP_ACK | TCP_URG, 5001, 1, 1)->urgent == 1);
	pass(10 * MS);
	sack(1, 2001, 3001);
	sack(1, 2001, 4001);
	sack(1, 2001, 5002);
	CHECK(WANT(TCP_ACK | TCP_URG, 1, 1000, 1)->urgent == 5001);
	CHECK(WANT(TCP_ACK | TCP_URG, 1001, 1000, 1)->urgent == 4001);
	leave();
	gone(l);
}

/* --- fast open with two keys (RFC 7413 4.1.2) --- */

static const u8 keys[3][16] = { { 1, 2, 3 }, { 4, 5, 6 }, { 7, 8, 9 } };

static void set_keys(struct socket *l, const void *at, int n)
{
	CHECK(!l->ops->setsockopt(l, SOL_TCP, TCP_FASTOPEN_KEY, (__force void __user *)at, n));
}

/* A SYN with data, and the cookie of that key. */
static void syn_with(struct socket *l, unsigned key)
{
	static u8 opts[] = {
		TCP_OPT_MSS, 4, 1000 >> 8, 1000 & 0xff, TCP_OPT_NOP, TCP_OPT_NOP, TCP_OPT_FASTOPEN,
		10,	     0, 0,	   0,		0,	     0,		  0,
		0,	     0
	};
	struct tcp_segment syn = { .src = world_addr(1), .dst = world_addr(0) };
	struct tcp_listen other = { .keys = { .n = 1 } };
	bool old;

	(void)l;
	memcpy(other.keys.key[0], keys[key], sizeof(keys[key]));
	tcp_fastopen_cookie(world_net(0)->tcp, &other, &syn, opts + 8, &old);
	our_port = 80;
	our_isn = 0;
	say(TCP_SYN, 0, 0, 60000, 100, opts, sizeof(opts));
}

static struct socket *fastopen_listener(bool keys_first)
{
	struct socket *l = world_socket(0);

	our_port = 0;
	tcp_sysctl.fastopen = 3;
	CHECK(!world_bind(l, 0, 80));
	sk = l;
	if (keys_first)
		set_keys(l, keys, 32);
	option(TCP_FASTOPEN, 5);
	CHECK(!l->ops->listen(l, 5));
	if (!keys_first)
		set_keys(l, keys, 32);
	return l;
}

/* The cookie of the first key opens, and nobody is given another. */
static void first_key(bool before_listen)
{
	struct socket *l = fastopen_listener(before_listen);
	struct seen *s;

	syn_with(l, 0);
	s = next();
	CHECK(s->ack == 101 && !s->opt.fastopen);
	our_isn = s->seq;
	sk = l->ops->accept(l, 0);
	CHECK(!IS_ERR(sk));
	leave();
	gone(l);
}

static void fastopen_key_before_listen(void)
{
	first_key(true);
}

static void fastopen_key_after_listen(void)
{
	first_key(false);
}

/* The cookie of the second opens, too, and the answer has the first's. */
static void fastopen_key_before(void)
{
	struct socket *l = fastopen_listener(true);
	struct seen *s;

	syn_with(l, 1);
	s = next();
	CHECK(s->ack == 101 && s->opt.fastopen && s->opt.cookie_len == 8);
	our_isn = s->seq;
	sk = l->ops->accept(l, 0);
	CHECK(!IS_ERR(sk));
	leave();
	gone(l);
}

static void fastopen_key_unknown(void)
{
	struct socket *l = fastopen_listener(true);
	struct seen *s;

	syn_with(l, 2);
	s = next();
	CHECK(s->ack == 1 && s->opt.fastopen && s->opt.cookie_len == 8);
	say(TCP_RST, 1, 0, 0, 0, NULL, 0);
	gone(l);
}

/* --- when the last byte was acknowledged --- */

/* Of a write whose bytes had all gone before it was over. */
static void ack_stamped_late(void)
{
	struct socket *l = accepted(MS, 60000, mss_sack, sizeof(mss_sack));
	struct message m = { .flags = MSG_ERRQUEUE | MSG_DONTWAIT };
	struct iter none = { .kind = ITER_KERNEL };
	u8 room[512];

	sk->timestamping = SOF_TIMESTAMPING_TX_ACK | SOF_TIMESTAMPING_SOFTWARE |
			   SOF_TIMESTAMPING_OPT_ID;
	CHECK(write_n(1000) == 1000); /* a whole segment goes while the call goes on */
	WANT(TCP_ACK, 1, 1000, 1);
	tcp_stamp_tail(tcp_sk(sk), sk->timestamping);
	pass(10 * MS);
	ack(1, 1001, 60000);
	m.data = &none;
	m.room = room;
	m.room_len = sizeof(room);
	CHECK(sk->ops->recvmsg(sk, &m) == 0 && m.room_len < sizeof(room));
	leave();
	gone(l);
}

/* --- what comes again, with a stamp from before (RFC 7323 5.3, RFC 2883 4) --- */

static void stamped(u8 flags, u32 seq, u32 len, u32 stamp)
{
	u8 opts[12] = { TCP_OPT_NOP, TCP_OPT_NOP, TCP_OPT_TIMESTAMPS, 10 };

	for (int i = 0; i < 4; i++)
		opts[4 + i] = (u8)(stamp >> (24 - 8 * i));
	say(flags, seq, 1, 60000, len, opts, sizeof(opts));
}

/* Each late copy of data is told of, however soon after the last one; an ACK without data is answered once. */
static void old_stamp(void)
{
	static const u8 opts[] = { TCP_OPT_MSS,
				   4,
				   1000 >> 8,
				   1000 & 0xff,
				   TCP_OPT_SACK_OK,
				   2,
				   TCP_OPT_TIMESTAMPS,
				   10,
				   0,
				   1,
				   0,
				   0,
				   0,
				   0,
				   0,
				   0 };
	struct socket *l = accepted(MS, 60000, opts, sizeof(opts));
	struct seen *s;

	stamped(TCP_ACK, 1, 1000, 0x10100);
	WANT(TCP_ACK, 1, 0, 1001);
	stamped(TCP_ACK, 1001, 1000, 0x10200);
	WANT(TCP_ACK, 1, 0, 2001);
	for (int i = 0; i < 3; i++) {
		stamped(TCP_ACK, 1, 1000, 0x10100);
		s = WANT(TCP_ACK, 1, 0, 2001);
		CHECK(s->opt.nr_sacks == 1);
		CHECK(s->opt.sack[0].end - s->opt.sack[0].start == 1000);
		pass(10 * MS);
	}
	stamped(TCP_ACK, 1001, 0, 0x10100);
	WANT(TCP_ACK, 1, 0, 2001);
	stamped(TCP_ACK, 1001, 0, 0x10100);
	QUIET();
	leave();
	gone(l);
}

/* --- how fast it is delivered (draft-cheng-iccrg-delivery-rate-estimation) --- */

/* A window of ten segments each round trip of 50 ms; then one segment each 50 ms, which shows no more. */
static void delivery_rate(void)
{
	struct socket *l = accepted(50 * MS, 60000, mss_sack, sizeof(mss_sack));
	u32 at = 1;

	CHECK(info().tcpi_delivery_rate == 0 && info().tcpi_delivery_rate_app_limited);
	CHECK(write_n(30000) == 30000);
	WANT_ALL(1, 10001);
	pass(50 * MS);
	ack(1, 10001, 60000);
	CHECK(info().tcpi_delivery_rate == 10 * 1000 * 20);
	CHECK(info().tcpi_delivery_rate_app_limited); /* nothing was under way when it began */
	WANT_ALL(10001, 30001);
	pass(50 * MS);
	/* the last comes first: what it tells is told once */
	sack(10001, 29001, 30001);
	CHECK(info().tcpi_delivery_rate == 1 * 1000 * 20);
	CHECK(!info().tcpi_delivery_rate_app_limited);
	ack(1, 30001, 60000);
	CHECK(info().tcpi_delivery_rate == 20 * 1000 * 20);
	for (at = 30001; at < 33001; at += 1000) {
		CHECK(write_n(1000) == 1000);
		WANT_ALL(at, at + 1000);
		pass(50 * MS);
		ack(1, at + 1000, 60000);
		CHECK(info().tcpi_delivery_rate == 20 * 1000 * 20);
	}
	CHECK(!info().tcpi_delivery_rate_app_limited);
	leave();
	gone(l);
}

#define TEST(name)          \
	{                   \
#name, name \
	}
static const struct rule tests[] = {
	TEST(rst_exact),
	TEST(rst_inexact),
	TEST(rst_inexact_wrong_ack),
	TEST(rst_outside),
	TEST(urgent_again),
	TEST(fastopen_key_before_listen),
	TEST(fastopen_key_after_listen),
	TEST(fastopen_key_before),
	TEST(fastopen_key_unknown),
	TEST(ack_stamped_late),
	TEST(old_stamp),
	TEST(delivery_rate),
};

int main(int argc, char **argv)
{
	return tcp_peer_main(argc, argv, "tcp_replies", tests, ARRAY_SIZE(tests));
}

/*
 * TCP rule by rule, against a peer whose segments are written out (tcp_peer.h): fast open, windows,
 * probes, timers.
 *
 *	test_tcp_rules [NAME]
 */
#include "tcp_peer.h"

#include <err.h>
#include <uapi/in.h>

#include "lib/string.h"

static const u8 mss_1000[] = { TCP_OPT_MSS, 4, 1000 >> 8, 1000 & 0xff };
static const u8 mss_1460[] = { TCP_OPT_MSS, 4, 1460 >> 8, 1460 & 0xff };
static const u8 mss_sack[] = { TCP_OPT_MSS, 4, 1000 >> 8, 1000 & 0xff, TCP_OPT_NOP,
			       TCP_OPT_NOP, 4, 2,	  TCP_OPT_NOP, TCP_OPT_WSCALE,
			       3,	    7 };
static const u8 mss_940_cookie[] = { TCP_OPT_MSS, 4,	940 >> 8, 940 & 0xff, TCP_OPT_FASTOPEN, 6,
				     0xab,	  0xcd, 0x12,	  0x34,	      TCP_OPT_NOP,	1 };

/* --- fast open (RFC 7413) --- */

/* A cookie and a segment size of the peer's come to be known. */
static void learn_cookie(void)
{
	new_socket();
	CHECK(open_with(0) == -EINPROGRESS);
	CHECK(sent[taken].opt.fastopen && !sent[taken].opt.cookie_len &&
	      !sent[taken].opt.fastopen_exp);
	WANT(TCP_SYN, 0, 0, 0);
	say(TCP_SYN | TCP_ACK, 0, 1, 60000, 0, mss_940_cookie, sizeof(mss_940_cookie));
	WANT(TCP_ACK, 1, 0, 1);
	leave();
	new_socket();
}

static void fastopen_data_taken(void)
{
	learn_cookie();
	CHECK(open_with(5000) == 900); /* 940 less what options may take */
	CHECK(sent[taken].opt.cookie_len == 4);
	WANT(TCP_SYN, 0, 900, 0);
	say(TCP_SYN | TCP_ACK, 0, 901, 60000, 0, mss_1000, sizeof(mss_1000));
	WANT(TCP_ACK, 901, 0, 1);
	CHECK(info().tcpi_options & TCPI_OPT_SYN_DATA);
	CHECK(info().tcpi_delivered == 1);
	leave();
}

static void fastopen_data_refused(void)
{
	learn_cookie();
	CHECK(open_with(500) == 500);
	WANT(TCP_SYN, 0, 500, 0);
	say(TCP_SYN | TCP_ACK, 0, 1, 60000, 0, mss_1000, sizeof(mss_1000));
	WANT(TCP_ACK, 1, 500, 1); /* at once, and that is the ACK */
	QUIET();
	CHECK(info().tcpi_fastopen_client_fail == TFO_DATA_NOT_ACKED);
	CHECK(!(info().tcpi_options & TCPI_OPT_SYN_DATA));
	leave();
	new_socket();
	CHECK(open_with(500) == 500);
	WANT(TCP_SYN, 0, 500, 0);
	say(TCP_SYN | TCP_ACK, 0, 101, 60000, 0, mss_1000, sizeof(mss_1000));
	WANT(TCP_ACK, 101, 400, 1);
	leave();
}

static void fastopen_syn_lost(void)
{
	learn_cookie();
	CHECK(open_with(500) == 500);
	WANT(TCP_SYN, 0, 500, 0);
	pass(1100 * MS);
	CHECK(!sent[taken].opt.fastopen);
	WANT(TCP_SYN, 0, 0, 0);
	say(TCP_SYN | TCP_ACK, 0, 1, 60000, 0, mss_1000, sizeof(mss_1000));
	WANT(TCP_ACK, 1, 500, 1);
	QUIET();
	CHECK(info().tcpi_fastopen_client_fail == TFO_SYN_RETRANSMITTED);
	leave();
}

static void icmp(u32 seq, int err, u32 mtu)
{
	struct ip_error e = { .type = 3, .code = 4, .err = err, .info = mtu };
	struct in6_addr me = world_addr(0), peer = world_addr(1);
	u8 head[8];

	put_be16(head, our_port);
	put_be16(head + 2, peer_port);
	put_be32(head + 4, our_isn + seq);
	tcp_protocol.error(world_net(0), &me, &peer, head, 8, 1, &e);
}

static void fastopen_syn_too_big(void)
{
	learn_cookie();
	CHECK(open_with(900) == 900);
	WANT(TCP_SYN, 0, 900, 0);
	icmp(2000, EMSGSIZE, 800); /* of nothing that was sent */
	QUIET();
	CHECK(tcp_stat(world_net(0), TCPS_OUT_OF_WINDOW_ICMPS) == 1);
	icmp(0, EMSGSIZE, 800);
	CHECK(!sent[taken].opt.fastopen && sent[taken].opt.mss == 760);
	WANT(TCP_SYN, 0, 0, 0); /* not the data: its window is not known */
	QUIET();
	leave();
}

static void fastopen_unasked_cookie(void)
{
	tcp_sysctl.fastopen = 5; /* data without a cookie */
	new_socket();
	CHECK(open_with(100) == 100);
	CHECK(!sent[taken].opt.fastopen);
	WANT(TCP_SYN, 0, 100, 0);
	say(TCP_SYN | TCP_ACK, 0, 101, 60000, 0, mss_940_cookie, sizeof(mss_940_cookie));
	leave();
	tcp_sysctl.fastopen = 1;
	new_socket();
	CHECK(open_with(100) == -EINPROGRESS);
	CHECK(sent[taken].opt.fastopen && !sent[taken].opt.cookie_len);
	leave();
}

/* Of RFC 6994's form, once, when the other brought no cookie. */
static void fastopen_older_option(void)
{
	static const bool older[] = { false, true, false, false };

	for (unsigned i = 0; i < ARRAY_SIZE(older); i++) {
		new_socket();
		CHECK(open_with(100) == -EINPROGRESS);
		CHECK(sent[taken].opt.fastopen && sent[taken].opt.fastopen_exp == older[i]);
		WANT(TCP_SYN, 0, 0, 0);
		say(TCP_SYN | TCP_ACK, 0, 1, 60000, 0, mss_1000, sizeof(mss_1000));
		leave();
	}
}

static void fastopen_both_at_once(void)
{
	learn_cookie();
	CHECK(open_with(500) == 500);
	WANT(TCP_SYN, 0, 500, 0);
	say(TCP_SYN, 0, 0, 60000, 200, mss_sack, sizeof(mss_sack));
	WANT(TCP_SYN | TCP_ACK, 0, 0, 1); /* its data is not taken */
	say(TCP_SYN | TCP_ACK, 0, 501, 60000, 0, mss_sack, sizeof(mss_sack));
	CHECK(sent[taken].opt.nr_sacks == 1);
	WANT(TCP_ACK, 501, 0, 1); /* the SYN came twice */
	CHECK(info().tcpi_state == TCP_ESTABLISHED);
	leave();
}

static void fastopen_repeated_calls(void)
{
	struct sockaddr_storage ss = peer_name();

	learn_cookie();
	option(TCP_FASTOPEN_CONNECT, 1);
	CHECK(!sk->ops->connect(sk, &ss, sizeof(struct sockaddr_in), 0));
	QUIET(); /* the SYN waits for data */
	CHECK(sk->ops->connect(sk, &ss, sizeof(struct sockaddr_in), 0) == -EISCONN);
	CHECK(write_n(100) == 100);
	WANT(TCP_SYN, 0, 100, 0);
	CHECK(open_with(100) == -EALREADY);
	say(TCP_RST | TCP_ACK, 0, 1, 0, 0, NULL, 0);
	CHECK(write_n(1) == -ECONNREFUSED);
	leave();
}

/* The server's side: its SYN-ACK takes no room in the window, and comes before data. */
static void fastopen_child(void)
{
	static u8 opts[] = { TCP_OPT_MSS, 4,	       1000 >> 8,
			     1000 & 0xff, TCP_OPT_NOP, TCP_OPT_NOP,
			     4,		  2,	       TCP_OPT_FASTOPEN,
			     10,	  0,	       0,
			     0,		  0,	       0,
			     0,		  0,	       0,
			     TCP_OPT_NOP, TCP_OPT_NOP };
	struct tcp_segment syn = { .src = world_addr(1), .dst = world_addr(0) };
	struct socket *l = world_socket(0);
	bool old;

	tcp_sysctl.fastopen = 3;
	CHECK(!world_bind(l, 0, 80));
	sk = l;
	option(TCP_FASTOPEN, 5);
	CHECK(!l->ops->listen(l, 5));
	tcp_fastopen_cookie(world_net(0)->tcp, tcp_sk(l)->listen, &syn, opts + 10, &old);
	our_port = 80;
	our_isn = 0;
	say(TCP_SYN, 0, 0, 60000, 100, opts, sizeof(opts));
	our_isn = next()->seq;
	sk = l->ops->accept(l, 0);
	CHECK(!IS_ERR(sk));
	CHECK(write_n(20000) == 20000);
	WANT_ALL(1, 10001); /* ten segments, the first window */
	QUIET();
	say(TCP_SYN, 0, 0, 60000, 100, opts, sizeof(opts));
	WANT(TCP_SYN | TCP_ACK, 0, 0, 101);
	pass(1010 * MS);
	WANT(TCP_SYN | TCP_ACK, 0, 0, 101); /* and no data */
	QUIET();
	icmp(0, EHOSTUNREACH, 0);
	CHECK(tcp_sk(sk)->state == TCP_SYN_RECV); /* it is accepted, so that is advice */
	leave();
	sk = l;
	leave();
}

/* --- SYN --- */

/* A number of tries that a program chose counts as time, too. */
static void syn_tries(void)
{
	struct sockaddr_storage ss = peer_name();
	u64 begin;

	new_socket();
	option(TCP_SYNCNT, 3);
	CHECK(sk->ops->connect(sk, &ss, sizeof(struct sockaddr_in), 0) == -EINPROGRESS);
	begin = next()->at;
	for (u64 s = 1; s <= 5; s++) {
		pass(1000 * MS);
		CHECK((next()->at - begin) / NSEC_PER_SEC == s);
	}
	pass(20000 * MS);
	CHECK((next()->at - begin) / NSEC_PER_SEC == 7);
	CHECK((next()->at - begin) / NSEC_PER_SEC == 11);
	QUIET();
	CHECK(tcp_sk(sk)->state == TCP_CLOSE && sk->err == ETIMEDOUT);
	leave();
}

/* --- loss --- */

/* One ACK that acknowledges and has a block says nothing of the network's order. */
static void ack_with_block(void)
{
	new_socket();
	connected(20 * MS, 60000, mss_sack, sizeof(mss_sack));
	CHECK(write_n(10000) == 10000);
	WANT_ALL(1, 10001);
	pass(20 * MS);
	sack(2001, 5001, 10001);
	CHECK(!info().tcpi_reord_seen);
	WANT_ALL(2001, 5001); /* at once */
	leave();
}

/* ms from the ACK that tells of four of ten segments to the first of them again. */
static unsigned until_again(u32 from)
{
	unsigned ms = 0;

	CHECK(write_n(10000) == 10000);
	WANT_ALL(from, from + 10000);
	pass(20 * MS);
	for (sack(from, from + 1000, from + 5000); taken == nr_sent && ms < 100; ms++)
		pass(1 * MS);
	WANT_ALL(from, from + 1000);
	return ms;
}

/* tcp_recovery: whether many SACKs end the wait for what was reordered, and whether a DSACK makes it longer. */
static void recovery_word(int word, bool waits, bool longer)
{
	unsigned first, second;

	tcp_sysctl.recovery = word;
	first = until_again(1);
	pass(20 * MS);
	sack(10001, 1, 1001); /* both came */
	second = until_again(10001);
	CHECK((first > 0) == waits);
	CHECK((second > first) == longer);
}

/* Of connections from both sides, whose numbers begin in both halves of what there is. */
static void recovery_words(void)
{
	unsigned low = 0, high = 0;

	for (unsigned i = 0; i < 48; i++) {
		static const struct {
			int word;
			bool waits, longer;
		} of[] = { { 1, false, false }, { 5, true, true }, { 7, true, false } };
		struct socket *l = NULL;

		nr_sent = taken = 0;
		peer_port = (u16)(8080 + i); /* numbers hang on it */
		if (i & 1) {
			l = accepted(20 * MS, 60000, mss_sack, sizeof(mss_sack));
		} else {
			new_socket();
			connected(20 * MS, 60000, mss_sack, sizeof(mss_sack));
		}
		recovery_word(of[i % 3].word, of[i % 3].waits, of[i % 3].longer);
		*(our_isn >> 31 ? &high : &low) += of[i % 3].longer;
		leave();
		if (l) {
			sk = l;
			leave();
		}
	}
	CHECK(low && high);
	tcp_sysctl.recovery = 1;
	peer_port = 8080;
}

/* The peer drops what it had told of, after a timeout too: what is missing goes soon, not at the next timeout. */
static void reneging_after_timeout(void)
{
	bool again = false;

	new_socket();
	connected(20 * MS, 60000, mss_sack, sizeof(mss_sack));
	CHECK(write_n(5000) == 5000);
	WANT_ALL(1, 5001);
	pass(20 * MS);
	sack(1, 2001, 4001);
	pass(1000 * MS);
	CHECK(info().tcpi_ca_state == TCP_CA_LOSS);
	taken = nr_sent;
	ack(1, 2001, 60000);
	pass(40 * MS);
	while (taken < nr_sent)
		again |= next()->seq == 2001;
	CHECK(again);
	leave();
}

/* TCP_INFO tells of timeouts: how many, in how many rows, and how long those lasted. */
static void timeouts_counted(void)
{
	struct tcp_info i;

	new_socket();
	connected(20 * MS, 60000, mss_sack, sizeof(mss_sack));
	CHECK(write_n(1000) == 1000);
	WANT_ALL(1, 1001);
	pass(1500 * MS); /* sent again after 220 ms or so, 440, 880 */
	i = info();
	CHECK(i.tcpi_total_rto >= 2 && i.tcpi_total_rto == i.tcpi_retransmits);
	CHECK(i.tcpi_total_rto_recoveries == 1 && i.tcpi_total_rto_time > 0);
	taken = nr_sent;
	ack(1, 1001, 60000);
	i = info();
	CHECK(i.tcpi_total_rto_time > 500 && i.tcpi_total_rto_time < 1500);
	pass(500 * MS);
	CHECK(info().tcpi_total_rto_time == i.tcpi_total_rto_time);
	CHECK(write_n(1000) == 1000);
	WANT_ALL(1001, 2001);
	pass(5000 * MS);
	CHECK(info().tcpi_total_rto_recoveries == 2);
	leave();
}

/* What the device's queue does not take was not sent again. */
static void queue_full(void)
{
	new_socket();
	connected(20 * MS, 60000, mss_sack, sizeof(mss_sack));
	CHECK(write_n(10000) == 10000);
	WANT_ALL(1, 10001);
	pass(20 * MS);
	congested = true;
	sack(1, 1001, 10001);
	CHECK(info().tcpi_lost == 1 && !info().tcpi_retrans);
	congested = false;
	pass(500 * MS);
	while (next()->seq != 1)
		;
	leave();
}

/* --- slow start's end --- */

static void hystart_delay(void)
{
	u32 at = 1;
	u64 extra;

	new_socket();
	sk->sndbuf = 400000;
	connected(100 * MS, 60000, mss_sack, sizeof(mss_sack));
	CHECK(write_n(200000) == 200000);
	pass(100 * MS);
	ack(1, at += 10000, 60000);
	CHECK(info().tcpi_snd_cwnd == 20);
	/* A round that is longer by more than an eighth: the ninth sample says so. */
	pass(115 * MS);
	for (int i = 0; i < 8; i++) {
		ack(1, at += 2000, 60000);
		pass(3 * MS);
	}
	CHECK(tcp_in_initial_slowstart(tcp_sk(sk)));
	ack(1, at += 2000, 60000);
	CHECK(info().tcpi_snd_ssthresh == 36 && info().tcpi_snd_cwnd == 36);
	extra = 3;
	while (extra--)
		ack(1, at += 1000, 60000);
	CHECK(info().tcpi_snd_cwnd == 36);
	leave();
}

static void hystart_train(void)
{
	u32 at = 1;

	new_socket();
	sk->sndbuf = 400000;
	connected(20 * MS, 60000, mss_sack, sizeof(mss_sack));
	CHECK(write_n(200000) == 200000);
	pass(20 * MS);
	ack(1, at += 10000, 60000);
	pass(20 * MS);
	/* ACKs without a gap for more than half a round trip: what is sent fills the path. */
	for (int i = 0; i < 8; i++) {
		ack(1, at += 1000, 60000);
		pass(MS);
	}
	CHECK(tcp_in_initial_slowstart(tcp_sk(sk)));
	for (int i = 0; i < 6; i++) {
		ack(1, at += 1000, 60000);
		pass(MS);
	}
	CHECK(!tcp_in_initial_slowstart(tcp_sk(sk)));
	leave();
}

/* --- TCP_INFO --- */

static void what_it_waits_for(void)
{
	struct tcp_info i;

	new_socket();
	connected(10 * MS, 0, mss_1000, sizeof(mss_1000));
	CHECK(write_n(1000) == 1000);
	QUIET();
	pass(100 * MS);
	ack(1, 1, 2000);
	WANT(TCP_ACK, 1, 1000, 1);
	pass(50 * MS);
	ack(1, 1001, 2000);
	pass(70 * MS);
	i = info();
	CHECK(i.tcpi_rwnd_limited / 1000 == 100 && i.tcpi_busy_time / 1000 == 150 &&
	      !i.tcpi_sndbuf_limited);
	CHECK(i.tcpi_last_data_recv == 220); /* since the handshake */
	/* A writer with too small a buffer. */
	sk->sndbuf = 4608;
	sk->buf_lock |= SOCK_SNDBUF_LOCK;
	CHECK(write_n(20000) > 0);
	CHECK(write_n(20000) == -EAGAIN);
	nr_sent = taken;
	pass(30 * MS);
	ack(1, tcp_sk(sk)->snd_nxt - our_isn, 60000);
	CHECK(!info().tcpi_sndbuf_limited || info().tcpi_sndbuf_limited / 1000 <= 30);
	leave();
}

/* --- the path's MTU (RFC 4821) --- */

static struct socket *small_path(void)
{
	struct socket *l;

	tcp_sysctl.mtu_probing = 2;
	tcp_sysctl.base_mss = 512;
	world_link.mtu = 640;
	world_link.initcwnd = 12;
	l = accepted(20 * MS, 60000, mss_1460, sizeof(mss_1460));
	world_link.mtu = 1500;
	world_net(0)->generation++;
	option(TCP_NODELAY, 1);
	CHECK(write_n(6000) == 6000);
	WANT(TCP_ACK, 1, 986, 1); /* between 552 and 1500 */
	WANT_ALL(987, 6001);
	CHECK(info().tcpi_snd_mss == 600);
	return l;
}

static void mtu_probe_passes(void)
{
	struct socket *l = small_path();

	pass(20 * MS);
	ack(1, 6001, 60000);
	CHECK(info().tcpi_snd_mss == 986);
	leave();
	sk = l;
	leave();
}

static void mtu_probe_lost(void)
{
	struct socket *l = small_path();
	u32 cwnd = info().tcpi_snd_cwnd;

	pass(20 * MS);
	/* Without SACK: three duplicates. */
	for (int i = 0; i < 3; i++)
		ack(1, 1, 60000);
	WANT_ALL(1, 987);
	CHECK(info().tcpi_snd_mss == 600);
	CHECK(info().tcpi_snd_cwnd == cwnd + 1); /* no congestion */
	CHECK(tcp_in_initial_slowstart(tcp_sk(sk)));
	leave();
	sk = l;
	leave();
}

/* --- running --- */

#define TEST(name)          \
	{                   \
#name, name \
	}
static const struct rule tests[] = {
	TEST(fastopen_data_taken),     TEST(fastopen_data_refused),
	TEST(fastopen_syn_lost),       TEST(fastopen_syn_too_big),
	TEST(fastopen_unasked_cookie), TEST(fastopen_older_option),
	TEST(fastopen_both_at_once),   TEST(fastopen_repeated_calls),
	TEST(fastopen_child),	       TEST(syn_tries),
	TEST(ack_with_block),	       TEST(queue_full),
	TEST(recovery_words),	       TEST(hystart_delay),
	TEST(hystart_train),	       TEST(what_it_waits_for),
	TEST(mtu_probe_passes),	       TEST(mtu_probe_lost),
	TEST(reneging_after_timeout),  TEST(timeouts_counted),
};

int main(int argc, char **argv)
{
	return tcp_peer_main(argc, argv, "tcp_rules", tests, ARRAY_SIZE(tests));
}

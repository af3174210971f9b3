/*
 * netconf_peer.c - words of TCP: a peer at the other end of the wire whose segments are written out.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

#include <linux/tcp.h>
#include <poll.h>

#define FIN 1
#define SYN 2
#define RST 4
#define ACK 16
#define URG 32

static const u8 mss_1000[] = { 2, 4, 1000 >> 8, 1000 & 255 };
static const u8 mss_1460[] = { 2, 4, 1460 >> 8, 1460 & 255 };
static const u8 mss_100[] = { 2, 4, 0, 100 };
static const u8 mss_sack[] = { 2, 4, 1000 >> 8, 1000 & 255, 1, 1, 4, 2 };
static unsigned port = 9000, iss; /* the peer's port; where our numbers begin */

/* --- one connection --- */

static int of_peer(const u8 *f, int n)
{
	return n >= 54 && get16(f + 12) == 0x0800 && f[23] == IPPROTO_TCP && get16(f + 36) == port;
}

static int payload(void)
{
	return (int)get16(in + 16) - 20 - (in[46] >> 4) * 4;
}

/* Payload of ours. */
static int data(const u8 *f, int n)
{
	return of_peer(f, n) && (int)get16(f + 16) > 20 + (f[46] >> 4) * 4;
}

/* Where the one in `in` begins, the first byte of a connection being 1. */
static int where(void)
{
	return (int)(get32(in + 38) - iss);
}

/* From the peer, whose own numbers begin at 0. */
static void say(unsigned flags, unsigned seq, unsigned ack, unsigned window)
{
	segment(&(struct segment){ .from = port,
				   .to = 90,
				   .flags = flags,
				   .seq = seq,
				   .ack = flags & ACK ? iss + ack : 0,
				   .window = window });
}

static void say_data(unsigned flags, unsigned seq, const char *bytes, unsigned urgent)
{
	segment(&(struct segment){ .from = port,
				   .to = 90,
				   .flags = ACK | flags,
				   .seq = seq,
				   .ack = iss + 1,
				   .window = 60000,
				   .urgent = urgent,
				   .data = bytes,
				   .len = (int)strlen(bytes) });
}

/* An ACK with one block. */
static void say_sack(unsigned ack, unsigned start, unsigned end)
{
	u8 o[12] = { 1, 1, 5, 10 };

	put32(o + 4, iss + start);
	put32(o + 8, iss + end);
	segment(&(struct segment){ .from = port,
				   .to = 90,
				   .flags = ACK,
				   .seq = 1,
				   .ack = iss + ack,
				   .window = 60000,
				   .options = o,
				   .options_len = 12 });
}

/* A SYN, and where our numbers begin that answer it. */
static void greet(const u8 *options, int n)
{
	port++;
	segment(&(struct segment){ .from = port,
				   .to = 90,
				   .flags = SYN,
				   .window = 60000,
				   .options = options,
				   .options_len = n });
	CHECK(next(synack, 20000));
	iss = get32(in + 38);
}

/* The peer connects; the socket. Its round trip is ms. */
static int meet(const u8 *options, int n, unsigned window, unsigned ms)
{
	int l = listener(90, 5), s, one = 1;

	greet(options, n);
	usleep(ms * 1000);
	say(ACK, 1, 1, window);
	s = accept(l, NULL, NULL);
	CHECK(s >= 0 && !setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one)));
	close(l);
	drain();
	return s;
}

static void part(int s)
{
	struct linger hard = { .l_onoff = 1 };

	setsockopt(s, SOL_SOCKET, SO_LINGER, &hard, sizeof(hard));
	close(s);
}

static void give(int s, int n)
{
	static char bytes[20000];

	CHECK(send(s, bytes, (size_t)n, 0) == n);
}

static struct tcp_info info(int s)
{
	struct tcp_info i = { 0 };
	socklen_t n = sizeof(i);

	CHECK(!getsockopt(s, IPPROTO_TCP, TCP_INFO, &i, &n));
	return i;
}

/* --- what is received --- */

static int has_blocks(void)
{
	for (const u8 *o = in + 54; o < in + 34 + (in[46] >> 4) * 4;)
		if (*o == 5)
			return 1;
		else
			o += *o < 2 ? 1 : o[1];
	return 0;
}

static void came_twice(void)
{
	int s = meet(mss_sack, 8, 60000, 0);

	say_data(0, 1, "twice", 0);
	count(of_peer);
	say_data(0, 1, "twice", 0);
	printf("%s", seen(of_peer) ? has_blocks() ? "told" : "not told" : "no ACK");
	part(s);
}

static void urgent_byte(void)
{
	int s = meet(mss_1000, 4, 60000, 0);
	char c = '-';

	say_data(URG, 1, "abc", 2);
	count(of_peer);
	CHECK(recv(s, &c, 1, MSG_OOB) == 1);
	printf("%c", c);
	part(s);
}

/* ACKs that answer six of what is not to come. */
static int six_strange(unsigned flags, unsigned seq)
{
	int s = meet(mss_1000, 4, 60000, 0), n = 0;

	for (int i = 0; i < 6; i++) {
		say(flags, seq, 1, 60000);
		n += count(of_peer);
	}
	part(s);
	return n;
}

static void out_of_window(void)
{
	int n = six_strange(ACK, -100000u);

	printf("%s", n == 6 ? "all" : n == 1 ? "one" : n ? "some" : "none");
}

static void challenged(void)
{
	put("ipv4/tcp_invalid_ratelimit", "0");
	usleep(1100000); /* so many a second */
	printf("%s", six_strange(RST, 100) == 6 ? "all" : "fewer");
	put("ipv4/tcp_invalid_ratelimit", "500");
}

/* Four have shaken hands with a listener that has room for three. */
static void overflow(void)
{
	unsigned isn[4], first = port + 1;
	int l = listener(90, 2), n = 0;

	for (unsigned i = 0; i < 4; i++) {
		greet(mss_1000, 4);
		isn[i] = iss;
		if (i % 2)
			for (unsigned k = i - 1; k <= i; k++) {
				port = first + k;
				iss = isn[k];
				say(ACK, 1, 1, 60000);
				n = seen(of_peer);
			}
	}
	printf("%s", n ? in[47] & RST ? "reset" : "other" : "silent");
	close(l);
}

/* A reset in TIME-WAIT: what answers an old segment behind it? */
static void reset_in_time_wait(void)
{
	int s = meet(mss_1000, 4, 60000, 0);

	close(s);
	CHECK(next(of_peer, 20000) && in[47] & FIN);
	say(ACK, 1, 2, 60000);
	say(FIN | ACK, 1, 2, 60000);
	count(of_peer);
	say(RST, 2, 0, 0);
	say(ACK, -100000u, 2, 60000);
	printf("%s", seen(of_peer) ? in[47] & RST ? "reset" : "ACK" : "none");
}

/* SYN-ACKs within so many ms, the first among them. */
static void shaking(void)
{
	int l = listener(90, 5), n = 1;

	greet(mss_1000, 4);
	for (long end = now_ms() + 2200; now_ms() < end;)
		n += next(of_peer, end - now_ms());
	printf("%d", n);
	close(l);
}

/* --- what is sent --- */

static void smallest(void)
{
	int s = meet(mss_100, 4, 60000, 0);

	printf("%u", info(s).tcpi_snd_mss);
	part(s);
}

/* Segments in one frame, however slow the connection shall be. */
static void slow_frames(void)
{
	int s = meet(mss_1460, 4, 60000, 30);
	unsigned rate = 10000;

	CHECK(!setsockopt(s, SOL_SOCKET, 47, &rate, sizeof(rate))); /* SO_MAX_PACING_RATE */
	give(s, 14600);
	CHECK(next(data, 20000));
	printf("%d", payload() / 1460);
	part(s);
}

/* How large the first four of a segment are that nobody acknowledges. */
static void black_hole(void)
{
	int s;

	put("ipv4/tcp_mtu_probing", "1");
	s = meet(mss_1460, 4, 60000, 0);
	give(s, 1460);
	for (int i = 0; i < 4 && next(data, 20000); i++)
		printf("%s%d", i ? " " : "", payload());
	part(s);
	put("ipv4/tcp_mtu_probing", "0");
}

static void black_hole_soon(void)
{
	put("ipv4/tcp_retries1", "0");
	black_hole();
	put("ipv4/tcp_retries1", "3");
}

/* How often a segment is sent before the socket gives up. */
static void given_up(void)
{
	int s = meet(mss_1000, 4, 60000, 0), n = 0, err = 0;
	struct pollfd p = { .fd = s };
	socklen_t len = sizeof(err);

	give(s, 10);
	do {
		n += next(data, 200);
	} while (!poll(&p, 1, 0));
	CHECK(!getsockopt(s, SOL_SOCKET, SO_ERROR, &err, &len));
	printf("%d, %s", n, strerror(err));
	close(s);
}

/* A connection whose timeouts are as long as that, in us, so that nobody need hurry. */
static int patient(const u8 *options, int n, unsigned window, const char *us)
{
	int s;

	put("ipv4/tcp_rto_min_us", us);
	s = meet(options, n, window, 0);
	put("ipv4/tcp_rto_min_us", "200000");
	return s;
}

/* The first segment after a timeout was answered by an ACK of one of three: new data tell whether it was in vain. */
static void after_timeout(void)
{
	int s = patient(mss_1000, 4, 3000, "1000000");

	give(s, 5000);
	for (int end = 0; end < 3001; end = where() + payload())
		CHECK(next(data, 20000));
	CHECK(next(data, 20000) && where() == 1);
	say(ACK, 1, 1001, 5000);
	CHECK(next(data, 20000));
	printf("%d", where());
	part(s);
}

/* Which of two that nobody acknowledges is sent again first. */
static void first_again(void)
{
	int s = meet(mss_sack, 8, 60000, 0);

	give(s, 2000);
	for (int end = 0; end < 2001; end = where() + payload())
		CHECK(next(data, 20000));
	CHECK(next(data, 20000));
	printf("%d", where());
	part(s);
}

static void thin(void)
{
	int s = meet(mss_1000, 4, 60000, 0), n = 1;

	give(s, 10);
	CHECK(next(data, 20000));
	for (long end = now_ms() + 1300; now_ms() < end;)
		n += next(data, end - now_ms());
	printf("%s", n > 4 ? "many" : "few");
	part(s);
}

/* The last of ten is told of first. */
static void reordered(void)
{
	int s = patient(mss_sack, 8, 60000, "10000000");

	give(s, 10000);
	for (int end = 0; end < 10001; end = where() + payload())
		CHECK(next(data, 20000));
	say_sack(1, 9001, 10001);
	count(of_peer);
	say_sack(1, 1001, 2001);
	count(of_peer);
	printf("%u", info(s).tcpi_reordering);
	part(s);
}

/* The second round trip is longer. */
static void shortest(void)
{
	int s = patient(mss_1000, 4, 60000, "10000000");

	give(s, 10);
	CHECK(next(data, 20000));
	usleep(500000);
	say(ACK, 1, 11, 60000);
	count(of_peer);
	printf("%s", info(s).tcpi_min_rtt >= 500000 ? "the last" : "the shortest");
	part(s);
}

static const struct netconf_case cases[] = {
	{ "ipv4/tcp_dsack", { "1", "0" }, came_twice },
	{ "ipv4/tcp_stdurg", { "0", "1" }, urgent_byte },
	{ "ipv4/tcp_invalid_ratelimit", { "60000", "0" }, out_of_window },
	{ "ipv4/tcp_challenge_ack_limit", { "1000", "2" }, challenged },
	{ "ipv4/tcp_abort_on_overflow", { "0", "1" }, overflow },
	{ "ipv4/tcp_rfc1337", { "0", "1" }, reset_in_time_wait },
	{ "ipv4/tcp_synack_retries", { "0", "1" }, shaking },
	{ "ipv4/tcp_min_snd_mss", { "48", "500", "47" }, smallest },
	{ "ipv4/tcp_min_tso_segs", { "2", "5", "0" }, slow_frames },
	{ "ipv4/tcp_retries1", { "3", "0" }, black_hole },
	{ "ipv4/tcp_mtu_probe_floor", { "48", "900" }, black_hole_soon },
	{ "ipv4/tcp_retries2", { "1", "2" }, given_up },
	{ "ipv4/tcp_frto", { "2", "0" }, after_timeout },
	{ "ipv4/tcp_early_retrans", { "3", "0", "5" }, first_again },
	{ "ipv4/tcp_thin_linear_timeouts", { "0", "1" }, thin },
	{ "ipv4/tcp_max_reordering", { "300", "6" }, reordered },
	{ "ipv4/tcp_min_rtt_wlen", { "300", "0" }, shortest },
};
NETCONF_TABLE(netconf_peer, "a peer");

/*
 * netconf_tcp.c - handshakes of TCP, and what two ends on this machine agree on.
 */
#define _GNU_SOURCE
#include "netconf_frames.h"

#include <netinet/tcp.h>

/* What answers a SYN, in `in`. */
static int ask(int tos)
{
	static unsigned port = 2000;
	int s = listener(80, 5), n;

	segment(&(struct segment){
		.from = port++, .to = 80, .seq = 1, .flags = 2, .window = 60000, .tos = tos });
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

/* The word has meant nothing since Linux 6.6. */
static void window_of_synack(void)
{
	printf("%u", ask(0) ? get16(in + 48) : 0);
}

static void mss(void)
{
	sh(IP "link set v0 mtu 1300");
	printf("%u", ask(0) && in[54] == 2 ? get16(in + 56) : 0);
	sh(IP "link set v0 mtu 1500");
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
	static unsigned port = 4000;
	int s = listener(82, 100), n = 0;

	put("ipv4/tcp_syncookies", "0");
	for (int i = 0; i < 8; i++) {
		segment(&(struct segment){
			.from = port++, .to = 82, .seq = 1, .flags = 2, .window = 60000 });
		n += seen(synack) > 0;
	}
	printf("%d", n);
	close(s);
	put("ipv4/tcp_syncookies", "1");
}

static void connected(int *c, int *a, int mark)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(81) };
	int l = listener(81, 5);

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

static const struct netconf_case cases[] = {
	{ "ipv4/tcp_reflect_tos", { "0", "1" }, tos },
	{ "ipv4/tcp_workaround_signed_windows", { "0", "1" }, window },
	{ "ipv4/tcp_adv_win_scale", { "1", "-2", "3" }, window_of_synack },
	{ "ipv4/route/min_adv_mss", { "256", "1400" }, mss },
	{ "ipv4/tcp_ecn_fallback", { "1", "0" }, again },
	{ "ipv4/tcp_max_syn_backlog", { "4", "6", "512" }, half_open },
	{ "ipv4/tcp_fwmark_accept", { "0", "1" }, accepted_mark },
	{ "ipv4/tcp_pingpong_thresh", { "1", "255", "0" }, to_and_fro },
	{ "ipv4/tcp_syn_linear_timeouts", { "4", "0" }, syns },
};

NETCONF_TABLE(netconf_tcp, "TCP");

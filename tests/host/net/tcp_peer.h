/*
 * One host, and a peer of whom each segment is written out. What comes from our side is compared,
 * with its time where that matters. Sequence numbers count from each side's first; time is virtual.
 */
#ifndef TESTS_HOST_NET_TCP_PEER_H
#define TESTS_HOST_NET_TCP_PEER_H

#include "tcp_world.h"

#define PEER_ISN 1000000U
#define MS	 NSEC_PER_MSEC

struct seen {
	u32 seq, ack, len;
	u16 window, urgent;
	u8 flags;
	u64 at;
	struct tcp_options opt;
	u8 bytes[TCP_MAX_OPTIONS];
};
extern struct seen sent[256];
extern unsigned nr_sent, taken; /* how many there are, and how many the test has looked at */
extern u32 our_isn;
extern u16 our_port, peer_port;
extern struct socket *sk; /* what the calls below are about */
extern bool congested; /* the device takes nothing */

void fail_at(int line, const char *what);
#define CHECK(what)                               \
	do {                                      \
		if (!(what))                      \
			fail_at(__LINE__, #what); \
	} while (0)

/* What the peer says. opts: n bytes, a multiple of four. */
void say(u8 flags, u32 seq, u32 ack, u16 window, u32 len, const void *opts, u32 n);
void ack(u32 seq, u32 of, u16 window);
void sack(u32 of, u32 start, u32 end); /* an ACK with a block */
void pass(u64 ns);

struct seen *next_at(int line);
struct seen *want(int line, u8 flags, u32 seq, u32 len, u32 acked);
void want_all(int line, u32 seq, u32 end); /* data, in as many packets as it likes */
#define next()			   next_at(__LINE__)
#define WANT(flags, seq, len, ack) want(__LINE__, flags, seq, len, ack)
#define WANT_ALL(seq, end)	   want_all(__LINE__, seq, end)
#define QUIET()			   CHECK(taken == nr_sent)

void option(int name, int v);
struct sockaddr_storage peer_name(void);
void new_socket(void);
ssize_t open_with(size_t n); /* sendto(2) with MSG_FASTOPEN */
ssize_t write_n(size_t n);
struct tcp_info info(void);
void leave(void); /* with a RST */

/* connect(2), answered after `rtt`; our ACK is taken. */
void connected(u64 rtt, u16 window, const void *opts, u32 n);
/* Somebody connects to us; sk is the child. The listener. */
struct socket *accepted(u64 rtt, u16 window, const void *opts, u32 n);

struct rule {
	const char *name;
	void (*run)(void);
};
/* main: all rules of a suite, or the one that is named. */
int tcp_peer_main(int argc, char **argv, const char *name, const struct rule *rules, unsigned n);
#endif

/*
 * What the programs of abuse share: a link that leads back to themselves (TUN or TAP, tun(4)), segments
 * made by hand to be put on it, and the figures of /proc that must not grow.
 */
#ifndef TESTS_NET_ABUSE_H
#define TESTS_NET_ABUSE_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/ipv6.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define CHECK(c, ...)                                               \
	do {                                                        \
		if (!(c)) {                                         \
			printf("FAIL %s:%d: ", __FILE__, __LINE__); \
			printf(__VA_ARGS__);                        \
			printf(" (%s)\n", strerror(errno));         \
			exit(1);                                    \
		}                                                   \
	} while (0)
#define MUST(call)                                \
	({                                        \
		long must_r = (long)(call);       \
		CHECK(must_r != -1, "%s", #call); \
		must_r;                           \
	})

#define OURS 0x0a070001u /* 10.7.0.1 of 10.7.0.0/16 */
#define FIN  1
#define SYN  2
#define RST  4
#define PSH  8
#define ACK  16

extern int wire; /* the other end of the link */
extern int tap; /* its frames have an Ethernet header */

void link_up(int is_tap);
uint32_t rnd(void);
double now(void); /* seconds */
void rest(double seconds); /* what comes from the link meanwhile is thrown away */
void put_u16(void *at, unsigned v);
void put_u32(void *at, uint32_t v);
unsigned get_u16(const void *at);
uint32_t get_u32(const void *at);
/* The Internet checksum of n bytes, on top of sum. */
unsigned sum_of(const void *p, int n, unsigned sum);

/* What /proc/net/sockstat (and 6) and /proc/meminfo say: the number behind the words. */
long figure(const char *file, const char *row, const char *name);
long counter(const char *name); /* of TCP's in /proc/net/netstat */
void set(const char *file, const char *text); /* below /proc/sys/net/ */
long free_kib(void);
/* Free memory must come back to so many KiB less a margin; waits for what is freed later. */
void memory_is_back(long before, long margin);
/* Another program of this machine goes on: it forks, uses 4 MiB, exits. */
void others_go_on(void);

void put_frame(int type, const uint8_t *packet, int n);
void answer_arp(const uint8_t *frame); /* for whoever it asks */
/* A packet with an IP header onto the link, to us; whole frames for a TAP. */
void put_ip4(uint32_t src, uint32_t dst, int proto, unsigned id, unsigned frag, const void *data,
	     int n);
void put_ip6(const struct in6_addr *src, const struct in6_addr *dst, int next, const void *data,
	     int n);
/* UDP datagram with its checksum at `at`; its length. */
int make_udp(uint8_t *at, const void *pseudo, int pseudo_len, int sport, int dport,
	     const void *data, int n);

/* --- TCP by hand, over IPv4 --- */
struct seg {
	uint32_t src, dst; /* host order */
	int sport, dport, flags, window, len;
	uint32_t seq, ack;
	uint8_t data[2048];
};
void put_tcp(const struct seg *s);
int get_tcp(struct seg *s, int ms); /* the next that comes, 0: none within so much time */

/* A peer of ours that behaves: one connection to port 80 of the machine. */
struct peer {
	struct seg s; /* next segment from us */
	int up;
};
/* Whether it could. */
int peer_connect(struct peer *p, uint32_t from, int sport, int window);
void peer_send(struct peer *p, int flags, const void *data, int n);
/* The next segment for it; takes note of its sequence numbers. */
int peer_get(struct peer *p, struct seg *got, int ms);

int listener(uint32_t addr, int port, int backlog);
struct sockaddr_in at(uint32_t addr, int port);
#endif

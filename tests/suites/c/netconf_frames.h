/*
 * netconf_frames.h - the frames of netconf.c: made by hand, sent by v1, and what v0 sends.
 *
 * What is not sent cannot be waited for: an echo request behind it is answered, and then it would have been
 * there (all of this happens on one processor, in order).
 */
#ifndef SUITE_NETCONF_FRAMES_H
#define SUITE_NETCONF_FRAMES_H

#include "netconf.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <sys/socket.h>

typedef unsigned char u8;

extern const u8 ours[6], theirs[6], all[6], other[6];
extern int wire; /* v1, or what is looked at */
extern u8 out[1600], in[70000]; /* the frame that is made, the last one seen */
extern int out_len, in_len;

unsigned sum16(const u8 *p, int n, unsigned sum);
void put16(u8 *p, unsigned v);
void put32(u8 *p, unsigned v);
unsigned get16(const u8 *p);
unsigned get32(const u8 *p);

void eth(const u8 *dst, const u8 *src, unsigned type);
u8 *ip4(const char *src, const char *dst, int proto, int n);
void ip4_sum(void);
u8 *ip6(const char *src, const char *dst, int next, int hops, int n);
void l4_sum(u8 *at, int n, int proto, int where);
void emit(void);
void echo4(const u8 *mac, const u8 *from, const char *src, const char *dst, int id, int n);
u8 *echo6(const u8 *mac, const u8 *from, const char *src, const char *dst, int id);
void udp(const char *src, const char *dst, int from, int to, int n);
void about_udp(int code, const void *src, const void *dst, int from, int to, int mtu);
void arp(unsigned op, const u8 *to, const u8 *mac, const char *sender, const char *target);
u8 *nd(int type, const u8 *to, const u8 *mac, const char *src, const char *dst, const char *target,
       int flags, int option);

/* A TCP segment of the peer's, 10.9.0.2, to 10.9.0.1. */
struct segment {
	unsigned from, to, seq, ack, flags, window, urgent;
	const u8 *options;
	int options_len; /* a multiple of 4 */
	const void *data;
	int len, tos;
};
void segment(const struct segment *s);

typedef int match(const u8 *f, int n);

int open_wire(const char *dev);
int next(match *want, long ms);
void drain(void);
int count(match *want);
int seen(match *want);

match reply4, reply6, advert, dad, arp_reply, icmp4_error, redirect4, synack, syn;
int icmp6_of(const u8 *f, int n, int type);

const char *yes(int n);
int found(const char *command);
int listener(int port, int backlog);

/* The cases, by what they are about. */
struct netconf_table {
	const char *title;
	const struct netconf_case *cases;
	size_t n;
};
extern const struct netconf_table netconf_neigh, netconf_icmp, netconf_router, netconf_group,
	netconf_tcp, netconf_peer, netconf_port;

#define NETCONF_TABLE(name, title) \
	const struct netconf_table name = { title, cases, sizeof(cases) / sizeof(cases[0]) }

#endif

/*
 * A world for TCP alone: hosts that have a struct net each, a network between them that loses,
 * delays and spoils what it is told to, and the little kernel that TCP runs in. Time is virtual,
 * chance comes from a seed: a run is the same each time.
 *
 * Everything runs in one thread. Calls that would wait give -EAGAIN.
 */
#ifndef TESTS_HOST_NET_TCP_WORLD_H
#define TESTS_HOST_NET_TCP_WORLD_H

#include <types.h>

#include "net/tcp_impl.h"

/* --- the kernel --- */

extern u64 world_now; /* ns; starts at one hour */
extern u64 world_epoch; /* what now_real() is more */
extern long world_allocations; /* objects and pages that were not given back */
extern long world_fail_in; /* so many allocations go well, the next does not; -1: all do */

void world_start(u64 seed, unsigned hosts, bool v6);
void world_end(void); /* what is left counts in world_allocations */
/* The next thing that is due, at its time; false: nothing, or only after `until`. */
bool world_step(u64 until);
void world_settle(void); /* grace periods and network context: to be called between steps */
u32 world_random(u32 below);
bool world_chance(u32 per_10000);

struct net *world_net(unsigned host);
struct in6_addr world_addr(unsigned host);

/* Between the two files of it. */
void world_seed(u64 seed);
u64 world_next_timer(void);
void world_ring(void);
void world_grace(void);

/* --- the network --- */

struct world_link {
	u32 mtu;
	u16 advmss, initcwnd; /* of routes; 0: not given */
	u64 delay, jitter; /* ns */
	u64 per_byte; /* ns: the line's rate; 0: no limit */
	u32 queue; /* frames at most; 0: no limit */
	u32 loss, dup, reorder, corrupt; /* of 10,000 */
	u64 late; /* what reorder does, ns; 0: half of the delay to one and a half */
	u32 mark; /* CE instead of loss for ECT, of 10,000 */
	bool whole; /* GSO packets pass as they are, without checksum: a loopback */
	bool black_hole; /* what is too big vanishes silently */
};
extern struct world_link world_link;
extern u64 world_frames, world_lost;
/* Called for each frame before it is judged: TCP header first. May be NULL. false: it vanishes. */
extern bool (*world_tap)(unsigned from, const struct tcp_header *h, u32 len);
/* Instead of the link, for another kind of world: p is the hook's. NULL: the link. */
extern int (*world_out)(struct net *net, struct packet *p, const struct ip_send *s);
/* A segment comes from outside. */
void world_in(struct net *net, const struct in6_addr *src, const struct in6_addr *dst,
	      const void *seg, u32 len, u8 tos, u8 csum, u16 gso_size);

/* --- calls, for the one task there is; none waits --- */
struct socket *world_socket(unsigned host);
int world_bind(struct socket *sk, unsigned host, u16 port);
int world_connect(struct socket *sk, unsigned host, u16 port);
ssize_t world_send(struct socket *sk, const void *buf, size_t n, unsigned flags);
ssize_t world_recv(struct socket *sk, void *buf, size_t n, unsigned flags);
void world_close(struct socket *sk);

/* Of libc. */
int printf(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void free(void *p);
void abort(void) __attribute__((noreturn));
void exit(int status) __attribute__((noreturn));
int atoi(const char *s);
long strtol(const char *s, char **end, int base);
#endif

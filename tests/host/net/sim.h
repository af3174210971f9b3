/*
 * Networks on the host: the kernel's own devices, protocols and sockets, several machines (struct
 * net) in one process, joined by links that lose, repeat, reorder, spoil and delay frames. Time is
 * virtual, chance comes from one seed: the same seed gives the same run, to the last byte.
 *
 * A test:
 *	struct sim_link *l;
 *	struct net *a, *b;
 *
 *	sim_begin(seed);
 *	a = sim_net();
 *	b = sim_net();
 *	l = sim_link(&(struct sim_link_config){ .delay = 5 * NSEC_PER_MSEC, .loss = 10000 });
 *	sim_address(sim_attach(a, l), "10.0.0.1", 24);
 *	sim_address(sim_attach(b, l), "10.0.0.2", 24);
 *	... sockets: sim_socket, sim_bind, sim_send, sim_receive; or a protocol's own functions ...
 *	sim_run(60 * NSEC_PER_SEC, done, arg);
 *	sim_end();			// every socket must be closed: FAILs if memory is left
 *
 * One thread. What would sleep in the kernel runs the simulation until it is woken, so calls that
 * block can be made, of one party at a time; with m.deadline 0 nothing blocks.
 */
#ifndef TESTS_HOST_NET_SIM_H
#define TESTS_HOST_NET_SIM_H

#include <types.h>
#include "core/time.h"
#include "net/net.h"
#include "net/socket.h"

struct sim_link;

/* Chances are in millionths, for each frame by itself. Times in ns. */
struct sim_link_config {
	u64 delay, jitter; /* jitter: 0 .. that much more, but in order */
	u32 loss, duplicate, corrupt; /* corrupt: a bit is turned over */
	u32 reorder; /* a frame is held back... */
	u64 reorder_by; /* ... for so long; 0: ten times the delay */
	u64 rate; /* bits a second; 0: no limit */
	u32 queue; /* frames that wait for their turn at that rate; 0: 1000 */
	u32 mtu; /* 0: 1500 */
	u32 features; /* NETDEV_* that its devices have; without TSO and CSUM frames are as on a wire */
};

void sim_begin(u64 seed);
/* Takes everything apart. How many allocations were left: 0 is right. */
long sim_end(void);

struct net *sim_net(void); /* a machine, its loopback up */
/* A wire (or hub: any number of devices). */
struct sim_link *sim_link(const struct sim_link_config *c);
struct sim_link_config *sim_link_of(struct sim_link *l); /* may be changed at any time */
struct netdev *sim_attach(struct net *net, struct sim_link *l); /* "ethN", up, without address */
void sim_address(struct netdev *d, const char *ip, unsigned prefix_len); /* IPv4 */
void sim_gateway(struct net *net, const char *prefix, unsigned prefix_len, const char *via);
struct in6_addr sim_ip(const char *ip); /* IPv4, mapped */

/* A frame, as it came from a link: what a fuzzer hands in. p->data at the link header. */
void sim_inject(struct netdev *d, const void *frame, size_t n);
/* Sees each frame before the link does anything to it; NULL: none. False: the frame is lost. */
extern bool (*sim_tap)(struct netdev *from, const u8 *frame, size_t n);

/* The clock, ns from the beginning; now_mono() says the same. */
u64 sim_now(void);
u64 sim_random(void); /* the simulation's own chance */
/*
 * The next thing happens: a timer, a frame's arrival; then all that the network has to do because of
 * it. False: nothing will ever happen again.
 */
bool sim_step(void);
/* Until done(arg) (NULL: never) or so much time has gone by. True: done. */
bool sim_run(u64 ns, bool (*done)(void *arg), void *arg);

/* The n-th allocation from now on fails, once; -1: none. */
extern long sim_fail_after;
extern bool sim_capable; /* what capable() says */
/* Machines made from now on have IPv6, with all it says by itself on its links. */
extern bool sim_ipv6;

/* --- sockets, without files --- */
struct sockaddr_storage sim_addr(const char *ip, u16 port); /* IPv4 */
/* SOCK_STREAM, SOCK_DGRAM, SOCK_RAW with the protocol; NULL: no such thing, or no memory. */
struct socket *sim_socket(struct net *net, u16 family, int type, int protocol);
int sim_bind(struct socket *sk, const char *ip, u16 port);
int sim_connect(struct socket *sk, const char *ip, u16 port, u64 deadline);
/* ip NULL: to where it is connected. deadline 0: does not block. */
ssize_t sim_send(struct socket *sk, const void *buf, size_t n, unsigned flags, const char *ip,
		 u16 port);
ssize_t sim_receive(struct socket *sk, void *buf, size_t n, unsigned flags);
int sim_setsockopt(struct socket *sk, int level, int name, int value);
void sim_close(struct socket *sk);
#endif

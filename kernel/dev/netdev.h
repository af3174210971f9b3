/*
 * Network devices: what a driver implements and what the protocols above see. Interrupts only
 * say "there is something": frames are taken, and protocols run, in network context (below).
 *
 * Locks: [t] the network's mutex, which sleeps (configuration; see net/net.h); readers use RCU.
 * [I] does not change once registered. [w] a word stored and read whole. [h] its hart's own.
 *
 * What is here is in dev/netdev.c and dev/netcontext.c, but for the register of a network's devices,
 * which is in net/device.c.
 */
#ifndef DEV_NETDEV_H
#define DEV_NETDEV_H

#include <types.h>
#include <atomic.h>
#include <uapi/if.h>
#include "core/rcu.h"
#include "core/time.h"
#include "dev/packet.h"
#include "lib/list.h"

struct net; /* a network: devices, routes, sockets. One in the kernel, several in simulations */
extern struct net init_net;
struct netdev;
struct nl_writer;

/* --- network context ---
 * All protocol code runs in tasks: in the caller's, or in the hart's network thread ("net/0"),
 * never in an interrupt. So its locks are plain spinlocks, and since the kernel is not preempted,
 * what a hart does in network context is not interrupted by more of it. fn must not sleep.
 */
struct net_work {
	struct list_head link; /* [that hart's list] */
	void (*fn)(struct net_work *w); /* [I] */
	u32 queued; /* [a] how often fn is to be called; 0: on no list */
};
void net_work_init(struct net_work *w, void (*fn)(struct net_work *));
/* fn will run on this hart, once however often it is asked. Any context, interrupts too. */
void net_work_queue(struct net_work *w);
void net_work_queue_on(struct net_work *w, unsigned hart);
/* The same, for a task that calls net_run before it sleeps or returns: nobody is woken. */
void net_work_queue_run(struct net_work *w);
/*
 * What this hart's list holds is done now; from a task that holds no spinlock. Whoever may have put a
 * packet on the loopback calls it at the end of its call, and before it waits, so that no switch of
 * tasks is needed. Within network context it does nothing: the list is being worked on.
 */
void net_run(void);
void net_context_init(void); /* at boot */
void net_threads_start(void); /* once all harts schedule */

/*
 * A timer whose fn runs in network context, on the hart that started it. Each start of one that was
 * not pending ends in one call of fn or in one cancel that is true: so a reference may go with it.
 */
struct net_timer {
	struct timer timer;
	struct net_work work;
	void (*fn)(struct net_timer *t);
};
void net_timer_init(struct net_timer *t, void (*fn)(struct net_timer *));
/* Restarts it; expires in now_mono() ns. True: it was pending, and will not run for the time before. */
bool net_timer_start(struct net_timer *t, u64 expires);
bool net_timer_cancel(struct net_timer *t); /* false: fn runs, may still run, or was not started */

/* --- devices --- */
/* dev->features: what the device does, so that protocols need not. */
#define NETDEV_CSUM   (1u << 0) /* sends CSUM_PARTIAL */
#define NETDEV_SG     (1u << 1) /* sends packets with frags */
#define NETDEV_TSO4   (1u << 2)
#define NETDEV_TSO6   (1u << 3)
#define NETDEV_USO    (1u << 4)
#define NETDEV_RXCSUM (1u << 5) /* vouches for checksums of what it received */

struct netdev_stats {
	u64 rx_packets, rx_bytes, rx_errors, rx_dropped;
	u64 tx_packets, tx_bytes, tx_errors, tx_dropped;
	u64 multicast;
};

struct netdev_ops {
	int (*open)(struct netdev *d); /* IFF_UP is set; may sleep. 0 or -errno */
	void (*stop)(struct netdev *d); /* may sleep; afterwards no packet comes */
	/*
	 * Sends p, which is the driver's from then on, in all cases. Network context or a task,
	 * spinlocks may be held (rank below RANK_DRIVER). Only for frames the features allow.
	 */
	void (*transmit)(struct netdev *d, struct packet *p);
	void (*set_rx_mode)(struct netdev *d); /* promisc, allmulti or multicast list changed */
	int (*set_mac)(struct netdev *d, const u8 *mac);
	int (*set_mtu)(struct netdev *d, u32 mtu);
	int (*ioctl)(struct netdev *d, unsigned cmd, void *ifreq);
	void (*free)(struct netdev *d); /* the last reference went */
	/*
	 * `now` stands for it in another network (netdev_move), and whoever comes to it by priv is to
	 * find that one. Neither is up. May sleep, under netdev_links_lock. NULL: nobody comes so.
	 */
	void (*moved)(struct netdev *d, struct netdev *now);
	/* Those that requests make and remove (rtnetlink(7)), with netdev_links_lock held. */
	const char *kind; /* as IFLA_INFO_KIND has it; NULL: it is there by itself */
	void (*remove)(struct netdev *d); /* ends in netdev_unregister, of its peer, too */
	/* What IFLA_INFO_DATA has of it (net/netlink.h). RCU; NULL: nothing. */
	void (*put_info)(const struct netdev *d, struct nl_writer *w);
	/* The other end: IFLA_LINK. RCU; NULL: it has none any more. */
	struct netdev *(*peer)(const struct netdev *d);
};

#define NETDEV_ALIAS_MAX 256

struct netdev {
	char name[IFNAMSIZ]; /* [t] */
	int ifindex; /* [I] from 1 */
	u16 type; /* [I] ARPHRD_* */
	u8 addr_len; /* [I] 6 or 0 */
	u8 addr[8], broadcast[8]; /* [t] */
	u32 flags; /* [w] IFF_*; IFF_RUNNING follows carrier */
	u32 mtu, min_mtu, max_mtu; /* [w] [I] [I] bytes of network layer */
	u32 features; /* [w] NETDEV_* in use */
	u32 gso_max; /* [I] bytes of a GSO packet it takes; 65536 */
	u32 txqlen; /* [w] packets */
	u32 group; /* [w] a number by which programs take several at once */
	char alias[NETDEV_ALIAS_MAX]; /* [t] what its owner calls it besides, with NUL; "": nothing */
	u32 tx_queues, rx_queues; /* [I] 1, unless the driver says */
	bool carrier; /* [w] */
	u32 carrier_ups, carrier_downs; /* [w] how often it came and went */
	bool used; /* [t] it has been up */
	bool no_queue; /* [I] what it is given goes on at once: Linux's "noqueue" */
	atomic_t refs;
	int promisc, allmulti; /* [t] how many want it */
	struct list_head multicast; /* [t] struct netdev_multicast */
	struct netdev_stats *stats; /* [I] one a hart [h] */
	const struct netdev_ops *ops; /* [I] */
	void *priv; /* [I] the driver's */
	struct net *net; /* [I] one that moves is another struct netdev there */
	struct netdev *successor; /* [t] that one, referenced, from the moment it leaves */
	struct list_head link; /* [t] of the net's devices, RCU */
	struct hlist_node name_link, number_link; /* [t] in the net's hashes, RCU */
	/* The protocols' own, set when it is registered: net/ipv4, net/ipv6. */
	void *ip4, *ip6; /* [t] RCU */
	u32 taps; /* [t] [w] packet sockets that want to see what passes: net_tap */
	struct rcu_head rcu;
};

struct netdev_multicast {
	struct list_head link;
	u8 addr[8];
	int users;
};

/* A device with one reference, not registered; name may hold a %d ("eth%d"). NULL: no memory. */
struct netdev *netdev_alloc(const char *name, u16 type, const struct netdev_ops *ops, void *priv);
/*
 * Takes part in net from now on, with another reference; d->ifindex is the number it is to have, or 0.
 * 0, -EEXIST (the name), -EBUSY (the number), -ENFILE (no number left for %d). Both sleep and take [t].
 */
int netdev_register(struct net *net, struct netdev *d);
int netdev_register_locked(struct net *net, struct netdev *d); /* the same, with [t] held */
/* Goes down, loses addresses, routes, sockets' interest. Sleeps; netdev_links_lock is held. */
void netdev_unregister(struct netdev *d);
/*
 * Held while a device leaves its network, and by who holds the [t] of two networks. Taken before [t];
 * sleeps. What d->priv says of a registered device, and which network it is in, stays meanwhile.
 */
void netdev_links_lock(void);
void netdev_links_unlock(void);
/*
 * Takes it down and to another network, where a new struct netdev stands for it, *now: named as before
 * or, if that is taken, `want` (NULL: no other; may hold a %d), with the number ifindex (0: as before if
 * it is free). 0, -EINVAL (one that stays), -EEXIST, -EBUSY (ifindex), -ENOMEM; *why: Linux's words.
 */
int netdev_move(struct netdev *d, struct net *to, const char *want, int ifindex,
		struct netdev **now, const char **why);
static inline struct netdev *netdev_get(struct netdev *d)
{
	atomic_inc(&d->refs);
	return d;
}
void netdev_put(struct netdev *d);
/* Both: valid until the next sleep; NULL: none. */
struct netdev *netdev_find(struct net *net, const char *name);
struct netdev *netdev_by_index(struct net *net, int ifindex);
void netdev_lock(struct netdev *d); /* [t] of a registered device's network. Sleeps */
void netdev_unlock(struct netdev *d);
/* These are called with [t] held, and sleep. 0 or -errno. */
int netdev_set_flags(struct netdev *d, u32 flags, u32 mask); /* IFF_UP, IFF_PROMISC, ... */
int netdev_set_mtu(struct netdev *d, u32 mtu); /* -EINVAL: beyond what it can */
int netdev_set_mac(struct netdev *d, const u8 *mac); /* -EOPNOTSUPP */
int netdev_rename(struct netdev *d, const char *name); /* -EEXIST, -EINVAL */
/* Frames to a group's link address are wanted, by one more or (by -1) one less. 0 or -ENOMEM. */
int netdev_multicast(struct netdev *d, const u8 *addr, int by);
void netdev_promisc(struct netdev *d, int by); /* one more who wants all frames, or one less */
void netdev_allmulti(struct netdev *d, int by);
/* What programs are shown of d->flags: with IFF_RUNNING and IFF_LOWER_UP. */
u32 netdev_flags(const struct netdev *d);
int netdev_operstate(const struct netdev *d); /* IF_OPER_* */
/* [w] Carrier is there or not from now on; false: it was so before. Who listens is not told. */
bool netdev_note_carrier(struct netdev *d, bool on);
/* Link up or down. From a task that may sleep and does not hold [t]. */
void netdev_set_carrier(struct netdev *d, bool on);
void netdev_set_carrier_locked(struct netdev *d, bool on); /* with [t] */
/* Is its link header Ethernet's? Loopback's is, too. */
static inline bool netdev_ethernet(const struct netdev *d)
{
	return d->addr_len == 6;
}
/* This hart's counters. A driver counts what it sent and lost; what came is counted for it. */
struct netdev_stats *netdev_stats(struct netdev *d);
void netdev_count_sent(struct netdev *d, u32 bytes);
void netdev_sum_stats(const struct netdev *d, struct netdev_stats *sum);

/* A driver's: a frame came, p->data at the link header (of Ethernet devices). Network context. */
void netdev_receive(struct packet *p);
/*
 * A driver's: the same, and what belongs together is joined into one packet (GRO) until
 * netdev_flush, at the end of a batch.
 */
void netdev_receive_gro(struct packet *p);
void netdev_flush(void);
/*
 * The protocols': sends a frame whose link header is there: shows it to taps, does in software
 * what the device can't (checksum, segments, one piece), counts. p is gone afterwards.
 */
void netdev_transmit(struct netdev *d, struct packet *p);

/* How many want p->stamp of what is received or sent. [a] */
extern u32 net_stamps;
/* Frames that the loopback keeps for a hart before it drops. */
extern u32 netdev_max_backlog;
/* A network's "lo", registered and up. ERR_PTR (net/loopback.c). */
struct netdev *loopback_create(struct net *net);

/* Declared here, filled in by net/: where frames and news go. */
void net_receive(struct packet *p); /* by protocol; p->data behind the link header */
enum netdev_event {
	NETDEV_REGISTERED,
	NETDEV_UP,
	NETDEV_DOWN,
	NETDEV_GONE,
	NETDEV_CHANGED,
	NETDEV_RENAMED,
	NETDEV_ANNOUNCE, /* who is where is to be told the link anew (gratuitous ARP) */
};
void net_device_event(struct netdev *d, enum netdev_event e); /* task context; may sleep */
/* p->sk is told that p (p->data at the link header) got to where `which` says: PACKET_STAMP_*. */
void net_stamp(struct packet *p, u8 which);
/* To packet sockets, p->data behind the link header (sent: at it, p->mac); p stays. */
void net_tap(struct netdev *d, struct packet *p, bool outgoing);
#endif

/*
 * What tun.c (the device, and the program's reads and writes) and tun_ioctl.c (how devices are made, and
 * what ioctls change) share.
 *
 * Locks: [t] netdev_links_lock and inside it the mutex of the device's network. [l] tun->lock
 * (RANK_NETDEV), taken where packets are queued. [w] a word stored and read whole. [I] does not change.
 */
#ifndef NET_TUN_DEV_H
#define NET_TUN_DEV_H

#include <uapi/if_tun.h>

#include "core/wait.h"
#include "dev/netdev.h"
#include "fs/fs.h"
#include "sync/spinlock.h"

#define TUN_QUEUES 256 /* at most */

struct tun {
	struct netdev *dev; /* [t] [w] RCU: what stands for it now */
	spinlock_t lock;
	u32 flags; /* [t] [w] IFF_* of TUNSETIFF */
	u32 owner, group; /* [t] ~0: anybody with CAP_NET_ADMIN alone */
	bool persist; /* [t] */
	bool dying; /* [t] [w] its device is gone, or about to go */
	int header_size; /* [w] of IFF_VNET_HDR's header */
	int sndbuf; /* [w] kept for TUNGETSNDBUF */
	unsigned nr_queues; /* [l] */
	unsigned nr_disabled; /* [t] [w] that are its program's, and not attached */
	struct tun_queue *queues[TUN_QUEUES]; /* [l] those that are attached */
};

/* An open file. */
struct tun_queue {
	struct net *net; /* [i] referenced: of who opened the file */
	struct tun *tun; /* [t] [w] NULL: none yet */
	struct netdev *held; /* [t] referenced, so that tun stays: its device when it was attached */
	bool attached; /* [t] */
	struct list_head packets; /* [tun's l] */
	unsigned n; /* [tun's l] */
	struct waitq readers;
};

extern const struct netdev_ops tun_ops;

static inline bool tun_is_tap(const struct tun *t)
{
	return t->flags & IFF_TAP;
}

/* The program's end leaves the device, with what waits in it. [t] */
void tun_detach(struct tun *t, struct tun_queue *q);
/* For what changes q or its device: [t]. The network whose mutex is held, too. */
struct net *tun_config_lock(struct tun_queue *q);
long tun_ioctl(struct file *f, unsigned cmd, unsigned long arg);
#endif

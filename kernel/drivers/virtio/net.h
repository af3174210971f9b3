/*
 * virtio-net (virtio 1.2, 5.1), between its files: net.c moves frames, net_control.c finds the
 * device, configures and resets it.
 *
 * Locks: [q] the transmit queue's lock. [h] the queue pair's home hart alone, in network context.
 * [t] the network's mutex. [I] does not change once probed.
 */
#ifndef DRIVERS_VIRTIO_NET_H
#define DRIVERS_VIRTIO_NET_H

#include "core/work.h"
#include "dev/netdev.h"
#include "drivers/virtio/virtio.h"

#define F_CSUM	       (1ULL << 0)
#define F_GUEST_CSUM   (1ULL << 1)
#define F_MTU	       (1ULL << 3)
#define F_MAC	       (1ULL << 5)
#define F_GUEST_TSO4   (1ULL << 7)
#define F_GUEST_TSO6   (1ULL << 8)
#define F_HOST_TSO4    (1ULL << 11)
#define F_HOST_TSO6    (1ULL << 12)
#define F_HOST_ECN     (1ULL << 13)
#define F_MRG_RXBUF    (1ULL << 15)
#define F_STATUS       (1ULL << 16)
#define F_CTRL_VQ      (1ULL << 17)
#define F_CTRL_RX      (1ULL << 18)
#define F_ANNOUNCE     (1ULL << 21)
#define F_MQ	       (1ULL << 22)
#define F_CTRL_MAC     (1ULL << 23)
#define F_HOST_USO     (1ULL << 56)

#define VNET_MAX_PAIRS MAX_HARTS
#define VNET_RING      256 /* entries of a ring */
#define VNET_HEADER    12 /* struct vnet_header */
/*
 * A receive buffer is half a page, but for two bytes in front: then IPv4's header lies in its words, and so
 * do TCP's payload and what it is copied to, as timestamps have them.
 */
#define RX_SHIFT  2u
#define RX_BUFFER ((u32)PAGE_SIZE / 2 - RX_SHIFT)

struct vnet;

struct vnet_pair {
	struct vnet *net; /* [I] */
	unsigned hart; /* [I] home: receives and reaps there */
	struct net_work work;
	struct virtqueue *rx; /* [I], its contents [h] */
	struct page *half; /* [h] its second half is the next receive buffer; NULL none */
	unsigned posted, want; /* [h] receive buffers: the device has; it shall have */
	unsigned taken; /* [h] in this run of the work */
	/* Sending. */
	spinlock_t lock; /* RANK_NETDEV */
	struct virtqueue *tx; /* [I], its contents [q] */
	struct list_head waiting; /* [q] packets that found the ring full */
	unsigned nr_waiting; /* [q] */
	unsigned in_flight; /* [q] */
	struct net_timer reap; /* takes back what was sent when nothing else does */
	bool reaping; /* [q] the timer is set */
	u64 stalled; /* [q] since when the device takes nothing of a full ring; 0: it does */
	struct vq_seg segs[PACKET_MAX_FRAGS + 1]; /* [q] scratch */
};

struct vnet {
	struct netdev *dev; /* [w] RCU; netdev_links_lock to change: vnet_moved */
	struct virtio_device *vd; /* [I] */
	struct virtqueue *ctrl; /* [t] NULL: none */
	struct vnet_command *command; /* [t] its memory */
	struct work config_work, reset_work;
	const char *why; /* [w] it is being reset */
	bool filled; /* [w] receive buffers are wanted: it was opened once */
	bool resetting; /* [t] what fails now ends it */
	bool down; /* [w] the device is being reset, or did not survive it */
	unsigned nr_pairs, max_pairs; /* [I] in use; what the device has */
	struct vnet_pair pair[];
};

/* --- net.c --- */
bool vnet_pair_init(struct vnet *n, unsigned i); /* false: no memory; vnet_pair_free is due */
void vnet_pair_free(struct vnet_pair *q); /* the device is stopped: packets and pages go */
void vnet_transmit(struct netdev *d, struct packet *p);
void vnet_interrupt(struct virtio_device *vd);

/* Takes back all that the stopped device had of it. */
void vnet_pair_empty(struct vnet_pair *q);

/* --- net_control.c --- */
/* The device is soon reset, and starts anew. Any context. */
void vnet_restart(struct vnet *n, const char *why);
#endif

/*
 * virtio 1.x (OASIS spec; sections named below): the device over MMIO, and
 * split virtqueues. Modern interface only.
 *
 * Locks: a virtqueue has none of its own. Its driver holds one (irqsave) around
 * every vq_ function but virtio_queue, vq_restart and vq_free: [q] below.
 * [I] never changes once probed; [d] shared with the device, ordered by fences.
 */
#ifndef DRIVERS_VIRTIO_H
#define DRIVERS_VIRTIO_H

#include <types.h>
#include "sync/spinlock.h"

/* Device types (5). */
#define VIRTIO_ID_NET	  1
#define VIRTIO_ID_BLOCK	  2
#define VIRTIO_ID_CONSOLE 3
#define VIRTIO_ID_RNG	  4

/* Feature bits common to all (6). */
#define VIRTIO_F_INDIRECT_DESC (1ULL << 28)
#define VIRTIO_F_EVENT_IDX     (1ULL << 29)
#define VIRTIO_F_VERSION_1     (1ULL << 32)

struct virtio_device;

/* A driver: one row of virtio_drivers (mmio.c walks the section). */
struct virtio_driver {
	const char *name;
	u32 device_id;
	u64 features; /* what it can use; VERSION_1 and the ring features are added */
	/* Which of those that both know shall be: some are of use only with others. NULL: all. */
	u64 (*choose)(u64 features);
	/* 0 or -errno with nothing left behind. Features are negotiated, queues not yet made. */
	int (*probe)(struct virtio_device *d);
	/* Some queue has used buffers; interrupts off. */
	void (*interrupt)(struct virtio_device *d);
	/* The configuration has changed, or the device asks for a reset; as above. May be NULL. */
	void (*config_changed)(struct virtio_device *d);
};
#define VIRTIO_DRIVER(ident)                                                  \
	static const struct virtio_driver ident##_entry __attribute__((used)) \
	__section("virtio_drivers") __aligned(8)

struct virtio_device {
	volatile u8 *regs; /* [I] */
	u32 irq; /* [I] */
	u64 features; /* [I] negotiated; the same after a restart */
	const struct virtio_driver *driver; /* [I] */
	void *priv; /* [I] the driver's: set in probe, before virtio_ready */
};

/* Configuration space, n bytes at off, read consistently (4.2.2.2, 2.5.1). */
void virtio_config_read(struct virtio_device *d, unsigned off, void *buf, unsigned n);
/* After the queues are made: the device may use them (3.1.1 step 8). */
void virtio_ready(struct virtio_device *d);
/*
 * Stops the device: after 0 it touches no memory of ours (2.4.1). -EIO: it does not obey, and what
 * it was given must stay for ever. Any context; may poll for some milliseconds.
 */
int virtio_reset(struct virtio_device *d);
/* After a reset: the hand-shake up to the queues again. -EIO: not as it was, it stays stopped. */
int virtio_restart(struct virtio_device *d);
bool virtio_needs_reset(struct virtio_device *d); /* it says so itself (2.1.2) */

struct vq_seg {
	u64 phys;
	u32 len;
};

struct vring_desc {
	u64 addr;
	u32 len;
	u16 flags;
	u16 next;
};

/* What we know of a descriptor, out of the device's reach. */
struct vq_slot {
	void *token; /* [q] of the chain it heads, while that is in flight */
	struct vring_desc *indirect; /* [q] that chain's table, or NULL */
	u16 next; /* [q] in its chain, or in the free list */
	u16 count; /* [q] descriptors of the chain it heads */
};

struct virtqueue {
	struct virtio_device *dev; /* [I] */
	u16 index, num; /* [I] */
	struct vring_desc *desc; /* [d] entries of chains in flight; [q] the others */
	volatile u16 *avail; /* [d] flags, idx, ring[num], used_event */
	volatile u16 *used; /* [d] flags, idx, {id, len}[num], avail_event */
	struct vq_slot *slots; /* [I] by descriptor */
	u16 free_head, nr_free; /* [q] */
	u16 avail_idx; /* [q] ours, next to be published */
	u16 kicked; /* [q] avail_idx at the last notification */
	u16 last_used; /* [q] */
	bool broken; /* [q] the device returned what it was not given: not listened to any more */
};

/*
 * Makes queue `index` with at most max entries (a power of two).
 * ERR_PTR(-ENOENT: no such queue, -ENOMEM).
 */
struct virtqueue *virtio_queue(struct virtio_device *d, unsigned index, unsigned max);
/* Before virtio_ready or after a reset. NULL and errors are allowed. */
void vq_free(struct virtqueue *vq);
/* After virtio_restart: the queue anew, empty. Nothing may be in flight. 0 or -EIO. */
int vq_restart(struct virtqueue *vq);
/*
 * Adds a chain: `out` device-readable segments, then `in` writable ones. 0 or -ENOSPC (queue full;
 * never for a chain of up to num segments on an empty queue). token, not NULL, comes back from
 * vq_get. Not seen by the device before vq_kick.
 */
int vq_add(struct virtqueue *vq, const struct vq_seg *segs, unsigned out, unsigned in, void *token);
void vq_kick(struct virtqueue *vq); /* tells the device, if it wants to be told (2.7.10) */
void vq_notify(struct virtqueue *vq); /* the same, whether it wants to be told or not */
/*
 * The next used chain's token, and how many bytes the device says it wrote (a device that lies may
 * say anything); NULL when there is none.
 */
void *vq_get(struct virtqueue *vq, u32 *len);
/* After a reset: the token of some chain that was in flight, taken off; NULL when none is left. */
void *vq_take_back(struct virtqueue *vq);
/*
 * Asks for an interrupt at the next used chain; true if there is one already (call vq_get again).
 */
bool vq_arm(struct virtqueue *vq);
/* The same, once so many more are used than have been taken; true: so many there are. */
bool vq_arm_after(struct virtqueue *vq, unsigned n);
/* No interrupts are wanted: with event indexes there is none anyway until vq_arm. */
void vq_disarm(struct virtqueue *vq);
/* Is there a used chain? Needs no lock, and may be out of date. */
bool vq_pending(const struct virtqueue *vq);

#endif

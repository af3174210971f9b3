/*
 * virtio 1.x (OASIS spec; sections named below): the device over MMIO, and
 * split virtqueues. Modern interface only.
 *
 * Locks: each virtqueue has one (irqsave), taken by the driver around vq_add,
 * vq_get and vq_kick: drivers with a lock of their own over a queue use that.
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

/* A driver: one row of virtio_drivers (virtio_mmio.c's section). */
struct virtio_driver {
	const char *name;
	u32 device_id;
	u64 features; /* what it can use; VERSION_1 and the ring features are added */
	int (*probe)(struct virtio_device
			     *d); /* 0 or -errno; features are negotiated, queues not yet made */
	void (*interrupt)(struct virtio_device *d); /* some queue has used buffers; interrupts off */
	void (*config_changed)(struct virtio_device *d); /* may be NULL */
};
#define VIRTIO_DRIVER(ident)                                                  \
	static const struct virtio_driver ident##_entry __attribute__((used)) \
	__section("virtio_drivers") __aligned(8)

struct virtio_device {
	volatile u8 *regs;
	u32 irq;
	u64 features; /* [I] negotiated */
	const struct virtio_driver *driver;
	void *priv; /* the driver's */
};

/* Configuration space, n bytes at off, read consistently (4.2.2.2, 2.5.1). */
void virtio_config_read(struct virtio_device *d, unsigned off, void *buf, unsigned n);
void virtio_config_write(struct virtio_device *d, unsigned off, const void *buf, unsigned n);
/* After the queues are made: the device may use them (3.1.1 step 8). */
void virtio_ready(struct virtio_device *d);

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

struct virtqueue {
	struct virtio_device *dev;
	u16 index, num;
	struct vring_desc *desc;
	volatile u16 *avail; /* flags, idx, ring[num], used_event */
	volatile u16 *used; /* flags, idx, {id, len}[num], avail_event */
	void **token; /* by head descriptor */
	struct vring_desc **indirect; /* by head: the table in use, or NULL */
	u16 free_head, nr_free;
	u16 avail_idx; /* ours, next to be published */
	u16 kicked; /* avail_idx at the last notification */
	u16 last_used;
	bool broken; /* the device returned what it was not given: it is not listened to any more */
};

/* Makes queue `index` with at most max entries (a power of two). ERR_PTR(-ENOENT: no such queue, -ENOMEM). */
struct virtqueue *virtio_queue(struct virtio_device *d, unsigned index, unsigned max);
/*
 * Adds a chain: `out` device-readable segments, then `in` writable ones. 0 or -ENOSPC (queue full; never for a
 * chain of up to num segments on an empty queue). token comes back from vq_get. Not seen by the device before vq_kick.
 */
int vq_add(struct virtqueue *vq, const struct vq_seg *segs, unsigned out, unsigned in, void *token);
void vq_kick(struct virtqueue *vq); /* tells the device, if it wants to be told (2.7.10) */
void vq_notify(struct virtqueue *vq); /* the same, whether it wants to be told or not */
/* The next used chain's token, and how many bytes the device wrote; NULL when there is none. */
void *vq_get(struct virtqueue *vq, u32 *len);
/* Asks for an interrupt at the next used chain; true if there is one already (call vq_get again). */
bool vq_arm(struct virtqueue *vq);

#endif

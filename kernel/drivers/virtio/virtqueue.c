/*
 * Split virtqueues (virtio 1.2, 2.7): descriptor table, available ring, used
 * ring, with event indexes and indirect descriptors where the device has them.
 *
 * The device is trusted with memory, not with our book-keeping: which chains are
 * in flight, and of which descriptors they are made, is kept apart from the ring,
 * and a device that returns what it was not given is not listened to any more.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/barrier.h"
#include "arch/riscv/memlayout.h"
#include "drivers/virtio/virtio.h"
#include "drivers/virtio/mmio.h"
#include "lib/string.h"
#include "sync/log.h"

#define DESC_NEXT     1
#define DESC_WRITE    2
#define DESC_INDIRECT 4

/* Where the rings lie behind the descriptors, for a queue of num; the size of it all (2.7). */
static size_t used_offset(unsigned num)
{
	return ALIGN_UP(sizeof(struct vring_desc) * num + 2 * (3 + num), 4);
}

static size_t ring_size(unsigned num)
{
	return used_offset(num) + 6 + 8 * num;
}

/* An empty ring, and the device told where it is. */
static void enable(struct virtqueue *vq)
{
	memset(vq->desc, 0, ring_size(vq->num));
	for (unsigned i = 0; i < vq->num; i++)
		vq->slots[i] = (struct vq_slot){ .next = (u16)(i + 1) };
	vq->free_head = 0;
	vq->nr_free = vq->num;
	vq->avail_idx = vq->kicked = vq->last_used = 0;
	vq->broken = false;
	mmio_queue_enable(vq->dev, vq->index, vq->num, virt_to_phys(vq->desc),
			  virt_to_phys((void *)vq->avail), virt_to_phys((void *)vq->used));
}

struct virtqueue *virtio_queue(struct virtio_device *d, unsigned index, unsigned max)
{
	u32 device_max = mmio_queue_max(d, index);
	struct virtqueue *vq;
	unsigned num = 1;
	u8 *mem;

	if (!device_max)
		return ERR_PTR(-ENOENT);
	while (num * 2 <= min(device_max, max))
		num *= 2;
	vq = kzalloc(sizeof(*vq), 0);
	mem = kmalloc(ring_size(num), 0);
	if (vq)
		vq->slots = kcalloc(num, sizeof(*vq->slots));
	if (!vq || !mem || !vq->slots) {
		kfree(mem);
		kfree(vq ? vq->slots : NULL);
		kfree(vq);
		return ERR_PTR(-ENOMEM);
	}
	vq->dev = d;
	vq->index = (u16)index;
	vq->num = (u16)num;
	vq->desc = (struct vring_desc *)mem;
	vq->avail = (u16 *)(mem + sizeof(struct vring_desc) * num);
	vq->used = (u16 *)(mem + used_offset(num));
	enable(vq);
	return vq;
}

void vq_free(struct virtqueue *vq)
{
	if (IS_ERR_OR_NULL(vq))
		return;
	while (vq_take_back(vq))
		continue;
	kfree(vq->desc);
	kfree(vq->slots);
	kfree(vq);
}

int vq_restart(struct virtqueue *vq)
{
	if (mmio_queue_max(vq->dev, vq->index) < vq->num)
		return -EIO;
	enable(vq);
	return 0;
}

static void fill(struct vring_desc *t, const struct vq_seg *s, bool write, bool more, u16 next)
{
	t->addr = s->phys;
	t->len = s->len;
	t->flags = (u16)((write ? DESC_WRITE : 0) | (more ? DESC_NEXT : 0));
	t->next = next;
}

int vq_add(struct virtqueue *vq, const struct vq_seg *segs, unsigned out, unsigned in, void *token)
{
	unsigned n = out + in;
	u16 head = vq->free_head, at = head;
	struct vring_desc *t = NULL;

	if (!vq->nr_free)
		return -ENOSPC;
	if (n > 1 && (vq->dev->features & VIRTIO_F_INDIRECT_DESC))
		t = kmalloc(n * sizeof(*t), 0);
	if (!t && n > vq->nr_free) /* without memory for a table the ring itself has to do */
		return -ENOSPC;
	if (t) {
		for (unsigned i = 0; i < n; i++)
			fill(&t[i], &segs[i], i >= out, i + 1 < n, (u16)(i + 1));
		vq->desc[head] = (struct vring_desc){ .addr = virt_to_phys(t),
						      .len = (u32)(n * sizeof(*t)),
						      .flags = DESC_INDIRECT };
		at = vq->slots[head].next;
		n = 1;
	} else {
		for (unsigned i = 0; i < n; i++) {
			u16 next = vq->slots[at].next;

			fill(&vq->desc[at], &segs[i], i >= out, i + 1 < n, next);
			at = next;
		}
	}
	vq->free_head = at;
	vq->nr_free = (u16)(vq->nr_free - n);
	vq->slots[head].token = token;
	vq->slots[head].indirect = t;
	vq->slots[head].count = (u16)n;
	vq->avail[2 + (vq->avail_idx & (vq->num - 1))] = head;
	vq->avail_idx++;
	dma_wmb();
	vq->avail[1] = vq->avail_idx;
	return 0;
}

void vq_kick(struct virtqueue *vq)
{
	bool want;

	dma_mb();
	if (vq->dev->features & VIRTIO_F_EVENT_IDX) {
		u16 event = vq->used[2 + 4 * vq->num];

		/* Has avail_idx passed event since the last notification (2.7.10)? */
		want = (u16)(vq->avail_idx - event - 1) < (u16)(vq->avail_idx - vq->kicked);
	} else {
		want = !(vq->used[0] & 1);
	}
	if (want && vq->kicked != vq->avail_idx)
		mmio_notify(vq->dev, vq->index);
	vq->kicked = vq->avail_idx;
}

void vq_notify(struct virtqueue *vq)
{
	dma_mb();
	mmio_notify(vq->dev, vq->index);
	vq->kicked = vq->avail_idx;
}

/* Takes the chain that begins at head off; its token. */
static void *release(struct virtqueue *vq, u16 head)
{
	struct vq_slot *s = &vq->slots[head];
	void *token = s->token;
	u16 tail = head;

	for (unsigned i = 1; i < s->count; i++)
		tail = vq->slots[tail].next;
	vq->slots[tail].next = vq->free_head;
	vq->free_head = head;
	vq->nr_free = (u16)(vq->nr_free + s->count);
	kfree(s->indirect);
	s->indirect = NULL;
	s->token = NULL;
	return token;
}

void *vq_get(struct virtqueue *vq, u32 *len)
{
	u16 used = vq->used[1];
	volatile u32 *elem;
	u32 id;

	if (vq->broken || vq->last_used == used)
		return NULL;
	dma_rmb();
	elem = (volatile u32 *)(vq->used + 2) + 2 * (vq->last_used & (vq->num - 1));
	id = elem[0]; /* once: the device can change it at any time */
	/* More returned than is in flight, no number of a descriptor, no chain of that head. */
	if ((u16)(used - vq->last_used) > (u16)(vq->avail_idx - vq->last_used) || id >= vq->num ||
	    !vq->slots[id].token) {
		vq->broken = true;
		pr_err("%s: the device returned buffer %u, which it does not have",
		       vq->dev->driver->name, id);
		return NULL;
	}
	if (len)
		*len = elem[1];
	vq->last_used++;
	return release(vq, (u16)id);
}

void *vq_take_back(struct virtqueue *vq)
{
	for (u16 i = 0; i < vq->num; i++)
		if (vq->slots[i].token)
			return release(vq, i);
	return NULL;
}

bool vq_arm_after(struct virtqueue *vq, unsigned n)
{
	if (vq->dev->features & VIRTIO_F_EVENT_IDX)
		vq->avail[2 + vq->num] = (u16)(vq->last_used + n);
	else
		vq->avail[0] = 0;
	dma_mb();
	return !vq->broken && (u16)(vq->used[1] - vq->last_used) > n;
}

bool vq_arm(struct virtqueue *vq)
{
	return vq_arm_after(vq, 0);
}

void vq_disarm(struct virtqueue *vq)
{
	if (!(vq->dev->features & VIRTIO_F_EVENT_IDX))
		vq->avail[0] = 1; /* VIRTQ_AVAIL_F_NO_INTERRUPT */
}

bool vq_pending(const struct virtqueue *vq)
{
	return vq->last_used != vq->used[1];
}

/*
 * Split virtqueues (virtio 1.2, 2.7): descriptor table, available ring, used
 * ring, with event indexes and indirect descriptors where the device has them.
 */
#include <atomic.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "arch/riscv/barrier.h"
#include "drivers/virtio/virtio.h"
#include "drivers/virtio/mmio.h"
#include "sync/log.h"

#define DESC_NEXT     1
#define DESC_WRITE    2
#define DESC_INDIRECT 4

struct virtqueue *virtio_queue(struct virtio_device *d, unsigned index, unsigned max)
{
	u32 device_max = mmio_queue_max(d, index);
	unsigned order = 0, num = 1;
	struct virtqueue *vq;
	size_t avail_off, used_off, size;
	struct page *page;
	u8 *mem;

	if (!device_max)
		return ERR_PTR(-ENOENT);
	while (num * 2 <= min(device_max, max))
		num *= 2;
	vq = kzalloc(sizeof(*vq), 0);
	if (!vq)
		return ERR_PTR(-ENOMEM);
	avail_off = sizeof(struct vring_desc) * num;
	used_off = ALIGN_UP(avail_off + 2 * (3 + num), 4);
	size = used_off + 6 + 8 * num;
	while ((PAGE_SIZE << order) < size)
		order++;
	vq->token = kcalloc(num, sizeof(void *));
	vq->indirect = kcalloc(num, sizeof(void *));
	page = page_alloc(order, PA_ZERO);
	if (!vq->token || !vq->indirect || !page) {
		if (page)
			page_free(page, order);
		kfree(vq->token);
		kfree(vq->indirect);
		kfree(vq);
		return ERR_PTR(-ENOMEM);
	}
	mem = page_to_virt(page);
	vq->dev = d;
	vq->index = (u16)index;
	vq->num = (u16)num;
	vq->desc = (struct vring_desc *)mem;
	vq->avail = (u16 *)(mem + avail_off);
	vq->used = (u16 *)(mem + used_off);
	vq->nr_free = (u16)num;
	for (unsigned i = 0; i < num; i++)
		vq->desc[i].next = (u16)(i + 1);
	mmio_queue_enable(d, index, num, virt_to_phys(vq->desc), virt_to_phys((void *)vq->avail),
			  virt_to_phys((void *)vq->used));
	return vq;
}

static void fill(struct vring_desc *t, const struct vq_seg *s, bool write, bool more, u16 next)
{
	t->addr = s->phys;
	t->len = s->len;
	t->flags = (u16)((write ? DESC_WRITE : 0) | (more ? DESC_NEXT : 0));
	t->next = next;
}

static void publish(struct virtqueue *vq, u16 head, void *token)
{
	vq->token[head] = token;
	vq->avail[2 + (vq->avail_idx & (vq->num - 1))] = head;
	vq->avail_idx++;
	dma_wmb();
	vq->avail[1] = vq->avail_idx;
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
	if (t) { /* without memory for a table the ring itself does */
		for (unsigned i = 0; i < n; i++)
			fill(&t[i], &segs[i], i >= out, i + 1 < n, (u16)(i + 1));
		vq->free_head = vq->desc[head].next;
		vq->nr_free--;
		vq->indirect[head] = t;
		vq->desc[head].addr = virt_to_phys(t);
		vq->desc[head].len = (u32)(n * sizeof(*t));
		vq->desc[head].flags = DESC_INDIRECT;
		publish(vq, head, token);
		return 0;
	}
	if (n > vq->nr_free)
		return -ENOSPC;
	for (unsigned i = 0; i < n; i++) {
		u16 next = vq->desc[at].next;

		fill(&vq->desc[at], &segs[i], i >= out, i + 1 < n, next);
		at = next;
	}
	vq->free_head = at;
	vq->nr_free = (u16)(vq->nr_free - n);
	publish(vq, head, token);
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

void *vq_get(struct virtqueue *vq, u32 *len)
{
	volatile u32 *elem;
	u32 id;
	u16 head, at;
	void *token;

	if (vq->broken || vq->last_used == vq->used[1])
		return NULL;
	dma_rmb();
	elem = (volatile u32 *)(vq->used + 2) + 2 * (vq->last_used & (vq->num - 1));
	id = elem[0]; /* once: the device can change it at any time */
	if (id >= vq->num || !vq->token[id]) {
		vq->broken = true;
		pr_err("%s: the device returned buffer %u, which it does not have",
		       vq->dev->driver->name, id);
		return NULL;
	}
	head = (u16)id;
	if (len)
		*len = elem[1];
	token = vq->token[head];
	vq->token[head] = NULL;
	at = head;
	vq->nr_free++;
	if (vq->indirect[head]) {
		kfree(vq->indirect[head]);
		vq->indirect[head] = NULL;
	} else {
		while (vq->desc[at].flags & DESC_NEXT) {
			at = vq->desc[at].next;
			vq->nr_free++;
		}
	}
	vq->desc[at].next = vq->free_head;
	vq->free_head = head;
	vq->last_used++;
	return token;
}

bool vq_arm(struct virtqueue *vq)
{
	if (vq->dev->features & VIRTIO_F_EVENT_IDX)
		vq->avail[2 + vq->num] = vq->last_used;
	dma_mb();
	return !vq->broken && vq->last_used != vq->used[1];
}

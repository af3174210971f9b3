/*
 * virtio-blk (virtio 1.2, 5.2). Requests go to the ring as they come; when it
 * is full they wait on a list that completions empty. Everything is guarded by
 * one lock (irqsave).
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/memlayout.h"
#include "dev/block.h"
#include "drivers/virtio/virtio.h"
#include "lib/printf.h"
#include "sync/log.h"

#define F_SEG_MAX     (1ULL << 2)
#define F_RO	      (1ULL << 5)
#define F_FLUSH	      (1ULL << 9)

#define MAX_SEGS      126
#define QUEUE_SIZE    128
#define VIRTBLK_MAJOR 254

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

/* What the device reads and writes beside the data; one for each request in flight. */
struct blk_cmd {
	u32 type;
	u32 reserved;
	u64 sector;
	u8 status;
	struct block_request *rq;
	struct blk_cmd *next; /* on the free list */
};

struct blk {
	struct block_device bd;
	struct virtqueue *vq; /* [lock] */
	spinlock_t lock;
	struct list_head waiting; /* [lock] requests that found the ring full */
	struct blk_cmd *
		free; /* [lock] one for each entry of the ring exists, so a start never lacks memory */
	bool flush; /* [I] the device has a write cache */
	struct vq_seg segs[MAX_SEGS + 2]; /* [lock] scratch */
};

static unsigned nr_disks;

static void finish(struct block_request *rq, int status)
{
	rq->status = status;
	rq->done(rq);
}

static void put_cmd(struct blk *b, struct blk_cmd *c)
{
	c->next = b->free;
	b->free = c;
}

/* Puts rq on the ring. 0, or -ENOSPC: it has to wait for one in flight. lock held. */
static int start(struct blk *b, struct block_request *rq)
{
	struct blk_cmd *c = b->free;
	unsigned n = 0, out;
	int err;

	if (!c)
		return -ENOSPC;
	b->free = c->next;
	c->type = rq->op == BLOCK_READ ? T_IN : rq->op == BLOCK_WRITE ? T_OUT : T_FLUSH;
	c->reserved = 0;
	c->sector = rq->op == BLOCK_FLUSH ? 0 : rq->sector;
	c->status = S_IOERR;
	c->rq = rq;
	b->segs[n++] = (struct vq_seg){ virt_to_phys(c), 16 };
	for (unsigned i = 0; rq->op != BLOCK_FLUSH && i < rq->nr_segs; i++)
		b->segs[n++] = (struct vq_seg){ virt_to_phys(rq->segs[i].addr), rq->segs[i].len };
	out = rq->op == BLOCK_WRITE ? n : 1;
	b->segs[n++] = (struct vq_seg){ virt_to_phys(&c->status), 1 };
	err = vq_add(b->vq, b->segs, out, n - out, c);
	if (err)
		put_cmd(b, c);
	return err;
}

static void blk_submit(struct block_device *bd, struct block_request *rq)
{
	struct blk *b = bd->private;
	unsigned long flags;

	if (rq->op == BLOCK_FLUSH && !b->flush) {
		finish(rq, 0);
		return;
	}
	if (rq->nr_segs > bd->max_segs) {
		finish(rq, -EINVAL);
		return;
	}
	flags = spin_lock_irqsave(&b->lock);
	if (!list_empty(&b->waiting) || start(b, rq))
		list_add_tail(&rq->link, &b->waiting);
	vq_kick(b->vq);
	spin_unlock_irqrestore(&b->lock, flags);
}

static void blk_interrupt(struct virtio_device *d)
{
	struct blk *b = d->priv;
	unsigned long flags = spin_lock_irqsave(&b->lock);

	do {
		struct blk_cmd *c;

		while ((c = vq_get(b->vq, NULL))) {
			struct block_request *rq = c->rq;
			int status = c->status == S_OK	   ? 0 :
				     c->status == S_UNSUPP ? -EOPNOTSUPP :
							     -EIO;

			put_cmd(b, c);
			spin_unlock_irqrestore(&b->lock, flags);
			finish(rq, status);
			flags = spin_lock_irqsave(&b->lock);
		}
		while (!list_empty(&b->waiting)) {
			struct block_request *rq =
				list_first_entry(&b->waiting, struct block_request, link);

			if (start(b, rq))
				break;
			list_del_init(&rq->link);
		}
		vq_kick(b->vq);
	} while (vq_arm(b->vq));
	spin_unlock_irqrestore(&b->lock, flags);
}

static const struct block_ops blk_ops = {
	.submit = blk_submit,
};

static int blk_probe(struct virtio_device *d)
{
	struct blk *b = kzalloc(sizeof(*b), 0);
	struct blk_cmd *cmds;
	u32 seg_max = 1;
	u64 capacity;

	if (!b)
		return -ENOMEM;
	b->vq = virtio_queue(d, 0, QUEUE_SIZE);
	if (IS_ERR(b->vq)) {
		int err = (int)PTR_ERR(b->vq);

		kfree(b);
		return err;
	}
	cmds = kcalloc(b->vq->num, sizeof(*cmds));
	if (!cmds) {
		kfree(b);
		return -ENOMEM;
	}
	for (unsigned i = 0; i < b->vq->num; i++)
		put_cmd(b, &cmds[i]);
	virtio_config_read(d, 0, &capacity, sizeof(capacity));
	if (d->features & F_SEG_MAX)
		virtio_config_read(d, 12, &seg_max, sizeof(seg_max));
	spin_init(&b->lock, RANK_DRIVER, "virtio-blk");
	list_init(&b->waiting);
	b->flush = d->features & F_FLUSH;
	snprintf(b->bd.name, sizeof(b->bd.name), "vd%c", 'a' + nr_disks);
	b->bd.sectors = capacity;
	b->bd.readonly = d->features & F_RO;
	/* Without indirect tables a request's segments, header and status share the ring. */
	b->bd.max_segs = clamp(seg_max, (u32)1, (u32)MAX_SEGS);
	b->bd.max_segs = min(b->bd.max_segs, (unsigned)(b->vq->num > 2 ? b->vq->num - 2 : 1));
	b->bd.dev = (u64)VIRTBLK_MAJOR << 32 | nr_disks * 16;
	b->bd.ops = &blk_ops;
	b->bd.private = b;
	d->priv = b;
	nr_disks++;
	vq_arm(b->vq);
	virtio_ready(d);
	pr_info("virtio-blk: %s, %lu sectors%s", b->bd.name, capacity,
		b->bd.readonly ? ", read-only" : "");
	return block_register(&b->bd);
}

VIRTIO_DRIVER(virtio_blk) = {
	.name = "virtio-blk",
	.device_id = VIRTIO_ID_BLOCK,
	.features = F_SEG_MAX | F_RO | F_FLUSH,
	.probe = blk_probe,
	.interrupt = blk_interrupt,
};

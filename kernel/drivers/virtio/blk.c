/*
 * virtio-blk (virtio 1.2, 5.2). Requests go to the ring as they come; when it
 * is full they wait on a list that completions empty. Everything is guarded by
 * one lock (irqsave).
 *
 * A request's memory is the device's until it answers, so nobody may stop waiting
 * for it. A watchdog bounds the wait instead: a device that has let a request lie
 * for two of its rounds, or that returns what it was not given, is reset. That
 * takes all memory back from it; what was in flight fails with EIO, and what comes
 * later finds a fresh device, or EIO when it did not come back.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/memlayout.h"
#include "core/time.h"
#include "core/work.h"
#include "debug/tracepoint.h"
#include "dev/block.h"
#include "drivers/virtio/virtio.h"
#include "lib/printf.h"
#include "sync/cmdline.h"
#include "sync/log.h"

#define F_SEG_MAX     (1ULL << 2)
#define F_RO	      (1ULL << 5)
#define F_FLUSH	      (1ULL << 9)

#define MAX_SEGS      126
#define QUEUE_SIZE    128
#define VIRTBLK_MAJOR 254
#define WATCH_SECONDS 30 /* a round of the watchdog; blk_timeout= on the command line */

enum { T_IN = 0, T_OUT = 1, T_FLUSH = 4 };
enum { S_OK = 0, S_IOERR = 1, S_UNSUPP = 2 };

/*
 * One for each entry of the ring, so that a start never lacks memory. [d] is the device's while
 * the request is in flight.
 */
struct blk_cmd {
	u32 type; /* [d] */
	u32 reserved; /* [d] */
	u64 sector; /* [d] */
	u8 status; /* [d] */
	bool seen; /* [lock] in flight when the watchdog came by */
	u32 data_in; /* [lock] bytes that the device is to write before the status */
	struct block_request *rq; /* [lock] in flight; else NULL */
	struct blk_cmd *next; /* [lock] on the free list */
};

/* [lock] is blk.lock, [I] never changes once registered. */
struct blk {
	struct block_device bd; /* [I] */
	struct virtqueue *vq; /* [I], its contents [lock] */
	spinlock_t lock;
	struct list_head waiting; /* [lock] requests that found the ring full */
	struct blk_cmd *cmds; /* [I] vq->num of them */
	struct blk_cmd *free; /* [lock] */
	struct timer watchdog; /* [lock] runs while `watching` */
	struct work restart_work;
	bool watching; /* [lock] */
	bool down; /* [lock] the device is being reset, or did not survive it */
	bool flush; /* [I] the device has a write cache */
	struct vq_seg segs[MAX_SEGS + 2]; /* [lock] scratch */
};

static unsigned nr_disks;
static u64 watch_ns; /* [boot] 0: no watchdog */

static void finish(struct block_request *rq, int status)
{
	tracepoint(TP_BLOCK_END, (u64)(s64)status, (u64)rq);
	rq->status = status;
	rq->done(rq);
}

static void put_cmd(struct blk *b, struct blk_cmd *c)
{
	c->rq = NULL;
	c->next = b->free;
	b->free = c;
}

/* Puts rq on the ring. 0, or -ENOSPC: it has to wait for one in flight. [lock] */
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
	c->seen = false;
	c->data_in = 0;
	c->rq = rq;
	b->segs[n++] = (struct vq_seg){ virt_to_phys(c), 16 };
	for (unsigned i = 0; rq->op != BLOCK_FLUSH && i < rq->nr_segs; i++) {
		b->segs[n++] = (struct vq_seg){ virt_to_phys(rq->segs[i].addr), rq->segs[i].len };
		if (rq->op == BLOCK_READ)
			c->data_in += rq->segs[i].len;
	}
	out = rq->op == BLOCK_WRITE ? n : 1;
	b->segs[n++] = (struct vq_seg){ virt_to_phys(&c->status), 1 };
	err = vq_add(b->vq, b->segs, out, n - out, c);
	if (err)
		put_cmd(b, c);
	else if (watch_ns && !b->watching) {
		b->watching = true;
		timer_start(&b->watchdog, now_mono() + watch_ns);
	}
	return err;
}

static void blk_submit(struct block_device *bd, struct block_request *rq)
{
	struct blk *b = bd->private;
	unsigned long flags;

	block_account(bd, rq);
	rq->dev = bd->dev;
	tracepoint(TP_BLOCK, rq->sector | (u64)rq->nr_segs << 40 | (u64)rq->op << 56, (u64)rq);
	if (rq->op == BLOCK_FLUSH && !b->flush) {
		finish(rq, 0);
		return;
	}
	if (rq->nr_segs > bd->max_segs) {
		finish(rq, -EINVAL);
		return;
	}
	flags = spin_lock_irqsave(&b->lock);
	if (b->down) {
		spin_unlock_irqrestore(&b->lock, flags);
		finish(rq, -EIO);
		return;
	}
	if (!list_empty(&b->waiting) || start(b, rq))
		list_add_tail(&rq->link, &b->waiting);
	vq_kick(b->vq);
	spin_unlock_irqrestore(&b->lock, flags);
}

/* What became of an answered request. A device that wrote less than was asked has not read it. */
static int result(const struct blk_cmd *c, u32 len)
{
	switch (c->status) {
	case S_OK:
		return len < c->data_in ? -EIO : 0;
	case S_UNSUPP:
		return -EOPNOTSUPP;
	default:
		return -EIO;
	}
}

static void start_waiting(struct blk *b)
{
	while (!list_empty(&b->waiting)) {
		struct block_request *rq =
			list_first_entry(&b->waiting, struct block_request, link);

		if (start(b, rq))
			break;
		list_del_init(&rq->link);
	}
	vq_kick(b->vq);
}

static void blk_interrupt(struct virtio_device *d)
{
	struct blk *b = d->priv;
	unsigned long flags = spin_lock_irqsave(&b->lock);
	struct blk_cmd *c;
	u32 len;

	do {
		while (!b->down && (c = vq_get(b->vq, &len))) {
			struct block_request *rq = c->rq;
			int status = result(c, len);

			put_cmd(b, c);
			spin_unlock_irqrestore(&b->lock, flags);
			finish(rq, status);
			flags = spin_lock_irqsave(&b->lock);
		}
		if (b->down)
			break;
		start_waiting(b);
	} while (vq_arm(b->vq));
	if (b->vq->broken)
		work_queue(&b->restart_work);
	spin_unlock_irqrestore(&b->lock, flags);
}

/* Looks at what is in flight; what was there the last time too has been for a round at least. */
static void watch(struct timer *t)
{
	struct blk *b = container_of(t, struct blk, watchdog);
	unsigned long flags = spin_lock_irqsave(&b->lock);
	bool late = false;

	b->watching = false;
	for (unsigned i = 0; !b->down && i < b->vq->num; i++) {
		struct blk_cmd *c = &b->cmds[i];

		if (!c->rq)
			continue;
		late |= c->seen;
		c->seen = true;
		b->watching = true;
	}
	if (late)
		work_queue(&b->restart_work);
	if (b->watching)
		timer_start(t, now_mono() + watch_ns);
	spin_unlock_irqrestore(&b->lock, flags);
}

/* Takes the device down and up again; while it is down nobody else touches queue or registers. */
static void restart(struct work *w)
{
	struct blk *b = container_of(w, struct blk, restart_work);
	struct virtio_device *d = b->vq->dev;
	bool stopped, up = false;
	LIST_HEAD(failed);
	unsigned long flags;
	struct blk_cmd *c;

	flags = spin_lock_irqsave(&b->lock);
	b->down = true;
	list_splice_tail_init(&b->waiting, &failed);
	spin_unlock_irqrestore(&b->lock, flags);

	pr_err("virtio-blk: %s does not do its work: reset", b->bd.name);
	stopped = virtio_reset(d) == 0;
	/* One that does not stop may write where its requests are: those stay its own for ever. */
	while (stopped && (c = vq_take_back(b->vq))) {
		list_add_tail(&c->rq->link, &failed);
		put_cmd(b, c);
	}
	if (stopped && !virtio_restart(d) && !vq_restart(b->vq)) {
		vq_arm(b->vq);
		virtio_ready(d);
		up = true;
	}
	if (!up)
		pr_err("virtio-blk: %s is gone", b->bd.name);

	flags = spin_lock_irqsave(&b->lock);
	b->down = !up;
	spin_unlock_irqrestore(&b->lock, flags);
	while (!list_empty(&failed)) {
		struct block_request *rq = list_first_entry(&failed, struct block_request, link);

		list_del_init(&rq->link);
		finish(rq, -EIO);
	}
}

static const struct block_ops blk_ops = {
	.submit = blk_submit,
};

static int blk_probe(struct virtio_device *d)
{
	struct blk *b = kzalloc(sizeof(*b), 0);
	u32 seg_max = 1;
	u64 capacity;
	int err;

	if (!b)
		return -ENOMEM;
	b->vq = virtio_queue(d, 0, QUEUE_SIZE);
	err = PTR_ERR_OR_ZERO(b->vq);
	if (err)
		goto out_free;
	err = -EINVAL;
	if (b->vq->num < 3) /* no place for a header, a segment and a status */
		goto out_free;
	err = -ENOMEM;
	b->cmds = kcalloc(b->vq->num, sizeof(*b->cmds));
	if (!b->cmds)
		goto out_free;
	for (unsigned i = 0; i < b->vq->num; i++)
		put_cmd(b, &b->cmds[i]);
	virtio_config_read(d, 0, &capacity, sizeof(capacity));
	if (d->features & F_SEG_MAX)
		virtio_config_read(d, 12, &seg_max, sizeof(seg_max));
	spin_init(&b->lock, RANK_DRIVER, "virtio-blk");
	list_init(&b->waiting);
	timer_init(&b->watchdog, watch);
	work_init(&b->restart_work, restart);
	b->flush = d->features & F_FLUSH;
	snprintf(b->bd.name, sizeof(b->bd.name), "vd%c", 'a' + nr_disks);
	b->bd.sectors = min(capacity, (u64)S64_MAX / SECTOR_SIZE);
	b->bd.readonly = d->features & F_RO;
	/* Without indirect tables a request's segments, header and status share the ring. */
	b->bd.max_segs = clamp(seg_max, (u32)1, (u32)MAX_SEGS);
	b->bd.max_segs = min(b->bd.max_segs, (unsigned)b->vq->num - 2);
	b->bd.dev = (u64)VIRTBLK_MAJOR << 32 | nr_disks * 16;
	b->bd.ops = &blk_ops;
	b->bd.private = b;
	watch_ns = min(cmdline_u64("blk_timeout", WATCH_SECONDS), (u64)1 << 32) * NSEC_PER_SEC;
	d->priv = b;
	nr_disks++;
	vq_arm(b->vq);
	virtio_ready(d);
	pr_info("virtio-blk: %s, %lu sectors%s", b->bd.name, b->bd.sectors,
		b->bd.readonly ? ", read-only" : "");
	err = block_register(&b->bd);
	if (!err)
		return 0;
	virtio_reset(d);
	d->priv = NULL;
out_free:
	kfree(b->cmds);
	vq_free(b->vq);
	kfree(b);
	return err;
}

VIRTIO_DRIVER(virtio_blk) = {
	.name = "virtio-blk",
	.device_id = VIRTIO_ID_BLOCK,
	.features = F_SEG_MAX | F_RO | F_FLUSH,
	.probe = blk_probe,
	.interrupt = blk_interrupt,
};

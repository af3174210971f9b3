/*
 * virtio-rng (virtio 1.2, 5.4): seeds the random generator at boot, and again
 * every few minutes. One buffer is in flight at a time.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/memlayout.h"
#include "core/random.h"
#include "core/time.h"
#include "drivers/virtio/virtio.h"

#define SEED_BYTES 64
#define RESEED_NS  (300 * NSEC_PER_SEC)

/* [lock] is rng.lock, [I] never changes once probed. */
struct rng {
	struct virtqueue *vq; /* [I], its contents [lock] */
	spinlock_t lock;
	struct timer reseed; /* started by the interrupt alone */
	u8 *buf; /* [I]; the device's while in flight, else [lock] */
};

static void ask(struct rng *r)
{
	struct vq_seg seg = { .phys = virt_to_phys(r->buf), .len = SEED_BYTES };

	if (vq_add(r->vq, &seg, 0, 1, r) == 0)
		vq_kick(r->vq);
}

static void reseed(struct timer *t)
{
	struct rng *r = container_of(t, struct rng, reseed);
	unsigned long flags = spin_lock_irqsave(&r->lock);

	ask(r);
	spin_unlock_irqrestore(&r->lock, flags);
}

static void rng_interrupt(struct virtio_device *d)
{
	struct rng *r = d->priv;
	unsigned long flags = spin_lock_irqsave(&r->lock);
	u32 len;

	do {
		while (vq_get(r->vq, &len)) {
			len = min(len, (u32)SEED_BYTES);
			random_add(r->buf, len, len * 8);
			if (len < 32 && !random_ready())
				ask(r);
		}
	} while (vq_arm(r->vq));
	spin_unlock_irqrestore(&r->lock, flags);
	timer_start(&r->reseed, now_mono() + RESEED_NS);
}

static int rng_probe(struct virtio_device *d)
{
	struct rng *r = kzalloc(sizeof(*r), 0);
	unsigned long flags;
	int err;

	if (!r)
		return -ENOMEM;
	r->buf = kzalloc(SEED_BYTES, 0);
	r->vq = virtio_queue(d, 0, 8);
	err = r->buf ? PTR_ERR_OR_ZERO(r->vq) : -ENOMEM;
	if (err) {
		vq_free(r->vq);
		kfree(r->buf);
		kfree(r);
		return err;
	}
	spin_init(&r->lock, RANK_DRIVER, "virtio-rng");
	timer_init(&r->reseed, reseed);
	d->priv = r;
	virtio_ready(d);
	flags = spin_lock_irqsave(&r->lock);
	vq_arm(r->vq);
	ask(r);
	spin_unlock_irqrestore(&r->lock, flags);
	return 0;
}

VIRTIO_DRIVER(virtio_rng) = {
	.name = "virtio-rng",
	.device_id = VIRTIO_ID_RNG,
	.probe = rng_probe,
	.interrupt = rng_interrupt,
};

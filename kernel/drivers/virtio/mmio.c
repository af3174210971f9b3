/*
 * virtio over MMIO (virtio 1.2, 4.2.2), the modern interface. Finds what sits
 * in each slot, negotiates features, and hands interrupts to the driver.
 */
#include "drivers/virtio/mmio.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "core/irq.h"
#include "dev/driver.h"
#include "dev/mmio.h"
#include "sync/log.h"

enum {
	MAGIC = 0x000,
	VERSION = 0x004,
	DEVICE_ID = 0x008,
	DEVICE_FEATURES = 0x010,
	DEVICE_FEATURES_SEL = 0x014,
	DRIVER_FEATURES = 0x020,
	DRIVER_FEATURES_SEL = 0x024,
	QUEUE_SEL = 0x030,
	QUEUE_NUM_MAX = 0x034,
	QUEUE_NUM = 0x038,
	QUEUE_READY = 0x044,
	QUEUE_NOTIFY = 0x050,
	INTERRUPT_STATUS = 0x060,
	INTERRUPT_ACK = 0x064,
	STATUS = 0x070,
	QUEUE_DESC = 0x080,
	QUEUE_DRIVER = 0x090,
	QUEUE_DEVICE = 0x0a0,
	CONFIG_GENERATION = 0x0fc,
	CONFIG = 0x100,
};

#define MAX_TRIES 100000 /* reads of a register that ought to change soon */

enum {
	ST_ACKNOWLEDGE = 1,
	ST_DRIVER = 2,
	ST_DRIVER_OK = 4,
	ST_FEATURES_OK = 8,
	ST_NEEDS_RESET = 64,
	ST_FAILED = 128
};

extern const struct virtio_driver __virtio_drivers_start[], __virtio_drivers_end[];

static u32 reg_read(struct virtio_device *d, unsigned off)
{
	return mmio_read32(d->regs + off);
}

static void reg_write(struct virtio_device *d, unsigned off, u32 v)
{
	mmio_write32(d->regs + off, v);
}

void virtio_config_read(struct virtio_device *d, unsigned off, void *buf, unsigned n)
{
	u8 *p = buf;

	/* A device whose generation never rests gets a last look for what it is worth. */
	for (unsigned tries = 0; tries < MAX_TRIES; tries++) {
		u32 gen = reg_read(d, CONFIG_GENERATION);

		for (unsigned i = 0; i < n; i++)
			p[i] = mmio_read8(d->regs + CONFIG + off + i);
		if (reg_read(d, CONFIG_GENERATION) == gen)
			return;
	}
}

void virtio_ready(struct virtio_device *d)
{
	reg_write(d, STATUS, reg_read(d, STATUS) | ST_DRIVER_OK);
}

u32 mmio_queue_max(struct virtio_device *d, unsigned index)
{
	reg_write(d, QUEUE_SEL, index);
	return reg_read(d, QUEUE_READY) ? 0 : reg_read(d, QUEUE_NUM_MAX);
}

static void write64(struct virtio_device *d, unsigned off, u64 v)
{
	reg_write(d, off, (u32)v);
	reg_write(d, off + 4, (u32)(v >> 32));
}

void mmio_queue_enable(struct virtio_device *d, unsigned index, unsigned num, u64 desc, u64 avail,
		       u64 used)
{
	reg_write(d, QUEUE_SEL, index);
	reg_write(d, QUEUE_NUM, num);
	write64(d, QUEUE_DESC, desc);
	write64(d, QUEUE_DRIVER, avail);
	write64(d, QUEUE_DEVICE, used);
	reg_write(d, QUEUE_READY, 1);
}

void mmio_notify(struct virtio_device *d, unsigned index)
{
	reg_write(d, QUEUE_NOTIFY, index);
}

static void interrupt(void *arg)
{
	struct virtio_device *d = arg;
	u32 status = reg_read(d, INTERRUPT_STATUS);

	reg_write(d, INTERRUPT_ACK, status);
	if (!d->priv) /* the driver is not ready, or has given up */
		return;
	if (status & 1)
		d->driver->interrupt(d);
	if ((status & 2) && d->driver->config_changed)
		d->driver->config_changed(d);
}

static u64 device_features(struct virtio_device *d)
{
	u64 f;

	reg_write(d, DEVICE_FEATURES_SEL, 1);
	f = (u64)reg_read(d, DEVICE_FEATURES) << 32;
	reg_write(d, DEVICE_FEATURES_SEL, 0);
	return f | reg_read(d, DEVICE_FEATURES);
}

int virtio_reset(struct virtio_device *d)
{
	reg_write(d, STATUS, 0);
	for (unsigned tries = 0; reg_read(d, STATUS); tries++)
		if (tries == MAX_TRIES)
			return -EIO;
	return 0;
}

bool virtio_needs_reset(struct virtio_device *d)
{
	return reg_read(d, STATUS) & ST_NEEDS_RESET;
}

/* 3.1.1, steps 1 to 6. */
static int negotiate(struct virtio_device *d)
{
	u64 want = d->driver->features | VIRTIO_F_VERSION_1 | VIRTIO_F_EVENT_IDX |
		   VIRTIO_F_INDIRECT_DESC;

	if (virtio_reset(d))
		return -ENODEV;
	reg_write(d, STATUS, ST_ACKNOWLEDGE);
	reg_write(d, STATUS, ST_ACKNOWLEDGE | ST_DRIVER);
	d->features = device_features(d) & want;
	if (!(d->features & VIRTIO_F_VERSION_1))
		return -ENODEV;
	if (d->driver->choose)
		d->features = d->driver->choose(d->features);
	reg_write(d, DRIVER_FEATURES_SEL, 1);
	reg_write(d, DRIVER_FEATURES, (u32)(d->features >> 32));
	reg_write(d, DRIVER_FEATURES_SEL, 0);
	reg_write(d, DRIVER_FEATURES, (u32)d->features);
	reg_write(d, STATUS, ST_ACKNOWLEDGE | ST_DRIVER | ST_FEATURES_OK);
	return reg_read(d, STATUS) & ST_FEATURES_OK ? 0 : -ENODEV;
}

int virtio_restart(struct virtio_device *d)
{
	u64 features = d->features;

	if (!negotiate(d) && d->features == features)
		return 0;
	d->features = features;
	reg_write(d, STATUS, ST_FAILED);
	return -EIO;
}

static const struct virtio_driver *driver_for(u32 id)
{
	for (const struct virtio_driver *v = __virtio_drivers_start; v < __virtio_drivers_end; v++)
		if (v->device_id == id)
			return v;
	return NULL;
}

static int virtio_mmio_probe(const struct dt_node *node)
{
	struct virtio_device *d;
	u64 addr, size;
	int err;

	if (!dt_reg(node, 0, &addr, &size) || size < CONFIG)
		return -EINVAL;
	d = kzalloc(sizeof(*d), 0);
	if (!d)
		return -ENOMEM;
	d->regs = ioremap(addr, size);
	err = -ENODEV;
	if (!d->regs || reg_read(d, MAGIC) != 0x74726976 || !reg_read(d, DEVICE_ID))
		goto out_free;
	err = -EINVAL;
	if (!dt_irq(node, 0, &d->irq))
		goto out_free;
	err = -ENODEV;
	if (reg_read(d, VERSION) != 2) {
		pr_warn("virtio at %lx is the legacy interface: start QEMU with "
			"-global virtio-mmio.force-legacy=false",
			addr);
		goto out_free;
	}
	d->driver = driver_for(reg_read(d, DEVICE_ID));
	if (!d->driver) {
		pr_info("virtio at %lx: no driver for device type %u", addr,
			reg_read(d, DEVICE_ID));
		goto out_free;
	}
	err = negotiate(d);
	if (!err)
		err = irq_request(d->irq, interrupt, d, d->driver->name);
	if (!err)
		err = d->driver->probe(d);
	if (!err)
		return 0;
	reg_write(d, STATUS, ST_FAILED);
	pr_warn("%s at %lx: error %d", d->driver->name, addr, -err);
	return 0; /* d stays: its interrupt handler is registered */
out_free:
	kfree(d);
	return err;
}

DRIVER(virtio_mmio) = {
	.name = "virtio_mmio",
	.stage = DRIVER_DEVICE,
	.compatible = { "virtio,mmio" },
	.probe = virtio_mmio_probe,
};

/* The MMIO transport's part of a virtqueue (virtio 1.2, 4.2). */
#ifndef DRIVERS_VIRTIO_MMIO_H
#define DRIVERS_VIRTIO_MMIO_H

#include "drivers/virtio/virtio.h"

u32 mmio_queue_max(struct virtio_device *d, unsigned index); /* 0: no such queue */
void mmio_queue_enable(struct virtio_device *d, unsigned index, unsigned num, u64 desc, u64 avail,
		       u64 used);
void mmio_notify(struct virtio_device *d, unsigned index);
#endif

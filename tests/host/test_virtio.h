/*
 * A scripted virtio device over MMIO, and the little kernel that its drivers run in: memory that
 * can run out, locks that notice misuse, work and timers that run when the test says so.
 *
 * The device does nothing by itself. A test takes chains that the driver offered (model_next),
 * writes what it likes into the used ring (model_use, or worse by hand) and interrupts.
 */
#ifndef TEST_VIRTIO_H
#define TEST_VIRTIO_H

#include <types.h>

#include "dev/block.h"
#include "dev/port.h"
#include "drivers/virtio/virtio.h"

/* --- the kernel --- */

extern long live_allocations; /* since kernel_reset */
extern long fail_after; /* so many allocations go well, the next does not; -1: all do */
extern struct block_device *the_disk; /* registered last */
extern struct port *the_port; /* added last */
extern unsigned nr_ports_added, nr_chardevs;
extern unsigned random_bits;

void not_called(void); /* ends the test: what is not meant to be reached */
void kernel_reset(void); /* a new machine, as at its start; a device to be found */
void run_work(void); /* until none is queued */
bool pass_time(u64 ns); /* runs what is due; false when no timer ran */
bool locks_free(void);

/* --- the device --- */

#define INDIRECT     (1ULL << 28)
#define EVENT_IDX    (1ULL << 29)
#define MANY_PORTS   (1ULL << 1)

#define MODEL_QUEUES 16

struct model_queue {
	u32 num; /* entries, as the driver said */
	struct vring_desc *desc;
	volatile u16 *avail, *used;
	bool ready;
	u16 taken; /* chains taken off the available ring */
	unsigned notified;
};

struct model {
	u32 id; /* of device; 0: none */
	u64 features, accepted;
	u32 status, irq_status;
	u32 queue_max;
	unsigned nr_queues;
	bool wont_reset, wont_agree;
	unsigned resets; /* writes of 0 to STATUS */
	u8 config[64];
	struct model_queue q[MODEL_QUEUES];
	u32 sel, features_sel; /* registers */
	u32 addr[6];
};
extern struct model model;

struct chain {
	u16 head;
	unsigned out, in; /* segments */
	struct vq_seg segs[140];
};

int model_probe(void); /* what virtio_mmio's probe answers */
bool model_next(unsigned q, struct chain *c); /* the next chain on offer; false: none */
void model_use(unsigned q, u32 id, u32 len); /* into the used ring, and its index up by one */
void model_interrupt(void);
u8 *seg_data(const struct chain *c, unsigned i);

#endif

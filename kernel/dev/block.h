/*
 * The interface of a block device. Requests are asynchronous; several may be
 * in flight. Units: 512-byte sectors; buffers are lists of pages or kernel
 * memory in the direct map.
 */
#ifndef DEV_BLOCK_H
#define DEV_BLOCK_H

#include <types.h>
#include <atomic.h>
#include "core/wait.h"
#include "lib/list.h"

#define SECTOR_SIZE 512

struct file; /* fs's, opaque here */

enum block_op { BLOCK_READ, BLOCK_WRITE, BLOCK_FLUSH };

struct block_seg {
	void *addr; /* direct-map address */
	u32 len; /* bytes, a multiple of 512 */
};

/* The submitter's, and the driver's from submit until done is called; no lock. */
struct block_request {
	enum block_op op;
	u64 sector;
	u64 dev; /* the driver's: the device's number */
	const struct block_seg *segs;
	unsigned nr_segs;
	int status; /* when done: 0, -EIO, -EOPNOTSUPP */
	void (*done)(struct block_request *rq); /* any context, interrupts too; no lock held */
	void *private;
	struct list_head link; /* the driver's, while queued */
};

/*
 * But for the counts nothing changes once it is registered, but what fs/loop.c says of its own; link is the
 * table's (dev/block.c).
 */
struct block_device {
	char name[16]; /* "vda" */
	u64 sectors;
	bool readonly;
	unsigned max_segs; /* per request */
	u64 dev; /* device number */
	atomic_t users; /* [a] who has it open or mounted: block_device_get, block_device_put */
	const struct block_ops *ops;
	void *private;
	struct list_head link;
	atomic_long_t requests[3], bytes[3]; /* [a] submitted, by op */
};

/* The driver's, for each request that it takes. */
static inline void block_account(struct block_device *bd, const struct block_request *rq)
{
	u64 bytes = 0;

	for (unsigned i = 0; i < rq->nr_segs; i++)
		bytes += rq->segs[i].len;
	atomic_long_inc(&bd->requests[rq->op]);
	atomic_long_add_return(&bd->bytes[rq->op], (long)bytes);
}

struct block_ops {
	/*
	 * Queues; never fails: errors come through done, which always comes, for a driver bounds
	 * how long its device may take. Any task context; queues inside when the ring is full.
	 */
	void (*submit)(struct block_device *bd, struct block_request *rq);
	/* The device's own of ioctl(2), f being open to it. NULL: -ENOTTY. */
	long (*ioctl)(struct block_device *bd, struct file *f, unsigned cmd, unsigned long arg);
	void (*idle)(struct block_device *bd); /* the last user let go; sleeps. May be NULL */
};

int block_register(struct block_device *bd); /* any time; devfs shows it */
extern void (*block_added)(struct block_device *bd); /* devfs hooks in */
struct block_device *block_device_get(struct block_device *bd);
void block_device_put(struct block_device *bd); /* sleeps */
struct block_device *block_find(const char *name); /* "vda"; NULL */
struct block_device *block_find_dev(u64 dev); /* NULL */
struct block_device *block_first(void);
void block_for_each(void (*fn)(struct block_device *bd, void *arg), void *arg);
/*
 * Submits and sleeps until it is done; sets rq's done and private. Returns its status. No signal
 * ends it: the memory is the device's until it answers.
 */
int block_submit_wait(struct block_device *bd, struct block_request *rq);
/* Synchronous helpers: sleep. 0 or -errno (-EIO, -EINVAL beyond the end). */
int block_rw(struct block_device *bd, enum block_op op, u64 sector, void *buf, size_t n);
int block_flush(struct block_device *bd);
/* Reads any byte range into a kernel buffer (not sector aligned). */
int block_read_bytes(struct block_device *bd, u64 off, void *buf, size_t n);
#endif

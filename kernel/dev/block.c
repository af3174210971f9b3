/*
 * Block devices: the table of them, and synchronous reads and writes on top
 * of asynchronous requests.
 */
#include "dev/block.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/memlayout.h"
#include "core/psi.h"
#include "core/sched.h"
#include "lib/string.h"

static spinlock_t lock = SPINLOCK_INIT(RANK_BLOCK, "block devices");
static struct list_head all = LIST_HEAD_INIT(all); /* [lock] */

void (*block_added)(struct block_device *bd);

int block_register(struct block_device *bd)
{
	spin_lock(&lock);
	list_add_tail(&bd->link, &all);
	spin_unlock(&lock);
	if (block_added)
		block_added(bd);
	return 0;
}

struct block_device *block_device_get(struct block_device *bd)
{
	atomic_inc(&bd->users);
	return bd;
}

void block_device_put(struct block_device *bd)
{
	if (atomic_dec_and_test(&bd->users) && bd->ops->idle)
		bd->ops->idle(bd);
}

struct block_device *block_find(const char *name)
{
	struct block_device *bd, *found = NULL;

	spin_lock(&lock);
	list_for_each_entry(bd, &all, link)
		if (str_equal(bd->name, name))
			found = bd;
	spin_unlock(&lock);
	return found;
}

struct block_device *block_find_dev(u64 dev)
{
	struct block_device *bd, *found = NULL;

	spin_lock(&lock);
	list_for_each_entry(bd, &all, link)
		if (bd->dev == dev)
			found = bd;
	spin_unlock(&lock);
	return found;
}

struct block_device *block_first(void)
{
	struct block_device *bd;

	spin_lock(&lock);
	bd = list_empty(&all) ? NULL : list_first_entry(&all, struct block_device, link);
	spin_unlock(&lock);
	return bd;
}

/* Entries are only ever added, at the end: no lock for the walk. */
void block_for_each(void (*fn)(struct block_device *bd, void *arg), void *arg)
{
	struct block_device *bd;

	list_for_each_entry(bd, &all, link)
		fn(bd, arg);
}

struct sync_wait {
	struct task *task;
	bool done; /* [a] */
};

/*
 * After `done` is set the sleeper may be gone, with s: only the task is touched, which
 * stays for a grace period. It may get a wake too many elsewhere; every sleep loops.
 */
static void sync_done(struct block_request *rq)
{
	struct sync_wait *s = rq->private;
	struct task *t = s->task;

	__atomic_store_n(&s->done, true, __ATOMIC_SEQ_CST);
	wake_task(t, TASK_UNINTERRUPTIBLE);
}

int block_submit_wait(struct block_device *bd, struct block_request *rq)
{
	struct sync_wait s = { .task = current, .done = false };
	u8 stall = psi_stall_begin(STALL_IO);

	rq->private = &s;
	rq->done = sync_done;
	bd->ops->submit(bd, rq);
	for (;;) {
		__atomic_store_n(&current->state, TASK_UNINTERRUPTIBLE, __ATOMIC_SEQ_CST);
		if (__atomic_load_n(&s.done, __ATOMIC_SEQ_CST))
			break;
		schedule();
	}
	__atomic_store_n(&current->state, TASK_RUNNING, __ATOMIC_SEQ_CST);
	psi_stall_end(stall);
	return rq->status;
}

int block_rw(struct block_device *bd, enum block_op op, u64 sector, void *buf, size_t n)
{
	u64 count = n / SECTOR_SIZE;

	if (n % SECTOR_SIZE || sector > bd->sectors || count > bd->sectors - sector)
		return -EINVAL;
	if (op == BLOCK_WRITE && bd->readonly)
		return -EROFS;
	while (n) {
		struct block_seg seg = { .addr = buf, .len = (u32)min(n, (size_t)1 << 20) };
		struct block_request rq = { .op = op, .sector = sector, .segs = &seg };
		int err;

		rq.nr_segs = 1;
		err = block_submit_wait(bd, &rq);
		if (err)
			return err;
		sector += seg.len / SECTOR_SIZE;
		buf = (u8 *)buf + seg.len;
		n -= seg.len;
	}
	return 0;
}

int block_flush(struct block_device *bd)
{
	struct block_request rq = { .op = BLOCK_FLUSH };

	return block_submit_wait(bd, &rq);
}

int block_read_bytes(struct block_device *bd, u64 off, void *buf, size_t n)
{
	u64 size = bd->sectors * SECTOR_SIZE;
	u8 *to = buf, *bounce;
	int err = 0;

	if (off > size || n > size - off)
		return -EINVAL;
	if (off % SECTOR_SIZE == 0 && n % SECTOR_SIZE == 0)
		return block_rw(bd, BLOCK_READ, off / SECTOR_SIZE, buf, n);
	bounce = kmalloc(PAGE_SIZE, 0);
	if (!bounce)
		return -ENOMEM;
	while (n && !err) {
		u64 first = off / SECTOR_SIZE;
		size_t skip = off % SECTOR_SIZE;
		size_t want = min(n + skip, (size_t)PAGE_SIZE);
		size_t len = (want + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
		size_t got = want - skip;

		err = block_rw(bd, BLOCK_READ, first, bounce, len);
		if (err)
			break;
		memcpy(to, bounce + skip, got);
		to += got;
		off += got;
		n -= got;
	}
	kfree(bounce);
	return err;
}

/*
 * Transfers gathered into long requests (batch.h).
 */
#include "dev/batch.h"

#include <atomic.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/psi.h"
#include "core/sched.h"
#include "core/task.h"

#define SEGS_MAX     128u /* of one round of requests */
#define REQUESTS_MAX 16u

static struct waitq idle = WAITQ_INIT(idle); /* who waits for the requests of a round */

/* Its task's alone, but for what is atomic. */
struct block_batch {
	struct block_device *bd;
	enum block_op op;
	atomic_t pending; /* [a] requests under way */
	int error; /* [a] of any that failed */
	unsigned nr_segs, nr_requests;
	u64 end; /* the sector behind the last request's */
	struct block_seg segs[SEGS_MAX];
	struct block_request requests[REQUESTS_MAX];
};

struct block_batch *block_batch_new(struct block_device *bd, enum block_op op)
{
	struct block_batch *b = kmalloc(sizeof(*b), 0);

	if (!b)
		return NULL;
	b->bd = bd;
	b->op = op;
	b->error = op == BLOCK_WRITE && bd->readonly ? -EROFS : 0;
	b->nr_segs = 0;
	b->nr_requests = 0;
	return b;
}

static void request_done(struct block_request *rq)
{
	struct block_batch *b = rq->private;

	if (rq->status)
		WRITE_ONCE(b->error, rq->status);
	/* At 0 the waiter may be gone, and b with it. */
	if (atomic_dec_and_test(&b->pending))
		wake_up_all(&idle);
}

static bool batch_over(void *arg)
{
	struct block_batch *b = arg;

	return atomic_read(&b->pending) == 0;
}

int block_batch_wait(struct block_batch *b)
{
	u8 stall;

	if (b->nr_requests && !b->error) {
		atomic_set(&b->pending, (int)b->nr_requests);
		for (unsigned i = 0; b->op == BLOCK_READ && i < b->nr_segs; i++)
			current->io.read_bytes += b->segs[i].len;
		for (unsigned i = 0; i < b->nr_requests; i++)
			b->bd->ops->submit(b->bd, &b->requests[i]);
		stall = psi_stall_begin(STALL_IO);
		wait_until(&idle, batch_over, b, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
		psi_stall_end(stall);
	}
	b->nr_segs = 0;
	b->nr_requests = 0;
	return b->error;
}

int block_batch_add(struct block_batch *b, u64 sector, void *addr, u32 len)
{
	struct block_request *rq = b->nr_requests ? &b->requests[b->nr_requests - 1] : NULL;
	struct block_seg *seg = b->nr_segs ? &b->segs[b->nr_segs - 1] : NULL;
	bool follows = rq && b->end == sector;
	int err;

	b->end = sector + len / SECTOR_SIZE;
	/* Pages that lie side by side are one segment. */
	if (follows && (u8 *)seg->addr + seg->len == (u8 *)addr) {
		seg->len += len;
		return 0;
	}
	if (follows && rq->nr_segs < b->bd->max_segs && b->nr_segs < SEGS_MAX) {
		b->segs[b->nr_segs++] = (struct block_seg){ .addr = addr, .len = len };
		rq->nr_segs++;
		return 0;
	}
	if (b->nr_requests == REQUESTS_MAX || b->nr_segs == SEGS_MAX) {
		err = block_batch_wait(b);
		if (err)
			return err;
	}
	rq = &b->requests[b->nr_requests++];
	*rq = (struct block_request){ .op = b->op,
				      .sector = sector,
				      .segs = &b->segs[b->nr_segs],
				      .nr_segs = 1,
				      .done = request_done,
				      .private = b };
	b->segs[b->nr_segs++] = (struct block_seg){ .addr = addr, .len = len };
	return 0;
}

int block_batch_end(struct block_batch *b)
{
	int err = block_batch_wait(b);

	kfree(b);
	return err;
}

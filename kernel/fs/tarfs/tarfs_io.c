/*
 * Reading archives under a mounted tarfs: sources on block devices and in
 * memory, and the fill operation of the page cache. A member's data is
 * contiguous, so a run of pages becomes a few long requests, all in flight at
 * once, that the device puts straight into the pages.
 *
 * Locking: none of its own; the pages are locked by the cache, and what is read
 * of a node never changes but data_size (set under the inode's rwsem before the
 * cache drops pages; a stale value is zeroed by the cache).
 */
#include <compiler.h>
#include <types.h>
#include <uapi/errno.h>
#include "core/task.h"
#include "alloc/slab.h"
#include "core/wait.h"
#include "dev/block.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"

#define SEGS_MAX     128u /* of one round of requests */
#define REQUESTS_MAX 8u

static int disk_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct tarfs_source *s = container_of(src, struct tarfs_source, src);

	return block_read_bytes(s->bd, off, buf, n);
}

static int memory_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct tarfs_source *s = container_of(src, struct tarfs_source, src);

	memcpy(buf, s->memory + off, n);
	return 0;
}

void tarfs_source_disk(struct tarfs_source *s, struct block_device *bd)
{
	s->src.read = disk_read;
	s->src.size = bd->sectors * SECTOR_SIZE;
	s->bd = bd;
	s->memory = NULL;
	waitq_init(&s->idle);
}

void tarfs_source_memory(struct tarfs_source *s, const void *p, u64 size)
{
	s->src.read = memory_read;
	s->src.size = size;
	s->bd = NULL;
	s->memory = p;
}

/* Requests of one round, of who waits for them. */
struct round {
	struct tarfs_source *s;
	atomic_t pending;
	int error; /* of any that failed */
	unsigned nr_segs;
	unsigned nr_requests;
	u64 end; /* the sector behind the last request's */
	struct block_seg segs[SEGS_MAX];
	struct block_request requests[REQUESTS_MAX];
};

static void request_done(struct block_request *rq)
{
	struct round *r = rq->private;
	struct waitq *q = &r->s->idle;

	if (rq->status)
		WRITE_ONCE(r->error, rq->status);
	/* At 0 the waiter may be gone, and r with it. */
	if (atomic_dec_and_test(&r->pending))
		wake_up_all(q);
}

static bool round_over(void *arg)
{
	struct round *r = arg;

	return atomic_read(&r->pending) == 0;
}

/* Submits what was gathered and waits for it. 0 or a negative errno. */
static int round_run(struct round *r)
{
	if (!r->nr_requests)
		return 0;
	r->error = 0;
	atomic_set(&r->pending, (int)r->nr_requests);
	for (unsigned i = 0; i < r->nr_segs; i++)
		current->io.read_bytes += r->segs[i].len;
	for (unsigned i = 0; i < r->nr_requests; i++)
		r->s->bd->ops->submit(r->s->bd, &r->requests[i]);
	wait_until(&r->s->idle, round_over, r, TASK_UNINTERRUPTIBLE, WAIT_FOREVER);
	r->nr_segs = 0;
	r->nr_requests = 0;
	return r->error;
}

/* Adds `len` bytes (whole sectors) from `sector` on to be read to addr; runs a full round. */
static int round_add(struct round *r, u64 sector, void *addr, u32 len)
{
	struct block_request *rq = r->nr_requests ? &r->requests[r->nr_requests - 1] : NULL;
	struct block_seg *seg = r->nr_segs ? &r->segs[r->nr_segs - 1] : NULL;
	bool follows = rq && r->end == sector;
	int err;

	r->end = sector + len / SECTOR_SIZE;
	/* Pages that lie side by side are one segment. */
	if (follows && (u8 *)seg->addr + seg->len == (u8 *)addr) {
		seg->len += len;
		return 0;
	}
	if (follows && rq->nr_segs < r->s->bd->max_segs && r->nr_segs < SEGS_MAX) {
		r->segs[r->nr_segs++] = (struct block_seg){ .addr = addr, .len = len };
		rq->nr_segs++;
		return 0;
	}
	if (r->nr_requests == REQUESTS_MAX || r->nr_segs == SEGS_MAX) {
		err = round_run(r);
		if (err)
			return err;
	}
	rq = &r->requests[r->nr_requests++];
	*rq = (struct block_request){ .op = BLOCK_READ,
				      .sector = sector,
				      .segs = &r->segs[r->nr_segs],
				      .nr_segs = 1,
				      .done = request_done,
				      .private = r };
	r->segs[r->nr_segs++] = (struct block_seg){ .addr = addr, .len = len };
	return 0;
}

/*
 * Fills [from, to) of a page with what lies at `at` of the source. On a disk, whole
 * sectors are queued; so is the last one of a file, whose rest nobody needs.
 */
static int fill_part(struct round *r, struct tar_source *src, u8 *page, unsigned from, unsigned to,
		     u64 at, bool last)
{
	unsigned end = last ? ALIGN_UP(to, SECTOR_SIZE) : ALIGN_DOWN(to, SECTOR_SIZE);
	int err;

	if (r->s->bd && at % SECTOR_SIZE == 0 && from % SECTOR_SIZE == 0 && end > from &&
	    at + (end - from) <= src->size) {
		err = round_add(r, at / SECTOR_SIZE, page + from, end - from);
		if (err || end >= to)
			return err;
		at += end - from;
		from = end;
	}
	return src->read(src, at, page + from, to - from);
}

/* Zeroes what is no data: holes, and behind the end. After the round, as sectors overshoot. */
static void zero_rest(const struct tar_node *n, u64 pos, u8 *page)
{
	unsigned done = 0;

	while (done < PAGE_SIZE) {
		u64 at, run = PAGE_SIZE - done;
		unsigned part;

		at = TAR_HOLE;
		if (pos + done < n->size)
			run = tar_map(n, pos + done, &at);
		part = run < PAGE_SIZE - done ? (unsigned)run : (unsigned)PAGE_SIZE - done;
		if (at == TAR_HOLE)
			memset(page + done, 0, part);
		done += part;
	}
}

static int tarfs_fill(struct vmobject *obj, u64 index, struct page **pages, unsigned n)
{
	struct inode *inode = obj->owner;
	const struct tar_node *node = tarfs_node(inode);
	struct tar_source *src = node->file.src;
	struct round *r = kmalloc(sizeof(*r), 0);
	int err = 0;

	if (!r)
		return -ENOMEM;
	r->s = src ? container_of(src, struct tarfs_source, src) : NULL;
	r->nr_segs = 0;
	r->nr_requests = 0;
	for (unsigned i = 0; src && i < n && !err; i++) {
		u64 pos = (index + i) << PAGE_SHIFT;
		u8 *page = page_to_virt(pages[i]);
		unsigned done = 0;

		while (done < PAGE_SIZE && pos + done < node->size && !err) {
			u64 at, run = tar_map(node, pos + done, &at);
			unsigned part = run < PAGE_SIZE - done ? (unsigned)run :
								 (unsigned)PAGE_SIZE - done;

			bool last = pos + done + part >= node->file.data_size;

			if (at != TAR_HOLE)
				err = fill_part(r, src, page, done, done + part, at, last);
			done += part;
		}
	}
	/* Even after an error: requests that were submitted must be over. */
	if (!err)
		err = round_run(r);
	for (unsigned i = 0; i < n && !err; i++)
		zero_rest(node, (index + i) << PAGE_SHIFT, page_to_virt(pages[i]));
	kfree(r);
	return err;
}

const struct vmobject_ops tarfs_vmobject_ops = {
	.fill = tarfs_fill,
};

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
#include "alloc/slab.h"
#include "dev/batch.h"
#include "dev/block.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"

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
}

void tarfs_source_memory(struct tarfs_source *s, const void *p, u64 size)
{
	s->src.read = memory_read;
	s->src.size = size;
	s->bd = NULL;
	s->memory = p;
}

/* Where one run of a file goes on its way into a page. */
struct part {
	u8 *page;
	unsigned from, to;
	u64 at; /* of the source */
	bool last; /* of the file: what follows in its last sector, nobody needs */
};

/* How much of p, from its beginning on, the device may put straight into the page: whole sectors. */
static unsigned direct(const struct part *p, u64 size)
{
	unsigned end = p->last ? ALIGN_UP(p->to, SECTOR_SIZE) : ALIGN_DOWN(p->to, SECTOR_SIZE);

	if (p->at % SECTOR_SIZE || p->from % SECTOR_SIZE || end <= p->from ||
	    p->at + (end - p->from) > size)
		return 0;
	return end - p->from;
}

/* How a file's runs get into pages. */
struct filling {
	/* The device puts whole sectors into the pages; NULL: all through src->read. */
	struct block_batch *batch;
	struct store *patch; /* they are there: its images go over them, and nothing is read */
};

static int fill_part(const struct filling *f, struct tar_source *src, struct part *p)
{
	unsigned n = f->batch || f->patch ? direct(p, src->size) : 0;
	int err = 0;

	if (n && f->patch)
		store_patch(f->patch, p->at, p->page + p->from, n);
	else if (n)
		err = block_batch_add(f->batch, p->at / SECTOR_SIZE, p->page + p->from, n);
	if (err || f->patch || p->from + n >= p->to)
		return err;
	return src->read(src, p->at + n, p->page + p->from + n, p->to - p->from - n);
}

/* fill_part for all that node says of the pages. */
static int fill_parts(const struct filling *f, const struct tar_node *node, u64 index,
		      struct page **pages, unsigned n)
{
	int err = 0;

	for (unsigned i = 0; i < n && !err; i++) {
		u64 pos = (index + i) << PAGE_SHIFT;
		unsigned done = 0;

		while (done < PAGE_SIZE && pos + done < node->size && !err) {
			u64 at, run = tar_map(node, pos + done, &at);
			unsigned len = run < PAGE_SIZE - done ? (unsigned)run :
								(unsigned)PAGE_SIZE - done;
			struct part p = { page_to_virt(pages[i]), done, done + len, at,
					  pos + done + len >= node->file.data_size };

			if (at != TAR_HOLE)
				err = fill_part(f, node->file.src, &p);
			done += len;
		}
	}
	return err;
}

/* The device that src reads plainly, or with the store's images over it. */
static struct block_device *device_of(const struct tarfs *fs, const struct tar_source *src)
{
	if (fs->store && src == store_source(fs->store))
		return fs->disk.bd;
	return src == &fs->disk.src ? fs->disk.bd : NULL;
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

static int fill(struct tarfs *fs, const struct tar_node *node, u64 index, struct page **pages,
		unsigned n)
{
	struct block_device *bd = node->file.src ? device_of(fs, node->file.src) : NULL;
	struct filling f = { .batch = NULL };
	int err = 0, late;

	if (bd) {
		f.batch = block_batch_new(bd, BLOCK_READ);
		if (!f.batch)
			return -ENOMEM;
	}
	if (node->file.src)
		err = fill_parts(&f, node, index, pages, n);
	late = f.batch ? block_batch_end(f.batch) : 0;
	if (!err)
		err = late;
	f.patch = fs->store;
	if (!err && bd && f.patch)
		err = fill_parts(&f, node, index, pages, n);
	for (unsigned i = 0; i < n && !err; i++)
		zero_rest(node, (index + i) << PAGE_SHIFT, page_to_virt(pages[i]));
	return err;
}

/* The node as it is now, whose data moves only with fs->commit held. */
static u64 look(struct tarfs *fs, const struct tar_node *n, struct tar_node *out)
{
	u64 placed;

	spin_lock(&fs->lock);
	*out = *n;
	placed = store_placed(fs->store);
	spin_unlock(&fs->lock);
	return placed;
}

int tarfs_fill(struct vmobject *obj, u64 index, struct page **pages, unsigned n)
{
	struct inode *inode = obj->owner;
	struct tarfs *fs = tarfs_of(inode->sb);
	struct tar_node *node = tarfs_node(inode), before, after;
	u64 placed;
	int err;

	if (!tarfs_kept(fs, node))
		return fill(fs, node, index, pages, n);
	placed = look(fs, node, &before);
	if (!before.file.map) {
		err = fill(fs, &before, index, pages, n);
		/* A move, or an image that went to its place in the meantime: what was read may be old. */
		if (look(fs, node, &after) == placed && after.file.data == before.file.data)
			return err;
	}
	mutex_lock(&fs->commit);
	look(fs, node, &before);
	err = fill(fs, &before, index, pages, n);
	mutex_unlock(&fs->commit);
	return err;
}

const struct vmobject_ops tarfs_vmobject_ops = {
	.fill = tarfs_fill,
};

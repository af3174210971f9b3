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

/*
 * Fills [from, to) of a page with what lies at `at` of the source. On a disk, whole
 * sectors are queued; so is the last one of a file, whose rest nobody needs.
 */
static int fill_part(struct block_batch *b, struct tar_source *src, u8 *page, unsigned from,
		     unsigned to, u64 at, bool last)
{
	unsigned end = last ? ALIGN_UP(to, SECTOR_SIZE) : ALIGN_DOWN(to, SECTOR_SIZE);
	int err;

	if (b && at % SECTOR_SIZE == 0 && from % SECTOR_SIZE == 0 && end > from &&
	    at + (end - from) <= src->size) {
		err = block_batch_add(b, at / SECTOR_SIZE, page + from, end - from);
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
	struct tarfs_source *s = src ? container_of(src, struct tarfs_source, src) : NULL;
	struct block_batch *b = NULL;
	int err = 0, late;

	if (s && s->bd) {
		b = block_batch_new(s->bd, BLOCK_READ);
		if (!b)
			return -ENOMEM;
	}
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
				err = fill_part(b, src, page, done, done + part, at, last);
			done += part;
		}
	}
	late = b ? block_batch_end(b) : 0;
	if (!err)
		err = late;
	for (unsigned i = 0; i < n && !err; i++)
		zero_rest(node, (index + i) << PAGE_SHIFT, page_to_virt(pages[i]));
	return err;
}

const struct vmobject_ops tarfs_vmobject_ops = {
	.fill = tarfs_fill,
};

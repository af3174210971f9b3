/*
 * tarfs on a device that keeps what is written: the kernel's side of the store (store.h).
 *
 * A file's pages are written back to where the store says (tarfs_write_pages); names and
 * attributes are in the tree, marked, and go with the next commit. So fsync(2) is: this file's
 * pages, then a commit. Room is asked for before anything is changed in memory.
 *
 * A file without a name is not on the disk. Its pages that nobody could read again are kept
 * (page_keep), and become dirty should linkat(2) give it a name.
 *
 * Locks: the store's T is fs->lock, its C is fs->commit. C is taken with inodes' rwsems and locked pages
 * held, and under it nothing waits for either.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/mount.h>
#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "dev/batch.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"
#include "sync/log.h"

/* --- what the store asks for --- */

/* Devices know the direct map alone: what lies on a stack goes through memory from there. */
static int device_transfer(struct tarfs *fs, enum block_op op, u64 off, void *buf, size_t n)
{
	bool direct = (u64)buf >= DIRECT_BASE && (u64)buf < VMAP_BASE;
	void *mem = direct ? buf : kmalloc(n, 0);
	int err;

	if (!mem)
		return -ENOMEM;
	if (op == BLOCK_WRITE && !direct)
		memcpy(mem, buf, n);
	err = op == BLOCK_READ ? block_read_bytes(fs->disk.bd, off, mem, n) :
				 block_rw(fs->disk.bd, op, off / SECTOR_SIZE, mem, n);
	if (op == BLOCK_READ && !direct && !err)
		memcpy(buf, mem, n);
	if (!direct)
		kfree(mem);
	return err;
}

static int device_read(struct tar_disk *d, u64 off, void *buf, size_t n)
{
	return device_transfer(container_of(d, struct tarfs, device), BLOCK_READ, off, buf, n);
}

static int device_write(struct tar_disk *d, u64 off, const void *buf, size_t n)
{
	return device_transfer(container_of(d, struct tarfs, device), BLOCK_WRITE, off, (void *)buf,
			       n);
}

static int device_flush(struct tar_disk *d)
{
	struct tarfs *fs = container_of(d, struct tarfs, device);
	int err = block_flush(fs->disk.bd);

	return err == -EOPNOTSUPP ? 0 : err;
}

void tarfs_device(struct tarfs *fs)
{
	fs->device.read = device_read;
	fs->device.write = device_write;
	fs->device.flush = device_flush;
	fs->device.size = fs->disk.bd->sectors * SECTOR_SIZE;
}

/* Opening a store takes no lock: nobody knows it yet, and it has no owner. */
static void lock_tree(struct store *st)
{
	struct tarfs *fs = store_owner(st);

	if (fs)
		spin_lock(&fs->lock);
}

static void unlock_tree(struct store *st)
{
	struct tarfs *fs = store_owner(st);

	if (fs)
		spin_unlock(&fs->lock);
}

static void refresh(struct store *st __unused, struct tar_node *n)
{
	if (n->inode)
		tarfs_save(n, n->inode);
}

static void broken(struct store *st, int err, const char *why)
{
	struct tarfs *fs = store_owner(st);

	if (!fs)
		return;
	pr_err("tarfs: %s: read-only from now on: %s (error %d)", fs->name, why, -err);
	fs->sb->flags |= MS_RDONLY;
	vmobject_failed(&fs->sb->error, -EIO);
}

const struct store_ops tarfs_store_ops = {
	.lock = lock_tree,
	.unlock = unlock_tree,
	.refresh = refresh,
	.broken = broken,
};

/* --- commits --- */

/*
 * What is marked by now becomes durable, and with settle the archive on the disk is whole. Who waits
 * for C while another commit begins and ends need not make one.
 */
int tarfs_commit(struct tarfs *fs, bool settle)
{
	u64 begun = __atomic_load_n(&fs->commits_begun, __ATOMIC_SEQ_CST);
	int err;

	mutex_lock(&fs->commit);
	if (fs->down) {
		err = 0; /* all was committed; nothing can have come since */
	} else if (!settle && fs->commits_begun > begun) {
		err = fs->commit_error;
	} else {
		__atomic_add_fetch(&fs->commits_begun, 1, __ATOMIC_SEQ_CST);
		err = store_commit(fs->store);
		fs->commit_error = err;
		fs->unsettled = true;
		if (!err && (settle || store_wants_checkpoint(fs->store))) {
			err = store_checkpoint(fs->store);
			fs->unsettled = err != 0;
		}
	}
	mutex_unlock(&fs->commit);
	return err;
}

int tarfs_sync(struct super *sb)
{
	struct tarfs *fs = tarfs_of(sb);

	return fs->store ? tarfs_commit(fs, true) : 0;
}

void tarfs_finish(struct super *sb)
{
	struct tarfs *fs = tarfs_of(sb);
	int err;

	if (!fs->store || fs->down)
		return;
	WRITE_ONCE(sb->flags, sb->flags | MS_RDONLY);
	mutex_lock(&fs->commit);
	err = store_finish(fs->store);
	fs->down = true;
	if (!err)
		store_write_index(fs->store);
	else
		pr_err("tarfs: %s: not all was written (error %d)", fs->name, -err);
	mutex_unlock(&fs->commit);
}

/* From time to time: a commit, and where there was nothing to commit, a checkpoint of those before. */
int tarfs_commit_due(struct super *sb)
{
	struct tarfs *fs = tarfs_of(sb);
	bool marked;

	if (!fs->store || fs->down || store_error(fs->store))
		return 0;
	spin_lock(&fs->lock);
	marked = store_dirty(fs->store);
	spin_unlock(&fs->lock);
	if (marked || READ_ONCE(fs->unsettled))
		tarfs_commit(fs, !marked);
	return READ_ONCE(fs->unsettled) && !store_error(fs->store);
}

void tarfs_relieve(struct tarfs *fs)
{
	bool pressed;

	if (!fs->store)
		return;
	spin_lock(&fs->lock);
	pressed = store_pressed(fs->store);
	spin_unlock(&fs->lock);
	if (unlikely(pressed))
		tarfs_commit(fs, false);
	writeback_note();
}

/* --- asking for room; each: 0, -ENOSPC, -EROFS, ... --- */

/*
 * After -ENOSPC: what waited for a checkpoint may be free after it, and what was promised, mostly more
 * than was taken, after the commit behind it, for which something must have changed.
 */
static int try_again(struct tarfs *fs, int err, unsigned *tries)
{
	if (err != -ENOSPC || *tries == 2)
		return err;
	if ((*tries)++) {
		spin_lock(&fs->lock);
		store_changed(fs->store, fs->tree.root, STORE_ATTR);
		spin_unlock(&fs->lock);
	}
	err = tarfs_commit(fs, true);
	return err ? err : -EAGAIN;
}

static int ask(struct tarfs *fs, const struct tarfs_asked *a)
{
	int err = store_error(fs->store) || fs->down ? -EROFS : 0;

	if (!err && a->dir)
		err = store_ask(fs->store, a->dir, a->len, a->node);
	if (!err && a->dir2)
		err = store_ask(fs->store, a->dir2, a->len2, a->node2);
	return !err && a->goes ? store_ask_unlink(fs->store, a->goes) : err;
}

int tarfs_ask_names(struct tarfs *fs, const struct tarfs_asked *a)
{
	unsigned tries = 0;
	int err;

	for (;;) {
		spin_lock(&fs->lock);
		err = fs->store ? ask(fs, a) : 0;
		if (!err)
			return 0;
		spin_unlock(&fs->lock);
		err = try_again(fs, err, &tries);
		if (err != -EAGAIN)
			return err;
	}
}

int tarfs_ask_attrs(struct inode *i, size_t more)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	unsigned tries = 0;
	size_t bytes;
	int err;

	if (!tarfs_kept(fs, n))
		return 0;
	do {
		bytes = more;
		spin_lock(&fs->lock);
		for (const struct tar_xattr *x = n->xattrs; x; x = x->next)
			bytes += x->name_len + x->value_len;
		err = store_error(fs->store) || fs->down ? -EROFS :
							   store_ask_attrs(fs->store, n, bytes);
		if (!err)
			store_changed(fs->store, n, STORE_ATTR);
		spin_unlock(&fs->lock);
		err = try_again(fs, err, &tries);
	} while (err == -EAGAIN);
	return err;
}

/*
 * What of n will be no hole, if len bytes are not either: what the disk has, what is to be written, and what others who
 * ask at this moment will make so.
 */
static u64 bytes_of(const struct inode *i, const struct tar_node *n, u64 len)
{
	u64 pages = READ_ONCE(i->pages.nr_unwritten) + (u64)atomic_read(&i->pages.asking);
	u64 sum = n->file.src ? min(n->size, n->file.data_size) : 0;

	if (n->file.map)
		sum = n->file.used * SECTOR_SIZE;
	return sum + (pages << PAGE_SHIFT) + len + 2 * PAGE_SIZE;
}

int tarfs_room(struct inode *i, u64 pos, u64 len)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	u64 size = max(pos + len, inode_size(i));
	unsigned tries = 0;
	int err;

	if (!tarfs_kept(fs, n))
		return 0;
	do {
		spin_lock(&fs->lock);
		err = store_error(fs->store) || fs->down ? -EROFS : 0;
		/* What has its place among the pieces needs no other. */
		if (!err && n->nlink && !(n->file.map && size <= n->size && store_has(n, pos, len)))
			err = store_room(fs->store, n, size, min(size, bytes_of(i, n, len)));
		if (!err)
			store_changed(fs->store, n, STORE_ATTR);
		spin_unlock(&fs->lock);
		err = try_again(fs, err, &tries);
	} while (err == -EAGAIN);
	writeback_note();
	return err;
}

int tarfs_ask_cut(struct inode *i)
{
	struct tarfs *fs = tarfs_of(i->sb);
	unsigned tries = 0;
	int err;

	do {
		spin_lock(&fs->lock);
		err = store_ask_cut(fs->store, tarfs_node(i));
		spin_unlock(&fs->lock);
		err = try_again(fs, err, &tries);
	} while (err == -EAGAIN);
	return err;
}

void tarfs_changed(struct inode *i)
{
	struct tarfs *fs = tarfs_of(i->sb);

	if (!tarfs_kept(fs, tarfs_node(i)))
		return;
	spin_lock(&fs->lock);
	store_changed(fs->store, tarfs_node(i), STORE_ATTR);
	spin_unlock(&fs->lock);
	writeback_note();
}

/* --- pages to the disk --- */

/* One call of tarfs_write_pages. */
struct writer {
	struct tarfs *fs;
	struct tar_node *n;
	struct block_batch *batch;
	struct page *zeros;
	u64 size; /* of the file, sampled once */
	u64 done; /* bytes that the store has, or will when the batch is over */
	u8 head[SECTOR_SIZE], tail[SECTOR_SIZE];
	struct tar_extent parts[];
};

/* Whole sectors at pos, from memory that stays as it is until the batch is over. */
static int put_sectors(struct writer *w, u64 pos, void *from, u64 len)
{
	while (len) {
		u64 at, run = store_run(w->fs->store, w->n, pos, len, &at);
		int err = 0;

		if (!run) {
			run = SECTOR_SIZE;
			err = store_image(w->fs->store, at, from);
		} else if (at != TAR_HOLE) {
			run = ALIGN_UP(run, SECTOR_SIZE);
			err = block_batch_add(w->batch, at / SECTOR_SIZE, from, (u32)run);
		}
		if (err)
			return err;
		run = min(ALIGN_UP(run, SECTOR_SIZE), len);
		pos += run;
		from = (u8 *)from + run;
		len -= run;
	}
	return 0;
}

/* Zeros up to pos, where the file has no pages to be written; the sector of the old end keeps its beginning. */
static int put_gap(struct writer *w, u64 pos)
{
	unsigned in = w->done % SECTOR_SIZE;
	struct tar_source *src = store_source(w->fs->store);
	int err = 0;

	if (in && w->done < pos) {
		u64 first = w->done - in, at;

		tar_map(w->n, first, &at);
		memset(w->head, 0, sizeof(w->head));
		if (at != TAR_HOLE)
			err = src->read(src, at, w->head, in);
		if (!err)
			err = put_sectors(w, first, w->head, SECTOR_SIZE);
		w->done = first + SECTOR_SIZE;
	}
	if (!err && w->done < pos && !w->zeros) {
		w->zeros = page_alloc(0, PA_ZERO);
		if (!w->zeros)
			err = -ENOMEM;
	}
	while (!err && w->done < pos) {
		u64 part = min(pos - w->done, (u64)PAGE_SIZE);

		err = put_sectors(w, w->done, page_to_virt(w->zeros), part);
		w->done += part;
		cond_resched();
	}
	return err;
}

static int put_page(struct writer *w, struct page *p)
{
	u64 pos = p->index << PAGE_SHIFT, len = min(w->size - pos, (u64)PAGE_SIZE);
	u64 whole = ALIGN_DOWN(len, (u64)SECTOR_SIZE);
	u8 *from = page_to_virt(p);
	int err = pos > w->done ? put_gap(w, pos) : 0;

	if (!err && whole)
		err = put_sectors(w, pos, from, whole);
	if (!err && whole < len) { /* what is behind the end may be anything, in memory */
		memcpy(w->tail, from + whole, len - whole);
		memset(w->tail + (len - whole), 0, SECTOR_SIZE - (len - whole));
		err = put_sectors(w, pos + whole, w->tail, SECTOR_SIZE);
	}
	w->done = max(w->done, pos + len);
	return err;
}

/* Runs of pages that are newer than the disk: how many, the first `most` of them in parts. */
static u32 dirty_runs(struct vmobject *obj, u64 size, struct tar_extent *parts, u32 most)
{
	u64 end = DIV_ROUND_UP(size, PAGE_SIZE), at = vmobject_next(obj, 0, end, true);
	u32 n = 0;

	for (; at < end; n++) {
		u64 behind = vmobject_next(obj, at, end, false);

		if (n < most)
			parts[n] = (struct tar_extent){ .off = at << PAGE_SHIFT,
							.len = (behind - at) << PAGE_SHIFT };
		at = vmobject_next(obj, behind, end, true);
		cond_resched();
	}
	return n;
}

/*
 * A file with holes moves when its map changes: so once for all of its pages that are to be written, these and those
 * that come next.
 */
static int place_all(struct writer *w, struct vmobject *obj)
{
	u32 most = dirty_runs(obj, w->size, NULL, 0) + 16;
	struct tar_extent *parts = kmalloc(most * sizeof(*parts), 0);
	u32 n;
	int err;

	if (!parts)
		return -ENOMEM;
	n = min(dirty_runs(obj, w->size, parts, most), most);
	err = store_place(w->fs->store, w->n, max(w->size, w->n->size), parts, n);
	kfree(parts);
	return err;
}

static int place_pages(struct writer *w, struct vmobject *obj, u64 end, unsigned n)
{
	struct store *st = w->fs->store;
	bool all;
	int err = -ENOMEM;

	spin_lock(&w->fs->lock);
	all = store_comes_sparse(w->n) && !store_has_place(w->n, end, w->parts, n);
	spin_unlock(&w->fs->lock);
	if (all)
		err = place_all(w, obj);
	return err == -ENOMEM ? store_place(st, w->n, max(end, w->n->size), w->parts, n) : err;
}

/* C is held. */
static int write_pages(struct writer *w, struct vmobject *obj, struct page **pages, unsigned n)
{
	struct store *st = w->fs->store;
	u64 end = min(w->size, (pages[n - 1]->index + 1) << PAGE_SHIFT);
	int err, late;

	for (unsigned i = 0; i < n; i++)
		w->parts[i] = (struct tar_extent){ .off = pages[i]->index << PAGE_SHIFT,
						   .len = PAGE_SIZE };
	err = place_pages(w, obj, end, n);
	if (err == -ENOSPC) { /* the place that it moved from before waits for a checkpoint */
		err = store_sync(st);
		if (!err)
			err = place_pages(w, obj, end, n);
	}
	if (err)
		return err;
	w->batch = block_batch_new(w->fs->disk.bd, BLOCK_WRITE);
	if (!w->batch)
		return -ENOMEM;
	w->done = w->n->size;
	for (unsigned i = 0; i < n && !err; i++)
		err = put_page(w, pages[i]);
	late = block_batch_end(w->batch);
	if (!err)
		err = late;
	if (!err)
		store_written(st, w->n, max(w->done, w->n->size));
	return err;
}

static int tarfs_write_pages(struct vmobject *obj, struct page **pages, unsigned n)
{
	struct inode *i = obj->owner;
	struct writer *w;
	int err = 0;

	w = kmalloc(sizeof(*w) + n * sizeof(w->parts[0]), 0);
	if (!w)
		return -ENOMEM;
	w->fs = tarfs_of(i->sb);
	w->n = tarfs_node(i);
	w->zeros = NULL;
	w->size = READ_ONCE(obj->size);
	while (n && pages[n - 1]->index << PAGE_SHIFT >= w->size) /* cut off, on its way out */
		n--;
	mutex_lock(&w->fs->commit);
	if (w->fs->down)
		err = -EROFS;
	else if (n)
		err = write_pages(w, obj, pages, n);
	mutex_unlock(&w->fs->commit);
	if (!err && !vmobject_dirty(obj)) {
		spin_lock(&w->fs->lock);
		store_all_written(w->n);
		spin_unlock(&w->fs->lock);
	}
	writeback_note();
	if (err == -ENOENT) {
		for (unsigned k = 0; k < n; k++)
			page_keep(pages[k]);
		err = 0;
	}
	if (w->zeros)
		page_put(w->zeros);
	kfree(w);
	return err == -EROFS ? -EIO : err;
}

const struct vmobject_ops tarfs_kept_ops = {
	.fill = tarfs_fill,
	.write = tarfs_write_pages,
	.dirtied = inode_dirtied,
};

int tarfs_fsync(struct file *f, u64 start, u64 end, bool datasync __unused)
{
	struct inode *i = f->inode;
	struct tarfs *fs = tarfs_of(i->sb);
	int err = 0, late;

	if (!tarfs_kept(fs, tarfs_node(i)))
		return 0;
	if (S_ISREG(i->mode)) /* all that is behind the end that the disk knows goes along */
		err = file_writeback(f, &i->pages, min(start, READ_ONCE(tarfs_node(i)->size)), end);
	late = tarfs_commit(fs, false);
	return err ? err : late == -EROFS ? -EIO : late;
}

/* --- files without a name --- */

void tarfs_keep_data(struct inode *i, int users)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	u64 pos = 0;

	if (!S_ISREG(i->mode) || n->nlink != 1 || !tarfs_kept(fs, n) ||
	    atomic_read(&i->refs) - READ_ONCE(i->dirty_held) <= users)
		return;
	for (;;) {
		struct page *p;

		spin_lock(&fs->lock);
		pos = store_keep(fs->store, n, pos);
		spin_unlock(&fs->lock);
		if (pos == TAR_HOLE)
			return;
		p = vmobject_page(&i->pages, pos >> PAGE_SHIFT);
		if (IS_ERR(p)) {
			pr_warn("tarfs: %s: a removed file's byte %lu is lost (error %ld)",
				fs->name, pos, -PTR_ERR(p));
			return;
		}
		page_keep(p);
		page_put(p);
		pos = ALIGN_UP(pos + 1, (u64)PAGE_SIZE);
		cond_resched();
	}
}

/*
 * Block devices as files: /dev/vda. All open files of a device share one page cache, that of an
 * inode which is there while the device is open; at the last close what is dirty is written back and
 * the pages go. A file system mounted from the device has pages of its own, so who reads the
 * device beside it may see what it had before.
 *
 * Locks: `lock` guards the table of those inodes and their counts of openers.
 */
#include "fs/blockfile.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "alloc/page.h"
#include "alloc/slab.h"
#include "core/sched.h"
#include "dev/batch.h"
#include "fs/internal.h"
#include "lib/string.h"
#include "mm/usercopy.h"

#define BDEV_MAGIC 0x62646576 /* "bdev", as in Linux */

static const struct file_ops blockfile_fops;

/* An open device. */
struct bdev {
	struct block_device *bd; /* [I] */
	struct inode *inode; /* [I] whose pages they are */
	unsigned openers; /* [lock] */
	struct list_head link; /* [lock] */
};

static struct mutex lock = MUTEX_INIT(lock);
static struct list_head open_devices = LIST_HEAD_INIT(open_devices); /* [lock] */
static struct mount *bdev_mount; /* [lock to set] */

/* --- its pages --- */

static int transfer(struct vmobject *obj, enum block_op op, struct page **pages, unsigned n)
{
	struct bdev *b = ((struct inode *)obj->owner)->priv;
	struct block_batch *batch = block_batch_new(b->bd, op);
	int err = 0, late;

	if (!batch)
		return -ENOMEM;
	for (unsigned i = 0; i < n && !err; i++) {
		u64 pos = pages[i]->index << PAGE_SHIFT;
		u32 len = pos < obj->size ? (u32)min(obj->size - pos, (u64)PAGE_SIZE) : 0;
		u8 *to = page_to_virt(pages[i]);

		if (op == BLOCK_READ && len < PAGE_SIZE)
			memset(to + len, 0, PAGE_SIZE - len);
		if (len)
			err = block_batch_add(batch, pos / SECTOR_SIZE, to, len);
	}
	late = block_batch_end(batch);
	return err ? err : late;
}

static int bdev_fill(struct vmobject *obj, u64 index __unused, struct page **pages, unsigned n)
{
	return transfer(obj, BLOCK_READ, pages, n);
}

static int bdev_write(struct vmobject *obj, struct page **pages, unsigned n)
{
	return transfer(obj, BLOCK_WRITE, pages, n);
}

static const struct vmobject_ops bdev_pages_ops = {
	.fill = bdev_fill,
	.write = bdev_write,
	.dirtied = inode_dirtied,
};

/* --- open and close --- */

static const struct inode_ops bdev_inode_ops = { .lookup = NULL };
static const struct file_system bdev_fs = { .name = "bdev", .flags = FS_NODEV };

/* [lock] NULL: it is not open. */
static struct bdev *find_bdev(const struct block_device *bd)
{
	struct bdev *b;

	list_for_each_entry(b, &open_devices, link)
		if (b->bd == bd)
			return b;
	return NULL;
}

/* [lock] The device's entry, made if it is not open. ERR_PTR. */
static struct bdev *get_bdev(struct block_device *bd)
{
	struct bdev *b = find_bdev(bd);
	int err;

	if (b)
		return b;
	if (!bdev_mount) {
		err = pseudo_mount(&bdev_fs, BDEV_MAGIC, &bdev_mount);
		if (err)
			return ERR_PTR(err);
	}
	b = kzalloc(sizeof(*b), 0);
	if (!b)
		return ERR_PTR(-ENOMEM);
	b->bd = bd;
	b->inode = inode_alloc(bdev_mount->sb);
	if (!b->inode) {
		kfree(b);
		return ERR_PTR(-ENOMEM);
	}
	b->inode->mode = S_IFBLK | 0600;
	b->inode->rdev = bd->dev;
	b->inode->priv = b;
	b->inode->ops = &bdev_inode_ops;
	b->inode->pages.ops = &bdev_pages_ops;
	b->inode->pages.size = bd->sectors * SECTOR_SIZE;
	list_add_tail(&b->link, &open_devices);
	return b;
}

int blockfile_open(struct inode *i, struct file *f)
{
	struct block_device *bd = block_find_dev(i->rdev);
	struct bdev *b;

	if (!bd)
		return -ENXIO;
	mutex_lock(&lock);
	b = get_bdev(bd);
	if (!IS_ERR(b))
		b->openers++;
	mutex_unlock(&lock);
	if (IS_ERR(b))
		return (int)PTR_ERR(b);
	block_device_get(bd);
	if (f->mode & FMODE_WRITE)
		writeback_start();
	f->ops = &blockfile_fops;
	f->priv = b;
	f->error_since = vmobject_error_now(&b->inode->pages.error);
	f->mode |= FMODE_PREAD;
	return 0;
}

static void blockfile_release(struct file *f)
{
	struct bdev *b = f->priv;
	struct block_device *bd = b->bd;

	mutex_lock(&lock);
	if (!--b->openers) {
		vmobject_writeback(&b->inode->pages, 0, S64_MAX);
		inode_settle(b->inode);
		list_del(&b->link);
		inode_put(b->inode);
		kfree(b);
	}
	mutex_unlock(&lock);
	block_device_put(bd);
}

/* --- reading and writing --- */

static u64 size_of(const struct file *f)
{
	const struct bdev *b = f->priv;

	return b->inode->pages.size;
}

u64 blockfile_size(const struct file *f)
{
	return size_of(f);
}

void blockfile_reload(struct block_device *bd)
{
	struct bdev *b;

	mutex_lock(&lock);
	b = find_bdev(bd);
	if (b) {
		rwsem_write_lock(&b->inode->rwsem);
		if (!vmobject_writeback(&b->inode->pages, 0, S64_MAX))
			vmobject_reload(&b->inode->pages);
		rwsem_write_unlock(&b->inode->rwsem);
	}
	mutex_unlock(&lock);
}

void blockfile_resize(struct block_device *bd, u64 sectors)
{
	struct bdev *b;

	mutex_lock(&lock);
	WRITE_ONCE(bd->sectors, sectors);
	b = find_bdev(bd);
	if (b) {
		rwsem_write_lock(&b->inode->rwsem);
		vmobject_resize(&b->inode->pages, sectors * SECTOR_SIZE);
		rwsem_write_unlock(&b->inode->rwsem);
	}
	mutex_unlock(&lock);
}

static struct vmobject *pages_of(const struct file *f)
{
	const struct bdev *b = f->priv;

	return &b->inode->pages;
}

/* O_DIRECT: what the device has, not what was cached before somebody else wrote there. */
static int look_again(struct file *f, u64 pos, u64 n)
{
	int err = vmobject_writeback(pages_of(f), pos, pos + n);

	if (!err)
		vmobject_forget(pages_of(f), pos, pos + n);
	return err;
}

static ssize_t blockfile_read(struct file *f, struct iter *it, u64 *pos)
{
	ssize_t n = direct_check(f, it, *pos);

	if (!n && (f->flags & O_DIRECT))
		n = look_again(f, *pos, it->count);
	if (!n && it->count)
		n = vmobject_read(pages_of(f), it, *pos);
	if (n > 0)
		*pos += (u64)n;
	return n;
}

static ssize_t blockfile_write(struct file *f, struct iter *it, u64 *pos)
{
	struct bdev *b = f->priv;
	u64 size = size_of(f);
	ssize_t n = direct_check(f, it, *pos);
	size_t cut;

	if (n || !it->count)
		return n;
	if (b->bd->readonly)
		return -EPERM;
	if (*pos >= size)
		return -ENOSPC;
	cut = it->count - min(it->count, (size_t)(size - *pos));
	it->count -= cut;
	rwsem_write_lock(&b->inode->rwsem);
	n = vmobject_write(pages_of(f), it, *pos);
	rwsem_write_unlock(&b->inode->rwsem);
	it->count += cut;
	if (n > 0)
		*pos += (u64)n;
	dirty_throttle();
	return n;
}

static s64 blockfile_llseek(struct file *f, s64 off, int whence)
{
	u64 size = size_of(f);

	if (whence == SEEK_CUR)
		off += (s64)f->pos;
	else if (whence == SEEK_END)
		off += (s64)size;
	else if (whence != SEEK_SET)
		return -EINVAL;
	if (off < 0 || (u64)off > size)
		return -EINVAL;
	f->pos = (u64)off;
	return off;
}

static int blockfile_mmap(struct file *f, struct file_map *m)
{
	const struct bdev *b = f->priv;

	if (b->bd->readonly && (m->vm_flags & VM_SHARED) && (m->vm_flags & VM_MAYWRITE))
		return -EINVAL;
	vmobject_get(pages_of(f));
	m->obj = pages_of(f);
	m->ops = &file_area_ops;
	return 0;
}

static int blockfile_fsync(struct file *f, u64 start, u64 end, bool datasync __unused)
{
	struct bdev *b = f->priv;
	int err = file_writeback(f, pages_of(f), start, end);
	int late = b->bd->readonly ? 0 : block_flush(b->bd);

	return err ? err : late == -EOPNOTSUPP ? 0 : late;
}

/* BLKFLSBUF: what is dirty goes to the device, and nothing stays cached. */
static int flush_buffers(struct file *f)
{
	int err;

	if (!capable(CAP_SYS_ADMIN))
		return -EACCES;
	err = blockfile_fsync(f, 0, S64_MAX, false);
	vmobject_forget(pages_of(f), 0, size_of(f));
	return err;
}

static long blockfile_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct bdev *b = f->priv;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user_u64(size_of(f), (u64 __user *)arg);
	case BLKGETSIZE:
		return put_user_u64(b->bd->sectors, (u64 __user *)arg);
	case BLKSSZGET:
		return put_user_u32(SECTOR_SIZE, (u32 __user *)arg);
	case BLKROGET:
		return put_user_u32(b->bd->readonly, (u32 __user *)arg);
	case BLKFLSBUF:
		return flush_buffers(f);
	default:
		return b->bd->ops->ioctl ? b->bd->ops->ioctl(b->bd, f, cmd, arg) : -ENOTTY;
	}
}

static const struct file_ops blockfile_fops = {
	.read = blockfile_read,
	.write = blockfile_write,
	.llseek = blockfile_llseek,
	.ioctl = blockfile_ioctl,
	.mmap = blockfile_mmap,
	.release = blockfile_release,
	.fsync = blockfile_fsync,
};

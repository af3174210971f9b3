/*
 * Block devices as files: /dev/vda. Reads go to the device through a bounce
 * buffer; the page cache belongs to the file system mounted from it, so a
 * node is not cached twice. Writes reach the device before they return.
 */
#include "fs/blockfile.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>

#include "alloc/slab.h"
#include "mm/usercopy.h"

#define CHUNK (64 * 1024)

static const struct file_ops blockfile_fops;

int blockfile_open(struct inode *i, struct file *f)
{
	struct block_device *bd = block_find_dev(i->rdev);

	if (!bd)
		return -ENXIO;
	if ((f->mode & FMODE_WRITE) && bd->readonly)
		return -EACCES;
	f->ops = &blockfile_fops;
	f->priv = bd;
	f->mode |= FMODE_PREAD;
	return 0;
}

static u64 size_of(const struct block_device *bd)
{
	return bd->sectors * SECTOR_SIZE;
}

static ssize_t blockfile_read(struct file *f, struct iter *it, u64 *pos)
{
	struct block_device *bd = f->priv;
	u8 *buf = kmalloc(CHUNK, 0);
	ssize_t done = 0;
	int err = 0;

	if (!buf)
		return -ENOMEM;
	while (it->count && *pos < size_of(bd)) {
		size_t want = min(min(it->count, (size_t)CHUNK), (size_t)(size_of(bd) - *pos));
		size_t n;

		err = block_read_bytes(bd, *pos, buf, want);
		if (err)
			break;
		n = iter_copy_to(it, buf, want);
		*pos += n;
		done += (ssize_t)n;
		if (n < want) {
			err = -EFAULT;
			break;
		}
	}
	kfree(buf);
	return done ? done : err;
}

/* One run of whole sectors around [pos, pos+n): read, change, write. */
static ssize_t write_run(struct block_device *bd, struct iter *it, u64 pos, size_t n, u8 *buf)
{
	u64 first = pos / SECTOR_SIZE;
	size_t skip = pos % SECTOR_SIZE;
	size_t len = (skip + n + SECTOR_SIZE - 1) / SECTOR_SIZE * SECTOR_SIZE;
	size_t got;
	int err = 0;

	if (skip || len != n)
		err = block_rw(bd, BLOCK_READ, first, buf, len);
	if (err)
		return err;
	got = iter_copy_from(it, buf + skip, n);
	if (!got)
		return -EFAULT;
	if (got < n && !(skip || len != n)) { /* the tail was not read: write whole sectors only */
		got = got / SECTOR_SIZE * SECTOR_SIZE;
		len = got;
		if (!got)
			return -EFAULT;
	}
	err = block_rw(bd, BLOCK_WRITE, first, buf, len);
	return err ? err : (ssize_t)got;
}

static ssize_t blockfile_write(struct file *f, struct iter *it, u64 *pos)
{
	struct block_device *bd = f->priv;
	ssize_t done = 0, n = 0;
	u8 *buf;

	if (it->count && *pos >= size_of(bd))
		return -ENOSPC;
	buf = kmalloc(CHUNK + 2 * SECTOR_SIZE, 0);
	if (!buf)
		return -ENOMEM;
	while (it->count && *pos < size_of(bd)) {
		n = write_run(bd, it, *pos,
			      min(min(it->count, (size_t)CHUNK), (size_t)(size_of(bd) - *pos)),
			      buf);
		if (n < 0)
			break;
		*pos += (u64)n;
		done += n;
	}
	kfree(buf);
	return done ? done : n;
}

static s64 blockfile_llseek(struct file *f, s64 off, int whence)
{
	u64 size = size_of(f->priv);

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

static long blockfile_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct block_device *bd = f->priv;

	switch (cmd) {
	case BLKGETSIZE64:
		return put_user_u64(size_of(bd), (u64 __user *)arg);
	case BLKGETSIZE:
		return put_user_u64(bd->sectors, (u64 __user *)arg);
	case BLKSSZGET:
		return put_user_u32(SECTOR_SIZE, (u32 __user *)arg);
	case BLKROGET:
		return put_user_u32(bd->readonly, (u32 __user *)arg);
	case BLKFLSBUF:
		return 0; /* nothing is buffered */
	default:
		return -ENOTTY;
	}
}

static int blockfile_fsync(struct file *f, u64 start __unused, u64 end __unused,
			   bool datasync __unused)
{
	int err = block_flush(f->priv);

	return err == -EOPNOTSUPP ? 0 : err;
}

static const struct file_ops blockfile_fops = {
	.read = blockfile_read,
	.write = blockfile_write,
	.llseek = blockfile_llseek,
	.ioctl = blockfile_ioctl,
	.fsync = blockfile_fsync,
};

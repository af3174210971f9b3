/*
 * Open files of overlay (overlay.h). Behind each is a file of the layer that has the data, and after a
 * copy-up a second one, of the copy; what was mapped before stays with the first, as on Linux. The
 * position, the locks and the flags are the union's file's.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "fs/overlay/overlay.h"

/* file->priv */
struct overlay_file {
	struct file *first; /* [I] */
	struct file *copy; /* [file->lock] to set, once; read any time */
};

#define FLAGS_FOLLOWED (O_APPEND | O_DIRECT | O_DSYNC | O_SYNC | O_NONBLOCK | O_NOATIME)

struct file *overlay_open_real(struct overlay *o, struct overlay_at at, u32 flags)
{
	struct path p = { o->layer[at.layer].mnt, at.dentry };
	u32 access = flags & O_ACCMODE;
	struct inode *i = at.dentry->inode;
	struct file *f;
	int err;

	if (access != O_RDONLY) {
		err = inode_get_write(i);
		if (err)
			return ERR_PTR(err);
	}
	f = file_alloc(&p,
		       access == O_RDONLY ? FMODE_READ :
		       access == O_WRONLY ? FMODE_WRITE :
					    FMODE_READ | FMODE_WRITE,
		       flags, i->fops);
	if (IS_ERR(f)) {
		if (access != O_RDONLY)
			inode_put_write(i);
		return f;
	}
	f->mode |= FMODE_PREAD;
	err = f->ops->open ? f->ops->open(i, f) : 0;
	if (err) {
		file_put(f);
		return ERR_PTR(err);
	}
	return f;
}

static struct file *open_now(struct file *f)
{
	struct overlay_at at = overlay_real(f->inode);
	u32 flags = f->flags & (O_ACCMODE | O_LARGEFILE);

	if (!overlay_upper(f->inode))
		flags |= O_NOATIME; /* lower layers are not written to */
	return overlay_open_real(overlay_of(f->inode->sb), at, flags);
}

static int overlay_open(struct inode *i, struct file *f)
{
	struct overlay_file *of;
	int err = 0;

	if (f->mode & FMODE_WRITE)
		err = overlay_writable(i);
	if (err)
		return err;
	of = kzalloc(sizeof(*of), 0);
	if (!of)
		return -ENOMEM;
	of->first = open_now(f);
	if (IS_ERR(of->first)) {
		err = (int)PTR_ERR(of->first);
		kfree(of);
		return err;
	}
	f->priv = of;
	return 0;
}

static void overlay_release(struct file *f)
{
	struct overlay_file *of = f->priv;

	file_put(of->first);
	if (of->copy)
		file_put(of->copy);
	kfree(of);
}

/* The file of the layer that has the data now. ERR_PTR. */
static struct file *real_file(struct file *f)
{
	struct overlay_file *of = f->priv;
	struct file *real = of->first, *fresh;

	if (unlikely(real->inode != overlay_real_inode(f->inode))) {
		real = __atomic_load_n(&of->copy, __ATOMIC_ACQUIRE);
		if (!real) {
			fresh = open_now(f);
			if (IS_ERR(fresh))
				return fresh;
			spin_lock(&f->lock);
			real = of->copy ? of->copy : fresh;
			__atomic_store_n(&of->copy, real, __ATOMIC_RELEASE);
			spin_unlock(&f->lock);
			if (real != fresh)
				file_put(fresh);
		}
	}
	WRITE_ONCE(real->flags, (real->flags & ~FLAGS_FOLLOWED) | (f->flags & FLAGS_FOLLOWED) |
					(overlay_upper(f->inode) ? 0 : O_NOATIME));
	return real;
}

static ssize_t overlay_read(struct file *f, struct iter *it, u64 *pos)
{
	struct file *real = real_file(f);

	return IS_ERR(real) ? PTR_ERR(real) : real->ops->read(real, it, pos);
}

static ssize_t overlay_write(struct file *f, struct iter *it, u64 *pos)
{
	struct file *real = real_file(f);
	ssize_t n;

	if (IS_ERR(real))
		return PTR_ERR(real);
	n = real->ops->write(real, it, pos);
	overlay_refresh(f->inode);
	return n;
}

static s64 overlay_llseek(struct file *f, s64 off, int whence)
{
	struct file *real = real_file(f);
	s64 pos;

	if (IS_ERR(real))
		return PTR_ERR(real);
	real->pos = f->pos;
	pos = real->ops->llseek(real, off, whence);
	if (pos >= 0)
		f->pos = (u64)pos;
	return pos;
}

static int overlay_mmap(struct file *f, struct file_map *m)
{
	struct file *real = real_file(f);

	if (IS_ERR(real))
		return (int)PTR_ERR(real);
	return real->ops->mmap ? real->ops->mmap(real, m) : -ENODEV;
}

static int overlay_fsync(struct file *f, u64 start, u64 end, bool datasync)
{
	struct file *real = overlay_upper(f->inode) ? real_file(f) : NULL;

	if (IS_ERR_OR_NULL(real))
		return PTR_ERR_OR_ZERO(real);
	if (!real->ops->fsync || overlay_of(f->inode->sb)->unsynced)
		return 0;
	return real->ops->fsync(real, start, end, datasync);
}

static int overlay_fallocate(struct file *f, int mode, u64 off, u64 len)
{
	struct file *real = real_file(f);
	int err;

	if (IS_ERR(real))
		return (int)PTR_ERR(real);
	err = real->ops->fallocate ? real->ops->fallocate(real, mode, off, len) : -EOPNOTSUPP;
	overlay_refresh(f->inode);
	return err;
}

const struct file_ops overlay_file_fops = {
	.open = overlay_open,
	.release = overlay_release,
	.read = overlay_read,
	.write = overlay_write,
	.llseek = overlay_llseek,
	.mmap = overlay_mmap,
	.fsync = overlay_fsync,
	.fallocate = overlay_fallocate,
};

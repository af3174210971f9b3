/*
 * Moving bytes from file to file within the kernel: sendfile(2), copy_file_range(2), splice(2),
 * tee(2), vmsplice(2). Argument checking; the work is in fs/splice.c.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/uio.h>

#include "alloc/slab.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/pipe.h"
#include "fs/splice.h"
#include "mm/usercopy.h"

#define SPLICE_F_ALL (unsigned)(SPLICE_F_MOVE | SPLICE_F_NONBLOCK | SPLICE_F_MORE | SPLICE_F_GIFT)

/* May count bytes come from in? offset NULL: from its own position. What is wrong with it is told before the other's. */
static int may_send(const struct file *in, const u64 *offset, size_t count)
{
	u64 pos = offset ? *offset : in->pos;

	if (!(in->mode & FMODE_READ))
		return -EBADF;
	if (offset && !(in->mode & FMODE_PREAD))
		return -ESPIPE;
	return pos > S64_MAX || count > S64_MAX - pos ? -EINVAL : 0;
}

static ssize_t do_sendfile(struct file *in, struct file *out, u64 *offset, size_t count)
{
	u64 pos = offset ? *offset : in->pos;
	ssize_t n;

	if (!(out->mode & FMODE_WRITE))
		return -EBADF;
	if (!file_pipe(out)) {
		if ((out->flags & O_APPEND) || !(in->mode & FMODE_PREAD))
			return -EINVAL;
		if (!count)
			return 0;
		if (S_ISDIR(in->inode->mode) || !in->ops->read || (in->mode & FMODE_NO_SPLICE) ||
		    !out->ops->write || (out->mode & FMODE_NO_SPLICE_OUT))
			return -EINVAL;
	}
	n = vfs_send(in, &pos, out, NULL, min(count, MAX_RW_COUNT));
	if (n > 0) {
		if (offset)
			*offset = pos;
		else
			in->pos = pos;
	}
	return n;
}

long sys_sendfile(int out_fd, int in_fd, void __user *uoffset, size_t count)
{
	struct file *in, *out;
	u64 offset = 0;
	ssize_t n;

	if (uoffset && copy_from_user(&offset, uoffset, sizeof(offset)))
		return -EFAULT;
	in = fd_get(in_fd);
	if (!in)
		return -EBADF;
	n = may_send(in, uoffset ? &offset : NULL, count);
	out = n ? NULL : fd_get(out_fd);
	if (!n)
		n = out ? do_sendfile(in, out, uoffset ? &offset : NULL, count) : -EBADF;
	if (out)
		file_put(out);
	file_put(in);
	if (uoffset && n >= 0 && copy_to_user(uoffset, &offset, sizeof(offset)))
		return -EFAULT;
	return n;
}

static ssize_t do_copy_range(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t len)
{
	u64 end;
	int err;

	if (S_ISDIR(in->inode->mode) || S_ISDIR(out->inode->mode))
		return -EISDIR;
	if (!S_ISREG(in->inode->mode) || !S_ISREG(out->inode->mode))
		return -EINVAL;
	if (!(in->mode & FMODE_READ) || !(out->mode & FMODE_WRITE) || (out->flags & O_APPEND))
		return -EBADF;
	if (in->inode->sb != out->inode->sb)
		return -EXDEV;
	if (*ipos + len < *ipos || *opos + len < *opos)
		return -EOVERFLOW;
	if ((s64)*ipos < 0 || (s64)*opos < 0 || (ssize_t)len < 0)
		return -EINVAL;
	len = *ipos >= inode_size(in->inode) ? 0 : min((u64)len, inode_size(in->inode) - *ipos);
	err = (s64)(*opos + len) < 0 ? -EFBIG : 0;
	if (err)
		return err;
	end = min(*ipos, *opos) + len;
	if (in->inode == out->inode && end > max(*ipos, *opos))
		return -EINVAL;
	return vfs_send(in, ipos, out, opos, min(len, MAX_RW_COUNT));
}

long sys_copy_file_range(int fd_in, void __user *uoff_in, int fd_out, void __user *uoff_out,
			 size_t len, unsigned long flags)
{
	struct file *in = fd_get(fd_in), *out = fd_get(fd_out);
	u64 ipos, opos;
	ssize_t n = -EBADF;

	if (!in || !out)
		goto out;
	ipos = in->pos;
	opos = out->pos;
	n = -EFAULT;
	if (uoff_in && copy_from_user(&ipos, uoff_in, sizeof(ipos)))
		goto out;
	if (uoff_out && copy_from_user(&opos, uoff_out, sizeof(opos)))
		goto out;
	n = -EINVAL;
	if (flags)
		goto out;
	n = do_copy_range(in, &ipos, out, &opos, len);
	if (n <= 0)
		goto out;
	if (!uoff_in)
		in->pos = ipos;
	else if (copy_to_user(uoff_in, &ipos, sizeof(ipos)))
		n = -EFAULT;
	if (!uoff_out)
		out->pos = opos;
	else if (copy_to_user(uoff_out, &opos, sizeof(opos)))
		n = -EFAULT;
out:
	if (out)
		file_put(out);
	if (in)
		file_put(in);
	return n;
}

/* A position that the caller gave, for the file of the two that is no pipe. 0 or -errno. */
static int position(struct file *f, u64 __user *at, u64 *pos)
{
	if (!at)
		return 0;
	if (pipe_get_size(f) >= 0)
		return -ESPIPE;
	return get_user_u64(pos, at);
}

long sys_splice(int fd_in, void __user *off_in, int fd_out, void __user *off_out, size_t len,
		unsigned long flags)
{
	struct file *in, *out;
	u64 ipos = 0, opos = 0;
	ssize_t n = -EBADF;

	if (!len)
		return 0;
	if ((unsigned)flags & ~SPLICE_F_ALL)
		return -EINVAL;
	in = fd_get(fd_in);
	out = fd_get(fd_out);
	if (!in || !out)
		goto out;
	n = position(in, off_in, &ipos);
	if (!n)
		n = position(out, off_out, &opos);
	if (n)
		goto out;
	n = vfs_splice(in, off_in ? &ipos : NULL, out, off_out ? &opos : NULL, len,
		       (unsigned)flags);
	if (n >= 0 && off_in && put_user_u64(ipos, off_in))
		n = -EFAULT;
	if (n >= 0 && off_out && put_user_u64(opos, off_out))
		n = -EFAULT;
out:
	if (out)
		file_put(out);
	if (in)
		file_put(in);
	return n;
}

long sys_tee(int fd_in, int fd_out, size_t len, unsigned long flags)
{
	struct file *in, *out;
	ssize_t n = -EBADF;

	if ((unsigned)flags & ~SPLICE_F_ALL)
		return -EINVAL;
	if (!len)
		return 0;
	in = fd_get(fd_in);
	out = fd_get(fd_out);
	if (in && out)
		n = vfs_tee(in, out, len, (unsigned)flags);
	if (out)
		file_put(out);
	if (in)
		file_put(in);
	return n;
}

long sys_vmsplice(int fd, const struct iovec __user *iov, unsigned long nr, unsigned long flags)
{
	struct iovec fast[UIO_FASTIOV], *heap;
	struct file *f;
	struct iter it;
	ssize_t n;

	if ((unsigned)flags & ~SPLICE_F_ALL)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	n = f->mode & (FMODE_READ | FMODE_WRITE) ? 0 : -EBADF;
	if (!n)
		n = iter_import_iovec(&it, iov, nr, fast, &heap);
	if (!n) {
		n = vfs_vmsplice(f, &it, (unsigned)flags);
		kfree(heap);
	}
	file_put(f);
	return n;
}

/*
 * Moving bytes through descriptors: read(2), readv(2), pread(2), preadv2(2), lseek(2), sendfile(2),
 * copy_file_range(2), and the advice about it. Argument checking; the work is in fs/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/uio.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "mm/usercopy.h"

/* What write(2) owes to O_SYNC and O_DSYNC (RWF_SYNC, RWF_DSYNC) after n bytes went to end. */
static ssize_t after_write(struct file *f, ssize_t n, u64 end, u32 rwf)
{
	bool data_only = !(f->flags & __O_SYNC) && !(rwf & RWF_SYNC);
	int err;

	if (likely(!(f->flags & O_DSYNC) && !(rwf & (RWF_DSYNC | RWF_SYNC))) || n <= 0 ||
	    !f->ops->fsync || !S_ISREG(f->inode->mode))
		return n;
	err = f->ops->fsync(f, end - (u64)n, end, data_only);
	return err ? err : n;
}

/* A call's length as read(2) takes it: clipped, or -EFAULT when the buffer can't be user memory. */
static ssize_t clip(struct file *f, u32 need, const void __user *buf, size_t *n)
{
	if (unlikely(!(f->mode & need)))
		return -EBADF;
	if (unlikely(!user_range_ok(buf, *n)))
		return -EFAULT;
	*n = min(*n, MAX_RW_COUNT);
	return 0;
}

long sys_read(int fd, void __user *buf, size_t count)
{
	struct fdref r = fd_borrow(fd);
	struct iter it;
	ssize_t n;

	if (unlikely(!r.file))
		return -EBADF;
	n = clip(r.file, FMODE_READ, buf, &count);
	if (likely(!n)) {
		iter_user(&it, buf, count);
		n = file_read(r.file, &it, NULL);
	}
	fd_drop(r);
	return n;
}

long sys_write(int fd, const void __user *buf, size_t count)
{
	struct fdref r = fd_borrow(fd);
	struct iter it;
	ssize_t n;

	if (unlikely(!r.file))
		return -EBADF;
	n = clip(r.file, FMODE_WRITE, buf, &count);
	if (likely(!n)) {
		iter_user(&it, buf, count);
		n = file_write(r.file, &it, NULL);
		n = after_write(r.file, n, r.file->pos, 0);
	}
	fd_drop(r);
	return n;
}

/*
 * A position given by the caller: ESPIPE where there are none, EINVAL when the end would not fit.
 */
static ssize_t check_pos(const struct file *f, s64 pos, size_t count)
{
	if (!(f->mode & FMODE_PREAD))
		return -ESPIPE;
	if (pos < 0 || count > (u64)S64_MAX - (u64)pos)
		return -EINVAL;
	return 0;
}

long sys_pread64(int fd, void __user *buf, size_t count, s64 offset)
{
	struct fdref r;
	struct iter it;
	u64 pos = (u64)offset;
	ssize_t n;

	if (offset < 0)
		return -EINVAL;
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	n = check_pos(r.file, 0, 0);
	if (!n)
		n = clip(r.file, FMODE_READ, buf, &count);
	if (!n)
		n = check_pos(r.file, offset, count);
	if (!n) {
		iter_user(&it, buf, count);
		n = file_read(r.file, &it, &pos);
	}
	fd_drop(r);
	return n;
}

long sys_pwrite64(int fd, const void __user *buf, size_t count, s64 offset)
{
	struct fdref r;
	struct iter it;
	u64 pos = (u64)offset;
	ssize_t n;

	if (offset < 0)
		return -EINVAL;
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	n = check_pos(r.file, 0, 0);
	if (!n)
		n = clip(r.file, FMODE_WRITE, buf, &count);
	if (!n)
		n = check_pos(r.file, offset, count);
	if (!n) {
		iter_user(&it, buf, count);
		n = file_write(r.file, &it, &pos);
		n = after_write(r.file, n, pos, 0);
	}
	fd_drop(r);
	return n;
}

/* RWF_* of preadv2(2) that mean something to f; RWF_NOWAIT needs files that can say "not now". */
static int check_rwf(const struct file *f, u32 rwf)
{
	if (rwf & ~(u32)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND))
		return -EOPNOTSUPP;
	if ((rwf & RWF_APPEND) && (rwf & RWF_NOAPPEND))
		return -EINVAL;
	if ((rwf & RWF_NOWAIT) && !(f->flags & O_NONBLOCK))
		return -EOPNOTSUPP;
	return 0;
}

/* All the vector forms. pos NULL: the file's own position. */
static ssize_t do_vector(struct file *f, const struct iovec __user *iov, u64 n, u64 *pos, u32 rwf,
			 bool writing)
{
	struct iovec fast[UIO_FASTIOV], *heap;
	struct iter it;
	ssize_t done;

	if (!(f->mode & (writing ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	done = iter_import_iovec(&it, iov, n, fast, &heap);
	if (done)
		return done;
	if (pos)
		done = check_pos(f, (s64)*pos, it.count);
	if (!done)
		done = check_rwf(f, rwf);
	if (!done) {
		it.rwf = rwf;
		if (writing) {
			done = file_write(f, &it, pos);
			done = after_write(f, done, pos ? *pos : f->pos, rwf);
		} else {
			done = file_read(f, &it, pos);
		}
	}
	kfree(heap);
	return done;
}

static long vector_at_pos(int fd, const struct iovec __user *iov, u64 n, u32 rwf, bool writing)
{
	struct fdref r = fd_borrow(fd);
	ssize_t done;

	if (!r.file)
		return -EBADF;
	done = do_vector(r.file, iov, n, NULL, rwf, writing);
	fd_drop(r);
	return done;
}

static long vector_at(int fd, const struct iovec __user *iov, u64 n, s64 offset, u32 rwf,
		      bool writing)
{
	struct fdref r;
	u64 pos = (u64)offset;
	ssize_t done;

	if (offset < 0)
		return -EINVAL;
	r = fd_borrow(fd);
	if (!r.file)
		return -EBADF;
	done = r.file->mode & FMODE_PREAD ? do_vector(r.file, iov, n, &pos, rwf, writing) : -ESPIPE;
	fd_drop(r);
	return done;
}

long sys_readv(int fd, const struct iovec __user *iov, unsigned long n)
{
	return vector_at_pos(fd, iov, n, 0, false);
}

long sys_writev(int fd, const struct iovec __user *iov, unsigned long n)
{
	return vector_at_pos(fd, iov, n, 0, true);
}

/*
 * On a 64-bit machine pos_lo is the whole offset; pos_hi is shifted out of it (preadv(2), "C
 * library differences").
 */
long sys_preadv(int fd, const struct iovec __user *iov, unsigned long n, unsigned long pos_lo,
		unsigned long pos_hi __unused)
{
	return vector_at(fd, iov, n, (s64)pos_lo, 0, false);
}

long sys_pwritev(int fd, const struct iovec __user *iov, unsigned long n, unsigned long pos_lo,
		 unsigned long pos_hi __unused)
{
	return vector_at(fd, iov, n, (s64)pos_lo, 0, true);
}

long sys_preadv2(int fd, const struct iovec __user *iov, unsigned long n, unsigned long pos_lo,
		 unsigned long pos_hi __unused, unsigned long flags)
{
	if ((s64)pos_lo == -1)
		return vector_at_pos(fd, iov, n, (u32)flags, false);
	return vector_at(fd, iov, n, (s64)pos_lo, (u32)flags, false);
}

long sys_pwritev2(int fd, const struct iovec __user *iov, unsigned long n, unsigned long pos_lo,
		  unsigned long pos_hi __unused, unsigned long flags)
{
	if ((s64)pos_lo == -1)
		return vector_at_pos(fd, iov, n, (u32)flags, true);
	return vector_at(fd, iov, n, (s64)pos_lo, (u32)flags, true);
}

long sys_lseek(int fd, s64 offset, int whence)
{
	struct fdref r = fd_borrow(fd);
	struct file *f = r.file;
	s64 ret;

	if (!f)
		return -EBADF;
	if (whence < 0 || whence > SEEK_MAX) {
		ret = -EINVAL;
	} else if (!f->ops->llseek) {
		ret = -ESPIPE;
	} else {
		mutex_lock(&f->pos_mutex);
		ret = f->ops->llseek(f, offset, whence);
		mutex_unlock(&f->pos_mutex);
	}
	fd_drop(r);
	return ret;
}

/* --- file to file --- */

#define BATCH 16 /* pages moved at a time */

/*
 * Some bytes from in at *ipos to out, straight from the page cache. Advances both. opos NULL: out's
 * own.
 */
static ssize_t push_pages(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n)
{
	struct vmobject *obj = &in->inode->pages;
	u64 size = inode_size(in->inode), first = *ipos >> PAGE_SHIFT,
	    off = *ipos & (PAGE_SIZE - 1);
	struct page *pages[BATCH];
	struct iter it;
	unsigned got = 0;
	ssize_t done = 0;

	if (*ipos >= size)
		return 0;
	n = min((u64)n, min(size - *ipos, (u64)BATCH * PAGE_SIZE - off));
	while (got < DIV_ROUND_UP(off + n, PAGE_SIZE)) {
		struct page *p = vmobject_page(obj, first + got);

		if (IS_ERR(p)) {
			done = PTR_ERR(p);
			break;
		}
		pages[got++] = p;
	}
	if (got) {
		iter_pages(&it, pages, off, min((u64)n, (u64)got * PAGE_SIZE - off));
		done = file_write(out, &it, opos);
	}
	for (unsigned i = 0; i < got; i++)
		page_put(pages[i]);
	if (done > 0)
		*ipos += (u64)done;
	return done;
}

/* The same for files that make up their contents as they are read (procfs): through a buffer. */
static ssize_t push_bytes(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n)
{
	char *buf = kmalloc(PAGE_SIZE, 0);
	u64 pos = *ipos;
	struct iter it;
	ssize_t got, done;

	if (!buf)
		return -ENOMEM;
	iter_kernel(&it, buf, min(n, PAGE_SIZE));
	got = file_read(in, &it, &pos);
	done = got;
	if (got > 0) {
		iter_kernel(&it, buf, (size_t)got);
		done = file_write(out, &it, opos);
	}
	kfree(buf);
	if (done > 0)
		*ipos += (u64)done;
	return done;
}

static ssize_t push_all(struct file *in, u64 *ipos, struct file *out, u64 *opos, size_t n)
{
	bool cached = S_ISREG(in->inode->mode) && in->ops->read == generic_file_read;
	ssize_t total = 0;

	while (n) {
		ssize_t k = cached ? push_pages(in, ipos, out, opos, n) :
				     push_bytes(in, ipos, out, opos, n);

		if (k <= 0)
			return total ? total : k;
		total += k;
		n -= (size_t)k;
		if (signal_pending(current))
			break;
		cond_resched();
	}
	return total;
}

static ssize_t do_sendfile(struct file *in, struct file *out, u64 *offset, size_t count)
{
	u64 pos = offset ? *offset : in->pos;
	ssize_t n;

	if (!(in->mode & FMODE_READ))
		return -EBADF;
	if (offset && !(in->mode & FMODE_PREAD))
		return -ESPIPE;
	if ((s64)pos < 0 || (ssize_t)count < 0)
		return -EINVAL;
	if (!(out->mode & FMODE_WRITE))
		return -EBADF;
	if (!(in->mode & FMODE_PREAD) || S_ISDIR(in->inode->mode) || !in->ops->read)
		return -EINVAL;
	if ((out->flags & O_APPEND) || !out->ops->write)
		return -EINVAL;
	n = push_all(in, &pos, out, NULL, min(count, MAX_RW_COUNT));
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
	out = fd_get(out_fd);
	if (!out) {
		file_put(in);
		return -EBADF;
	}
	n = do_sendfile(in, out, uoffset ? &offset : NULL, count);
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
	return push_all(in, ipos, out, opos, min(len, MAX_RW_COUNT));
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

/* --- advice --- */

long sys_readahead(struct file *f, s64 offset, size_t count)
{
	u64 size = inode_size(f->inode);

	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (!S_ISREG(f->inode->mode) || !f->ops->mmap || offset < 0)
		return -EINVAL;
	if ((u64)offset < size)
		vmobject_readahead(&f->inode->pages, (u64)offset >> PAGE_SHIFT,
				   DIV_ROUND_UP(min((u64)count, size - (u64)offset), PAGE_SIZE));
	return 0;
}

long sys_fadvise64(struct file *f, s64 offset, s64 len, int advice)
{
	struct inode *i = f->inode;
	u64 size = inode_size(i);

	if (S_ISFIFO(i->mode))
		return -ESPIPE;
	if (len < 0)
		return -EINVAL;
	switch (advice) {
	case POSIX_FADV_WILLNEED:
		if (S_ISREG(i->mode) && f->ops->mmap && offset >= 0 && (u64)offset < size) {
			u64 n = len ? min((u64)len, size - (u64)offset) : size - (u64)offset;

			vmobject_readahead(&i->pages, (u64)offset >> PAGE_SHIFT,
					   DIV_ROUND_UP(n, PAGE_SIZE));
		}
		return 0;
	case POSIX_FADV_NORMAL:
	case POSIX_FADV_RANDOM:
	case POSIX_FADV_SEQUENTIAL:
	case POSIX_FADV_DONTNEED:
	case POSIX_FADV_NOREUSE:
		return 0;
	default:
		return -EINVAL;
	}
}

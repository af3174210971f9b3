/*
 * Moving bytes through descriptors: read(2), readv(2), pread(2), preadv2(2), lseek(2), and the
 * advice about it. Argument checking; the work is in fs/.
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
	}
	fd_drop(r);
	return n;
}

/*
 * A position given by the caller: ESPIPE where there are none, EINVAL when the end would not fit.
 */
static ssize_t check_pos(const struct file *f, s64 pos, size_t count, bool writing)
{
	if (!(f->mode & FMODE_PREAD) || (writing && (f->mode & FMODE_NO_PWRITE)))
		return -ESPIPE;
	if (pos < 0 || count > (u64)S64_MAX - (u64)pos)
		return -EINVAL;
	return 0;
}

/* pread64(2) and pwrite64(2). */
static __always_inline long do_pos(int fd, const void __user *buf, size_t count, s64 offset,
				   bool writing)
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
	n = check_pos(r.file, 0, 0, writing);
	if (!n)
		n = clip(r.file, writing ? FMODE_WRITE : FMODE_READ, buf, &count);
	if (!n)
		n = check_pos(r.file, offset, count, writing);
	if (!n) {
		iter_user(&it, buf, count);
		n = writing ? file_write(r.file, &it, &pos) : file_read(r.file, &it, &pos);
	}
	fd_drop(r);
	return n;
}

long sys_pread64(int fd, void __user *buf, size_t count, s64 offset)
{
	return do_pos(fd, buf, count, offset, false);
}

long sys_pwrite64(int fd, const void __user *buf, size_t count, s64 offset)
{
	return do_pos(fd, buf, count, offset, true);
}

/* RWF_* of preadv2(2) that mean something to f; RWF_NOWAIT needs files that can say "not now". */
static int check_rwf(const struct file *f, u32 rwf)
{
	if (rwf & ~(u32)(RWF_HIPRI | RWF_DSYNC | RWF_SYNC | RWF_NOWAIT | RWF_APPEND | RWF_NOAPPEND))
		return -EOPNOTSUPP;
	if ((rwf & RWF_APPEND) && (rwf & RWF_NOAPPEND))
		return -EINVAL;
	if ((rwf & RWF_NOWAIT) && !(f->mode & FMODE_NOWAIT))
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
	bool none;

	if (!(f->mode & (writing ? FMODE_WRITE : FMODE_READ)))
		return -EBADF;
	if (!(writing ? (void *)f->ops->write : (void *)f->ops->read) && !S_ISDIR(f->inode->mode))
		return -EINVAL;
	done = iter_import_iovec(&it, iov, n, fast, &heap);
	if (done)
		return done;
	none = !it.count; /* then nothing else is looked at, and nobody is asked */
	if (pos && !none)
		done = check_pos(f, (s64)*pos, it.count, writing);
	if (!done && !none)
		done = check_rwf(f, rwf);
	if (!done && !none) {
		it.rwf = rwf;
		done = writing ? file_write(f, &it, pos) : file_read(f, &it, pos);
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

/* --- advice --- */

long sys_readahead(struct file *f, s64 offset, size_t count)
{
	u64 size = inode_size(f->inode);

	if (!(f->mode & FMODE_READ))
		return -EBADF;
	if (!S_ISREG(f->inode->mode) || !f->ops->mmap || (ssize_t)count < 0)
		return -EINVAL;
	if (offset >= 0 && (u64)offset < size)
		vmobject_readahead(&f->inode->pages, (u64)offset >> PAGE_SHIFT,
				   DIV_ROUND_UP(min((u64)count, size - (u64)offset), PAGE_SIZE));
	return 0;
}

/*
 * POSIX_FADV_DONTNEED: the pages that lie wholly within n bytes (0: all) from `from` on leave the cache, if they are
 * clean and nobody has them mapped. The file's last one counts as whole if they end where it does.
 */
static void forget_pages(struct inode *i, u64 from, u64 n, u64 size)
{
	u64 end = n && from + n < S64_MAX ? from + n : S64_MAX;

	if (end != size)
		end = ALIGN_DOWN(end, PAGE_SIZE);
	if (from < S64_MAX - PAGE_SIZE && ALIGN_UP(from, PAGE_SIZE) < end)
		vmobject_forget(&i->pages, ALIGN_UP(from, PAGE_SIZE), end);
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
	case POSIX_FADV_DONTNEED:
		if (S_ISREG(i->mode) && f->ops->mmap && offset >= 0)
			forget_pages(i, (u64)offset, (u64)len, size);
		return 0;
	case POSIX_FADV_NORMAL:
	case POSIX_FADV_RANDOM:
	case POSIX_FADV_SEQUENTIAL:
	case POSIX_FADV_NOREUSE:
		return 0;
	default:
		return -EINVAL;
	}
}

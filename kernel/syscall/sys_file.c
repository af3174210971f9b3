/*
 * What is done to an open file but reading and writing: dup, close, ioctl, fstat, truncate,
 * allocate, sync, directory reading, pipes and memfds. Argument checking; the work is in fs/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/dirent.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/ioctl.h>
#include <uapi/mman.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/async.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/lock.h"
#include "fs/memfd.h"
#include "fs/notify.h"
#include "fs/pipe.h"
#include "lib/string.h"
#include "mm/usercopy.h"

long sys_dup(int fd)
{
	struct file *f = fd_get_raw(fd);

	return f ? fd_open_file(f, 0) : -EBADF;
}

long sys_dup3(int oldfd, int newfd, int flags)
{
	if ((flags & ~O_CLOEXEC) || oldfd == newfd)
		return -EINVAL;
	return fd_dup2(oldfd, newfd, (u32)flags);
}

long sys_close(int fd)
{
	int err = fd_close(fd);

	/*
	 * The descriptor is gone whatever flush said, so the call can't be made again: close(2),
	 * NOTES.
	 */
	if (err == -ERESTARTSYS || err == -ERESTARTNOINTR || err == -ERESTARTNOHAND)
		return -EINTR;
	return err;
}

long sys_close_range(unsigned int first, unsigned int last, unsigned long flags)
{
	return files_close_range(first, last, (unsigned)flags);
}

long sys_pipe2(int __user *ufds, int flags)
{
	struct file *ends[2];
	int fds[2];
	int err;

	if (flags & ~(O_CLOEXEC | O_NONBLOCK | O_DIRECT))
		return -EINVAL;
	err = pipe_create(ends, flags & (O_NONBLOCK | O_DIRECT));
	if (err)
		return err;
	fds[0] = fd_reserve(0, (u32)flags);
	err = fds[0];
	if (err < 0)
		goto out_files;
	fds[1] = fd_reserve(0, (u32)flags);
	err = fds[1];
	if (err < 0)
		goto out_first;
	err = -EFAULT;
	if (copy_to_user(ufds, fds, sizeof(fds)))
		goto out_both;
	fd_install(fds[0], ends[0]);
	fd_install(fds[1], ends[1]);
	return 0;
out_both:
	fd_unreserve(fds[1]);
out_first:
	fd_unreserve(fds[0]);
out_files:
	file_put(ends[0]);
	file_put(ends[1]);
	return err;
}

/* --- ioctl(2): what any file knows, then the file's own --- */

static long set_nonblock(struct file *f, const u32 __user *arg)
{
	u32 on;

	if (get_user_u32(&on, arg))
		return -EFAULT;
	spin_lock(&f->lock);
	f->flags = on ? f->flags | O_NONBLOCK : f->flags & ~(u32)O_NONBLOCK;
	spin_unlock(&f->lock);
	return 0;
}

static long do_ioctl(struct file *f, int fd, unsigned cmd, unsigned long arg)
{
	struct inode *i = f->inode;
	u32 __user *uarg = (u32 __user *)arg;
	struct stat st;
	long ret;
	u32 on;

	switch (cmd) {
	case FIOCLEX:
		return fd_set_cloexec(fd, true);
	case FIONCLEX:
		return fd_set_cloexec(fd, false);
	case FIONBIO:
		return set_nonblock(f, uarg);
	case FIOASYNC:
		if (get_user_u32(&on, uarg))
			return -EFAULT;
		return !on == !(f->flags & FASYNC) ? 0 : async_turn(f, fd, on);
	case FIOQSIZE:
		if (!S_ISREG(i->mode) && !S_ISDIR(i->mode) && !S_ISLNK(i->mode))
			return -ENOTTY;
		ret = vfs_stat(&f->path, &st);
		return ret ? ret : put_user_u64((u64)st.st_blocks * 512, (u64 __user *)arg);
	case FIGETBSZ:
		return put_user_u32(inode_block_size(i), uarg);
	case FICLONE:
		if (S_ISREG(i->mode))
			return -EOPNOTSUPP; /* no file system shares extents */
		break;
	case FIONREAD:
		if (S_ISREG(i->mode))
			return put_user_u32((u32)(inode_size(i) - f->pos), uarg);
		break;
	default:
		break;
	}
	if (unlikely(f->mode & FMODE_NO_IOCTL))
		return -EACCES;
	ret = fileattr_ioctl(f, cmd, (void __user *)arg);
	if (ret != -ENOTTY)
		return ret;
	ret = f->ops->ioctl ? f->ops->ioctl(f, cmd, arg) : -ENOTTY;
	return ret == -ENOIOCTLCMD ? -ENOTTY : ret;
}

long sys_ioctl(int fd, unsigned int cmd, unsigned long arg)
{
	struct fdref r = fd_borrow(fd);
	long ret;

	if (!r.file)
		return -EBADF;
	ret = do_ioctl(r.file, fd, cmd, arg);
	fd_drop(r);
	return ret;
}

long sys_flock(int fd, int op)
{
	int what = op & ~LOCK_NB;
	struct file *f;
	long ret;

	if (op & LOCK_MAND) /* flock(2) of Linux once had them: taken, and nothing is done */
		return 0;
	if (what != LOCK_SH && what != LOCK_EX && what != LOCK_UN)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	ret = what != LOCK_UN && !(f->mode & (FMODE_READ | FMODE_WRITE)) ?
		      -EBADF :
		      lock_flock(f, what, !(op & LOCK_NB));
	file_put(f);
	return ret;
}

/* --- attributes --- */

long sys_fstat(struct file *f, void __user *ubuf)
{
	struct stat st;
	long err = vfs_stat(&f->path, &st);

	return err ? err : copy_to_user(ubuf, &st, sizeof(st));
}

long sys_fstatfs(struct file *f, void __user *ubuf)
{
	struct statfs st;
	long err = vfs_statfs(&f->path, &st);

	return err ? err : copy_to_user(ubuf, &st, sizeof(st));
}

long sys_ftruncate(int fd, s64 length)
{
	struct file *f;
	long ret;

	if (length < 0)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	ret = file_truncate(f, (u64)length);
	file_put(f);
	return ret;
}

long sys_fallocate(struct file *f, unsigned long mode, s64 off, s64 len)
{
	u32 fmt = f->inode->mode & S_IFMT;
	int err;

	mode = (u32)mode;
	if (off < 0 || len <= 0)
		return -EINVAL;
	if (mode & ~(unsigned long)(FALLOC_FL_KEEP_SIZE | FALLOC_FL_PUNCH_HOLE |
				    FALLOC_FL_COLLAPSE_RANGE | FALLOC_FL_ZERO_RANGE |
				    FALLOC_FL_INSERT_RANGE | FALLOC_FL_UNSHARE_RANGE))
		return -EOPNOTSUPP;
	if ((mode & FALLOC_FL_PUNCH_HOLE) && mode != (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE))
		return -EOPNOTSUPP;
	if (!(f->mode & FMODE_WRITE))
		return -EBADF;
	if (inode_fixed(f->inode) &&
	    ((mode & ~(unsigned long)FALLOC_FL_KEEP_SIZE) || !inode_appends_only(f->inode)))
		return -EPERM;
	if (fmt == S_IFIFO)
		return -ESPIPE;
	if (fmt == S_IFDIR)
		return -EISDIR;
	if (fmt != S_IFREG && fmt != S_IFBLK)
		return -ENODEV;
	if (len > S64_MAX - off)
		return -EFBIG;
	if (!f->ops->fallocate)
		return -EOPNOTSUPP;
	err = f->ops->fallocate(f, (int)mode, (u64)off, (u64)len);
	if (!err)
		notify_file(f, IN_MODIFY);
	return err;
}

long sys_fchmod(struct file *f, u32 mode)
{
	struct attrs a = { .valid = ATTR_MODE, .mode = mode & 07777 };

	return inode_change(&f->path, &a);
}

long sys_fchown(struct file *f, u32 uid, u32 gid)
{
	struct attrs a;
	int err = attrs_owner(&a, uid, gid);

	return err ? err : inode_change(&f->path, &a);
}

/* --- getdents64(2) --- */

#define DENTS_BUFFER 8192

struct dents {
	struct dir_context dc;
	char *buf;
	size_t size, used;
	bool full; /* an entry did not fit */
};

static bool emit(struct dir_context *dc, const char *name, size_t len, u64 ino, unsigned type,
		 u64 next_pos)
{
	struct dents *b = container_of(dc, struct dents, dc);
	size_t head = offsetof(struct linux_dirent64, d_name);
	size_t reclen = ALIGN_UP(head + len + 1, 8UL);
	struct linux_dirent64 *d = (void *)(b->buf + b->used);

	if (reclen > b->size - b->used) {
		b->full = true;
		return false;
	}
	d->d_ino = ino;
	d->d_off = (s64)next_pos;
	d->d_reclen = (u16)reclen;
	d->d_type = (u8)type;
	memcpy(d->d_name, name, len);
	memset((char *)d + head + len, 0, reclen - head - len);
	b->used += reclen;
	return true;
}

/* One batch of entries into b, from f->pos on. pos_mutex held. */
static int read_batch(struct file *f, struct dents *b)
{
	struct inode *i = f->inode;
	int err;

	b->dc.pos = f->pos;
	b->used = 0;
	b->full = false;
	rwsem_read_lock(&i->rwsem);
	err = f->path.dentry->flags & D_DEAD ? -ENOENT : f->ops->readdir(f, &b->dc);
	rwsem_read_unlock(&i->rwsem);
	return err;
}

long sys_getdents64(struct file *f, void __user *to, size_t count)
{
	struct dents b = { .dc.emit = emit };
	size_t done = 0;
	int err;

	if (!f->ops->readdir)
		return -ENOTDIR;
	count = min(count, (size_t)0x7fffffff);
	b.buf = kmalloc(min(max(count, (size_t)1), (size_t)DENTS_BUFFER), 0);
	if (!b.buf)
		return -ENOMEM;
	err = notify_ask(f, FAN_ACCESS_PERM);
	if (err) {
		kfree(b.buf);
		return err;
	}
	mutex_lock(&f->pos_mutex);
	for (;;) {
		b.size = min(count - done, (size_t)DENTS_BUFFER);
		err = read_batch(f, &b);
		if (err)
			break;
		if (!b.used) {
			if (b.full && !done)
				err = -EINVAL;
			break;
		}
		if (copy_to_user((char __user *)to + done, b.buf, b.used)) {
			err = -EFAULT;
			break;
		}
		done += b.used;
		f->pos = b.dc.pos;
		if (!b.full || signal_pending(current))
			break;
		cond_resched();
	}
	if (!(f->flags & O_NOATIME))
		inode_accessed(f->path.mnt, f->inode);
	mutex_unlock(&f->pos_mutex);
	kfree(b.buf);
	if (!err)
		notify_file(f, IN_ACCESS);
	return done ? (long)done : err;
}

/* --- to the disk --- */

long sys_sync(void)
{
	fs_sync_all();
	return 0;
}

long sys_fsync(struct file *f)
{
	return file_fsync(f, 0, S64_MAX, false);
}

long sys_fdatasync(struct file *f)
{
	return file_fsync(f, 0, S64_MAX, true);
}

long sys_syncfs(struct file *f)
{
	return file_syncfs(f);
}

long sys_sync_file_range(struct file *f, s64 offset, s64 nbytes, unsigned long flags)
{
	unsigned all = SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE |
		       SYNC_FILE_RANGE_WAIT_AFTER;
	u32 mode = f->inode->mode;
	s64 end;

	if (((unsigned)flags & ~all) || offset < 0 || nbytes < 0 ||
	    check_add_overflow(offset, nbytes, &end))
		return -EINVAL;
	if (!S_ISREG(mode) && !S_ISBLK(mode) && !S_ISDIR(mode))
		return -ESPIPE;
	if (!(flags & all) || !f->ops->fsync)
		return 0;
	return file_sync_range(f, (u64)offset, nbytes ? (u64)end : (u64)S64_MAX);
}

/* --- memfd_create(2) --- */

#define MEMFD_NAME_MAX 249

long sys_memfd_create(const char __user *uname, unsigned long flags)
{
	unsigned known = MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_HUGETLB | MFD_NOEXEC_SEAL | MFD_EXEC;
	char name[MEMFD_NAME_MAX + 1];
	struct file *f;
	ssize_t n;

	if (flags & MFD_HUGETLB) /* and a size of pages */
		known |= (unsigned)MAP_HUGE_MASK << MAP_HUGE_SHIFT;
	if ((unsigned)flags & ~known)
		return -EINVAL;
	if ((flags & MFD_NOEXEC_SEAL) && (flags & MFD_EXEC))
		return -EINVAL;
	if (flags & MFD_HUGETLB)
		return -ENODEV; /* as where there are none of that size */
	n = strncpy_from_user(name, uname, sizeof(name));
	if (n < 0)
		return n == -ENAMETOOLONG ? -EINVAL : n;
	f = memfd_create_file(name, (unsigned)flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, flags & MFD_CLOEXEC ? O_CLOEXEC : 0);
}

long sys_memfd_secret(unsigned long flags)
{
	struct file *f;

	if ((unsigned)flags & ~(unsigned)O_CLOEXEC)
		return -EINVAL;
	f = memfd_secret_file();
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, (u32)flags);
}

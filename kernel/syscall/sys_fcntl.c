/* fcntl(2): argument checking and the small commands; locks, pipes and seals are in fs/. */
#include <compiler.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/task.h"
#include "core/userns.h"
#include "fs/async.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/lease.h"
#include "fs/lock.h"
#include "fs/memfd.h"
#include "fs/notify.h"
#include "fs/pipe.h"
#include "mm/usercopy.h"

static long dup_from(struct file *f, unsigned long from, u32 flags)
{
	int fd;

	if (from > 0x7fffffff)
		return -EINVAL;
	fd = fd_reserve((unsigned)from, flags);
	if (fd >= 0)
		fd_install(fd, file_get(f));
	return fd;
}

#define SETFL_MASK (O_APPEND | O_NONBLOCK | O_DIRECT | O_NOATIME)

static long set_flags(struct file *f, int fd, u32 flags)
{
	u32 mode = f->inode->mode;
	int err;

	if (((flags ^ f->flags) & O_APPEND) && inode_appends_only(f->inode))
		return -EPERM;
	if ((flags & ~f->flags & O_NOATIME) && !inode_owner_or_capable(f->inode))
		return -EPERM;
	if ((flags & ~f->flags & O_DIRECT) && !S_ISREG(mode) && !S_ISBLK(mode) && !S_ISFIFO(mode))
		return -EINVAL;
	if (f->ops->setfl) {
		err = f->ops->setfl(f, flags);
		if (err)
			return err;
	}
	if ((flags ^ f->flags) & FASYNC) {
		err = async_turn(f, fd, flags & FASYNC);
		if (err && err != -ENOTTY)
			return err;
	}
	spin_lock(&f->lock);
	WRITE_ONCE(f->flags, (flags & SETFL_MASK) | (f->flags & ~(u32)SETFL_MASK));
	spin_unlock(&f->lock);
	return 0;
}

/* --- who gets SIGIO --- */

static long set_owner_ex(struct file *f, const void __user *uarg)
{
	struct f_owner_ex o;

	if (copy_from_user(&o, uarg, sizeof(o)))
		return -EFAULT;
	if (o.type != F_OWNER_TID && o.type != F_OWNER_PID && o.type != F_OWNER_PGRP)
		return -EINVAL;
	if (o.pid < 0)
		return -ESRCH;
	return async_set_owner(f, o.type, o.pid);
}

static long get_owner_ex(struct file *f, void __user *uarg)
{
	struct f_owner_ex o;

	async_get_owner(f, &o);
	return copy_to_user(uarg, &o, sizeof(o)) ? -EFAULT : 0;
}

static long get_owner_uids(struct file *f, u32 __user *uarg)
{
	u32 uids[2];

	async_get_uids(f, uids);
	for (int i = 0; i < 2; i++)
		uids[i] = uid_shown(current_user_ns(), uids[i]);
	return copy_to_user(uarg, uids, sizeof(uids)) ? -EFAULT : 0;
}

/* --- locks --- */

static long get_lock(struct file *f, int cmd, void __user *uarg)
{
	struct flock fl;
	int err;

	if (copy_from_user(&fl, uarg, sizeof(fl)))
		return -EFAULT;
	err = lock_get(f, cmd, &fl);
	if (err)
		return err;
	return copy_to_user(uarg, &fl, sizeof(fl)) ? -EFAULT : 0;
}

static long set_lock(struct file *f, int fd, int cmd, const void __user *uarg)
{
	bool record = cmd == F_SETLK || cmd == F_SETLKW;
	struct file *now;
	struct flock fl;
	int err;

	if (copy_from_user(&fl, uarg, sizeof(fl)))
		return -EFAULT;
	err = lock_set(f, cmd, &fl);
	if (err || !record || fl.l_type == F_UNLCK)
		return err;
	/*
	 * Another thread may have closed the descriptor in between, which drops the process's
	 * locks.
	 */
	now = fd_get_raw(fd);
	if (now != f) {
		lock_release_owner(f, current->files);
		err = -EBADF;
	}
	if (now)
		file_put(now);
	return err;
}

/* F_GET_RW_HINT, F_SET_RW_HINT: how long what is written will live. */
static long get_hint(const struct inode *i, u64 __user *uarg)
{
	return put_user_u64(READ_ONCE(i->write_hint), uarg) ? -EFAULT : 0;
}

static long set_hint(struct inode *i, const u64 __user *uarg)
{
	u64 hint;

	if (get_user_u64(&hint, uarg))
		return -EFAULT;
	if (hint > RWH_WRITE_LIFE_EXTREME)
		return -EINVAL;
	WRITE_ONCE(i->write_hint, (u8)hint);
	return 0;
}

static long same_file(struct file *f, int fd)
{
	struct file *other = fd_get_raw(fd);
	long same = other == f;

	if (!other)
		return -EBADF;
	file_put(other);
	return same;
}

static long do_fcntl(struct file *f, int fd, int cmd, unsigned long arg)
{
	void __user *uarg = (void __user *)arg;
	int who = (int)arg;
	struct f_owner_ex o;

	switch (cmd) {
	case F_GETLK:
	case F_OFD_GETLK:
		return get_lock(f, cmd, uarg);
	case F_SETLK:
	case F_SETLKW:
	case F_OFD_SETLK:
	case F_OFD_SETLKW:
		return set_lock(f, fd, cmd, uarg);
	case F_SETFL:
		return set_flags(f, fd, (u32)arg);
	case F_GETOWN:
		async_get_owner(f, &o);
		return o.type == F_OWNER_PGRP ? -(long)o.pid : o.pid;
	case F_SETOWN:
		if (who < 0)
			return who == S32_MIN ? -EINVAL : async_set_owner(f, F_OWNER_PGRP, -who);
		return async_set_owner(f, F_OWNER_PID, who);
	case F_GETOWN_EX:
		return get_owner_ex(f, uarg);
	case F_SETOWN_EX:
		return set_owner_ex(f, uarg);
	case F_GETOWNER_UIDS:
		return get_owner_uids(f, uarg);
	case F_GETSIG:
		return async_get_signal(f);
	case F_SETSIG:
		if (arg > 64)
			return -EINVAL;
		return async_set_signal(f, who);
	case F_GETLEASE:
		return lease_get(f);
	case F_SETLEASE:
		return lease_set(f, fd, who);
	case F_NOTIFY:
		return dnotify_set(f, fd, (u32)arg);
	case F_GETPIPE_SZ:
		return pipe_get_size(f);
	case F_SETPIPE_SZ:
		return pipe_set_size(f, arg);
	case F_GET_SEALS:
		return memfd_get_seals(f);
	case F_ADD_SEALS:
		return arg > ~0u ? -EINVAL : memfd_add_seals(f, (unsigned)arg);
	case F_GET_RW_HINT:
		return get_hint(f->inode, uarg);
	case F_SET_RW_HINT:
		return set_hint(f->inode, uarg);
	case F_CREATED_QUERY:
		return !!(f->mode & FMODE_CREATED);
	default:
		return -EINVAL;
	}
}

long sys_fcntl(int fd, int cmd, unsigned long arg)
{
	struct file *f = fd_get_raw(fd);
	long ret;

	if (!f)
		return -EBADF;
	switch (cmd) { /* those that an O_PATH descriptor knows too: open(2) */
	case F_DUPFD:
		ret = dup_from(f, arg, 0);
		break;
	case F_DUPFD_CLOEXEC:
		ret = dup_from(f, arg, O_CLOEXEC);
		break;
	case F_DUPFD_QUERY:
		ret = same_file(f, (int)arg);
		break;
	case F_GETFD:
		ret = fd_get_cloexec(fd);
		break;
	case F_SETFD:
		ret = fd_set_cloexec(fd, arg & FD_CLOEXEC);
		break;
	case F_GETFL:
		ret = (long)READ_ONCE(f->flags);
		break;
	default:
		ret = f->mode & FMODE_PATH ? -EBADF : do_fcntl(f, fd, cmd, arg);
		break;
	}
	file_put(f);
	return ret;
}

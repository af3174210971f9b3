/* inotify_init1(2), inotify_add_watch(2), fanotify_init(2) and their like: argument checking. */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "fs/files.h"
#include "fs/fs.h"
#include "fs/notify.h"

/* All that inotify_add_watch(2) takes. */
#define INOTIFY_BITS                                                                             \
	(IN_ALL_EVENTS | IN_UNMOUNT | IN_Q_OVERFLOW | IN_IGNORED | IN_ONLYDIR | IN_DONT_FOLLOW | \
	 IN_EXCL_UNLINK | IN_MASK_CREATE | IN_MASK_ADD | IN_ISDIR | IN_ONESHOT)

long sys_inotify_init1(int flags)
{
	struct file *f;

	if (flags & ~(IN_CLOEXEC | IN_NONBLOCK))
		return -EINVAL;
	f = inotify_create(flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, (u32)flags & O_CLOEXEC);
}

long sys_inotify_add_watch(int fd, const char __user *upath, unsigned long mask)
{
	struct file *f;
	char *name;
	long ret;

	if (((u32)mask & ~(u32)INOTIFY_BITS) || !(u32)mask)
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	name = getname(upath, false);
	ret = PTR_ERR(name);
	if (!IS_ERR(name)) {
		ret = inotify_add(f, name, (u32)mask);
		putname(name);
	}
	file_put(f);
	return ret;
}

long sys_inotify_rm_watch(int fd, int wd)
{
	struct file *f = fd_get(fd);
	long ret;

	if (!f)
		return -EBADF;
	ret = inotify_remove(f, wd);
	file_put(f);
	return ret;
}

long sys_fanotify_init(unsigned long flags, unsigned long event_flags)
{
	struct file *f = fanotify_create((unsigned)flags, (unsigned)event_flags);

	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, flags & FAN_CLOEXEC ? O_CLOEXEC : 0);
}

long sys_fanotify_mark(int fd, unsigned long flags, u64 mask, int dfd, const char __user *upath)
{
	long ret = fanotify_check((unsigned)flags, mask);
	struct file *f;
	char *name = NULL;

	if (ret)
		return ret;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	if (upath)
		name = getname(upath, false);
	ret = PTR_ERR(name);
	if (!IS_ERR(name)) {
		ret = fanotify_change(f, (unsigned)flags, mask, dfd, name);
		if (name)
			putname(name);
	}
	file_put(f);
	return ret;
}

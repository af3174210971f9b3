/*
 * Calls on names: open, make, remove, rename, link, and the process's own places (cwd, root,
 * umask). Argument checking; the work is in fs/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "lib/string.h"
#include "mm/usercopy.h"

/* --- open(2), openat2(2) --- */

#define VALID_OPEN_FLAGS                                                                      \
	(O_ACCMODE | O_CREAT | O_EXCL | O_NOCTTY | O_TRUNC | O_APPEND | O_NONBLOCK | O_SYNC | \
	 FASYNC | O_DIRECT | O_LARGEFILE | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC | \
	 O_PATH | __O_TMPFILE)

#define VALID_PATH_FLAGS (O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)

static long do_open(int dfd, const char __user *upath, int flags, u32 mode, u32 resolve)
{
	char few[NAME_FEW], *name;
	struct file *f;
	int fd = file_open_check(flags); /* the name is not looked at yet */

	if (fd)
		return fd;
	name = getname_few(few, upath);
	if (IS_ERR(name))
		return PTR_ERR(name);
	fd = *name ? fd_reserve(0, (u32)flags) : -ENOENT;
	if (fd < 0)
		goto out;
	f = file_open_resolve(dfd, name, flags, mode, resolve);
	if (IS_ERR(f)) {
		fd_unreserve(fd);
		fd = (int)PTR_ERR(f);
	} else {
		fd_install(fd, f);
	}
out:
	putname_few(few, name);
	return fd;
}

long sys_openat(int dfd, const char __user *upath, int flags, u32 mode)
{
	/* open(2) ignores what it does not know, and with O_PATH all that goes beyond a place. */
	flags &= flags & O_PATH ? VALID_PATH_FLAGS : VALID_OPEN_FLAGS;
	if ((flags & __O_TMPFILE) && (flags & O_TMPFILE) != O_TMPFILE)
		return -EINVAL;
	if (flags & __O_SYNC)
		flags |= O_DSYNC;
	if (!(flags & O_PATH))
		flags |= O_LARGEFILE;
	return do_open(dfd, upath, flags, mode & 07777, 0);
}

/* openat2(2): what open(2) would ignore is refused. */
static int check_how(const struct open_how *how)
{
	const u64 resolve = RESOLVE_NO_XDEV | RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS |
			    RESOLVE_BENEATH | RESOLVE_IN_ROOT | RESOLVE_CACHED;
	bool creates = (how->flags & O_CREAT) || (how->flags & __O_TMPFILE);

	if ((how->flags & ~(u64)VALID_OPEN_FLAGS) || (how->resolve & ~resolve))
		return -EINVAL;
	if ((how->resolve & RESOLVE_BENEATH) && (how->resolve & RESOLVE_IN_ROOT))
		return -EINVAL;
	if (creates ? how->mode & ~07777UL : how->mode != 0)
		return -EINVAL;
	if ((how->flags & __O_TMPFILE) && (how->flags & O_TMPFILE) != O_TMPFILE)
		return -EINVAL;
	if ((how->flags & O_PATH) && (how->flags & ~(u64)VALID_PATH_FLAGS))
		return -EINVAL;
	if (how->resolve & RESOLVE_CACHED) {
		if (how->flags & (O_TRUNC | O_CREAT | __O_TMPFILE))
			return -EAGAIN;
	}
	return 0;
}

/* An extensible structure: openat2(2), "Extensibility". 0, -EINVAL, -E2BIG, -EFAULT. */
static int copy_how(struct open_how *how, const char __user *uhow, size_t size)
{
	if (size < OPEN_HOW_SIZE_VER0)
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (copy_from_user(how, uhow, sizeof(*how)))
		return -EFAULT;
	for (size_t i = sizeof(*how); i < size; i++) {
		u8 c;

		if (get_user_u8(&c, (const u8 __user *)uhow + i))
			return -EFAULT;
		if (c)
			return -E2BIG;
	}
	return 0;
}

long sys_openat2(int dfd, const char __user *upath, void __user *uhow, size_t size)
{
	struct open_how how;
	int flags, err;

	err = copy_how(&how, uhow, size);
	if (!err)
		err = check_how(&how);
	if (err)
		return err;
	flags = (int)how.flags;
	if (flags & __O_SYNC)
		flags |= O_DSYNC;
	if (!(flags & O_PATH))
		flags |= O_LARGEFILE;
	return do_open(dfd, upath, flags, (u32)how.mode, (u32)how.resolve);
}

/* --- names made and removed --- */

long sys_mkdirat(int dfd, const char __user *upath, u32 mode)
{
	char *name = getname(upath, false);
	long ret;

	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = vfs_mkdir(dfd, name, mode);
	putname(name);
	return ret;
}

long sys_mknodat(int dfd, const char __user *upath, u32 mode, u32 dev)
{
	char *name;
	long ret;

	/* Said before the name is looked at. */
	if (S_ISDIR(mode))
		return -EPERM;
	if ((mode & S_IFMT) && !S_ISREG(mode) && !S_ISCHR(mode) && !S_ISBLK(mode) &&
	    !S_ISFIFO(mode) && !S_ISSOCK(mode))
		return -EINVAL;
	name = getname(upath, false);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = vfs_mknod(dfd, name, mode & (S_IFMT | 07777), dev_decode(dev));
	putname(name);
	return ret;
}

long sys_unlinkat(int dfd, const char __user *upath, int flags)
{
	char *name;
	long ret;

	if (flags & ~AT_REMOVEDIR)
		return -EINVAL;
	name = getname(upath, false);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = flags & AT_REMOVEDIR ? vfs_rmdir(dfd, name) : vfs_unlink(dfd, name);
	putname(name);
	return ret;
}

long sys_symlinkat(const char __user *utarget, int dfd, const char __user *upath)
{
	char *target = getname(utarget, false), *name;
	long ret;

	if (IS_ERR(target))
		return PTR_ERR(target);
	name = getname(upath, false);
	ret = PTR_ERR_OR_ZERO(name);
	if (!ret) {
		ret = vfs_symlink(target, dfd, name);
		putname(name);
	}
	putname(target);
	return ret;
}

long sys_linkat(int odfd, const char __user *uold, int ndfd, const char __user *unew, int flags)
{
	char *from, *to;
	long ret;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	from = getname(uold, flags & AT_EMPTY_PATH);
	if (IS_ERR(from))
		return PTR_ERR(from);
	/* What is wrong with it is told behind what is wrong with from. */
	to = getname(unew, false);
	ret = vfs_link(odfd, from, ndfd, to, flags);
	if (!IS_ERR(to))
		putname(to);
	putname(from);
	return ret;
}

long sys_renameat2(int odfd, const char __user *uold, int ndfd, const char __user *unew,
		   unsigned int flags)
{
	char *from = getname(uold, false), *to = getname(unew, false);
	long ret = vfs_rename(odfd, from, ndfd, to, flags);

	if (!IS_ERR(to))
		putname(to);
	if (!IS_ERR(from))
		putname(from);
	return ret;
}

long sys_truncate(const char __user *upath, s64 length)
{
	struct path p;
	long ret;

	if (length < 0)
		return -EINVAL;
	ret = user_path(AT_FDCWD, upath, LOOKUP_FOLLOW, &p);
	if (ret)
		return ret;
	ret = vfs_truncate(&p, (u64)length);
	path_put(&p);
	return ret;
}

/* --- the process's places --- */

/* chdir(2), chroot(2): a directory that current may search. Takes over p on success. */
static long enter_dir(struct path *p, struct path *which)
{
	int err = inode_permission(p->mnt, p->dentry->inode, MAY_EXEC);

	if (!err && which == &current->fs->root && !own_capable(CAP_SYS_CHROOT))
		err = -EPERM;
	if (err)
		path_put(p);
	else
		fs_ctx_set(which, p);
	return err;
}

long sys_chdir(const char __user *upath)
{
	struct path p;
	int err = user_path(AT_FDCWD, upath, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	return err ? err : enter_dir(&p, &current->fs->cwd);
}

long sys_fchdir(struct file *f)
{
	struct path p = f->path;

	if (!S_ISDIR(f->inode->mode))
		return -ENOTDIR;
	path_get(&p);
	return enter_dir(&p, &current->fs->cwd);
}

long sys_chroot(const char __user *upath)
{
	struct path p;
	int err = user_path(AT_FDCWD, upath, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, &p);

	return err ? err : enter_dir(&p, &current->fs->root);
}

long sys_umask(u32 mask)
{
	struct fs_ctx *fs = current->fs;
	u32 old;

	spin_lock(&fs->lock);
	old = fs->umask;
	fs->umask = mask & 0777;
	spin_unlock(&fs->lock);
	return old;
}

#define UNREACHABLE "(unreachable)"

long sys_getcwd(char __user *ubuf, size_t size)
{
	size_t room = sizeof(UNREACHABLE) - 1, len;
	struct path cwd, root;
	bool unreachable;
	char *buf, *s;
	long ret;

	buf = kmalloc(PATH_MAX + room, 0);
	if (!buf)
		return -ENOMEM;
	fs_ctx_cwd(&cwd);
	fs_ctx_root(&root);
	ret = -ENOENT;
	if (cwd.dentry->flags & D_DEAD)
		goto out;
	s = d_path(&cwd, &root, buf + room, PATH_MAX, &unreachable);
	ret = PTR_ERR_OR_ZERO(s);
	if (ret)
		goto out;
	if (unreachable) {
		s -= room;
		memcpy(s, UNREACHABLE, room);
	}
	len = strlen(s) + 1;
	ret = len > size ? -ERANGE : copy_to_user(ubuf, s, len) ? -EFAULT : (long)len;
out:
	path_put(&root);
	path_put(&cwd);
	kfree(buf);
	return ret;
}

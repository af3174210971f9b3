/*
 * Attributes by name: stat, statx, statfs, access, chmod, chown, utimensat, readlink.
 * Argument checking; the work is in fs/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>
#include <uapi/stat.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/mount.h"
#include "fs/fs.h"
#include "lib/string.h"
#include "mm/usercopy.h"

/*
 * The place that (dfd, upath, AT_* flags) name. With AT_EMPTY_PATH an empty (or no) path is dfd
 * itself, found without a walk: what fstat(3) of the C libraries comes down to.
 */
static int at_path(int dfd, const char __user *upath, int flags, struct path *out)
{
	unsigned look = flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct file *f;
	u8 first = 0;

	if (flags & AT_EMPTY_PATH) {
		if (upath && get_user_u8(&first, (const u8 __user *)upath))
			return -EFAULT;
		if (!first && dfd >= 0) {
			f = fd_get_raw(dfd);
			if (!f)
				return -EBADF;
			*out = f->path;
			path_get(out);
			file_put(f);
			return 0;
		}
		look |= LOOKUP_EMPTY;
	}
	return user_path(dfd, upath, look, out);
}

/* --- stat(2), statx(2), statfs(2) --- */

#define STAT_FLAGS (AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT | AT_EMPTY_PATH | AT_STATX_SYNC_TYPE)

long sys_newfstatat(int dfd, const char __user *upath, void __user *ubuf, int flags)
{
	struct path p;
	struct stat st;
	long ret;

	if (flags & ~STAT_FLAGS)
		return -EINVAL;
	ret = at_path(dfd, upath, flags, &p);
	if (ret)
		return ret;
	ret = vfs_stat(&p, &st);
	path_put(&p);
	if (!ret && copy_to_user(ubuf, &st, sizeof(st)))
		ret = -EFAULT;
	return ret;
}

static void to_stamp(struct statx_timestamp *to, const struct timespec *t)
{
	to->tv_sec = t->tv_sec;
	to->tv_nsec = (u32)t->tv_nsec;
}

/* The time of birth is told to those who ask for it, as Linux's tmpfs does. */
static void fill_statx(struct statx *sx, const struct path *p, const struct stat *st, u32 mask)
{
	struct inode *i = p->dentry->inode;
	u64 dev = dev_decode(st->st_dev), rdev = dev_decode(st->st_rdev);

	memset(sx, 0, sizeof(*sx));
	sx->stx_mask = STATX_BASIC_STATS;
	if (i->sb->fs->flags & FS_ATTRS)
		sx->stx_mask |= mask & STATX_BTIME;
	sx->stx_blksize = (u32)st->st_blksize;
	sx->stx_nlink = st->st_nlink;
	sx->stx_uid = st->st_uid;
	sx->stx_gid = st->st_gid;
	sx->stx_mode = (u16)st->st_mode;
	sx->stx_ino = st->st_ino;
	sx->stx_size = (u64)st->st_size;
	sx->stx_blocks = (u64)st->st_blocks;
	sx->stx_attributes_mask = STATX_ATTR_AUTOMOUNT | STATX_ATTR_DAX | STATX_ATTR_MOUNT_ROOT;
	sx->stx_attributes = fileattr_statx(i, &sx->stx_attributes_mask);
	if (p->dentry == p->mnt->root)
		sx->stx_attributes |= STATX_ATTR_MOUNT_ROOT;
	to_stamp(&sx->stx_atime, &st->st_atim);
	to_stamp(&sx->stx_mtime, &st->st_mtim);
	to_stamp(&sx->stx_ctime, &st->st_ctim);
	sx->stx_btime.tv_sec = i->btime.sec;
	sx->stx_btime.tv_nsec = i->btime.nsec;
	sx->stx_rdev_major = DEV_MAJOR(rdev);
	sx->stx_rdev_minor = DEV_MINOR(rdev);
	sx->stx_dev_major = DEV_MAJOR(dev);
	sx->stx_dev_minor = DEV_MINOR(dev);
	if (mask & STATX_MNT_ID_UNIQUE) {
		sx->stx_mask |= STATX_MNT_ID_UNIQUE;
		sx->stx_mnt_id = MOUNT_ID_BASE + p->mnt->id;
	} else {
		sx->stx_mask |= STATX_MNT_ID;
		sx->stx_mnt_id = (u64)mount_id(p->mnt);
	}
}

long sys_statx(int dfd, const char __user *upath, int flags, unsigned long mask, void __user *ubuf)
{
	struct path p;
	struct stat st;
	struct statx sx;
	long ret;

	if ((mask & STATX__RESERVED) || (flags & AT_STATX_SYNC_TYPE) == AT_STATX_SYNC_TYPE ||
	    (flags & ~STAT_FLAGS))
		return -EINVAL;
	ret = at_path(dfd, upath, flags, &p);
	if (ret)
		return ret;
	ret = vfs_stat(&p, &st);
	if (!ret) {
		fill_statx(&sx, &p, &st, (u32)mask);
		if (copy_to_user(ubuf, &sx, sizeof(sx)))
			ret = -EFAULT;
	}
	path_put(&p);
	return ret;
}

long sys_statfs(const char __user *upath, void __user *ubuf)
{
	struct path p;
	struct statfs st;
	long ret = user_path(AT_FDCWD, upath, LOOKUP_FOLLOW, &p);

	if (ret)
		return ret;
	ret = vfs_statfs(&p, &st);
	path_put(&p);
	if (!ret && copy_to_user(ubuf, &st, sizeof(st)))
		ret = -EFAULT;
	return ret;
}

/* --- access(2) --- */

/*
 * Credentials that ask with the real ids, and the capabilities which a program started by that user
 * would have: access(2). NULL: current's own will do. -ENOMEM.
 */
static struct cred *real_cred(void)
{
	struct cred *c = current->cred, *n;
	u64 caps = c->uid != kuid_of(c->user, 0) ? 0 : c->cap_permitted;

	if (c->securebits & SECBIT_NO_SETUID_FIXUP)
		caps = c->cap_effective;
	if (c->fsuid == c->uid && c->fsgid == c->gid && c->cap_effective == caps)
		return NULL;
	n = cred_copy(c, c->ngroups);
	if (!n)
		return ERR_PTR(-ENOMEM);
	n->fsuid = n->uid;
	n->fsgid = n->gid;
	n->cap_effective = caps;
	return n;
}

static long check_access(const struct path *p, int mode)
{
	struct inode *i = p->dentry->inode;
	int err;

	if ((mode & MAY_EXEC) && S_ISREG(i->mode) && path_noexec(p))
		return -EACCES;
	err = inode_permission(NULL, i, mode);
	if (err || !(mode & MAY_WRITE) || S_ISCHR(i->mode) || S_ISBLK(i->mode) ||
	    S_ISFIFO(i->mode) || S_ISSOCK(i->mode))
		return err;
	return (READ_ONCE(p->mnt->flags) | i->sb->flags) & MS_RDONLY ? -EROFS : 0;
}

long sys_faccessat2(int dfd, const char __user *upath, int mode, int flags)
{
	struct cred *own = current->cred, *real = NULL;
	struct path p;
	long ret;

	if ((mode & ~(R_OK | W_OK | X_OK)) ||
	    (flags & ~(AT_EACCESS | AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH)))
		return -EINVAL;
	if (!(flags & AT_EACCESS)) {
		real = real_cred();
		if (IS_ERR(real))
			return PTR_ERR(real);
		if (real)
			WRITE_ONCE(current->cred, real);
	}
	ret = at_path(dfd, upath, flags, &p);
	if (!ret) {
		ret = check_access(&p, mode);
		path_put(&p);
	}
	if (real) {
		WRITE_ONCE(current->cred, own);
		cred_put(real);
	}
	return ret;
}

long sys_faccessat(int dfd, const char __user *upath, int mode)
{
	return sys_faccessat2(dfd, upath, mode, 0);
}

/* --- chmod(2), chown(2) --- */

long sys_fchmodat2(int dfd, const char __user *upath, u32 mode, int flags)
{
	struct attrs a = { .valid = ATTR_MODE, .mode = mode & 07777 };
	struct path p;
	long ret;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	ret = at_path(dfd, upath, flags, &p);
	if (ret)
		return ret;
	if ((READ_ONCE(p.mnt->flags) | p.mnt->sb->flags) & MS_RDONLY)
		ret = -EROFS;
	else
		ret = S_ISLNK(p.dentry->inode->mode) ? -EOPNOTSUPP : inode_change(&p, &a);
	path_put(&p);
	return ret;
}

long sys_fchmodat(int dfd, const char __user *upath, u32 mode)
{
	return sys_fchmodat2(dfd, upath, mode, 0);
}

long sys_fchownat(int dfd, const char __user *upath, u32 uid, u32 gid, int flags)
{
	struct attrs a;
	struct path p;
	long ret;

	if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	ret = at_path(dfd, upath, flags, &p);
	if (ret)
		return ret;
	ret = attrs_owner(&a, uid, gid);
	if (!ret)
		ret = inode_change(&p, &a);
	path_put(&p);
	return ret;
}

/* --- utimensat(2) --- */

static bool valid_nsec(long nsec)
{
	return nsec == UTIME_NOW || nsec == UTIME_OMIT || (nsec >= 0 && nsec < 1000000000L);
}

static void want_time(struct attrs *a, const struct timespec *t, u32 set, u32 now, ktimespec *to)
{
	if (t->tv_nsec == UTIME_OMIT)
		return;
	a->valid |= set;
	if (t->tv_nsec == UTIME_NOW) {
		a->valid |= now;
		return;
	}
	to->sec = t->tv_sec;
	to->nsec = (u32)t->tv_nsec;
}

static int utimens_path(int dfd, const char __user *upath, int flags, struct path *p)
{
	struct file *f;

	if (upath || dfd == AT_FDCWD) {
		if (flags & ~(AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH))
			return -EINVAL;
		return at_path(dfd, upath, flags, p);
	}
	if (flags) /* the form behind futimens(3) */
		return -EINVAL;
	f = fd_get(dfd);
	if (!f)
		return -EBADF;
	*p = f->path;
	path_get(p);
	file_put(f);
	return 0;
}

long sys_utimensat(int dfd, const char __user *upath, const void __user *utimes, int flags)
{
	struct timespec ts[2] = { { .tv_nsec = UTIME_NOW }, { .tv_nsec = UTIME_NOW } };
	struct attrs a = { 0 };
	struct path p;
	long ret;

	if (utimes && copy_from_user(ts, utimes, sizeof(ts)))
		return -EFAULT;
	if (ts[0].tv_nsec == UTIME_OMIT && ts[1].tv_nsec == UTIME_OMIT)
		return 0;
	want_time(&a, &ts[0], ATTR_ATIME, ATTR_ATIME_NOW, &a.atime);
	want_time(&a, &ts[1], ATTR_MTIME, ATTR_MTIME_NOW, &a.mtime);
	ret = utimens_path(dfd, upath, flags, &p);
	if (ret)
		return ret;
	ret = valid_nsec(ts[0].tv_nsec) && valid_nsec(ts[1].tv_nsec) ? inode_change(&p, &a) :
								       -EINVAL;
	path_put(&p);
	return ret;
}

/* --- readlink(2) --- */

static long read_link(const struct path *p, bool by_fd, char __user *ubuf, size_t size)
{
	struct inode *i = p->dentry->inode;
	const char *target;
	char *buf;
	long ret;
	size_t n;

	if (!S_ISLNK(i->mode) || !i->ops->get_link)
		return by_fd && !S_ISLNK(i->mode) ? -ENOENT : -EINVAL;
	buf = kmalloc(PATH_MAX, 0);
	if (!buf)
		return -ENOMEM;
	target = i->ops->get_link(i, buf);
	if (IS_ERR(target)) {
		ret = PTR_ERR(target);
	} else {
		inode_accessed(p->mnt, i);
		n = min(strlen(target), size);
		ret = copy_to_user(ubuf, target, n) ? -EFAULT : (long)n;
	}
	kfree(buf);
	return ret;
}

long sys_readlinkat(int dfd, const char __user *upath, char __user *ubuf, int size)
{
	char *name;
	struct path p;
	long ret;

	if (size <= 0)
		return -EINVAL;
	name = getname(upath, true);
	if (IS_ERR(name))
		return PTR_ERR(name);
	ret = path_lookup(dfd, name, LOOKUP_EMPTY, &p);
	if (!ret) {
		ret = read_link(&p, !*name, ubuf, (size_t)size);
		path_put(&p);
	}
	putname(name);
	return ret;
}

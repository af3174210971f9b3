/*
 * Flags of files: FS_IOC_GETFLAGS, FS_IOC_SETFLAGS, FS_IOC_FSGETXATTR, FS_IOC_FSSETXATTR, as Linux's
 * tmpfs has them: those of files that keep extended attributes. A file system that stores them has setflags. Written with inode->rwsem held.
 */
#include "fs/fileattr.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/ioctl.h>
#include <uapi/mount.h>

#include "core/task.h"
#include "fs/internal.h"
#include "mm/usercopy.h"

#define FLAGS_SETTABLE (FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_NOATIME_FL)

/* Both forms of the flags, those that they share. */
static const struct {
	u32 flag, xflag;
} forms[] = {
	{ FS_SYNC_FL, FS_XFLAG_SYNC },
	{ FS_IMMUTABLE_FL, FS_XFLAG_IMMUTABLE },
	{ FS_APPEND_FL, FS_XFLAG_APPEND },
	{ FS_NODUMP_FL, FS_XFLAG_NODUMP },
	{ FS_NOATIME_FL, FS_XFLAG_NOATIME },
	{ FS_DAX_FL, FS_XFLAG_DAX },
	{ FS_PROJINHERIT_FL, FS_XFLAG_PROJINHERIT },
};

static bool has_flags(const struct inode *i)
{
	return (S_ISREG(i->mode) || S_ISDIR(i->mode)) && i->ops->setxattr;
}

static int set_flags(const struct path *p, u32 flags)
{
	struct inode *i = p->dentry->inode;
	int err = 0;

	if ((READ_ONCE(p->mnt->flags) | i->sb->flags) & MS_RDONLY)
		return -EROFS;
	if (!inode_owner_or_capable(i))
		return -EPERM;
	rwsem_write_lock(&i->rwsem);
	if (((flags ^ i->attr) & (FS_APPEND_FL | FS_IMMUTABLE_FL)) && !capable(CAP_LINUX_IMMUTABLE))
		err = -EPERM;
	else if (flags & ~(u32)FLAGS_SETTABLE)
		err = -EOPNOTSUPP;
	else if (i->ops->setflags)
		err = i->ops->setflags(i, flags);
	else
		inode_touch(i, ATTR_CTIME);
	if (!err)
		WRITE_ONCE(i->attr, (i->attr & ~(u32)FLAGS_SETTABLE) | flags);
	rwsem_write_unlock(&i->rwsem);
	return err;
}

static long get_xflags(const struct inode *i, void __user *arg)
{
	struct fsxattr fa = { 0 };

	for (unsigned n = 0; n < ARRAY_SIZE(forms); n++)
		if (i->attr & forms[n].flag)
			fa.fsx_xflags |= forms[n].xflag;
	return copy_to_user(arg, &fa, sizeof(fa)) ? -EFAULT : 0;
}

static long set_xflags(const struct path *p, const void __user *arg)
{
	struct fsxattr fa;
	u32 flags = 0, left;

	if (copy_from_user(&fa, arg, sizeof(fa)))
		return -EFAULT;
	left = fa.fsx_xflags;
	for (unsigned n = 0; n < ARRAY_SIZE(forms); n++) {
		if (left & forms[n].xflag)
			flags |= forms[n].flag;
		left &= ~forms[n].xflag;
	}
	/* No extents of a size, no projects. */
	if (left || fa.fsx_extsize || fa.fsx_projid || fa.fsx_cowextsize)
		flags |= FS_PROJINHERIT_FL;
	return set_flags(p, flags);
}

long fileattr_ioctl(struct file *f, unsigned cmd, void __user *arg)
{
	struct inode *i = f->inode;
	u32 flags;

	switch (cmd) {
	case FS_IOC_GETFLAGS:
		if (!has_flags(i))
			return -ENOTTY;
		return put_user_u32(i->attr & FS_FL_USER_VISIBLE, arg) ? -EFAULT : 0;
	case FS_IOC_SETFLAGS:
		if (!has_flags(i))
			return -ENOTTY;
		return get_user_u32(&flags, arg) ? -EFAULT : set_flags(&f->path, flags);
	case FS_IOC_FSGETXATTR:
		return has_flags(i) ? get_xflags(i, arg) : -ENOTTY;
	case FS_IOC_FSSETXATTR:
		return has_flags(i) ? set_xflags(&f->path, arg) : -ENOTTY;
	default:
		return -ENOTTY;
	}
}

u64 fileattr_statx(const struct inode *i, u64 *mask)
{
	u32 attr = READ_ONCE(i->attr);

	if (!(i->sb->fs->flags & FS_ATTRS))
		return 0;
	*mask |= STATX_ATTR_APPEND | STATX_ATTR_IMMUTABLE | STATX_ATTR_NODUMP;
	return (attr & FS_APPEND_FL ? STATX_ATTR_APPEND : 0) |
	       (attr & FS_IMMUTABLE_FL ? STATX_ATTR_IMMUTABLE : 0) |
	       (attr & FS_NODUMP_FL ? STATX_ATTR_NODUMP : 0);
}

/*
 * Mounts: mount(2), umount(2), pivot_root(2), and what a mount is made of one step at a time
 * (fsopen(2), open_tree(2), mount_setattr(2)...), statmount(2). Argument checking; the work is in fs/.
 */
#include <compiler.h>
#include <err.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/mount.h"
#include "fs/nsfs.h"
#include "lib/string.h"
#include "mm/usercopy.h"

/* --- mount(2), umount(2) --- */

/* A string that may be missing: NULL stays NULL. -EINVAL when it has no end within a page. */
static int copy_mount_string(const char __user *us, char **out)
{
	char *s;
	ssize_t n;

	*out = NULL;
	if (!us)
		return 0;
	s = kmalloc(PATH_MAX, 0);
	if (!s)
		return -ENOMEM;
	n = strncpy_from_user(s, us, PATH_MAX);
	if (n < 0) {
		kfree(s);
		return n == -ENAMETOOLONG ? -EINVAL : (int)n;
	}
	*out = s;
	return 0;
}

/* mount(2)'s data: up to a page, as much of it as there is, taken for a string. */
static int copy_mount_data(const void __user *udata, char **out)
{
	char *s;

	*out = NULL;
	if (!udata)
		return 0;
	s = kzalloc(PAGE_SIZE + 1, 0);
	if (!s)
		return -ENOMEM;
	if (!copy_from_user_partial(s, udata, PAGE_SIZE)) {
		kfree(s);
		return -EFAULT;
	}
	*out = s;
	return 0;
}

static long mount_there(const char __user *utarget, const char *source, const char *type, u64 flags,
			const char *data)
{
	struct path on;
	int err = user_path(AT_FDCWD, utarget, LOOKUP_FOLLOW, &on);

	if (err)
		return err;
	err = mnt_may_admin() ? vfs_mount(source, &on, type, flags, data) : -EPERM;
	path_put(&on);
	return err;
}

long sys_mount(const char __user *usource, const char __user *utarget, const char __user *utype,
	       unsigned long flags, void __user *udata)
{
	char *type, *source, *data;
	long ret;

	if ((flags & MS_MGC_MSK) == MS_MGC_VAL)
		flags &= ~(unsigned long)MS_MGC_MSK;
	ret = copy_mount_string(utype, &type);
	if (ret)
		return ret;
	ret = copy_mount_string(usource, &source);
	if (ret)
		goto out_type;
	ret = copy_mount_data(udata, &data);
	if (ret)
		goto out_source;
	ret = mount_there(utarget, source, type, flags, data);
	kfree(data);
out_source:
	kfree(source);
out_type:
	kfree(type);
	return ret;
}

long sys_umount2(const char __user *utarget, unsigned long flags)
{
	struct path p;
	long ret;

	if ((int)flags & ~(MNT_FORCE | MNT_DETACH | MNT_EXPIRE | UMOUNT_NOFOLLOW))
		return -EINVAL;
	ret = user_path(AT_FDCWD, utarget, flags & UMOUNT_NOFOLLOW ? 0 : LOOKUP_FOLLOW, &p);
	if (ret)
		return ret;
	if (mnt_may_admin())
		return vfs_umount(&p, (int)flags);
	path_put(&p);
	return -EPERM;
}

/* Two places at once. On failure neither is held. */
static int two_paths(int adfd, const char __user *ua, unsigned alook, int bdfd,
		     const char __user *ub, unsigned blook, struct path *a, struct path *b)
{
	int err = user_path(adfd, ua, alook, a);

	if (err)
		return err;
	err = user_path(bdfd, ub, blook, b);
	if (err)
		path_put(a);
	return err;
}

long sys_pivot_root(const char __user *unew, const char __user *uold)
{
	const unsigned look = LOOKUP_FOLLOW | LOOKUP_DIRECTORY;
	struct path new, old;
	int err;

	if (!mnt_may_admin())
		return -EPERM;
	err = two_paths(AT_FDCWD, unew, look, AT_FDCWD, uold, look, &new, &old);
	if (err)
		return err;
	err = vfs_pivot_root(&new, &old);
	path_put(&old);
	path_put(&new);
	return err;
}

/* --- trees of mounts --- */

/* A file to a descriptor. */
static long give_file(struct file *f, bool cloexec)
{
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, cloexec ? O_CLOEXEC : 0);
}

static unsigned look_of(unsigned long flags)
{
	return (flags & AT_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
	       (flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
}

long sys_open_tree(int dfd, const char __user *upath, unsigned long flags)
{
	struct path p;
	struct file *f;
	int err;

	flags = (u32)flags;
	if (flags & ~(unsigned long)(AT_EMPTY_PATH | AT_NO_AUTOMOUNT | AT_RECURSIVE |
				     AT_SYMLINK_NOFOLLOW | OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC))
		return -EINVAL;
	if ((flags & AT_RECURSIVE) && !(flags & OPEN_TREE_CLONE))
		return -EINVAL;
	if ((flags & OPEN_TREE_CLONE) && !mnt_may_admin())
		return -EPERM;
	err = user_path(dfd, upath, look_of(flags), &p);
	if (err)
		return err;
	f = vfs_open_tree(&p, flags & OPEN_TREE_CLONE, flags & AT_RECURSIVE);
	path_put(&p);
	return give_file(f, flags & OPEN_TREE_CLOEXEC);
}

long sys_move_mount(int from_dfd, const char __user *ufrom, int to_dfd, const char __user *uto,
		    unsigned long flags)
{
	const unsigned long known = MOVE_MOUNT_F_SYMLINKS | MOVE_MOUNT_F_AUTOMOUNTS |
				    MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_SYMLINKS |
				    MOVE_MOUNT_T_AUTOMOUNTS | MOVE_MOUNT_T_EMPTY_PATH |
				    MOVE_MOUNT_SET_GROUP | MOVE_MOUNT_BENEATH;
	struct path from, to;
	int err;

	flags = (u32)flags;
	if (!mnt_may_admin())
		return -EPERM;
	if ((flags & ~known) || ((flags & MOVE_MOUNT_SET_GROUP) && (flags & MOVE_MOUNT_BENEATH)))
		return -EINVAL;
	err = two_paths(from_dfd, ufrom,
			(flags & MOVE_MOUNT_F_SYMLINKS ? LOOKUP_FOLLOW : 0) |
				(flags & MOVE_MOUNT_F_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			to_dfd, uto,
			(flags & MOVE_MOUNT_T_SYMLINKS ? LOOKUP_FOLLOW : 0) |
				(flags & MOVE_MOUNT_T_EMPTY_PATH ? LOOKUP_EMPTY : 0),
			&from, &to);
	if (err)
		return err;
	err = vfs_move_mount(&from, &to, (unsigned)flags);
	path_put(&to);
	path_put(&from);
	return err;
}

/*
 * MOUNT_ATTR_IDMAP is refused for every file system, as Linux refuses it for one that can't have it; before that the
 * user namespace is looked at, and the path is.
 */
static int check_idmap(const struct mount_attr *a)
{
	struct file *f;
	struct ns *n;
	int err = -EINVAL;

	if (a->attr_clr & MOUNT_ATTR_IDMAP)
		return -EINVAL;
	if (!(a->attr_set & MOUNT_ATTR_IDMAP))
		return 0;
	if (a->userns_fd > S32_MAX)
		return -EINVAL;
	f = fd_get((int)a->userns_fd);
	if (!f)
		return -EBADF;
	n = file_ns(f);
	if (n && n->type == NS_USER)
		err = n != &first_ns[NS_USER] && ns_capable(user_ns_of(n), CAP_SYS_ADMIN) ? 0 :
											    -EPERM;
	file_put(f);
	return err;
}

/* What mount_attr asks for: flags of MOUNT_FLAGS to set and to clear, a type. 0 or -EINVAL. */
static int decode_attr(const struct mount_attr *a, u64 *set, u64 *clr, u32 *type)
{
	u64 times = a->attr_set & MOUNT_ATTR__ATIME, left = a->attr_clr & MOUNT_ATTR__ATIME;

	if ((a->propagation & ~(u64)MOUNT_TYPES) || (a->propagation & (a->propagation - 1)) ||
	    ((a->attr_set | a->attr_clr) & ~(u64)(MOUNT_ATTRS | MOUNT_ATTR_IDMAP)))
		return -EINVAL;
	/* The times' are a number: another is set by clearing all of it. */
	if (left ? left != MOUNT_ATTR__ATIME : times != 0)
		return -EINVAL;
	if (mount_attr_flags(a->attr_set & ~(u64)MOUNT_ATTR_IDMAP, set) ||
	    mount_attr_flags(a->attr_clr & ~(u64)MOUNT_ATTR__ATIME, clr))
		return -EINVAL;
	*clr &= ~(u64)MS_RELATIME;
	if (left)
		*clr |= MS_RELATIME | MS_NOATIME;
	else
		*set &= ~(u64)MS_RELATIME;
	*type = (u32)a->propagation;
	return 0;
}

long sys_mount_setattr(int dfd, const char __user *upath, unsigned long flags, void __user *uattr,
		       size_t size)
{
	struct mount_attr a;
	struct path p;
	u64 set, clr;
	u32 type;
	int err;

	flags = (u32)flags;
	if (flags &
	    ~(unsigned long)(AT_EMPTY_PATH | AT_RECURSIVE | AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT))
		return -EINVAL;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < MOUNT_ATTR_SIZE_VER0)
		return -EINVAL;
	if (!mnt_may_admin())
		return -EPERM;
	err = copy_struct_from_user(&a, sizeof(a), uattr, size);
	if (err || (!a.attr_set && !a.attr_clr && !a.propagation))
		return err;
	err = decode_attr(&a, &set, &clr, &type);
	if (!err)
		err = check_idmap(&a);
	if (!err)
		err = user_path(dfd, upath, look_of(flags), &p);
	if (err)
		return err;
	if (a.attr_set & MOUNT_ATTR_IDMAP)
		err = -EINVAL;
	else
		err = vfs_mount_setattr(&p, set, clr, type, flags & AT_RECURSIVE);
	path_put(&p);
	return err;
}

/* --- file system contexts --- */

/* A string of at most n bytes with its NUL: heap. ERR_PTR(-EFAULT, -EINVAL: longer, -ENOMEM). */
static char *user_string(const void __user *us, size_t n)
{
	char *s = kmalloc(n, 0);
	ssize_t len;

	if (!s)
		return ERR_PTR(-ENOMEM);
	len = strncpy_from_user(s, us, n);
	if (len >= 0)
		return s;
	kfree(s);
	return ERR_PTR(len == -ENAMETOOLONG ? -EINVAL : len);
}

long sys_fsopen(const char __user *uname, unsigned long flags)
{
	char *name;
	struct file *f;

	if (!mnt_may_admin())
		return -EPERM;
	if ((u32)flags & ~(u32)FSOPEN_CLOEXEC)
		return -EINVAL;
	name = user_string(uname, PAGE_SIZE);
	if (IS_ERR(name))
		return PTR_ERR(name);
	f = fscontext_open(name);
	kfree(name);
	return give_file(f, flags & FSOPEN_CLOEXEC);
}

long sys_fspick(int dfd, const char __user *upath, unsigned long flags)
{
	unsigned look = (flags & FSPICK_SYMLINK_NOFOLLOW ? 0 : LOOKUP_FOLLOW) |
			(flags & FSPICK_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path p;
	struct file *f;
	int err;

	if (!mnt_may_admin())
		return -EPERM;
	if ((u32)flags & ~(u32)(FSPICK_CLOEXEC | FSPICK_SYMLINK_NOFOLLOW | FSPICK_NO_AUTOMOUNT |
				FSPICK_EMPTY_PATH))
		return -EINVAL;
	err = user_path(dfd, upath, look, &p);
	if (err)
		return err;
	f = fscontext_pick(&p);
	path_put(&p);
	return give_file(f, flags & FSPICK_CLOEXEC);
}

#define KEY_MAX	 256
#define BLOB_MAX (1 << 20)

/* fsconfig(2): which arguments go with the command. */
static int check_config(unsigned cmd, const void __user *key, const void __user *value, int aux)
{
	switch (cmd) {
	case FSCONFIG_SET_FLAG:
		return !key || value || aux ? -EINVAL : 0;
	case FSCONFIG_SET_STRING:
		return !key || !value || aux ? -EINVAL : 0;
	case FSCONFIG_SET_BINARY:
		return !key || !value || aux <= 0 || aux > BLOB_MAX ? -EINVAL : 0;
	case FSCONFIG_SET_PATH:
	case FSCONFIG_SET_PATH_EMPTY:
		return !key || !value || (aux != AT_FDCWD && aux < 0) ? -EINVAL : 0;
	case FSCONFIG_SET_FD:
		return !key || value || aux < 0 ? -EINVAL : 0;
	case FSCONFIG_CMD_CREATE:
	case FSCONFIG_CMD_CREATE_EXCL:
	case FSCONFIG_CMD_RECONFIGURE:
		return key || value || aux ? -EINVAL : 0;
	default:
		return -EOPNOTSUPP;
	}
}

long sys_fsconfig(int fd, unsigned int cmd, const char __user *ukey, void __user *uvalue, int aux)
{
	struct fsconfig_param param = { .key = NULL };
	struct file *f, *value = NULL;
	char *s;
	long err = fd < 0 ? -EINVAL : check_config(cmd, ukey, uvalue, aux);

	if (err)
		return err;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	err = fscontext_takes(f, cmd);
	if (!err && ukey) {
		s = user_string(ukey, KEY_MAX);
		err = PTR_ERR_OR_ZERO(s);
		param.key = err ? NULL : s;
	}
	if (!err && cmd == FSCONFIG_SET_STRING) {
		s = user_string(uvalue, KEY_MAX);
		err = PTR_ERR_OR_ZERO(s);
		param.value = err ? NULL : s;
	}
	if (!err && cmd == FSCONFIG_SET_FD) {
		value = fd_get_raw(aux);
		err = value ? 0 : -EBADF;
	}
	if (!err)
		err = fscontext_config(f, cmd, &param);
	if (value)
		file_put(value);
	kfree(param.value);
	kfree(param.key);
	file_put(f);
	return err;
}

long sys_fsmount(int fd, unsigned long flags, unsigned long attrs)
{
	struct file *f, *m;
	u64 mount_flags;

	if (!mnt_may_admin())
		return -EPERM;
	if (((u32)flags & ~(u32)FSMOUNT_CLOEXEC) || ((u32)attrs & ~(u32)MOUNT_ATTRS) ||
	    mount_attr_flags((u32)attrs, &mount_flags))
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	m = fscontext_mount(f, mount_flags);
	file_put(f);
	return give_file(m, flags & FSMOUNT_CLOEXEC);
}

/* --- what there is --- */

/* 0; -EINVAL, -E2BIG, -EFAULT. */
static int copy_request(struct mnt_id_req *req, const void __user *ureq)
{
	u32 size;
	int err;

	if (get_user_u32(&size, ureq))
		return -EFAULT;
	if (size > PAGE_SIZE)
		return -E2BIG;
	if (size < MNT_ID_REQ_SIZE_VER0)
		return -EINVAL;
	err = copy_struct_from_user(req, sizeof(*req), ureq, size);
	if (err)
		return err;
	return req->spare || req->mnt_id <= MOUNT_ID_BASE ? -EINVAL : 0;
}

long sys_statmount(void __user *ureq, void __user *ubuf, size_t size, unsigned long flags)
{
	struct mnt_id_req req;
	int err = flags ? -EINVAL : copy_request(&req, ureq);

	return err ? err : vfs_statmount(&req, ubuf, size);
}

long sys_listmount(void __user *ureq, void __user *uids, size_t nr, unsigned long flags)
{
	struct mnt_id_req req;
	int err;

	if ((flags & ~(unsigned long)LISTMOUNT_REVERSE) || nr > 1000000)
		return flags & ~(unsigned long)LISTMOUNT_REVERSE ? -EINVAL : -EOVERFLOW;
	if (!user_range_ok(uids, nr * sizeof(u64)))
		return -EFAULT;
	err = copy_request(&req, ureq);
	if (!err && req.param && req.param <= MOUNT_ID_BASE)
		err = -EINVAL;
	return err ? err : vfs_listmount(&req, uids, nr, flags & LISTMOUNT_REVERSE);
}

/* --- quotactl(2): no file system keeps quotas --- */

#define QUOTA_TYPES 3

/* Linux's numbers of the commands that change nothing; all others ask for a mount that can be written. */
static bool quota_writes(unsigned cmd)
{
	switch (cmd >> 8) {
	case 0x800001: /* Q_SYNC */
	case 0x800004: /* Q_GETFMT */
	case 0x800005: /* Q_GETINFO */
	case 0x5803: /* Q_XGETQUOTA */
	case 0x5805: /* Q_XGETQSTAT */
	case 0x5807: /* Q_XQUOTASYNC */
	case 0x5808: /* Q_XGETQSTATV */
	case 0x5809: /* Q_XGETNEXTQUOTA */
		return false;
	default:
		return true;
	}
}

long sys_quotactl(unsigned cmd, const char __user *uspecial, unsigned id __unused,
		  void __user *addr __unused)
{
	struct inode *i;
	struct path p;
	int err;

	if ((cmd & 0xff) >= QUOTA_TYPES)
		return -EINVAL;
	if (!uspecial)
		return cmd >> 8 == 0x800001 ? 0 : -ENODEV;
	err = user_path(AT_FDCWD, uspecial, LOOKUP_FOLLOW, &p);
	if (err)
		return err;
	i = p.dentry->inode;
	if (!S_ISBLK(i->mode))
		err = -ENOTBLK;
	else if ((p.mnt->flags | i->sb->flags) & MS_NODEV)
		err = -EACCES;
	else
		err = super_on_device(i->rdev) ? -ENOSYS : -ENODEV;
	path_put(&p);
	return err;
}

long sys_quotactl_fd(int fd, unsigned cmd, unsigned id __unused, void __user *addr __unused)
{
	struct file *f = fd_get_raw(fd);
	int err = -ENOSYS;

	if (!f)
		return -EBADF;
	if ((cmd & 0xff) >= QUOTA_TYPES)
		err = -EINVAL;
	else if (quota_writes(cmd) && ((f->path.mnt->flags | f->inode->sb->flags) & MS_RDONLY))
		err = -EROFS;
	file_put(f);
	return err;
}

/*
 * Extended attributes (xattr.h, memfs.h): the rules of xattr(7), and attributes kept in memory as a
 * list at inode->xattrs, by name, the last first (the order that Linux's tmpfs lists them in). The
 * list is guarded by inode->rwsem; memxattr_* are called with it held (write to change), or on an
 * inode that nobody else sees yet.
 */
#include "fs/xattr.h"

#include <byteorder.h>
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/limits.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "fs/internal.h"
#include "fs/notify.h"
#include "lib/string.h"

struct xattr {
	struct xattr *next;
	size_t len; /* of value */
	char *value; /* behind the name, in the same allocation */
	char name[];
};

/* See super_ops.charge_names; the sum is Linux's. */
static int charge(struct inode *i, const char *name, size_t len, int sign)
{
	long bytes = 40 + (long)(strlen(name) + len);

	return i->sb->ops->charge_names ? i->sb->ops->charge_names(i->sb, sign * bytes) : 0;
}

static void free_xattr(struct inode *i, struct xattr *x)
{
	charge(i, x->name, x->len, -1);
	kfree(x);
}

static struct xattr **find(struct inode *i, const char *name)
{
	struct xattr **x = (struct xattr **)&i->xattrs;

	while (*x && !str_equal((*x)->name, name))
		x = &(*x)->next;
	return x;
}

static struct xattr **place_for(struct inode *i, const char *name)
{
	struct xattr **x = (struct xattr **)&i->xattrs;

	while (*x && strcmp((*x)->name, name) > 0)
		x = &(*x)->next;
	return x;
}

ssize_t memxattr_get(struct inode *i, const char *name, void *buf, size_t n)
{
	struct xattr *x = *find(i, name);

	if (!x)
		return -ENODATA;
	if (!n)
		return (ssize_t)x->len;
	if (x->len > n)
		return -ERANGE;
	memcpy(buf, x->value, x->len);
	return (ssize_t)x->len;
}

int memxattr_set(struct inode *i, const char *name, const void *v, size_t n, int flags)
{
	struct xattr **at = find(i, name), *old = *at, *x;
	size_t name_size = strlen(name) + 1;
	int err;

	if (old && (flags & XATTR_CREATE))
		return -EEXIST;
	if (!old && (flags & XATTR_REPLACE))
		return -ENODATA;
	err = charge(i, name, n, 1);
	if (err)
		return err;
	x = kmalloc(sizeof(*x) + name_size + n, 0);
	if (!x) {
		charge(i, name, n, -1);
		return -ENOMEM;
	}
	x->len = n;
	x->value = x->name + name_size;
	memcpy(x->name, name, name_size);
	if (n)
		memcpy(x->value, v, n);
	if (!old)
		at = place_for(i, name);
	x->next = old ? old->next : *at;
	*at = x;
	if (old)
		free_xattr(i, old);
	return 0;
}

ssize_t memxattr_list(struct inode *i, char *buf, size_t n)
{
	bool trusted = capable(CAP_SYS_ADMIN);
	size_t used = 0;

	for (struct xattr *x = i->xattrs; x; x = x->next) {
		size_t k = strlen(x->name) + 1;

		if (str_starts_with(x->name, "trusted.") && !trusted)
			continue;
		if (n) {
			if (k > n - used)
				return -ERANGE;
			memcpy(buf + used, x->name, k);
		}
		used += k;
	}
	return (ssize_t)used;
}

int memxattr_remove(struct inode *i, const char *name)
{
	struct xattr **at = find(i, name), *x = *at;

	if (!x)
		return -ENODATA;
	*at = x->next;
	free_xattr(i, x);
	return 0;
}

void memxattr_free(struct inode *i)
{
	struct xattr *x = i->xattrs;

	i->xattrs = NULL;
	while (x) {
		struct xattr *next = x->next;

		free_xattr(i, x);
		x = next;
	}
}

/* --- xattr(7): who may --- */

static int check_namespace(const struct path *p, const char *name, bool writing)
{
	struct inode *i = p->dentry->inode;

	if (str_starts_with(name, "security.")) {
		/*
		 * Read by anybody; file capabilities are set by who may set them, the rest by the
		 * administrator.
		 */
		if (!writing)
			return 0;
		if (str_equal(name, FILE_CAPS))
			return capable(CAP_SETFCAP) ? 0 : -EPERM;
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	}
	if (str_starts_with(name, "trusted.")) {
		if (!capable(CAP_SYS_ADMIN))
			return writing ? -EPERM : -ENODATA;
		return 0;
	}
	if (str_starts_with(name, "system."))
		return -EOPNOTSUPP; /* no access control lists */
	if (!str_starts_with(name, "user."))
		return -EOPNOTSUPP;
	if (!S_ISREG(i->mode) && !S_ISDIR(i->mode))
		return writing ? -EPERM : -ENODATA;
	if (S_ISDIR(i->mode) && (i->mode & S_ISVTX) && writing && !inode_owner_or_capable(i))
		return -EPERM;
	return inode_permission(p->mnt, i, writing ? MAY_WRITE : MAY_READ);
}

/* capabilities(7), "File capability extended attribute versioning": what may be stored. */
static bool caps_valid(const void *v, size_t n)
{
	const struct vfs_ns_cap_data *d = v;
	u32 revision = n < XATTR_CAPS_SZ_2 ? 0 : le32_to_cpu(d->magic_etc) & VFS_CAP_REVISION_MASK;

	return (revision == VFS_CAP_REVISION_2 && n == XATTR_CAPS_SZ_2) ||
	       (revision == VFS_CAP_REVISION_3 && n == XATTR_CAPS_SZ_3);
}

/* A namespace alone ("user.") names nothing. */
static int check_name(const char *name)
{
	const char *dot = strchr(name, '.');

	return dot && !dot[1] ? -EINVAL : 0;
}

static int may_write(const struct path *p, const char *name)
{
	struct inode *i = p->dentry->inode;
	int err;

	if ((READ_ONCE(p->mnt->flags) | i->sb->flags) & MS_RDONLY)
		return -EROFS;
	err = check_namespace(p, name, true);
	return err ? err : check_name(name);
}

ssize_t vfs_getxattr(const struct path *p, const char *name, void *buf, size_t n)
{
	struct inode *i = p->dentry->inode;
	ssize_t ret = check_namespace(p, name, false);

	if (!ret)
		ret = check_name(name);
	if (ret)
		return ret;
	if (!i->ops->getxattr)
		return -EOPNOTSUPP;
	rwsem_read_lock(&i->rwsem);
	ret = i->ops->getxattr(i, name, buf, n);
	rwsem_read_unlock(&i->rwsem);
	return ret;
}

int vfs_setxattr(const struct path *p, const char *name, const void *v, size_t n, int flags)
{
	struct inode *i = p->dentry->inode;
	int err = may_write(p, name);

	if (err)
		return err;
	if (str_equal(name, FILE_CAPS) && !caps_valid(v, n))
		return -EINVAL;
	if (!i->ops->setxattr)
		return -EOPNOTSUPP;
	rwsem_write_lock(&i->rwsem);
	err = i->ops->setxattr(i, name, v, n, flags);
	if (!err)
		inode_touch(i, ATTR_CTIME);
	rwsem_write_unlock(&i->rwsem);
	if (!err)
		notify_dentry(p->dentry, IN_ATTRIB);
	return err;
}

ssize_t vfs_listxattr(const struct path *p, char *buf, size_t n)
{
	struct inode *i = p->dentry->inode;
	ssize_t ret;

	if (!i->ops->listxattr)
		return 0;
	rwsem_read_lock(&i->rwsem);
	ret = i->ops->listxattr(i, buf, n);
	rwsem_read_unlock(&i->rwsem);
	return ret;
}

int vfs_removexattr(const struct path *p, const char *name)
{
	struct inode *i = p->dentry->inode;
	int err = may_write(p, name);

	if (err)
		return err;
	if (!i->ops->removexattr)
		return -EOPNOTSUPP;
	rwsem_write_lock(&i->rwsem);
	err = i->ops->removexattr(i, name);
	if (!err)
		inode_touch(i, ATTR_CTIME);
	rwsem_write_unlock(&i->rwsem);
	if (!err)
		notify_dentry(p->dentry, IN_ATTRIB);
	return err;
}

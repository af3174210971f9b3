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
#include "core/userns.h"
#include "fs/acl.h"
#include "fs/fileattr.h"
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
	err = unlikely(acl_is_name(name)) ? acl_note(i, name, v, n) : 0;
	if (err) {
		charge(i, name, n, -1);
		kfree(x);
		return err;
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
	if (unlikely(acl_is_name(name)))
		acl_note(i, name, NULL, 0);
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
			return inode_capable(i, CAP_SETFCAP) ? 0 : -EPERM;
		return capable(CAP_SYS_ADMIN) ? 0 : -EPERM;
	}
	if (str_starts_with(name, "trusted.")) {
		if (!capable(CAP_SYS_ADMIN))
			return writing ? -EPERM : -ENODATA;
		return 0;
	}
	if (str_starts_with(name, "system."))
		return -EOPNOTSUPP;
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

/* Is it root of current's user namespace, or of one above it? */
bool xattr_root_of_ours(u32 kuid)
{
	for (const struct user_ns *u = current_user_ns(); u; u = user_ns_parent(u))
		if (kuid != NO_ID && kuid_of(u, 0) == kuid)
			return true;
	return kuid == 0;
}

/*
 * What is stored for the capabilities *v of n bytes: who has no power over the file system itself gives them
 * to what he calls root there. Valid ones; *d is room. n or -EINVAL.
 */
static ssize_t caps_to_store(const struct inode *i, struct vfs_ns_cap_data *d, const void **v,
			     size_t n)
{
	u32 root;

	if (n == XATTR_CAPS_SZ_2 && ns_capable(i->sb->user, CAP_SETFCAP))
		return (ssize_t)n;
	memset(d, 0, sizeof(*d));
	memcpy(d, *v, n);
	root = kuid_of(current_user_ns(), le32_to_cpu(d->rootid));
	if (root == NO_ID)
		return -EINVAL;
	d->magic_etc = cpu_to_le32(VFS_CAP_REVISION_3 |
				   (le32_to_cpu(d->magic_etc) & VFS_CAP_FLAGS_EFFECTIVE));
	d->rootid = cpu_to_le32(root);
	*v = d;
	return XATTR_CAPS_SZ_3;
}

/* The other way: what getxattr(2) tells current of the n bytes stored. Bytes, or -EOVERFLOW. */
static ssize_t caps_to_show(struct vfs_ns_cap_data *d, size_t n)
{
	const struct user_ns *u = current_user_ns();
	u32 kuid = le32_to_cpu(d->rootid), root = u ? id_map_up(u, ID_USER, kuid) : kuid;

	if (n != XATTR_CAPS_SZ_3)
		return (ssize_t)n;
	if (root && root != NO_ID) {
		d->rootid = cpu_to_le32(root);
		return (ssize_t)n;
	}
	if (!xattr_root_of_ours(kuid))
		return -EOVERFLOW;
	d->magic_etc = cpu_to_le32(VFS_CAP_REVISION_2 |
				   (le32_to_cpu(d->magic_etc) & VFS_CAP_FLAGS_EFFECTIVE));
	return XATTR_CAPS_SZ_2;
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
	if (inode_fixed(i))
		return -EPERM;
	err = check_namespace(p, name, true);
	return err ? err : check_name(name);
}

ssize_t xattr_stored(struct inode *i, const char *name, void *buf, size_t n)
{
	ssize_t ret;

	if (!i->ops->getxattr)
		return -EOPNOTSUPP;
	rwsem_read_lock(&i->rwsem);
	ret = i->ops->getxattr(i, name, buf, n);
	rwsem_read_unlock(&i->rwsem);
	return ret;
}

static ssize_t get_caps(struct inode *i, void *buf, size_t n)
{
	struct vfs_ns_cap_data d;
	ssize_t ret = xattr_stored(i, FILE_CAPS, &d, sizeof(d));

	if (ret > 0)
		ret = caps_to_show(&d, (size_t)ret);
	if (ret <= 0 || !n)
		return ret;
	if ((size_t)ret > n)
		return -ERANGE;
	memcpy(buf, &d, (size_t)ret);
	return ret;
}

ssize_t vfs_getxattr(const struct path *p, const char *name, void *buf, size_t n)
{
	struct inode *i = p->dentry->inode;
	ssize_t ret = 0;

	if (!acl_is_name(name)) {
		ret = check_namespace(p, name, false);
		if (!ret)
			ret = check_name(name);
	} else if (S_ISLNK(i->mode)) {
		ret = -EOPNOTSUPP;
	}
	if (ret)
		return ret;
	if (str_equal(name, FILE_CAPS))
		return get_caps(i, buf, n);
	ret = xattr_stored(i, name, buf, n);
	if (ret > 0 && n && acl_is_name(name))
		acl_show(buf, (size_t)ret);
	return ret;
}

int vfs_setxattr(const struct path *p, const char *name, const void *v, size_t n, int flags)
{
	struct inode *i = p->dentry->inode;
	struct vfs_ns_cap_data caps;
	int err;

	if (acl_is_name(name))
		return acl_set(p, name, v, n);
	err = may_write(p, name);
	if (err)
		return err;
	if (str_equal(name, FILE_CAPS)) {
		ssize_t size = caps_valid(v, n) ? caps_to_store(i, &caps, &v, n) : -EINVAL;

		if (size < 0)
			return (int)size;
		n = (size_t)size;
	}
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
	int err;

	if (acl_is_name(name))
		return acl_set(p, name, NULL, 0);
	err = may_write(p, name);
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

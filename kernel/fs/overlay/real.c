/*
 * What overlay (overlay.h) does in its layers: attributes of its own, and names made, moved and
 * removed without questions of permission. A caller of the union's holds no rwsem of a layer.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "fs/overlay/overlay.h"
#include "lib/printf.h"
#include "lib/string.h"

bool overlay_is_whiteout(struct overlay *o, struct inode *real)
{
	if (S_ISREG(real->mode) && !inode_size(real))
		return overlay_mark_get(o, real, "whiteout", NULL, 0) >= 0;
	return S_ISCHR(real->mode) && !real->rdev;
}

bool overlay_has_file_whiteouts(struct overlay *o, struct inode *real)
{
	char v;

	return overlay_mark_get(o, real, "opaque", &v, 1) == 1 && v == 'x';
}

int overlay_may(struct overlay *o, struct inode *real, int mask)
{
	struct cred *own = current->cred;
	int err;

	if (likely(!o->cred->user))
		return 0;
	current->cred = (struct cred *)o->cred;
	err = inode_permission(NULL, real, mask);
	current->cred = own;
	return err;
}

static void mark_name(struct overlay *o, const char *mark, char *name)
{
	snprintf(name, OVERLAY_NAME_ROOM, "%s%s", o->prefix, mark);
}

ssize_t overlay_mark_get(struct overlay *o, struct inode *real, const char *mark, void *v, size_t n)
{
	char name[OVERLAY_NAME_ROOM];
	ssize_t len;

	if (!real->ops->getxattr || !o->marks)
		return -ENODATA;
	mark_name(o, mark, name);
	rwsem_read_lock(&real->rwsem);
	len = real->ops->getxattr(real, name, v, n);
	rwsem_read_unlock(&real->rwsem);
	return len;
}

int overlay_mark_set(struct overlay *o, struct inode *real, const char *mark, const void *v,
		     size_t n)
{
	char name[OVERLAY_NAME_ROOM];
	int err;

	if (!real->ops->setxattr || !o->marks)
		return -EOPNOTSUPP;
	mark_name(o, mark, name);
	rwsem_write_lock(&real->rwsem);
	err = real->ops->setxattr(real, name, v, n, 0);
	rwsem_write_unlock(&real->rwsem);
	return err;
}

bool overlay_is_opaque(struct overlay *o, struct inode *real)
{
	char v;

	return overlay_mark_get(o, real, "opaque", &v, 1) == 1 && v == 'y';
}

int overlay_set_opaque(struct overlay *o, struct inode *real)
{
	int err = overlay_mark_set(o, real, "opaque", "y", 1);

	return err == -EOPNOTSUPP ? -EIO : err;
}

int overlay_real_setattr(struct inode *real, const struct attrs *a)
{
	int err;

	rwsem_write_lock(&real->rwsem);
	if ((a->valid & (ATTR_UID | ATTR_GID)) && S_ISREG(real->mode) && real->ops->removexattr)
		real->ops->removexattr(real, "security.capability");
	if (a->valid & ATTR_SIZE)
		inode_strip_setid(real);
	err = real->ops->setattr ? real->ops->setattr(real, a) : generic_setattr(real, a);
	rwsem_write_unlock(&real->rwsem);
	return err;
}

/* The child for somebody who makes it, dir's rwsem then being held; -EEXIST and it isn't. */
static struct dentry *begin(struct dentry *dir, const char *name)
{
	struct dentry *d;

	rwsem_write_lock(&dir->inode->rwsem);
	d = dir->flags & D_DEAD ? ERR_PTR(-ENOENT) : dir_lookup_locked(dir, name, strlen(name));
	if (!IS_ERR(d) && d->inode) {
		d_put(d);
		d = ERR_PTR(-EEXIST);
	}
	if (IS_ERR(d))
		rwsem_write_unlock(&dir->inode->rwsem);
	return d;
}

static struct dentry *end(struct dentry *dir, struct dentry *d, int err)
{
	rwsem_write_unlock(&dir->inode->rwsem);
	if (!err)
		return d;
	d_put(d);
	return ERR_PTR(err);
}

struct dentry *overlay_real_make(struct dentry *dir, const char *name, u32 mode, u64 rdev,
				 const char *target)
{
	struct inode *i = dir->inode;
	struct dentry *d = begin(dir, name);

	if (IS_ERR(d))
		return d;
	return end(dir, d, i->ops->make ? i->ops->make(i, d, mode, rdev, target) : -EPERM);
}

int overlay_real_link(struct dentry *dir, const char *name, struct inode *target)
{
	struct inode *i = dir->inode;
	struct dentry *d = begin(dir, name);

	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	rwsem_write_lock(&target->rwsem);
	d = end(dir, d, i->ops->link ? i->ops->link(i, d, target) : -EPERM);
	rwsem_write_unlock(&target->rwsem);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	d_put(d);
	return 0;
}

int overlay_real_remove(struct dentry *dir, const char *name)
{
	struct dentry *d;
	int err = 0;

	rwsem_write_lock(&dir->inode->rwsem);
	d = dir_lookup_locked(dir, name, strlen(name));
	if (IS_ERR(d)) {
		err = (int)PTR_ERR(d);
	} else {
		if (d->inode)
			err = vfs_remove_locked(dir->inode, d, S_ISDIR(d->inode->mode));
		d_put(d);
	}
	rwsem_write_unlock(&dir->inode->rwsem);
	return err;
}

int overlay_real_rename(struct dentry *from, const char *old, struct dentry *to, const char *name,
			unsigned flags)
{
	struct super *sb = from->sb;
	struct dentry *od, *nd = NULL;
	int err;

	mutex_lock(&sb->rename_mutex);
	vfs_lock_dirs(from, to);
	od = dir_lookup_locked(from, old, strlen(old));
	if (!IS_ERR(od))
		nd = dir_lookup_locked(to, name, strlen(name));
	if (IS_ERR(od) || IS_ERR(nd))
		err = (int)PTR_ERR(IS_ERR(od) ? od : nd);
	else if (!od->inode || (!nd->inode && (flags & RENAME_EXCHANGE)) || (to->flags & D_DEAD))
		err = -ENOENT;
	else if (nd->inode && (flags & RENAME_NOREPLACE))
		err = -EEXIST;
	else if (d_is_ancestor(od, to) || (nd->inode && d_is_ancestor(nd, from)))
		err = -EINVAL; /* somebody moves folders of the layer about */
	else
		err = od == nd ? 0 : vfs_rename_locked(from, od, to, nd, flags);
	if (!IS_ERR(od))
		d_put(od);
	if (!IS_ERR_OR_NULL(nd))
		d_put(nd);
	vfs_unlock_dirs(from, to);
	mutex_unlock(&sb->rename_mutex);
	return err;
}

void overlay_work_name(struct overlay *o, char *buf)
{
	snprintf(buf, OVERLAY_NAME_ROOM, "#%lx", atomic_long_inc_return(&o->serial));
}

struct dentry *overlay_work_make(struct overlay *o, char *buf, u32 mode, u64 rdev,
				 const char *target)
{
	overlay_work_name(o, buf);
	return overlay_real_make(o->work, buf, mode, rdev, target);
}

int overlay_whiteout(struct overlay *o, struct dentry *dir, const char *name)
{
	struct dentry *there = dir_lookup(dir, name, strlen(name)), *d;
	char temp[OVERLAY_NAME_ROOM];
	bool is_dir, nothing;
	int err;

	if (IS_ERR(there))
		return (int)PTR_ERR(there);
	nothing = !there->inode;
	is_dir = !nothing && S_ISDIR(there->inode->mode);
	d_put(there);
	if (nothing) {
		d = overlay_real_make(dir, name, S_IFCHR, 0, NULL);
	} else {
		d = overlay_work_make(o, temp, S_IFCHR, 0, NULL);
	}
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	d_put(d);
	if (nothing)
		return 0;
	err = overlay_real_rename(o->work, temp, dir, name, is_dir ? RENAME_EXCHANGE : 0);
	if (err || is_dir)
		overlay_real_remove(o->work, temp);
	return err;
}

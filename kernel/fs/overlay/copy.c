/*
 * Copy-up (overlay.h): what is to be changed comes to the upper layer first. The copy is made whole in
 * the work folder and then moved to its place, so that nobody, even after a power cut, finds half of
 * one. The folders above it come first.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/limits.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/userns.h"
#include "fs/overlay/overlay.h"
#include "lib/string.h"

#define COPY_BUFFER (16 * PAGE_SIZE)

/* --- data --- */

static int copy_range(struct file *from, struct file *to, u64 pos, u64 end, char *buf)
{
	while (pos < end) {
		u64 rpos = pos, wpos = pos;
		struct iter it;
		ssize_t n, done;

		if (fatal_signal_pending(current))
			return -EINTR;
		iter_kernel(&it, buf, min(end - pos, (u64)COPY_BUFFER));
		n = from->ops->read(from, &it, &rpos);
		if (n <= 0)
			return (int)n;
		iter_kernel(&it, buf, (size_t)n);
		done = to->ops->write(to, &it, &wpos);
		if (done <= 0)
			return done ? (int)done : -EIO;
		pos += (u64)done;
		cond_resched();
	}
	return 0;
}

/* Holes stay holes where the layer can tell. */
static int copy_runs(struct file *from, struct file *to, u64 size, char *buf)
{
	u64 pos = 0;
	int err = 0;

	while (!err && pos < size) {
		s64 data = from->ops->llseek(from, (s64)pos, SEEK_DATA), hole;

		if (data == -ENXIO)
			break;
		if (data < 0)
			return copy_range(from, to, pos, size, buf);
		hole = from->ops->llseek(from, data, SEEK_HOLE);
		if (hole < 0)
			hole = (s64)size;
		pos = min((u64)hole, size);
		err = copy_range(from, to, (u64)data, pos, buf);
	}
	return err;
}

static int copy_data(struct overlay *o, struct overlay_at from, struct dentry *to, u64 size)
{
	struct file *in, *out = NULL;
	char *buf = NULL;
	int err;

	in = overlay_open_real(o, from, O_RDONLY | O_NOATIME);
	if (IS_ERR(in))
		return (int)PTR_ERR(in);
	out = overlay_open_real(o, (struct overlay_at){ to, 0 }, O_WRONLY);
	err = PTR_ERR_OR_ZERO(out);
	if (err)
		goto out;
	size = min(size, inode_size(in->inode));
	buf = kmalloc(COPY_BUFFER, 0);
	err = buf ? copy_runs(in, out, size, buf) : -ENOMEM;
	if (!err) {
		struct attrs a = { .valid = ATTR_SIZE | ATTR_FORCE, .size = size };

		err = overlay_real_setattr(to->inode, &a);
	}
	if (!err && out->ops->fsync && !o->unsynced)
		err = out->ops->fsync(out, 0, U64_MAX, false);
	file_put(out);
out:
	kfree(buf);
	file_put(in);
	return err;
}

/* --- attributes --- */

static int copy_xattr(struct inode *from, struct inode *to, const char *name, char *value)
{
	ssize_t len;
	int err;

	rwsem_read_lock(&from->rwsem);
	len = from->ops->getxattr(from, name, value, XATTR_SIZE_MAX);
	rwsem_read_unlock(&from->rwsem);
	if (len < 0)
		return len == -ENODATA ? 0 : (int)len;
	rwsem_write_lock(&to->rwsem);
	err = to->ops->setxattr ? to->ops->setxattr(to, name, value, (size_t)len, 0) : -EOPNOTSUPP;
	rwsem_write_unlock(&to->rwsem);
	return err;
}

/* All but the marks of overlay; those that a user of a union below escaped are no marks. */
static int copy_xattrs(struct overlay *o, struct inode *from, struct inode *to)
{
	size_t prefix = strlen(o->prefix);
	char *names, *value;
	ssize_t len;
	int err = 0;

	if (!from->ops->listxattr || !from->ops->getxattr || !from->ops->listxattr(from, NULL, 0))
		return 0;
	names = kmalloc(XATTR_LIST_MAX, 0);
	value = kmalloc(XATTR_SIZE_MAX, 0);
	if (!names || !value) {
		err = -ENOMEM;
		goto out;
	}
	rwsem_read_lock(&from->rwsem);
	len = from->ops->listxattr(from, names, XATTR_LIST_MAX);
	rwsem_read_unlock(&from->rwsem);
	if (len < 0)
		err = (int)len;
	for (char *s = names; !err && s < names + len; s += strlen(s) + 1)
		if (o->cred->user &&
		    (str_starts_with(s, "trusted.") || str_starts_with(s, "security.")))
			continue; /* a namespace's root gives none of them */
		else if (!str_starts_with(s, o->prefix) || str_starts_with(s + prefix, "overlay."))
			err = copy_xattr(from, to, s, value);
out:
	kfree(names);
	kfree(value);
	return err;
}

static int copy_attributes(struct overlay *o, struct inode *from, struct inode *to)
{
	struct attrs a = {
		.valid = ATTR_MODE | ATTR_UID | ATTR_GID | ATTR_ATIME | ATTR_MTIME | ATTR_FORCE,
		.mode = from->mode & 07777,
		.uid = from->uid,
		.gid = from->gid,
		.atime = from->atime,
		.mtime = from->mtime,
	};
	int err = overlay_real_setattr(to, &a);

	return err ? err : copy_xattrs(o, from, to);
}

/* --- one inode --- */

/* The copy, in the work folder under the name that is put into temp. ERR_PTR. */
static struct dentry *make_copy(struct overlay *o, struct inode *i, char *temp, u64 size)
{
	struct overlay_at from = overlay_node(i)->lower[0];
	struct inode *real = from.dentry->inode;
	const char *target = NULL;
	struct dentry *d;
	char *buf = NULL;
	int err = 0;

	if (S_ISLNK(real->mode)) {
		buf = kmalloc(PATH_MAX, 0);
		target = buf ? real->ops->get_link(real, buf) : ERR_PTR(-ENOMEM);
		if (IS_ERR(target)) {
			kfree(buf);
			return ERR_CAST(target);
		}
	}
	d = overlay_work_make(o, temp, real->mode & (S_IFMT | 0700), real->rdev, target);
	kfree(buf);
	if (IS_ERR(d))
		return d;
	if (S_ISREG(real->mode))
		err = copy_data(o, from, d, size);
	if (!err)
		err = copy_attributes(o, real, d->inode);
	if (!err)
		err = overlay_note_origin(i, d->inode);
	if (!err)
		return d;
	d_put(d);
	overlay_real_remove(o->work, temp);
	return ERR_PTR(err);
}

/* A new name in an upper folder is no change of the union's: the folder's times stay. */
static int move_in(struct overlay *o, const char *temp, struct dentry *to, const char *name)
{
	struct inode *dir = to->inode;
	struct attrs a = {
		.valid = ATTR_ATIME | ATTR_MTIME | ATTR_FORCE,
		.atime = dir->atime,
		.mtime = dir->mtime,
	};
	int err = overlay_real_rename(o->work, temp, to, name, RENAME_NOREPLACE);

	if (err)
		return err;
	overlay_mark_set(o, dir, "impure", "y", 1);
	overlay_real_setattr(dir, &a);
	return 0;
}

/* i, whose folder is in the upper layer, and which isn't. i's `copying` held. */
static int copy_one(struct inode *i, u64 size)
{
	struct overlay *o = overlay_of(i->sb);
	struct overlay_inode *n = overlay_node(i);
	struct dentry *to = overlay_upper(n->parent), *d;
	char temp[OVERLAY_NAME_ROOM];
	int err;

	if (!ids_known(o->cred->user, i->uid, i->gid))
		return -EOVERFLOW;
	err = overlay_may(o, to->inode, MAY_WRITE | MAY_EXEC);
	if (err)
		return err;
	d = make_copy(o, i, temp, size);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	err = move_in(o, temp, to, n->name);
	if (err) {
		d_put(d);
		overlay_real_remove(o->work, temp);
	}
	if (err == -EEXIST) { /* another inode of this name, now forgotten, was copied */
		d = dir_lookup(to, n->name, strlen(n->name));
		if (IS_ERR(d))
			return (int)PTR_ERR(d);
		err = d->inode && (d->inode->mode & S_IFMT) == (i->mode & S_IFMT) ? 0 : -ESTALE;
		if (err)
			d_put(d);
	}
	if (err)
		return err;
	__atomic_store_n(&n->upper, d, __ATOMIC_RELEASE);
	overlay_rekey(i, d->inode);
	overlay_refresh(i);
	return 0;
}

int overlay_copy_up(struct inode *i, u64 size)
{
	struct overlay *o = overlay_of(i->sb);
	struct cred *own = current->cred;
	int err = 0;

	if (!o->work)
		return -EROFS;
	current->cred = (struct cred *)o->cred;
	while (!err && !overlay_upper(i)) {
		struct inode *at = i;
		struct overlay_inode *n;

		while (!overlay_upper(overlay_node(at)->parent))
			at = overlay_node(at)->parent;
		n = overlay_node(at);
		mutex_lock(&n->copying);
		if (!n->upper)
			err = copy_one(at, at == i ? size : U64_MAX);
		mutex_unlock(&n->copying);
	}
	current->cred = own;
	return err;
}

/*
 * Names of overlay (overlay.h) that are made, moved and removed: always in the upper layer, and where
 * a lower one has the name too, a whiteout takes its place. Whatever covers a name is made in the work
 * folder and comes to its place in one rename, so that what is below never shines through.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "fs/overlay/overlay.h"
#include "lib/string.h"

/* Would the name be found in a lower layer? 1, 0, -errno. */
static int lower_has(const struct inode *dir, const struct dentry *d)
{
	const struct overlay_inode *n = overlay_node(dir);

	for (unsigned k = 0; k < n->nr_lower; k++) {
		struct dentry *child = dir_lookup(n->lower[k].dentry, d->name, d->len);
		int found = -1;

		if (IS_ERR(child)) {
			if (PTR_ERR(child) != -ENOENT)
				return (int)PTR_ERR(child);
			continue;
		}
		if (child->inode)
			found = !overlay_is_whiteout(overlay_of(dir->sb), child->inode);
		d_put(child);
		if (found >= 0)
			return found;
	}
	return 0;
}

/* Is the name in the upper folder, as what it is or as a whiteout? 1, 0, -errno. */
static int upper_has(struct overlay *o, struct dentry *up, const struct dentry *d, bool *whiteout)
{
	struct dentry *child = dir_lookup(up, d->name, d->len);
	bool found;

	*whiteout = false;
	if (IS_ERR(child))
		return (int)PTR_ERR(child);
	found = child->inode;
	if (found)
		*whiteout = overlay_is_whiteout(o, child->inode);
	d_put(child);
	return found;
}

static bool is_merged(const struct inode *dir)
{
	return overlay_node(dir)->nr_lower;
}

/* From the work folder to the place of a whiteout. */
static int cover(struct overlay *o, const char *temp, struct dentry *up, const struct dentry *d,
		 bool is_dir)
{
	int err = overlay_real_rename(o->work, temp, up, d->name, is_dir ? RENAME_EXCHANGE : 0);

	if (err || is_dir)
		overlay_real_remove(o->work, temp);
	return err;
}

/* What a folder gives to a file that was made elsewhere: mkdir(2), open(2). */
static int as_if_made_in(struct inode *dir, struct inode *real)
{
	struct attrs a = { .valid = ATTR_GID | ATTR_MODE | ATTR_FORCE };

	if (!(dir->mode & S_ISGID))
		return 0;
	a.gid = dir->gid;
	a.mode = (real->mode & 07777) | (S_ISDIR(real->mode) ? S_ISGID : 0);
	return overlay_real_setattr(real, &a);
}

static struct dentry *make_over_whiteout(struct overlay *o, struct dentry *up,
					 const struct dentry *d, u32 mode, u64 rdev,
					 const char *target)
{
	char temp[OVERLAY_NAME_ROOM];
	struct dentry *made = overlay_work_make(o, temp, mode, rdev, target);
	int err;

	if (IS_ERR(made))
		return made;
	err = as_if_made_in(up->inode, made->inode);
	if (!err && S_ISDIR(mode))
		err = overlay_set_opaque(o, made->inode);
	if (err)
		overlay_real_remove(o->work, temp);
	else
		err = cover(o, temp, up, d, S_ISDIR(mode));
	if (!err)
		return made;
	d_put(made);
	return ERR_PTR(err);
}

int overlay_make(struct inode *dir, struct dentry *d, u32 mode, u64 rdev, const char *target)
{
	struct overlay *o = overlay_of(dir->sb);
	struct dentry *up, *made;
	struct inode *i;
	bool whiteout;
	int err;

	if (S_ISCHR(mode) && !rdev)
		return -EPERM; /* it would be a whiteout */
	err = overlay_writable(dir);
	if (err)
		return err;
	up = overlay_upper(dir);
	err = upper_has(o, up, d, &whiteout);
	if (err < 0)
		return err;
	made = whiteout ? make_over_whiteout(o, up, d, mode, rdev, target) :
			  overlay_real_make(up, d->name, mode, rdev, target);
	if (IS_ERR(made))
		return (int)PTR_ERR(made);
	overlay_refresh(dir);
	i = overlay_iget(dir->sb, NULL, made, NULL, 0);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	d_instantiate(d, i);
	return 0;
}

int overlay_link(struct inode *dir, struct dentry *d, struct inode *i)
{
	struct overlay *o = overlay_of(dir->sb);
	char temp[OVERLAY_NAME_ROOM];
	struct inode *real;
	struct dentry *up;
	bool whiteout;
	int err = overlay_writable(i);

	if (!err)
		err = overlay_writable(dir);
	if (err)
		return err;
	up = overlay_upper(dir);
	real = overlay_upper(i)->inode;
	err = upper_has(o, up, d, &whiteout);
	if (err < 0)
		return err;
	if (whiteout) {
		overlay_work_name(o, temp);
		err = overlay_real_link(o->work, temp, real);
		if (!err)
			err = cover(o, temp, up, d, false);
	} else {
		err = overlay_real_link(up, d->name, real);
	}
	if (err)
		return err;
	if (overlay_node(i)->origin)
		overlay_mark_set(o, up->inode, "impure", "y", 1);
	overlay_refresh(i);
	overlay_refresh(dir);
	inode_get(i);
	d_instantiate(d, i);
	return 0;
}

struct inode *overlay_tmpfile(struct inode *dir, u32 mode)
{
	int err = overlay_writable(dir);
	struct inode *up, *real;
	struct dentry *d;

	if (err)
		return ERR_PTR(err);
	up = overlay_upper(dir)->inode;
	real = up->ops->tmpfile ? up->ops->tmpfile(up, mode) : ERR_PTR(-EOPNOTSUPP);
	if (IS_ERR(real))
		return real;
	d = d_alloc_pseudo(real->sb, "#", real);
	if (!d) {
		inode_put(real);
		return ERR_PTR(-ENOMEM);
	}
	return overlay_iget(dir->sb, NULL, d, NULL, 0);
}

/* The inode of a name that went: if only lower layers have it, nothing there tells. */
static void name_gone(struct inode *i)
{
	if (overlay_upper(i))
		overlay_refresh(i);
	else
		i->nlink = 0;
}

static int remove(struct inode *dir, struct dentry *d)
{
	struct overlay *o = overlay_of(dir->sb);
	int lower = lower_has(dir, d), err;
	struct dentry *up;

	if (lower < 0)
		return lower;
	err = overlay_writable(dir);
	if (err)
		return err;
	up = overlay_upper(dir);
	err = lower ? overlay_whiteout(o, up, d->name) : overlay_real_remove(up, d->name);
	if (!err)
		name_gone(d->inode);
	overlay_refresh(dir);
	return err;
}

int overlay_unlink(struct inode *dir, struct dentry *d)
{
	return remove(dir, d);
}

/* -ENOTEMPTY, or a folder whose whiteouts have gone. */
static int make_empty(struct inode *i)
{
	int empty = overlay_dir_empty(i);

	if (empty <= 0)
		return empty ? empty : -ENOTEMPTY;
	return overlay_upper(i) ? overlay_dir_clear(i) : 0;
}

int overlay_rmdir(struct inode *dir, struct dentry *d)
{
	int err = overlay_writable(dir);

	if (!err)
		err = make_empty(d->inode);
	if (!err)
		err = remove(dir, d);
	if (!err)
		d->inode->nlink = 0;
	return err;
}

/* May a rename move it? Folders of lower layers have to be redirected; where that isn't asked for: EXDEV. */
static int may_move(const struct inode *i)
{
	return S_ISDIR(i->mode) && is_merged(i) && overlay_of(i->sb)->redirect != REDIRECT_MADE ?
		       -EXDEV :
		       0;
}

/*
 * Copies up what is renamed into dir, from there if it stays; a folder then hides what lower layers have of its new name, but for
 * those that it is merged with.
 */
static int ready_to_move(struct dentry *d, const struct inode *dir, bool stays)
{
	struct inode *i = d->inode;
	struct overlay *o = overlay_of(i->sb);
	int err = overlay_writable(i);

	if (!err && S_ISDIR(i->mode) && is_merged(i))
		err = overlay_redirect_set(d, stays);
	else if (!err && S_ISDIR(i->mode) && is_merged(dir))
		err = overlay_set_opaque(o, overlay_upper(i)->inode);
	if (!err && overlay_node(i)->origin)
		err = overlay_mark_set(o, overlay_upper(dir)->inode, "impure", "y", 1);
	return err;
}

/* The real rename to a new name, whose folder if it was one is empty. */
static int move(struct inode *od, struct dentry *d, struct inode *nd, struct dentry *n)
{
	struct dentry *from = overlay_upper(od), *to = overlay_upper(nd);
	int lower = lower_has(od, d), err;
	bool whiteout;

	if (lower < 0)
		return lower;
	err = upper_has(overlay_of(od->sb), to, n, &whiteout);
	if (err < 0)
		return err;
	if (!whiteout)
		return overlay_real_rename(from, d->name, to, n->name, lower ? RENAME_WHITEOUT : 0);
	/* The whiteout comes to the old place, where one may be needed. */
	err = overlay_real_rename(from, d->name, to, n->name, RENAME_EXCHANGE);
	if (!err && !lower)
		err = overlay_real_remove(from, d->name);
	return err;
}

int overlay_rename(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n,
		   unsigned flags)
{
	struct inode *i = o->inode, *other = n->inode;
	bool exchange = flags & RENAME_EXCHANGE;
	int err;

	if (flags & RENAME_WHITEOUT)
		return -EINVAL;
	err = may_move(i);
	if (!err && exchange)
		err = may_move(other);
	if (!err && !exchange && other && S_ISDIR(other->mode))
		err = make_empty(other);
	if (!err)
		err = overlay_writable(od);
	if (!err)
		err = overlay_writable(nd);
	if (!err)
		err = ready_to_move(o, nd, od == nd);
	if (!err && exchange)
		err = ready_to_move(n, od, od == nd);
	if (err)
		return err;
	if (exchange)
		err = overlay_real_rename(overlay_upper(od), o->name, overlay_upper(nd), n->name,
					  RENAME_EXCHANGE);
	else
		err = move(od, o, nd, n);
	overlay_refresh(od);
	overlay_refresh(nd);
	overlay_refresh(i);
	if (other && !err) {
		if (exchange)
			overlay_refresh(other);
		else
			name_gone(other);
		if (!exchange && S_ISDIR(other->mode))
			other->nlink = 0;
	}
	return err;
}

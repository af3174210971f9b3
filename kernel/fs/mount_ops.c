/*
 * mount(2), umount(2) and pivot_root(2) on kernel values, with the checks of their manual pages. A
 * file system is made, and names are walked, before mount_mutex is taken.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/sched.h"
#include "fs/files.h"
#include "fs/landlock.h"
#include "fs/internal.h"
#include "fs/mount.h"
#include "fs/nsfs.h"

/* --- flags --- */

/* Those of one mount that mount(2) is asked for; `old`: of one that is mounted again. */
static u64 flags_of_mount(u64 flags, u64 old)
{
	u64 f = flags & MOUNT_FLAGS;

	if ((flags & MS_REMOUNT) && !(flags & (MOUNT_ATIME | MS_STRICTATIME)))
		return f | (old & MOUNT_ATIME);
	if (!(flags & MS_NOATIME))
		f |= MS_RELATIME;
	if (flags & MS_STRICTATIME)
		f &= ~(u64)(MS_RELATIME | MS_NOATIME);
	return f;
}

int mount_may_set(const struct mount *m, u64 flags)
{
	if (m->locked & MOUNT_SECURE & ~flags)
		return -EPERM;
	return (m->locked & MOUNT_ATIME) && ((m->flags ^ flags) & MOUNT_ATIME) ? -EPERM : 0;
}

/* [m] 0; -EBUSY: open for writing */
static int mount_set_flags(struct mount *m, u64 flags)
{
	if ((flags & ~m->flags & MS_RDONLY) && atomic_read(&m->writers) > 0)
		return -EBUSY;
	WRITE_ONCE(m->flags, flags & MOUNT_FLAGS);
	mnt_ns_touch(m->ns);
	return 0;
}

/* --- hanging a tree somewhere --- */

static struct mount *highest(struct mount *m)
{
	while (m->over)
		m = m->over;
	return m;
}

/* The tree m goes to (parent, d), claimed by the caller; what is there goes on top of it. */
static void take_place(struct mount *m, struct mount *parent, struct dentry *d)
{
	struct mount *there = mount_at(parent, d), *top = highest(m);
	struct path from, was = { NULL, NULL };

	if (there)
		d_keep_mounted(top->root);
	mount_change_begin();
	mount_unlink(m, &from);
	if (there)
		mount_unlink(there, &was);
	mount_link(m, parent, d);
	if (there)
		mount_link(there, top, top->root);
	mount_change_end();
	m->locked &= ~MOUNT_LOCKED;
	path_put(&from);
	path_put(&was);
}

/* Below one that is shared all is: whoever is not yet becomes it, for good unless `undo`. */
static void share_tree(struct mount *tree, bool undo)
{
	for (struct mount *m = tree; m; m = mount_next(m, tree)) {
		if (!undo && !m->group) {
			m->group = mount_group_new();
			m->marked = true;
		} else if (undo && m->marked) {
			m->group = 0;
		}
	}
}

int mount_attach(struct mount *m, const struct path *on, bool beneath)
{
	struct mount *dest = beneath ? on->mnt->parent : on->mnt, *c, *n;
	struct dentry *d = beneath ? on->mnt->mountpoint : on->dentry;
	struct list_head copies = LIST_HEAD_INIT(copies);
	int err;

	dest->ns->pending = m->ns == dest->ns ? 0 : (int)mount_count(m);
	err = dest->ns->nr + dest->ns->pending > mount_max ? -ENOSPC : d_set_mounted(d, true);
	if (!err && dest->group) {
		share_tree(m, false);
		err = propagate_copies(dest, d, m, &copies);
		if (err) {
			share_tree(m, true);
			d_set_mounted(d, false);
		}
		for (n = m; n; n = mount_next(n, m))
			n->marked = false;
	}
	dest->ns->pending = 0;
	if (err)
		return err;
	take_place(m, dest, d);
	if (m->ns != dest->ns)
		mnt_ns_add(dest->ns, m);
	mnt_ns_touch(dest->ns);
	list_for_each_entry_safe(c, n, &copies, batch) {
		struct mount *to = c->goes_to;

		list_del_init(&c->batch);
		c->goes_to = NULL;
		take_place(c, to, d);
		mnt_ns_add(to->ns, c);
	}
	return 0;
}

/* A new tree, which goes when it cannot be hung there. */
static int graft(struct mount *m, const struct path *on)
{
	int err = S_ISDIR(on->dentry->inode->mode) != S_ISDIR(m->root->inode->mode) ?
			  -ENOTDIR :
			  mount_attach(m, on, false);

	if (err)
		mount_drop_tree(m, false);
	return err;
}

/* --- binding --- */

static bool has_locked(const struct path *p)
{
	struct mount *c;

	list_for_each_entry(c, &p->mnt->children, sibling)
		if ((c->locked & MOUNT_LOCKED) && d_is_ancestor(p->dentry, c->mountpoint))
			return true;
	return false;
}

int mount_bindable(const struct path *from, bool all)
{
	const struct mount *m = from->mnt;

	if (m->unbindable || (!mount_is_ours(m) && !d_is_ns_file(from->dentry)))
		return -EINVAL;
	return !all && has_locked(from) ? -EINVAL : 0;
}

static int bind(const char *source, struct path *on, bool all)
{
	struct path from;
	struct mount *m;
	int err = source && *source ? path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from) : -EINVAL;

	if (err)
		return err;
	mounts_lock();
	path_cross(on);
	err = !mount_is_ours(on->mnt) || mnt_ns_loops(from.dentry) ? -EINVAL :
								     mount_bindable(&from, all);
	if (!err) {
		m = all ? mount_copy_tree(from.mnt, from.dentry, COPY_NS_FILES) :
			  mount_copy(from.mnt, from.dentry, 0);
		if (!IS_ERR(m))
			m->locked &= ~MOUNT_LOCKED;
		err = IS_ERR(m) ? (int)PTR_ERR(m) : graft(m, on);
	}
	mounts_unlock();
	path_put(&from);
	return err;
}

/* --- moving --- */

static bool has_unbindable(struct mount *tree)
{
	for (struct mount *m = tree; m; m = mount_next(m, tree))
		if (m->unbindable)
			return true;
	return false;
}

static bool has_ns_loop(struct mount *tree)
{
	for (struct mount *m = tree; m; m = mount_next(m, tree))
		if (mnt_ns_loops(m->root))
			return true;
	return false;
}

/* Would what comes to d of `from` come on top of `to` as well? */
static bool comes_over(struct mount *from, struct mount *to, const struct dentry *d)
{
	if (!from->group || to->root != d)
		return false;
	for (; to; to = to->master)
		if (to->group == from->group)
			return true;
	return false;
}

static int may_go_beneath(struct mount *m, const struct path *to)
{
	struct mount *top = to->mnt, *parent = top->parent;
	struct path root;

	fs_ctx_root(&root);
	path_put(&root);
	if (parent == top || to->dentry != top->root || (top->locked & MOUNT_LOCKED) || m->over ||
	    top == root.mnt || parent == current_mnt_ns()->root || mount_below(m, top) ||
	    comes_over(parent, top, top->mountpoint) ||
	    (mount_is_ours(m) && comes_over(parent, m, top->mountpoint)))
		return -EINVAL;
	return 0;
}

int mount_move(const struct path *from, const struct path *to, bool beneath)
{
	struct mount *m = from->mnt, *dest = to->mnt;
	bool attached = m->parent != m;
	struct mnt_ns *was = m->ns;
	int err;

	if (!mount_is_ours(dest) || !m->ns || !(attached ? mount_is_ours(m) : m->ns->anon) ||
	    (m->locked & MOUNT_LOCKED) || from->dentry != m->root ||
	    S_ISDIR(to->dentry->inode->mode) != S_ISDIR(from->dentry->inode->mode) ||
	    (attached && m->parent->group))
		return -EINVAL;
	if (beneath) {
		err = may_go_beneath(m, to);
		if (err)
			return err;
		dest = dest->parent;
	}
	if (dest->group && has_unbindable(m))
		return -EINVAL;
	if (has_ns_loop(m) || mount_below(dest, m))
		return -ELOOP;
	err = mount_attach(m, to, beneath);
	if (!err && was->anon)
		mnt_ns_anon_put(was);
	return err;
}

static int move(const char *source, struct path *on)
{
	struct path from;
	int err = source && *source ? path_lookup(AT_FDCWD, source, LOOKUP_FOLLOW, &from) : -EINVAL;

	if (err)
		return err;
	mounts_lock();
	path_cross(on);
	err = mount_move(&from, on, false);
	mounts_unlock();
	path_put(&from);
	return err;
}

/* --- the rest of mount(2) --- */

static int change_type(const struct path *on, u64 flags)
{
	struct mount *top = on->mnt;
	u64 type = flags & ~(u64)(MS_REC | MS_SILENT);

	if (on->dentry != top->root || (type & ~(u64)MOUNT_TYPES) || (type & (type - 1)))
		return -EINVAL;
	mounts_lock();
	if (!mount_is_ours(top)) {
		mounts_unlock();
		return -EINVAL;
	}
	for (struct mount *m = top; m; m = flags & MS_REC ? mount_next(m, top) : NULL)
		mount_set_type(m, (u32)type);
	mnt_ns_touch(top->ns);
	mounts_unlock();
	return 0;
}

static int remount(const struct path *on, u64 flags, const char *data)
{
	struct mount *m = on->mnt;
	u64 to = flags_of_mount(flags, m->flags);
	int err = -EINVAL;

	mounts_lock();
	if (mount_is_ours(m) && on->dentry == m->root)
		err = mount_may_set(m, to);
	if (!err && (flags & MS_BIND))
		err = mount_set_flags(m, to);
	mounts_unlock();
	if (err || (flags & MS_BIND))
		return err;
	if (!super_may_admin(m->sb))
		return -EPERM;
	err = super_remount(m->sb, flags & SUPER_FLAGS, data);
	if (err)
		return err;
	mounts_lock();
	WRITE_ONCE(m->flags, to & MOUNT_FLAGS);
	mnt_ns_touch(m->ns);
	mounts_unlock();
	return 0;
}

int mount_add(struct mount *m, struct path *on)
{
	int err = 0;

	mounts_lock();
	path_cross(on); /* something may have come over it */
	if (!mount_is_ours(on->mnt) || S_ISLNK(m->root->inode->mode))
		err = -EINVAL;
	else if (on->dentry == on->mnt->root && on->mnt->sb == m->sb)
		err = -EBUSY;
	if (err)
		mount_drop_tree(m, false);
	else
		err = graft(m, on);
	mounts_unlock();
	return err;
}

/* A new file system on a place. */
static int mount_new(const char *source, struct path *on, const char *fstype, u64 flags,
		     const char *data)
{
	const struct file_system *fs = fstype ? fs_find(fstype) : NULL;
	struct super *sb;
	struct mount *m;
	int err;

	if (!fs)
		return fstype ? -ENODEV : -EINVAL;
	if (!fs_may_mount(fs))
		return -EPERM;
	sb = super_get(fs, source, flags & SUPER_FLAGS, data);
	if (IS_ERR(sb))
		return (int)PTR_ERR(sb);
	m = mount_alloc(sb, sb->root, source, flags_of_mount(flags, 0));
	super_put(sb);
	if (!m)
		return -ENOMEM;
	err = mount_may_reveal(m);
	return err ? err : mount_add(m, on);
}

int vfs_mount(const char *source, const struct path *place, const char *fstype, u64 flags,
	      const char *data)
{
	struct path here = *place, *on = &here;
	int err = landlock_may_mount();

	if (err)
		return err;
	/* The links of /proc that jump are none to mount on: they come and go. */
	if (S_ISLNK(place->dentry->inode->mode) && place->dentry->inode->ops->follow)
		return -ENOENT;
	path_get(on);
	if (flags & MS_REMOUNT)
		err = remount(on, flags, data);
	else if (flags & MS_BIND)
		err = bind(source, on, flags & MS_REC);
	else if (flags & MOUNT_TYPES)
		err = change_type(on, flags);
	else if (flags & MS_MOVE)
		err = move(source, on);
	else
		err = mount_new(source, on, fstype, flags, data);
	path_put(on);
	return err;
}

/* --- umount(2) --- */

static int may_umount(const struct path *p, int flags)
{
	struct mount *m = p->mnt;

	if (p->dentry != m->root || !mount_is_ours(m) || (m->locked & MOUNT_LOCKED))
		return -EINVAL;
	return (flags & MNT_FORCE) && !super_may_admin(m->sb) ? -EPERM : 0;
}

/* [m] */
static int umount_locked(const struct path *p, int flags)
{
	struct mount *m = p->mnt;
	int err = may_umount(p, flags);

	if (err)
		return err;
	if (m->parent == m)
		return -EINVAL;
	if (!(flags & MNT_DETACH) && propagate_busy(m, 2)) /* the tree's reference, and p's */
		return -EBUSY;
	if ((flags & MNT_EXPIRE) && !m->expiring) {
		WRITE_ONCE(m->expiring, true);
		return -EAGAIN;
	}
	mount_drop_tree(m, true);
	return 0;
}

int vfs_umount(struct path *p, int flags)
{
	struct mount *m = p->mnt;
	struct path root;
	int err = landlock_may_mount();

	if (err)
		return err;
	fs_ctx_root(&root);
	if ((flags & MNT_EXPIRE) && (m == root.mnt || (flags & (MNT_FORCE | MNT_DETACH)))) {
		err = -EINVAL;
	} else if (m == root.mnt && !(flags & MNT_DETACH)) { /* umount(2): it becomes read-only */
		err = may_umount(p, flags);
		if (!err && !super_may_admin(m->sb))
			err = -EPERM;
		if (!err)
			err = super_remount(m->sb, m->sb->flags | MS_RDONLY, NULL);
	} else {
		path_put(&root);
		mounts_lock();
		err = umount_locked(p, flags);
		mounts_unlock();
	}
	if (root.mnt)
		path_put(&root);
	d_put(p->dentry);
	mount_put_unused(m);
	return err;
}

/* --- pivot_root(2) --- */

static bool under(const struct mount *m, const struct dentry *d, const struct path *top)
{
	while (m != top->mnt && m->parent != m) {
		d = m->mountpoint;
		m = m->parent;
	}
	return m == top->mnt && d_is_ancestor(top->dentry, d);
}

static int may_pivot(const struct path *new, const struct path *old, const struct path *root)
{
	struct mount *n = new->mnt, *r = root->mnt;

	if (old->mnt->group || n->parent->group || r->parent->group || !mount_is_ours(r) ||
	    !mount_is_ours(n) || (n->locked & MOUNT_LOCKED))
		return -EINVAL;
	if (new->dentry->flags & D_DEAD)
		return -ENOENT;
	if (n == r || old->mnt == r)
		return -EBUSY;
	if (root->dentry != r->root || r->parent == r || new->dentry != n->root || n->parent == n ||
	    !under(old->mnt, old->dentry, new) || !under(n, new->dentry, root))
		return -EINVAL;
	return 0;
}

int vfs_pivot_root(const struct path *new, const struct path *put_old)
{
	struct path root, old = *put_old, was_new = { NULL, NULL }, was_root = { NULL, NULL };
	struct mount *n = new->mnt, *r;
	int err = landlock_may_mount();

	if (err)
		return err;
	path_get(&old);
	fs_ctx_root(&root);
	r = root.mnt;
	mounts_lock();
	path_cross(&old);
	err = may_pivot(new, &old, &root);
	if (!err)
		err = d_set_mounted(r->mountpoint, true);
	if (!err) {
		err = d_set_mounted(old.dentry, true);
		if (err)
			d_set_mounted(r->mountpoint, false);
	}
	if (!err) {
		struct path at = { r->parent, r->mountpoint };

		mount_change_begin();
		mount_unlink(n, &was_new);
		if (r->locked & MOUNT_LOCKED) {
			n->locked |= MOUNT_LOCKED;
			r->locked &= ~MOUNT_LOCKED;
		}
		mount_unlink(r, &was_root);
		mount_link(n, at.mnt, at.dentry);
		mount_link(r, old.mnt, old.dentry);
		mount_change_end();
		mnt_ns_touch(n->ns);
		fs_ctx_move_all(&root, new);
	}
	mounts_unlock();
	path_put(&was_new);
	path_put(&was_root);
	path_put(&root);
	path_put(&old);
	return err;
}

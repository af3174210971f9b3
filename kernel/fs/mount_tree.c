/*
 * open_tree(2), move_mount(2) and mount_setattr(2) on kernel values. A tree of mounts that hangs
 * nowhere lives in a file (FMODE_MOUNTS), in an anonymous namespace, until it is moved somewhere.
 * Locking: mount.h.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "core/sched.h"
#include "fs/internal.h"
#include "fs/landlock.h"
#include "fs/mount.h"
#include "fs/nsfs.h"

/* --- flags by their other name --- */

static const struct {
	u64 attr, flag;
} attrs[] = {
	{ MOUNT_ATTR_RDONLY, MS_RDONLY },	  { MOUNT_ATTR_NOSUID, MS_NOSUID },
	{ MOUNT_ATTR_NODEV, MS_NODEV },		  { MOUNT_ATTR_NOEXEC, MS_NOEXEC },
	{ MOUNT_ATTR_NODIRATIME, MS_NODIRATIME }, { MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW },
};

int mount_attr_flags(u64 attr, u64 *flags)
{
	u64 f = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(attrs); i++)
		if (attr & attrs[i].attr)
			f |= attrs[i].flag;
	switch (attr & MOUNT_ATTR__ATIME) {
	case MOUNT_ATTR_RELATIME:
		f |= MS_RELATIME;
		break;
	case MOUNT_ATTR_NOATIME:
		f |= MS_NOATIME;
		break;
	case MOUNT_ATTR_STRICTATIME:
		break;
	default:
		return -EINVAL;
	}
	*flags = f;
	return 0;
}

u64 mount_flags_attr(u64 flags)
{
	u64 a = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(attrs); i++)
		if (flags & attrs[i].flag)
			a |= attrs[i].attr;
	if (flags & MS_NOATIME)
		return a | MOUNT_ATTR_NOATIME;
	return flags & MS_RELATIME ? a : a | MOUNT_ATTR_STRICTATIME;
}

/* --- trees in files --- */

struct file *mount_file(struct mount *m)
{
	struct path p = { m, m->root };
	struct mnt_ns *ns;
	struct file *f;

	mounts_lock();
	ns = mnt_ns_anon(m);
	if (!ns)
		mount_drop_tree(m, false);
	else
		path_get(&p);
	mounts_unlock();
	if (!ns)
		return ERR_PTR(-ENOMEM);
	f = file_open_path(&p, O_PATH);
	if (IS_ERR(f))
		mnt_ns_dissolve(m);
	else
		f->mode |= FMODE_MOUNTS;
	path_put(&p);
	return f;
}

struct file *vfs_open_tree(const struct path *p, bool clone, bool all)
{
	struct mount *m;
	int err;

	if (!clone)
		return file_open_path(p, O_PATH);
	mounts_lock();
	err = mount_bindable(p, all);
	m = err ? ERR_PTR(err) :
	    all ? mount_copy_tree(p->mnt, p->dentry, COPY_NS_FILES) :
		  mount_copy(p->mnt, p->dentry, 0);
	if (!IS_ERR(m))
		m->locked &= ~MOUNT_LOCKED;
	mounts_unlock();
	return IS_ERR(m) ? ERR_CAST(m) : mount_file(m);
}

/* --- move_mount(2) --- */

/* MOVE_MOUNT_SET_GROUP: `to`, private so far, becomes what `from` is. */
static int set_group(const struct path *a, const struct path *b)
{
	struct mount *from = a->mnt, *to = b->mnt, *c;

	if (!from->ns || !to->ns)
		return -EINVAL;
	if (!mnt_ns_may_admin(from->ns) || !mnt_ns_may_admin(to->ns))
		return -EPERM;
	if (a->dentry != from->root || b->dentry != to->root || from->sb != to->sb ||
	    !d_is_ancestor(from->root, to->root) || to->group || to->master ||
	    (!from->group && !from->master))
		return -EINVAL;
	list_for_each_entry(c, &from->children, sibling)
		if ((c->locked & MOUNT_LOCKED) && d_is_ancestor(to->root, c->mountpoint))
			return -EINVAL;
	if (from->master) {
		to->master = from->master;
		list_add(&to->slave_link, &from->slave_link);
	}
	if (from->group) {
		to->group = from->group;
		list_add(&to->peers, &from->peers);
	}
	return 0;
}

int vfs_move_mount(const struct path *from, const struct path *to, unsigned flags)
{
	struct path on = *to;
	int err = landlock_may_mount();

	if (err)
		return err;
	path_get(&on);
	mounts_lock();
	if (flags & MOVE_MOUNT_SET_GROUP) {
		err = set_group(from, to);
	} else {
		path_cross(&on);
		err = mount_move(from, &on, flags & MOVE_MOUNT_BENEATH);
	}
	mounts_unlock();
	path_put(&on);
	return err;
}

/* --- mount_setattr(2) --- */

static struct mount *next_of(struct mount *m, struct mount *top, bool all)
{
	return all ? mount_next(m, top) : NULL;
}

int vfs_mount_setattr(const struct path *p, u64 set, u64 clr, u32 type, bool all)
{
	struct mount *top = p->mnt, *m;
	int err = 0;

	if (p->dentry != top->root)
		return -EINVAL;
	mounts_lock();
	if (!top->ns || ((top->parent != top || !top->ns->anon) && !mount_is_ours(top)))
		err = -EINVAL;
	for (m = top; m && !err; m = next_of(m, top, all)) { /* all of them or none */
		u64 flags = (m->flags & ~clr) | set;

		err = mount_may_set(m, flags);
		if (!err && (flags & ~m->flags & MS_RDONLY) && atomic_read(&m->writers) > 0)
			err = -EBUSY;
	}
	for (m = top; m && !err; m = next_of(m, top, all)) {
		WRITE_ONCE(m->flags, (m->flags & ~clr) | set);
		if (type)
			mount_set_type(m, type);
	}
	mnt_ns_touch(top->ns);
	mounts_unlock();
	return err;
}

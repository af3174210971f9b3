/*
 * The verbs on names: mkdir, mknod, symlink, link, unlink, rmdir, rename. Each
 * walks to the parent, locks the directory, checks as the manual pages (section
 * 2) say, asks the file system, and tells the dentry cache.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "fs/acl.h"
#include "fs/fileattr.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "fs/landlock.h"
#include "fs/lease.h"
#include "fs/notify.h"
#include "lib/string.h"

#define ST_VALID 0x20 /* in statfs f_flags: the flags mean something; in no header of user space */

/* May current make an entry in dir? dir->rwsem held for writing. */
static int may_create(const struct walk *w)
{
	struct dentry *dir = w->dir.dentry;

	if (dir->flags & D_DEAD)
		return -ENOENT;
	return inode_permission(w->dir.mnt, dir->inode, MAY_WRITE | MAY_EXEC);
}

/* May current take d out of dir? */
static int may_delete(const struct path *dir, struct dentry *d, bool want_dir)
{
	struct inode *di = dir->dentry->inode, *i = d->inode;
	int err = inode_permission(dir->mnt, di, MAY_WRITE | MAY_EXEC);

	if (err)
		return err;
	if (inode_appends_only(di) || inode_fixed(i))
		return -EPERM;
	if ((di->mode & S_ISVTX) && current->cred->fsuid != i->uid &&
	    current->cred->fsuid != di->uid && !inode_capable(i, CAP_FOWNER))
		return -EPERM;
	if (want_dir) {
		if (!S_ISDIR(i->mode))
			return -ENOTDIR;
		if (d == d->parent)
			return -EBUSY;
	} else if (S_ISDIR(i->mode)) {
		return -EISDIR;
	}
	return 0;
}

/*
 * Begins a creation: walks, locks the parent, finds the negative dentry of the new name. On success
 * the caller ends with create_end. -EEXIST when the name stands.
 */
static int create_begin(struct walk *w, int dfd, const char *name, bool dir, struct dentry **out)
{
	struct dentry *d;
	int err;

	if (!*name)
		return -ENOENT;
	err = walk_parent(w, dfd, name, 0);
	if (err)
		return err;
	if (w->kind != LAST_NORM) {
		err = -EEXIST;
		goto out_walk;
	}
	if (w->len > NAME_MAX) {
		err = -ENAMETOOLONG;
		goto out_walk;
	}
	rwsem_write_lock(&w->dir.dentry->inode->rwsem);
	d = dir_lookup_locked(w->dir.dentry, w->last, w->len);
	if (IS_ERR(d)) {
		err = (int)PTR_ERR(d);
		goto out_unlock;
	}
	if (d->inode) {
		err = -EEXIST;
	} else if (w->must_dir && !dir) {
		err = -ENOENT;
	} else {
		err = may_create(w);
	}
	if (!err) {
		*out = d;
		return 0;
	}
	d_put(d);
out_unlock:
	rwsem_write_unlock(&w->dir.dentry->inode->rwsem);
out_walk:
	walk_end(w);
	return err;
}

static void create_end(struct walk *w, struct dentry *d)
{
	rwsem_write_unlock(&w->dir.dentry->inode->rwsem);
	d_put(d);
	walk_end(w);
}

static int make(int dfd, const char *name, u32 mode, u64 dev, const char *target)
{
	struct inode *dir;
	struct dentry *d;
	struct walk w;
	int err = create_begin(&w, dfd, name, S_ISDIR(mode), &d);

	if (err)
		return err;
	dir = w.dir.dentry->inode;
	if (!S_ISLNK(mode))
		mode = mode_masked(dir, mode);
	if (!dir->ops->make || ((S_ISCHR(mode) || S_ISBLK(mode)) && !capable(CAP_MKNOD)))
		err = -EPERM;
	else
		err = landlock_may(&w.dir, landlock_make_access(mode));
	if (!err)
		err = dir->ops->make(dir, d, mode, S_ISCHR(mode) || S_ISBLK(mode) ? dev : 0,
				     target);
	if (!err)
		notify_name(dir, w.last, w.len, d->inode, IN_CREATE);
	create_end(&w, d);
	return err;
}

int vfs_mkdir(int dfd, const char *name, u32 mode)
{
	return make(dfd, name, S_IFDIR | (mode & 01777), 0, NULL);
}

int vfs_mknod(int dfd, const char *name, u32 mode, u64 dev)
{
	switch (mode & S_IFMT) {
	case 0:
		return make(dfd, name, S_IFREG | (mode & 07777), 0, NULL);
	case S_IFREG:
	case S_IFIFO:
	case S_IFSOCK:
	case S_IFCHR:
	case S_IFBLK:
		return make(dfd, name, mode & (S_IFMT | 07777), dev, NULL);
	case S_IFDIR:
		return -EPERM;
	default:
		return -EINVAL;
	}
}

int vfs_symlink(const char *target, int dfd, const char *name)
{
	return make(dfd, name, S_IFLNK | 0777, 0, target);
}

int protected_hardlinks = 1; /* as Debian sets it: who may not write a file may not link to it */

static int may_link(const struct path *from)
{
	struct inode *i = from->dentry->inode;

	if (!READ_ONCE(protected_hardlinks) || inode_owner_or_capable(i))
		return 0;
	if (!S_ISREG(i->mode) || (i->mode & S_ISUID) ||
	    (i->mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) ||
	    inode_permission(NULL, i, MAY_READ | MAY_WRITE))
		return -EPERM;
	return 0;
}

/* A file of O_TMPFILE comes from where it has no name. */
static int refer(const struct path *from, const struct path *to)
{
	const struct path dir = { from->mnt, READ_ONCE(from->dentry->parent) };

	return landlock_refer(&dir, from->dentry, to, NULL, false, false);
}

/*
 * The file's own lock, which removing a name takes too: who comes while the last one goes finds it gone, and only a
 * file that never had one may get its first.
 */
static int link_locked(struct inode *dir, struct dentry *d, struct dentry *from)
{
	struct inode *i = from->inode;
	int err;

	rwsem_write_lock(&i->rwsem);
	if (!i->nlink && !(READ_ONCE(from->flags) & D_LINKABLE))
		err = -ENOENT;
	else
		err = dir->ops->link(dir, d, i);
	if (!err)
		d_named(from);
	rwsem_write_unlock(&i->rwsem);
	return err;
}

/* AT_EMPTY_PATH of linkat(2): who opened the file, with the credentials of now, or who reaches everything. */
static bool may_link_open(int fd)
{
	struct file *f = fd_get_raw(fd);
	bool may = !f || f->cred == current->cred || capable(CAP_DAC_READ_SEARCH);

	if (f)
		file_put(f);
	return may; /* no file: EBADF comes from the walk */
}

int vfs_link(int odfd, const char *oname, int ndfd, const char *nname, int flags)
{
	unsigned look = (flags & AT_SYMLINK_FOLLOW ? LOOKUP_FOLLOW : 0) |
			(flags & AT_EMPTY_PATH ? LOOKUP_EMPTY : 0);
	struct path from;
	struct inode *dir, *i;
	struct dentry *d;
	struct walk w;
	int err;

	if (flags & ~(AT_SYMLINK_FOLLOW | AT_EMPTY_PATH))
		return -EINVAL;
	if ((flags & AT_EMPTY_PATH) && *oname != '/' && odfd != AT_FDCWD && !may_link_open(odfd))
		return -ENOENT;
	err = path_lookup(odfd, oname, look, &from);
	if (err)
		return err;
	i = from.dentry->inode;
	err = IS_ERR(nname) ? (int)PTR_ERR(nname) : create_begin(&w, ndfd, nname, false, &d);
	if (err)
		goto out;
	dir = w.dir.dentry->inode;
	if (from.mnt != w.dir.mnt || i->sb != dir->sb)
		err = -EXDEV;
	else if (S_ISDIR(i->mode) || !dir->ops->link || inode_fixed(i))
		err = -EPERM;
	else if (!i->nlink && !(from.dentry->flags & D_LINKABLE))
		err = -ENOENT;
	else
		err = may_link(&from);
	if (!err)
		err = refer(&from, &w.dir);
	if (!err)
		err = link_locked(dir, d, from.dentry);
	if (!err) {
		notify_inode(i, IN_ATTRIB);
		notify_name(dir, w.last, w.len, i, IN_CREATE);
	}
	create_end(&w, d);
out:
	path_put(&from);
	return err;
}

int vfs_remove_locked(struct inode *dir, struct dentry *d, bool is_dir)
{
	int (*remove)(struct inode *, struct dentry *) = is_dir ? dir->ops->rmdir :
								  dir->ops->unlink;
	struct inode *i = d->inode;
	int err = d_remove_begin(d);

	if (err)
		return err;
	rwsem_write_lock(&i->rwsem);
	err = remove ? remove(dir, d) : -EPERM;
	if (!err && !is_dir)
		notify_inode(i, IN_ATTRIB);
	if (!err)
		d_delete(d);
	rwsem_write_unlock(&i->rwsem);
	if (err)
		d_keep(d);
	else if (is_dir)
		d_drop_children(d); /* so that it goes with its last user */
	return err;
}

int vfs_remove_at(const struct path *at, const char *name, size_t len, bool is_dir, bool must_dir)
{
	struct inode *dir = at->dentry->inode, *i;
	struct dentry *d;
	int err;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	rwsem_write_lock(&dir->rwsem);
	d = dir_lookup_locked(at->dentry, name, len);
	if (IS_ERR(d)) {
		err = (int)PTR_ERR(d);
		goto out_unlock;
	}
	i = d->inode;
	if (!i) {
		err = -ENOENT;
		goto out_put;
	}
	if (!is_dir && must_dir) {
		err = S_ISDIR(i->mode) ? -EISDIR : -ENOTDIR;
		goto out_put;
	}
	err = landlock_may(at,
			   is_dir ? LANDLOCK_ACCESS_FS_REMOVE_DIR : LANDLOCK_ACCESS_FS_REMOVE_FILE);
	if (!err)
		err = may_delete(at, d, is_dir);
	if (err)
		goto out_put;
	inode_get(i); /* outlive the directory's reference, so that its data goes after the lock */
	err = vfs_remove_locked(dir, d, is_dir);
	d_put(d);
	if (!err)
		notify_name(dir, name, len, i, IN_DELETE);
	rwsem_write_unlock(&dir->rwsem);
	inode_put(i);
	return err;
out_put:
	d_put(d);
out_unlock:
	rwsem_write_unlock(&dir->rwsem);
	return err;
}

static bool mount_readonly(const struct mount *m)
{
	return (READ_ONCE(m->flags) | READ_ONCE(m->sb->flags)) & MS_RDONLY;
}

/* unlink(2) and rmdir(2): the same walk, other checks. */
static int remove(int dfd, const char *name, bool is_dir)
{
	struct walk w;
	int err;

	if (!*name)
		return -ENOENT;
	err = walk_parent(&w, dfd, name, 0);
	if (err)
		return err;
	if (w.kind == LAST_NORM && mount_readonly(w.dir.mnt))
		err = -EROFS;
	else if (w.kind == LAST_NORM)
		err = vfs_remove_at(&w.dir, w.last, w.len, is_dir, w.must_dir);
	else if (!is_dir)
		err = -EISDIR;
	else
		err = w.kind == LAST_DOT ? -EINVAL : w.kind == LAST_DOTDOT ? -ENOTEMPTY : -EBUSY;
	walk_end(&w);
	return err;
}

int vfs_unlink(int dfd, const char *name)
{
	return remove(dfd, name, false);
}

int vfs_rmdir(int dfd, const char *name)
{
	return remove(dfd, name, true);
}

void vfs_lock_dirs(struct dentry *a, struct dentry *b)
{
	if (a == b) {
		rwsem_write_lock(&a->inode->rwsem);
	} else if (d_is_ancestor(a, b) || (!d_is_ancestor(b, a) && a < b)) {
		rwsem_write_lock(&a->inode->rwsem);
		rwsem_write_lock(&b->inode->rwsem);
	} else {
		rwsem_write_lock(&b->inode->rwsem);
		rwsem_write_lock(&a->inode->rwsem);
	}
}

void vfs_unlock_dirs(struct dentry *a, struct dentry *b)
{
	rwsem_write_unlock(&a->inode->rwsem);
	if (a != b)
		rwsem_write_unlock(&b->inode->rwsem);
}

/* rename(2)'s checks with both directories locked and both names looked up. */
static int may_rename(const struct walk *o, const struct walk *n, struct dentry *od,
		      struct dentry *nd, unsigned flags)
{
	bool exchange = flags & RENAME_EXCHANGE;
	bool is_dir;
	int err;

	if (!od->inode)
		return -ENOENT;
	is_dir = S_ISDIR(od->inode->mode);
	if (nd->inode && (flags & RENAME_NOREPLACE))
		return -EEXIST;
	if (!nd->inode && exchange)
		return -ENOENT;
	if (!is_dir && (o->must_dir || (!exchange && n->must_dir)))
		return -ENOTDIR;
	if (exchange && n->must_dir && !S_ISDIR(nd->inode->mode))
		return -ENOTDIR;
	/* A directory must not go below itself. */
	if (d_is_ancestor(od, n->dir.dentry))
		return -EINVAL;
	if (nd->inode && d_is_ancestor(nd, o->dir.dentry))
		return exchange ? -EINVAL : -ENOTEMPTY;
	if (od->inode == nd->inode)
		return 0;
	err = may_delete(&o->dir, od, is_dir);
	if (err)
		return err;
	if (!nd->inode)
		err = may_create(n);
	else
		err = may_delete(&n->dir, nd, exchange ? S_ISDIR(nd->inode->mode) : is_dir);
	if (err)
		return err;
	if (((od->flags & D_MOUNTED) && mounts_here(od)) ||
	    ((nd->flags & D_MOUNTED) && mounts_here(nd)))
		return -EBUSY;
	/* Its ".." changes: that is a write to the directory itself. */
	if (is_dir && o->dir.dentry != n->dir.dentry)
		err = inode_permission(o->dir.mnt, od->inode, MAY_WRITE);
	if (!err && exchange && S_ISDIR(nd->inode->mode) && o->dir.dentry != n->dir.dentry)
		err = inode_permission(n->dir.mnt, nd->inode, MAY_WRITE);
	return err;
}

/* i was renamed from o to n, over or in exchange for other (which may be NULL). */
static void tell_rename(const struct walk *o, const struct walk *n, struct inode *i,
			struct inode *other, unsigned flags)
{
	struct notify_move there = { .from = o->dir.dentry->inode,
				     .to = n->dir.dentry->inode,
				     .old_name = o->last,
				     .old_len = o->len,
				     .new_name = n->last,
				     .new_len = n->len,
				     .inode = i,
				     .over = flags & RENAME_EXCHANGE ? NULL : other };
	struct notify_move back = { .from = there.to,
				    .to = there.from,
				    .old_name = there.new_name,
				    .old_len = there.new_len,
				    .new_name = there.old_name,
				    .new_len = there.old_len,
				    .inode = other };

	notify_moved(&there);
	if (flags & RENAME_EXCHANGE)
		notify_moved(&back);
}

int vfs_rename_locked(struct dentry *odir, struct dentry *od, struct dentry *ndir,
		      struct dentry *nd, unsigned flags)
{
	bool exchange = flags & RENAME_EXCHANGE;
	struct inode *victim = exchange ? NULL : nd->inode;
	char *heap;
	int err = d_move_prepare(nd->name, nd->len, &heap);

	if (err)
		return err;
	if (!exchange)
		err = d_remove_begin(nd);
	if (err)
		goto out;
	/* A directory that is replaced is empty and stays so: no new name in it meanwhile. */
	if (victim)
		rwsem_write_lock(&victim->rwsem);
	err = odir->inode->ops->rename ?
		      odir->inode->ops->rename(odir->inode, od, ndir->inode, nd, flags) :
		      -EPERM;
	if (!err && !exchange)
		d_delete(nd);
	if (victim)
		rwsem_write_unlock(&victim->rwsem);
	if (err) {
		if (!exchange)
			d_keep(nd);
	} else if (exchange) {
		d_exchange(od, nd);
	} else {
		if (victim)
			d_drop_children(nd);
		d_move(od, ndir, nd->name, nd->len, heap);
		return 0;
	}
out:
	kfree(heap);
	return err;
}

static int rename_locked(struct walk *o, struct walk *n, unsigned flags)
{
	struct dentry *odir = o->dir.dentry, *ndir = n->dir.dentry;
	struct inode *victim = NULL;
	struct dentry *od, *nd;
	int err;

	od = dir_lookup_locked(odir, o->last, o->len);
	if (IS_ERR(od))
		return (int)PTR_ERR(od);
	nd = dir_lookup_locked(ndir, n->last, n->len);
	if (IS_ERR(nd)) {
		d_put(od);
		return (int)PTR_ERR(nd);
	}
	err = may_rename(o, n, od, nd, flags);
	if (!err)
		err = landlock_refer(&o->dir, od, &n->dir, nd, true, flags & RENAME_EXCHANGE);
	if (err || od->inode == nd->inode) /* two links of one file: rename(2) does nothing */
		goto out;
	victim = flags & RENAME_EXCHANGE ? NULL : nd->inode;
	if (victim)
		inode_get(victim);
	err = vfs_rename_locked(odir, od, ndir, nd, flags);
	if (!err && notify_any())
		tell_rename(o, n, od->inode, victim ? victim : nd->inode, flags);
out:
	d_put(od);
	d_put(nd);
	if (victim)
		inode_put(victim);
	return err;
}

int vfs_rename(int odfd, const char *oname, int ndfd, const char *nname, unsigned flags)
{
	struct walk o, n;
	struct super *sb;
	int err;

	if ((flags & ~(RENAME_NOREPLACE | RENAME_EXCHANGE | RENAME_WHITEOUT)) ||
	    ((flags & RENAME_EXCHANGE) && (flags & (RENAME_NOREPLACE | RENAME_WHITEOUT))))
		return -EINVAL;
	if (IS_ERR(oname))
		return (int)PTR_ERR(oname);
	if (!*oname)
		return -ENOENT;
	err = walk_parent(&o, odfd, oname, 0);
	if (err)
		return err;
	if (IS_ERR(nname))
		err = (int)PTR_ERR(nname);
	else
		err = *nname ? walk_parent(&n, ndfd, nname, 0) : -ENOENT;
	if (err)
		goto out_old;
	err = -EXDEV;
	if (o.dir.mnt != n.dir.mnt)
		goto out_new;
	err = -EBUSY;
	if (o.kind != LAST_NORM)
		goto out_new;
	if (n.kind != LAST_NORM) {
		err = flags & RENAME_NOREPLACE ? -EEXIST : -EBUSY;
		goto out_new;
	}
	err = -EROFS;
	if (mount_readonly(o.dir.mnt))
		goto out_new;
	err = -ENAMETOOLONG;
	if (o.len > NAME_MAX || n.len > NAME_MAX)
		goto out_new;
	sb = o.dir.mnt->sb;
	mutex_lock(&sb->rename_mutex);
	vfs_lock_dirs(o.dir.dentry, n.dir.dentry);
	err = rename_locked(&o, &n, flags);
	vfs_unlock_dirs(o.dir.dentry, n.dir.dentry);
	mutex_unlock(&sb->rename_mutex);
out_new:
	walk_end(&n);
out_old:
	walk_end(&o);
	return err;
}

int vfs_stat(const struct path *p, struct stat *st)
{
	struct inode *i = p->dentry->inode;

	return i->ops->getattr ? i->ops->getattr(i, st) : generic_getattr(i, st);
}

int vfs_statfs(const struct path *p, struct statfs *st)
{
	struct super *sb = p->dentry->sb;
	u64 flags = READ_ONCE(p->mnt->flags) | sb->flags;
	int err;

	memset(st, 0, sizeof(*st));
	if (!sb->ops->statfs)
		return -ENOSYS;
	err = sb->ops->statfs(sb, st);
	if (err)
		return err;
	if (!st->f_frsize)
		st->f_frsize = st->f_bsize;
	if (!st->f_fsid.val[0] && !st->f_fsid.val[1]) {
		st->f_fsid.val[0] = (int)DEV_MINOR(sb->dev);
		st->f_fsid.val[1] = (int)DEV_MAJOR(sb->dev);
	}
	st->f_flags = ST_VALID |
		      (long)(flags & (ST_RDONLY | ST_NOSUID | ST_NODEV | ST_NOEXEC |
				      ST_SYNCHRONOUS | ST_MANDLOCK | ST_NOATIME | ST_NODIRATIME));
	if (flags & MS_RELATIME)
		st->f_flags |= ST_RELATIME;
	if (flags & MS_NOSYMFOLLOW)
		st->f_flags |= ST_NOSYMFOLLOW;
	return 0;
}

int vfs_truncate(const struct path *p, u64 size)
{
	struct attrs a = { .valid = ATTR_SIZE | ATTR_FORCE, .size = size };
	struct inode *i = p->dentry->inode;
	struct path place = *p;
	int err;

	if (S_ISDIR(i->mode))
		return -EISDIR;
	if (!S_ISREG(i->mode))
		return -EINVAL;
	err = inode_permission(p->mnt, i, MAY_WRITE);
	if (!err && inode_appends_only(i))
		err = -EPERM;
	if (!err)
		err = landlock_may(p, LANDLOCK_ACCESS_FS_TRUNCATE);
	if (!err)
		err = size_within_limit(size);
	if (!err)
		err = inode_get_write(i);
	if (err)
		return err;
	err = lease_break(i, O_WRONLY);
	if (!err)
		err = inode_change(&place, &a);
	inode_put_write(i);
	return err;
}

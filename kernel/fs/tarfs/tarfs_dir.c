/*
 * tarfs: directories. Names live in the tree (tree.h); what happens to them goes through the store
 * where the device keeps it.
 *
 * Locks: the callers hold the directories' rwsems, as fs.h says; struct tarfs's lock is below them.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include "alloc/slab.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"

static enum tar_type format_type(u32 mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return TAR_DIR;
	case S_IFLNK:
		return TAR_SYMLINK;
	case S_IFCHR:
		return TAR_CHAR;
	case S_IFBLK:
		return TAR_BLOCKDEV;
	case S_IFIFO:
		return TAR_FIFO;
	case S_IFSOCK:
		return TAR_SOCKET;
	default:
		return TAR_FILE;
	}
}

/* Copies the links after a change of names; the last name's going takes the pin away. */
static void names_changed(struct inode *i)
{
	struct tarfs *fs = tarfs_of(i->sb);
	bool unpin;

	spin_lock(&fs->lock);
	i->nlink = tarfs_node(i)->nlink;
	unpin = !i->nlink && !list_empty(&i->sb_link);
	if (unpin)
		list_del_init(&i->sb_link);
	spin_unlock(&fs->lock);
	if (!i->nlink)
		inode_unhold(i);
	if (unpin)
		inode_put(i);
}

static void dir_changed(struct inode *dir)
{
	tarfs_pin(dir);
	names_changed(dir);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

static void links_changed(struct inode *i)
{
	tarfs_pin(i);
	names_changed(i);
	inode_touch(i, ATTR_CTIME);
}

/* The store that n's names go to, or NULL. */
static struct store *store_of(const struct tarfs *fs, const struct inode *i)
{
	return tarfs_kept(fs, tarfs_node(i)) ? fs->store : NULL;
}

static struct tar_name *find(struct inode *dir, const struct dentry *d)
{
	return tar_find(tarfs_node(dir), d->name, d->len);
}

static int tarfs_lookup(struct inode *dir, struct dentry *d)
{
	struct tar_name *e = find(dir, d);
	struct inode *i;

	if (!e)
		return 0;
	i = tarfs_iget(dir->sb, e->node);
	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	d_instantiate(d, i);
	return 0;
}

/* An inode with a node of its own and no name. ERR_PTR. */
static struct inode *new_inode(struct inode *dir, u32 mode, u64 rdev, const char *target)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	struct tar_node *n;
	struct inode *i;
	char *copy = NULL;

	if (READ_ONCE(fs->tree.nodes) >= fs->max_nodes)
		return ERR_PTR(-ENOSPC);
	if (target) {
		copy = kstrdup(target);
		if (!copy)
			return ERR_PTR(-ENOMEM);
	}
	spin_lock(&fs->lock);
	n = tar_node_new(&fs->tree, format_type(mode));
	spin_unlock(&fs->lock);
	if (!n) {
		kfree(copy);
		return ERR_PTR(-ENOMEM);
	}
	if (target) {
		n->target = copy;
		n->size = strlen(copy);
	} else if (n->type == TAR_CHAR || n->type == TAR_BLOCKDEV) {
		n->dev.major = DEV_MAJOR(rdev);
		n->dev.minor = DEV_MINOR(rdev);
	}
	n->mode = mode & 07777;
	if (fs->tree.overlay && tarfs_node(dir)->archive == fs->tree.overlay)
		n->archive = fs->tree.overlay;
	i = tarfs_iget(dir->sb, n);
	if (IS_ERR(i)) {
		spin_lock(&fs->lock);
		tar_node_free(&fs->tree, n);
		spin_unlock(&fs->lock);
		return i;
	}
	i->atime = i->mtime = i->ctime = i->btime = now_ktimespec();
	if (n->type == TAR_FILE && !tarfs_kept(fs, n)) {
		i->pages.ops = NULL;
		i->pages.pinned = true;
	}
	inode_init_owner(i, dir, i->mode);
	return i;
}

static int add_name(struct inode *dir, const struct dentry *d, struct inode *i, bool is_new)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	struct tarfs_asked a = { .len = d->len, .node = is_new ? NULL : tarfs_node(i) };
	int err;

	if (store_of(fs, i))
		a.dir = tarfs_node(dir);
	err = tarfs_ask_names(fs, &a);
	if (err)
		return err;
	err = store_link(store_of(fs, i), tarfs_node(dir), d->name, d->len, tarfs_node(i));
	spin_unlock(&fs->lock);
	return err;
}

static int make(struct inode *dir, struct dentry *d, u32 mode, u64 rdev, const char *target)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	struct inode *i = new_inode(dir, mode, rdev, target);
	int err;

	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	err = add_name(dir, d, i, true);
	if (err) {
		inode_put(i);
		return err;
	}
	tarfs_pin(i);
	names_changed(i);
	dir_changed(dir);
	d_instantiate(d, i);
	tarfs_relieve(fs);
	return 0;
}

static struct inode *tarfs_tmpfile(struct inode *dir, u32 mode)
{
	struct inode *i = new_inode(dir, S_IFREG | (mode & 07777), 0, NULL);

	if (!IS_ERR(i))
		i->nlink = 0;
	return i;
}

static int tarfs_link(struct inode *dir, struct dentry *d, struct inode *i)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	bool kept = store_of(fs, i), nameless = !i->nlink;
	int err;

	if (kept && !store_of(fs, dir)) /* what is kept can't be named where nothing is */
		return -EXDEV;
	err = add_name(dir, d, i, false);
	if (err)
		return err;
	links_changed(i);
	if (kept && nameless && S_ISREG(i->mode)) {
		err = tarfs_room(i, 0, inode_size(i));
		vmobject_unkeep(&i->pages);
	}
	if (err) {
		spin_lock(&fs->lock);
		store_unlink(fs->store, tarfs_node(dir), find(dir, d));
		spin_unlock(&fs->lock);
		names_changed(i);
		return err;
	}
	dir_changed(dir);
	inode_get(i);
	d_instantiate(d, i);
	tarfs_relieve(fs);
	return 0;
}

static int tarfs_unlink(struct inode *dir, struct dentry *d)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	struct tar_name *e = find(dir, d);
	struct tarfs_asked a = { .dir = NULL };
	int err;

	if (!e)
		return -ENOENT;
	tarfs_keep_data(d->inode, 2); /* the dentry, and who removes it */
	a.goes = store_of(fs, d->inode) ? e : NULL;
	err = tarfs_ask_names(fs, &a);
	if (err)
		return err;
	store_unlink(store_of(fs, d->inode), tarfs_node(dir), e);
	spin_unlock(&fs->lock);
	links_changed(d->inode);
	dir_changed(dir);
	tarfs_relieve(fs);
	return 0;
}

static int tarfs_rmdir(struct inode *dir, struct dentry *d)
{
	return tar_dir_empty(tarfs_node(d->inode)) ? tarfs_unlink(dir, d) : -ENOTEMPTY;
}

/*
 * A rename that leaves a whiteout in its place: 0, or -ENOMEM and nothing is changed. Names are got under
 * one that no file can have. fs->lock held.
 */
static int rename_leaving(struct store *st, struct tar_node *od, struct tar_name *from,
			  struct tar_node *nd, const struct dentry *n, struct tar_name *to,
			  struct tar_node *whiteout)
{
	static const char own[] = "/whiteout";
	struct tar_name *tmp;
	struct tar_node *gone;
	int err = store_link(st, od, own, sizeof(own) - 1, whiteout);

	if (err)
		return err;
	tmp = tar_find(od, own, sizeof(own) - 1);
	store_rename(st, od, from, od, own, sizeof(own) - 1, tmp, true, &gone);
	err = store_rename(st, od, tmp, nd, n->name, n->len, to, false, &gone);
	if (err) {
		store_rename(st, od, from, od, own, sizeof(own) - 1, tmp, true, &gone);
		store_unlink(st, od, tmp);
	}
	return err;
}

static int tarfs_rename(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n,
			unsigned flags)
{
	struct tarfs *fs = tarfs_of(od->sb);
	struct tar_name *from = find(od, o), *to = find(nd, n);
	struct inode *i = o->inode, *other = n->inode;
	struct store *st = store_of(fs, i);
	struct inode *whiteout = NULL;
	bool exchange = flags & RENAME_EXCHANGE;
	struct tarfs_asked a = { .dir = NULL };
	struct tar_node *gone;
	int err = 0;

	if (!from || (exchange && !to))
		return -ENOENT;
	if (to && !exchange && S_ISDIR(other->mode) && !tar_dir_empty(tarfs_node(other)))
		return -ENOTEMPTY;
	if ((st && !store_of(fs, nd)) || (other && st != store_of(fs, other)) ||
	    (st && exchange && !store_of(fs, od)))
		return -EXDEV;
	if (st) {
		a = (struct tarfs_asked){ .dir = nd->priv, .node = i->priv, .len = n->len };
		a.goes = exchange ? NULL : to;
	}
	if (store_of(fs, od) && (exchange || (flags & RENAME_WHITEOUT))) {
		a.dir2 = od->priv;
		a.node2 = exchange ? other->priv : NULL;
		a.len2 = o->len;
	}
	if (st && other &&
	    S_ISREG(i->mode)) /* the new contents, or the old: no crash leaves neither */
		err = vmobject_writeback(&i->pages, 0, S64_MAX);
	if (err)
		return err;
	if (flags & RENAME_WHITEOUT) {
		whiteout = new_inode(od, S_IFCHR, 0, NULL);
		if (IS_ERR(whiteout))
			return (int)PTR_ERR(whiteout);
	}
	if (other && !exchange)
		tarfs_keep_data(other, 2);
	err = tarfs_ask_names(fs, &a);
	if (err) {
		inode_put(whiteout);
		return err;
	}
	if (whiteout)
		err = rename_leaving(st, od->priv, from, nd->priv, n, to, whiteout->priv);
	else
		err = store_rename(st, od->priv, from, nd->priv, n->name, n->len, to, exchange,
				   &gone);
	spin_unlock(&fs->lock);
	if (whiteout && !err)
		links_changed(whiteout);
	inode_put(whiteout);
	if (err)
		return err;
	links_changed(i);
	if (other)
		links_changed(other);
	dir_changed(od);
	if (nd != od)
		dir_changed(nd);
	tarfs_relieve(fs);
	return 0;
}

static unsigned node_dtype(const struct tar_node *n)
{
	return mode_to_dtype(tarfs_format(n));
}

static int tarfs_readdir(struct file *f, struct dir_context *dc)
{
	const struct tar_node *dir = tarfs_node(f->inode);
	struct tar_name *e;

	if (!dir_emit_dots(f, dc))
		return 0;
	e = tar_seek(dir, dc->pos);
	while (e) {
		struct rb_node *next = rb_next(&e->by_cookie);

		if (!dc->emit(dc, e->name, e->len, e->node->ino, node_dtype(e->node),
			      e->cookie + 1))
			return 0;
		dc->pos = e->cookie + 1;
		e = next ? rb_entry(next, struct tar_name, by_cookie) : NULL;
	}
	return 0;
}

const struct inode_ops tarfs_dir_ops = {
	.lookup = tarfs_lookup,
	.make = make,
	.link = tarfs_link,
	.unlink = tarfs_unlink,
	.rmdir = tarfs_rmdir,
	.rename = tarfs_rename,
	.tmpfile = tarfs_tmpfile,
	.setattr = tarfs_setattr,
	.setflags = tarfs_setflags,
	.touched = tarfs_touched,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

const struct file_ops tarfs_dir_fops = {
	.readdir = tarfs_readdir,
	.llseek = dir_llseek,
	.fsync = tarfs_fsync,
};

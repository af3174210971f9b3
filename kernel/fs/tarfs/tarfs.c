/*
 * tarfs: TAR archives as a file system: its inodes, directories and files. The
 * tree (tree.h) is built when mounting (tarfs_mount.c); an inode is made of its
 * node when somebody looks it up. File pages come from the archive through the
 * page cache (tarfs_io.c). Changes live in memory over it: names in the tree, data
 * and attributes in inodes that are pinned from their first change until their
 * last name goes.
 *
 * Locks: directory and file rwsems are held as fs.h says; struct tarfs's lock
 * (tarfs.h) below them. An inode that is not pinned holds nothing that its node
 * does not, so it may go and come back.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include "alloc/slab.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"

static const struct inode_ops tarfs_dir_ops, tarfs_file_ops, tarfs_symlink_ops, tarfs_special_ops;
static const struct file_ops tarfs_dir_fops, tarfs_file_fops;

/* --- inodes --- */

static u32 node_format(const struct tar_node *n)
{
	static const u32 formats[] = {
		[TAR_FILE] = S_IFREG,	  [TAR_SYMLINK] = S_IFLNK, [TAR_CHAR] = S_IFCHR,
		[TAR_BLOCKDEV] = S_IFBLK, [TAR_DIR] = S_IFDIR,	   [TAR_FIFO] = S_IFIFO,
		[TAR_SOCKET] = S_IFSOCK,
	};

	return formats[n->type];
}

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

static int load_xattrs(struct inode *i, const struct tar_node *n)
{
	for (struct tar_xattr *x = n->xattrs; x; x = x->next) {
		/* One that this kernel would not set is no reason to hide the file. */
		if (memxattr_set(i, x->name, tar_xattr_value(x), x->value_len, 0) == -ENOMEM)
			return -ENOMEM;
	}
	return 0;
}

/* Fills a fresh inode from its node. */
static int load_inode(struct inode *i, struct tar_node *n)
{
	i->ino = n->ino;
	i->mode = node_format(n) | n->mode;
	i->uid = n->uid;
	i->gid = n->gid;
	i->nlink = n->nlink;
	i->atime = (ktimespec){ .sec = n->atime, .nsec = n->atime_nsec };
	i->mtime = (ktimespec){ .sec = n->mtime, .nsec = n->mtime_nsec };
	i->ctime = (ktimespec){ .sec = n->ctime, .nsec = n->ctime_nsec };
	i->btime = i->mtime;
	switch (n->type) {
	case TAR_DIR:
		i->ops = &tarfs_dir_ops;
		i->fops = &tarfs_dir_fops;
		break;
	case TAR_FILE:
		i->ops = &tarfs_file_ops;
		i->fops = &tarfs_file_fops;
		i->pages.size = n->size;
		i->pages.ops = &tarfs_vmobject_ops;
		break;
	case TAR_SYMLINK:
		i->ops = &tarfs_symlink_ops;
		i->fops = &no_open_fops;
		i->pages.size = n->size;
		break;
	default:
		i->ops = &tarfs_special_ops;
		if (n->type == TAR_CHAR || n->type == TAR_BLOCKDEV)
			i->rdev = MKDEV(n->dev.major, n->dev.minor);
		special_init(i);
		break;
	}
	return load_xattrs(i, n);
}

/* The inode that stands for n now, referenced; NULL: none, or one on its way out. fs->lock held. */
static struct inode *live_inode(struct tar_node *n)
{
	struct inode *i = n->inode;

	return i && atomic_inc_not_zero(&i->refs) ? i : NULL;
}

struct inode *tarfs_iget(struct super *sb, struct tar_node *n)
{
	struct tarfs *fs = tarfs_of(sb);
	struct inode *i, *fresh;
	int err;

	spin_lock(&fs->lock);
	i = live_inode(n);
	spin_unlock(&fs->lock);
	if (i)
		return i;
	fresh = inode_alloc(sb);
	if (!fresh)
		return ERR_PTR(-ENOMEM);
	fresh->priv = n;
	spin_lock(&fs->lock);
	n->users++;
	spin_unlock(&fs->lock);
	err = load_inode(fresh, n);
	if (err) {
		spin_lock(&fs->lock);
		n->users--;
		spin_unlock(&fs->lock);
		fresh->priv = NULL; /* the node stays the caller's */
		inode_put(fresh);
		return ERR_PTR(err);
	}
	spin_lock(&fs->lock);
	i = live_inode(n);
	if (!i)
		n->inode = fresh;
	spin_unlock(&fs->lock);
	if (!i)
		return fresh;
	inode_put(fresh);
	return i;
}

void tarfs_evict(struct inode *i)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);

	memxattr_free(i);
	if (!n)
		return;
	spin_lock(&fs->lock);
	if (n->inode == i) {
		n->inode = NULL;
		n->atime = i->atime.sec;
		n->atime_nsec = i->atime.nsec;
	}
	if (--n->users == 0 && n->nlink == 0)
		tar_node_free(&fs->tree, n);
	spin_unlock(&fs->lock);
}

/* From here on the inode holds what its node does not: it stays while it has a name. */
static void pin(struct inode *i)
{
	struct tarfs *fs = tarfs_of(i->sb);

	if (!list_empty(&i->sb_link))
		return;
	spin_lock(&fs->lock);
	if (list_empty(&i->sb_link) && tarfs_node(i)->nlink) {
		inode_get(i);
		list_add_tail(&i->sb_link, &fs->pinned);
	}
	spin_unlock(&fs->lock);
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
	if (unpin)
		inode_put(i);
}

static void dir_changed(struct inode *dir)
{
	pin(dir);
	names_changed(dir);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

static void links_changed(struct inode *i)
{
	pin(i);
	names_changed(i);
	inode_touch(i, ATTR_CTIME);
}

/* --- directories; the callers hold their rwsems --- */

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
	i = tarfs_iget(dir->sb, n);
	if (IS_ERR(i)) {
		spin_lock(&fs->lock);
		tar_node_free(&fs->tree, n);
		spin_unlock(&fs->lock);
		return i;
	}
	i->atime = i->mtime = i->ctime = i->btime = now_ktimespec();
	if (n->type == TAR_FILE) {
		i->pages.ops = NULL;
		i->pages.pinned = true;
	}
	inode_init_owner(i, dir, i->mode);
	return i;
}

static int add_name(struct inode *dir, const struct dentry *d, struct inode *i)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	int err;

	spin_lock(&fs->lock);
	err = tar_link(tarfs_node(dir), d->name, d->len, tarfs_node(i));
	spin_unlock(&fs->lock);
	return err;
}

static int make(struct inode *dir, struct dentry *d, u32 mode, u64 rdev, const char *target)
{
	struct inode *i = new_inode(dir, mode, rdev, target);
	int err;

	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	err = add_name(dir, d, i);
	if (err) {
		inode_put(i);
		return err;
	}
	pin(i);
	names_changed(i);
	dir_changed(dir);
	d_instantiate(d, i);
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
	int err = add_name(dir, d, i);

	if (err)
		return err;
	links_changed(i);
	dir_changed(dir);
	inode_get(i);
	d_instantiate(d, i);
	return 0;
}

static int tarfs_unlink(struct inode *dir, struct dentry *d)
{
	struct tarfs *fs = tarfs_of(dir->sb);
	struct tar_name *e = find(dir, d);

	if (!e)
		return -ENOENT;
	spin_lock(&fs->lock);
	tar_unlink(tarfs_node(dir), e);
	spin_unlock(&fs->lock);
	links_changed(d->inode);
	dir_changed(dir);
	return 0;
}

static int tarfs_rmdir(struct inode *dir, struct dentry *d)
{
	return tar_dir_empty(tarfs_node(d->inode)) ? tarfs_unlink(dir, d) : -ENOTEMPTY;
}

static int tarfs_rename(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n,
			unsigned flags)
{
	struct tarfs *fs = tarfs_of(od->sb);
	struct tar_name *from = find(od, o), *to = find(nd, n);
	struct inode *i = o->inode, *other = n->inode;
	struct inode *whiteout = NULL;
	bool exchange = flags & RENAME_EXCHANGE;
	int err = 0;

	if (!from || (exchange && !to))
		return -ENOENT;
	if (to && !exchange && S_ISDIR(other->mode) && !tar_dir_empty(tarfs_node(other)))
		return -ENOTEMPTY;
	if (flags & RENAME_WHITEOUT) {
		whiteout = new_inode(od, S_IFCHR, 0, NULL);
		if (IS_ERR(whiteout))
			return (int)PTR_ERR(whiteout);
	}
	spin_lock(&fs->lock);
	if (to)
		tar_retarget(nd->priv, to, i->priv);
	else
		err = tar_link(nd->priv, n->name, n->len, i->priv);
	if (!err && exchange)
		tar_retarget(od->priv, from, other->priv);
	else if (!err && whiteout)
		tar_retarget(od->priv, from, whiteout->priv);
	else if (!err)
		tar_unlink(od->priv, from);
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
	return 0;
}

static unsigned node_dtype(const struct tar_node *n)
{
	return mode_to_dtype(node_format(n));
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

/* --- files: what changes one pins it first --- */

static int tarfs_setattr(struct inode *i, const struct attrs *a)
{
	struct tar_node *n = tarfs_node(i);

	pin(i);
	/* What is cut off must not come back from the archive when the file grows again. */
	if ((a->valid & ATTR_SIZE) && n->type == TAR_FILE && a->size < n->file.data_size)
		WRITE_ONCE(n->file.data_size, a->size);
	return generic_setattr(i, a);
}

static const char *tarfs_get_link(struct inode *i, char *buf __unused)
{
	return tarfs_node(i)->target;
}

static int tarfs_setxattr(struct inode *i, const char *name, const void *v, size_t n, int flags)
{
	pin(i);
	return memxattr_set(i, name, v, n, flags);
}

static int tarfs_removexattr(struct inode *i, const char *name)
{
	pin(i);
	return memxattr_remove(i, name);
}

static ssize_t tarfs_write(struct file *f, struct iter *it, u64 *pos)
{
	pin(f->inode);
	return generic_file_write(f, it, pos);
}

/*
 * The first page from index up to end in which the archive has data; end: none. *behind: where that
 * data ends.
 */
static u64 next_stored(const struct tar_node *n, u64 index, u64 end, u64 *behind)
{
	u64 pos = index << PAGE_SHIFT, at, run;

	*behind = end;
	while (pos < n->size && pos >> PAGE_SHIFT < end) {
		run = tar_map(n, pos, &at);
		if (at != TAR_HOLE) {
			*behind = max((pos + run) >> PAGE_SHIFT, (pos >> PAGE_SHIFT) + 1);
			return pos >> PAGE_SHIFT;
		}
		pos += run;
	}
	return end;
}

/* What was written is in dirty pages, the rest is as the archive has it. */
static u64 next_page(struct inode *i, u64 index, u64 end, bool data)
{
	const struct tar_node *n = tarfs_node(i);
	u64 behind;

	if (i->pages.pinned)
		return vmobject_next(&i->pages, index, end, data);
	if (data)
		return min(vmobject_next(&i->pages, index, end, true),
			   next_stored(n, index, end, &behind));
	while (index < end) {
		index = vmobject_next(&i->pages, index, end, false);
		if (next_stored(n, index, end, &behind) != index)
			break;
		index = behind;
	}
	return min(index, end);
}

static s64 tarfs_llseek(struct file *f, s64 off, int whence)
{
	if (whence == SEEK_DATA || whence == SEEK_HOLE)
		return seek_data_hole(f, off, whence, next_page);
	return generic_llseek(f, off, whence);
}

static int tarfs_mmap(struct file *f, struct file_map *m)
{
	/* A shared mapping may be made writable later, and writes leave no trace but in pages. */
	if ((m->vm_flags & VM_SHARED) && (m->vm_flags & (VM_WRITE | VM_MAYWRITE)) &&
	    (f->mode & FMODE_WRITE))
		pin(f->inode);
	return generic_file_mmap(f, m);
}

static int tarfs_fallocate(struct file *f, int mode, u64 off, u64 len)
{
	pin(f->inode);
	return generic_fallocate(f, mode, off, len);
}

static const struct inode_ops tarfs_dir_ops = {
	.lookup = tarfs_lookup,
	.make = make,
	.link = tarfs_link,
	.unlink = tarfs_unlink,
	.rmdir = tarfs_rmdir,
	.rename = tarfs_rename,
	.tmpfile = tarfs_tmpfile,
	.setattr = tarfs_setattr,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct inode_ops tarfs_file_ops = {
	.setattr = tarfs_setattr,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct inode_ops tarfs_symlink_ops = {
	.get_link = tarfs_get_link,
	.setattr = tarfs_setattr,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct inode_ops tarfs_special_ops = {
	.setattr = tarfs_setattr,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct file_ops tarfs_dir_fops = {
	.readdir = tarfs_readdir,
	.llseek = dir_llseek,
	.fsync = noop_fsync,
};

static const struct file_ops tarfs_file_fops = {
	.read = generic_file_read,
	.write = tarfs_write,
	.llseek = tarfs_llseek,
	.mmap = tarfs_mmap,
	.fsync = noop_fsync,
	.fallocate = tarfs_fallocate,
};

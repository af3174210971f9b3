/*
 * tarfs: TAR archives as a file system: its inodes, directories and files. The
 * tree (tree.h) is built when mounting (tarfs_mount.c); an inode is made of its
 * node when somebody looks it up. File pages come from the archive through the
 * page cache (tarfs_io.c). On a device that can be written, changes go back there
 * (tarfs_rw.c). Else, and for what an initrd lays over the device's archive, they live in memory: names in
 * the tree, data and attributes in inodes that are pinned from their first change
 * until their last name goes.
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
		i->pages.ops = tarfs_kept(tarfs_of(i->sb), n) ? &tarfs_kept_ops :
								&tarfs_vmobject_ops;
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

void tarfs_save(struct tar_node *n, void *inode)
{
	struct inode *i = inode;

	spin_lock(&i->lock);
	n->mode = i->mode & 07777;
	n->uid = i->uid;
	n->gid = i->gid;
	n->mtime = i->mtime.sec;
	n->mtime_nsec = i->mtime.nsec;
	n->atime = i->atime.sec;
	n->atime_nsec = i->atime.nsec;
	n->ctime = i->ctime.sec;
	n->ctime_nsec = i->ctime.nsec;
	spin_unlock(&i->lock);
}

/*
 * The inode that stands for n now, referenced; NULL: none, or one on its way out, whose attributes n
 * has then. fs->lock held.
 */
static struct inode *live_inode(struct tarfs *fs, struct tar_node *n)
{
	struct inode *i = n->inode;

	if (i && atomic_inc_not_zero(&i->refs))
		return i;
	if (i && tarfs_kept(fs, n))
		tarfs_save(n, i);
	return NULL;
}

struct inode *tarfs_iget(struct super *sb, struct tar_node *n)
{
	struct tarfs *fs = tarfs_of(sb);
	struct inode *i, *fresh;
	int err;

	spin_lock(&fs->lock);
	i = live_inode(fs, n);
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
	i = live_inode(fs, n);
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
		if (tarfs_kept(fs, n))
			tarfs_save(n, i);
		n->atime = i->atime.sec;
		n->atime_nsec = i->atime.nsec;
	}
	if (--n->users == 0 && n->nlink == 0) {
		store_forget(fs->store, n);
		tar_node_free(&fs->tree, n);
	}
	spin_unlock(&fs->lock);
}

/* From here on the inode holds what its node does not: it stays while it has a name. */
static void pin(struct inode *i)
{
	struct tarfs *fs = tarfs_of(i->sb);

	if (tarfs_kept(fs, tarfs_node(i)) || !list_empty(&i->sb_link))
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
	if (!i->nlink)
		inode_unhold(i);
	if (unpin)
		inode_put(i);
}

static void dir_changed(struct inode *dir)
{
	pin(dir);
	names_changed(dir);
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
	tarfs_changed(dir);
}

static void links_changed(struct inode *i)
{
	pin(i);
	names_changed(i);
	inode_touch(i, ATTR_CTIME);
	tarfs_changed(i);
}

/* The store that n's names go to, or NULL. */
static struct store *store_of(const struct tarfs *fs, const struct inode *i)
{
	return tarfs_kept(fs, tarfs_node(i)) ? fs->store : NULL;
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
	pin(i);
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
		err = tarfs_room(i, inode_size(i));
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

/* Room for a file that becomes longer without being written; its last page will be, with the zeros before it. */
static int grow(struct inode *i, u64 size)
{
	int err = tarfs_room(i, size);
	struct page *p;

	if (err)
		return err;
	p = vmobject_page(&i->pages, (size - 1) >> PAGE_SHIFT);
	if (IS_ERR(p))
		return (int)PTR_ERR(p);
	page_put(p);
	return 0;
}

/* The cache has the new size: the store hears of what was cut, and write-back of what came. */
static void cut_or_grown(struct tarfs *fs, struct inode *i, u64 was, u64 size)
{
	struct tar_node *n = tarfs_node(i);
	struct page *p;

	spin_lock(&fs->lock);
	if (size <= was)
		store_shrink(fs->store, n, size);
	spin_unlock(&fs->lock);
	if (size <= n->size || !size)
		return;
	p = vmobject_page(&i->pages, (size - 1) >> PAGE_SHIFT);
	if (IS_ERR(p))
		return;
	page_mark_dirty(p);
	page_put(p);
}

static int tarfs_setattr(struct inode *i, const struct attrs *a)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	bool sized = (a->valid & ATTR_SIZE) && n->type == TAR_FILE;
	u64 was = inode_size(i);
	int err;

	pin(i);
	if (tarfs_kept(fs, n)) {
		err = sized && a->size > inode_size(i) ? grow(i, a->size) : tarfs_ask_attrs(i, 0);
		if (!err)
			err = generic_setattr(i, a);
		if (err)
			return err;
		if (sized)
			cut_or_grown(fs, i, was, a->size);
		tarfs_changed(i);
		tarfs_relieve(fs);
		return 0;
	}
	/* What is cut off must not come back from the archive when the file grows again. */
	if (sized && a->size < n->file.data_size)
		WRITE_ONCE(n->file.data_size, a->size);
	return generic_setattr(i, a);
}

static const char *tarfs_get_link(struct inode *i, char *buf __unused)
{
	return tarfs_node(i)->target;
}

/* The node's attribute of that name is x from now on, or (NULL) there is none. i->rwsem held for writing. */
static void save_xattr(struct inode *i, const char *name, struct tar_xattr *x)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	struct tar_xattr **at, *old;

	spin_lock(&fs->lock);
	for (at = &n->xattrs; *at && !str_equal((*at)->name, name);)
		at = &(*at)->next;
	old = *at;
	if (old) {
		*at = old->next;
		old->next = NULL;
	}
	if (x) {
		x->next = *at;
		*at = x;
	}
	store_changed(fs->store, n, STORE_XATTR | STORE_ATTR);
	spin_unlock(&fs->lock);
	if (old)
		tar_xattrs_free(old);
	inode_touch(i, ATTR_CTIME);
	tarfs_relieve(fs);
}

static int tarfs_setxattr(struct inode *i, const char *name, const void *v, size_t n, int flags)
{
	struct tar_xattr *x;
	int err;

	pin(i);
	if (!tarfs_kept(tarfs_of(i->sb), tarfs_node(i)))
		return memxattr_set(i, name, v, n, flags);
	x = tar_xattr_new(name, strlen(name), v, n);
	if (!x)
		return -ENOMEM;
	err = n > TAR_XATTR_MAX ? -ENOSPC : tarfs_ask_attrs(i, x->name_len + n);
	if (!err)
		err = memxattr_set(i, name, v, n, flags);
	if (err)
		tar_xattrs_free(x);
	else
		save_xattr(i, name, x);
	return err;
}

static int tarfs_removexattr(struct inode *i, const char *name)
{
	int err;

	pin(i);
	err = memxattr_remove(i, name);
	if (!err && tarfs_kept(tarfs_of(i->sb), tarfs_node(i)))
		save_xattr(i, name, NULL);
	return err;
}

static ssize_t tarfs_read(struct file *f, struct iter *it, u64 *pos)
{
	int err = direct_check(f, it, *pos);

	return err ? err : generic_file_read(f, it, pos);
}

static ssize_t tarfs_write(struct file *f, struct iter *it, u64 *pos)
{
	ssize_t n = direct_check(f, it, *pos);

	if (n)
		return n;
	pin(f->inode);
	n = generic_file_write(f, it, pos);
	if (n > 0)
		tarfs_changed(f->inode);
	return n;
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

#define ZERO_THERE (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static int tarfs_fallocate(struct file *f, int mode, u64 off, u64 len)
{
	int err;

	pin(f->inode);
	err = generic_fallocate(f, mode & FALLOC_FL_ZERO_RANGE ? ZERO_THERE : mode, off, len);
	if (!err && (mode & FALLOC_FL_ZERO_RANGE)) /* and what is behind the end */
		err = generic_fallocate(f, mode & ~FALLOC_FL_ZERO_RANGE, off, len);
	if (!err)
		tarfs_changed(f->inode);
	return err;
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
	.room = tarfs_room,
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
	.fsync = tarfs_fsync,
};

static const struct file_ops tarfs_file_fops = {
	.read = tarfs_read,
	.write = tarfs_write,
	.llseek = tarfs_llseek,
	.mmap = tarfs_mmap,
	.fsync = tarfs_fsync,
	.fallocate = tarfs_fallocate,
};

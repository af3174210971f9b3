/*
 * tarfs: TAR archives as a file system: its inodes and files (tarfs_dir.c: directories). The
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
#include <uapi/mount.h>
#include "alloc/slab.h"
#include "fs/internal.h"
#include "fs/tarfs/tarfs.h"
#include "lib/string.h"

#define FLAGS_BYTES 60u /* of a record that has all flags of a file */

static const struct inode_ops tarfs_file_ops, tarfs_symlink_ops, tarfs_special_ops;
static const struct file_ops tarfs_file_fops;

/* --- inodes --- */

u32 tarfs_format(const struct tar_node *n)
{
	static const u32 formats[] = {
		[TAR_FILE] = S_IFREG,	  [TAR_SYMLINK] = S_IFLNK, [TAR_CHAR] = S_IFCHR,
		[TAR_BLOCKDEV] = S_IFBLK, [TAR_DIR] = S_IFDIR,	   [TAR_FIFO] = S_IFIFO,
		[TAR_SOCKET] = S_IFSOCK,
	};

	return formats[n->type];
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

/* Fills a fresh inode from its node. fs->lock held. */
static int load_inode(struct inode *i, struct tar_node *n)
{
	i->ino = n->ino;
	i->mode = tarfs_format(n) | n->mode;
	i->uid = n->uid;
	i->gid = n->gid;
	i->nlink = n->nlink;
	i->atime = (ktimespec){ .sec = n->atime, .nsec = n->atime_nsec };
	i->mtime = (ktimespec){ .sec = n->mtime, .nsec = n->mtime_nsec };
	i->ctime = (ktimespec){ .sec = n->ctime, .nsec = n->ctime_nsec };
	i->btime = i->mtime;
	i->attr |= n->flags;
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
	/* In one hold: who has another inode of it changes the node's attributes. */
	spin_lock(&fs->lock);
	i = live_inode(fs, n);
	err = i ? -EEXIST : load_inode(fresh, n);
	if (!err) {
		fresh->priv = n;
		n->users++;
		n->inode = fresh;
	}
	spin_unlock(&fs->lock);
	if (!err)
		return fresh;
	inode_put(fresh); /* the node stays the caller's */
	return i ? i : ERR_PTR(err);
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

void tarfs_pin(struct inode *i)
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

/* --- files: what changes one pins it first --- */

/* Room for a file that becomes longer without being written; its last page will be, with the zeros before it. */
static int grow(struct inode *i, u64 size)
{
	int err = tarfs_room(i, (size - 1) & ~(PAGE_SIZE - 1), ((size - 1) & (PAGE_SIZE - 1)) + 1);
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

int tarfs_setattr(struct inode *i, const struct attrs *a)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	bool sized = (a->valid & ATTR_SIZE) && n->type == TAR_FILE;
	u64 was = inode_size(i);
	int err;

	tarfs_pin(i);
	if (tarfs_kept(fs, n)) {
		err = sized && a->size > was ? grow(i, a->size) : tarfs_ask_attrs(i, 0);
		if (!err && sized && a->size < was)
			err = tarfs_ask_cut(i);
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

int tarfs_setflags(struct inode *i, u32 flags)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);
	int err;

	tarfs_pin(i);
	err = tarfs_ask_attrs(i, FLAGS_BYTES);
	if (err)
		return err;
	inode_touch(i, ATTR_CTIME);
	if (!tarfs_kept(fs, n))
		return 0;
	spin_lock(&fs->lock);
	n->flags = flags & TAR_FLAGS;
	store_changed(fs->store, n, STORE_XATTR | STORE_ATTR);
	spin_unlock(&fs->lock);
	tarfs_relieve(fs);
	return 0;
}

void tarfs_touched(struct inode *i, u32 which)
{
	struct tarfs *fs = tarfs_of(i->sb);
	struct tar_node *n = tarfs_node(i);

	if (!n || !tarfs_kept(fs, n))
		return;
	spin_lock(&fs->lock);
	if (which & ~ATTR_ATIME)
		store_changed(fs->store, n, STORE_ATTR);
	/* With so much to be written already, the inode has it until something else of it changes. */
	else if (!store_pressed(fs->store))
		store_accessed(fs->store, n);
	spin_unlock(&fs->lock);
	writeback_note();
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

int tarfs_setxattr(struct inode *i, const char *name, const void *v, size_t n, int flags)
{
	struct tar_xattr *x;
	int err;

	tarfs_pin(i);
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

int tarfs_removexattr(struct inode *i, const char *name)
{
	int err;

	tarfs_pin(i);
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
	tarfs_pin(f->inode);
	return generic_file_write(f, it, pos);
}

/*
 * The first page from index up to end in which the archive has data; end: none. *behind: where that
 * data ends.
 */
static u64 next_stored(struct inode *i, u64 index, u64 end, u64 *behind)
{
	u64 pos = index << PAGE_SHIFT, at, run, found = end;
	struct tarfs *fs = tarfs_of(i->sb);
	const struct tar_node *n = tarfs_node(i);

	*behind = end;
	spin_lock(&fs->lock); /* a map goes when the file moves */
	for (; pos < n->size && pos >> PAGE_SHIFT < end; pos += run) {
		run = tar_map(n, pos, &at);
		if (at == TAR_HOLE)
			continue;
		*behind = max((pos + run) >> PAGE_SHIFT, (pos >> PAGE_SHIFT) + 1);
		found = pos >> PAGE_SHIFT;
		break;
	}
	spin_unlock(&fs->lock);
	return found;
}

/* What was written is in dirty pages, the rest is as the archive has it. */
static u64 next_page(struct inode *i, u64 index, u64 end, bool data)
{
	u64 behind;

	if (i->pages.pinned)
		return vmobject_next(&i->pages, index, end, data);
	if (data)
		return min(vmobject_next(&i->pages, index, end, true),
			   next_stored(i, index, end, &behind));
	while (index < end) {
		index = vmobject_next(&i->pages, index, end, false);
		if (next_stored(i, index, end, &behind) != index)
			break;
		index = behind;
	}
	return min(index, end);
}

static int tarfs_getattr(struct inode *i, struct stat *st)
{
	struct tarfs *fs = tarfs_of(i->sb);
	const struct tar_node *n = tarfs_node(i);
	u64 holes = 0;
	int err = generic_getattr(i, st);

	if (err || i->pages.pinned)
		return err;
	spin_lock(&fs->lock);
	if (n->file.map) {
		holes = n->size;
		for (u32 k = 0; k < n->extents; k++)
			holes -= min(n->file.map[k].len, holes);
	}
	spin_unlock(&fs->lock);
	st->st_blocks -= min((long)(holes / SECTOR_SIZE), st->st_blocks);
	return 0;
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
		tarfs_pin(f->inode);
	return generic_file_mmap(f, m);
}

#define ZERO_THERE (FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE)

static int tarfs_fallocate(struct file *f, int mode, u64 off, u64 len)
{
	int err;

	tarfs_pin(f->inode);
	err = generic_fallocate(f, mode & FALLOC_FL_ZERO_RANGE ? ZERO_THERE : mode, off, len);
	if (!err && (mode & FALLOC_FL_ZERO_RANGE)) /* and what is behind the end */
		err = generic_fallocate(f, mode & ~FALLOC_FL_ZERO_RANGE, off, len);
	if (!err)
		tarfs_changed(f->inode);
	return err;
}

static const struct inode_ops tarfs_file_ops = {
	.setattr = tarfs_setattr,
	.setflags = tarfs_setflags,
	.touched = tarfs_touched,
	.getattr = tarfs_getattr,
	.room = tarfs_room,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct inode_ops tarfs_symlink_ops = {
	.get_link = tarfs_get_link,
	.setattr = tarfs_setattr,
	.touched = tarfs_touched,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct inode_ops tarfs_special_ops = {
	.setattr = tarfs_setattr,
	.touched = tarfs_touched,
	.getxattr = memxattr_get,
	.setxattr = tarfs_setxattr,
	.listxattr = memxattr_list,
	.removexattr = tarfs_removexattr,
};

static const struct file_ops tarfs_file_fops = {
	.read = tarfs_read,
	.write = tarfs_write,
	.llseek = tarfs_llseek,
	.mmap = tarfs_mmap,
	.fsync = tarfs_fsync,
	.fallocate = tarfs_fallocate,
};

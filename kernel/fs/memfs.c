/*
 * In-memory directories and inodes, the body of tmpfs and devfs and of what
 * is written over a tar root. A directory has its names in two trees: by hash
 * and name for look-up, by cookie (order of creation) for readdir, so that a
 * cookie stays good while names come and go. The caller holds the rwsems.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/dirent.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "lib/hash.h"
#include "lib/string.h"

static void memdir_init(struct memdir *d)
{
	d->by_name = (struct rb_root){ 0 };
	d->by_cookie = (struct rb_root){ 0 };
	d->next_cookie = 2;
	d->count = 0;
}

static int compare(const struct mement *e, u32 hash, const char *name, size_t len)
{
	if (hash != e->hash)
		return hash < e->hash ? -1 : 1;
	if (len != e->len)
		return len < e->len ? -1 : 1;
	return memcmp(name, e->name, len);
}

static u32 ent_hash(const char *name, size_t len)
{
	return (u32)(hash_bytes(name, len, 0) >> 32);
}

struct mement *memdir_find(struct memdir *d, const char *name, size_t len)
{
	u32 hash = ent_hash(name, len);
	struct rb_node *n = d->by_name.node;

	while (n) {
		struct mement *e = rb_entry(n, struct mement, name_node);
		int c = compare(e, hash, name, len);

		if (!c)
			return e;
		n = c < 0 ? n->left : n->right;
	}
	return NULL;
}

static void insert_cookie(struct memdir *d, struct mement *e)
{
	struct rb_node **link = &d->by_cookie.node, *parent = NULL;

	e->cookie = d->next_cookie++;
	while (*link) {
		parent = *link;
		link = &parent->right; /* the newest cookie is the largest */
	}
	rb_insert(&d->by_cookie, &e->cookie_node, parent, link, NULL);
}

int memdir_add(struct memdir *d, const char *name, size_t len, struct inode *i)
{
	struct rb_node **link = &d->by_name.node, *parent = NULL;
	u32 hash = ent_hash(name, len);
	struct mement *e;

	while (*link) {
		int c;

		parent = *link;
		c = compare(rb_entry(parent, struct mement, name_node), hash, name, len);
		if (!c)
			return -EEXIST;
		link = c < 0 ? &parent->left : &parent->right;
	}
	e = kmalloc(sizeof(*e) + len + 1, 0);
	if (!e)
		return -ENOMEM;
	e->hash = hash;
	e->len = (u32)len;
	memcpy(e->name, name, len);
	e->name[len] = '\0';
	e->inode = i;
	inode_get(i);
	rb_insert(&d->by_name, &e->name_node, parent, link, NULL);
	insert_cookie(d, e);
	d->count++;
	return 0;
}

void memdir_remove(struct memdir *d, struct mement *e)
{
	rb_erase(&d->by_name, &e->name_node, NULL);
	rb_erase(&d->by_cookie, &e->cookie_node, NULL);
	d->count--;
	inode_put(e->inode);
	kfree(e);
}

static struct mement *first_from(struct memdir *d, u64 cookie)
{
	struct rb_node *n = d->by_cookie.node;
	struct mement *best = NULL;

	while (n) {
		struct mement *e = rb_entry(n, struct mement, cookie_node);

		if (e->cookie >= cookie) {
			best = e;
			n = n->left;
		} else {
			n = n->right;
		}
	}
	return best;
}

unsigned mode_to_dtype(u32 mode)
{
	return (mode & S_IFMT) >> 12;
}

bool dir_emit_dots(struct file *f, struct dir_context *dc)
{
	struct dentry *d = f->path.dentry;

	if (dc->pos == 0) {
		if (!dc->emit(dc, ".", 1, f->inode->ino, DT_DIR, 1))
			return false;
		dc->pos = 1;
	}
	if (dc->pos == 1) {
		if (!dc->emit(dc, "..", 2, d->parent->inode->ino, DT_DIR, 2))
			return false;
		dc->pos = 2;
	}
	return true;
}

int memdir_readdir(struct file *f, struct dir_context *dc)
{
	struct memdir *d = f->inode->priv;
	struct mement *e;

	if (!dir_emit_dots(f, dc))
		return 0;
	e = first_from(d, dc->pos);
	while (e) {
		struct rb_node *next = rb_next(&e->cookie_node);

		if (!dc->emit(dc, e->name, e->len, e->inode->ino, mode_to_dtype(e->inode->mode),
			      e->cookie + 1))
			return 0;
		dc->pos = e->cookie + 1;
		e = next ? rb_entry(next, struct mement, cookie_node) : NULL;
	}
	return 0;
}

/* --- inodes --- */

static const char *get_link(struct inode *i, char *buf __unused)
{
	return i->priv;
}

struct inode *memfs_inode(struct super *sb, u32 mode, u64 rdev, const char *target)
{
	struct inode *i = inode_alloc(sb);

	if (!i)
		return ERR_PTR(-ENOMEM);
	i->mode = mode;
	i->rdev = rdev;
	switch (mode & S_IFMT) {
	case S_IFDIR:
		i->priv = kmalloc(sizeof(struct memdir), 0);
		if (!i->priv)
			goto out_put;
		memdir_init(i->priv);
		i->nlink = 2;
		i->ops = &memfs_dir_ops;
		i->fops = &memfs_dir_fops;
		break;
	case S_IFREG:
		i->pages.pinned = true;
		i->ops = &memfs_file_ops;
		i->fops = &memfs_file_fops;
		break;
	case S_IFLNK:
		i->priv = kstrdup(target);
		if (!i->priv)
			goto out_put;
		i->pages.size = strlen(target);
		i->ops = &memfs_symlink_ops;
		i->fops = &no_open_fops;
		break;
	default:
		i->ops = &memfs_file_ops;
		special_init(i);
		break;
	}
	return i;
out_put:
	i->mode = S_IFREG;
	inode_put(i);
	return ERR_PTR(-ENOMEM);
}

struct super *memfs_super(const struct file_system *fs, const struct super_ops *ops, u32 mode)
{
	struct super *sb = super_alloc(fs, ops, NULL);
	struct inode *root;

	if (!sb)
		return ERR_PTR(-ENOMEM);
	root = memfs_inode(sb, S_IFDIR | mode, 0, NULL);
	if (!IS_ERR(root))
		sb->root = d_alloc_root(sb, root);
	if (!sb->root) {
		super_put(sb);
		return ERR_PTR(-ENOMEM);
	}
	return sb;
}

/*
 * Drops what a directory still holds: only at unmount is there anything. Entries of a
 * subdirectory that goes too are moved up first, so that depth costs no stack.
 */
static void empty_tree(struct memdir *d)
{
	struct rb_node *n;

	while ((n = rb_first(&d->by_cookie))) {
		struct mement *e = rb_entry(n, struct mement, cookie_node);
		struct inode *i = e->inode;

		rb_erase(&d->by_cookie, n, NULL);
		if (S_ISDIR(i->mode) && atomic_read(&i->refs) == 1) {
			struct memdir *sub = i->priv;
			struct rb_node *c;

			while ((c = rb_first(&sub->by_cookie))) {
				rb_erase(&sub->by_cookie, c, NULL);
				insert_cookie(d, rb_entry(c, struct mement, cookie_node));
			}
		}
		inode_put(i);
		kfree(e);
	}
}

static struct inode *memfs_new_inode(struct super *sb, u32 mode, u64 rdev, const char *target)
{
	if (sb->ops->new_inode)
		return sb->ops->new_inode(sb, mode, rdev, target);
	return memfs_inode(sb, mode, rdev, target);
}

void memfs_evict(struct inode *i)
{
	memxattr_free(i);
	if (S_ISDIR(i->mode) && i->priv)
		empty_tree(i->priv);
	if (S_ISDIR(i->mode) || S_ISLNK(i->mode))
		kfree(i->priv);
}

static void dir_changed(struct inode *dir)
{
	inode_touch(dir, ATTR_MTIME | ATTR_CTIME);
}

int memfs_lookup(struct inode *dir, struct dentry *d)
{
	struct mement *e = memdir_find(dir->priv, d->name, d->len);

	if (e) {
		inode_get(e->inode);
		d_instantiate(d, e->inode);
	}
	return 0;
}

static int make(struct inode *dir, struct dentry *d, u32 mode, u64 rdev, const char *target)
{
	struct inode *i = memfs_new_inode(dir->sb, mode, rdev, target);
	int err;

	if (IS_ERR(i))
		return (int)PTR_ERR(i);
	inode_init_owner(i, dir, mode);
	err = memdir_add(dir->priv, d->name, d->len, i);
	if (err) {
		inode_put(i);
		return err;
	}
	if (S_ISDIR(mode))
		dir->nlink++;
	dir_changed(dir);
	d_instantiate(d, i);
	return 0;
}

/* See super_ops.charge_names. */
static int count_name(struct super *sb, int n)
{
	return sb->ops->charge_names ? sb->ops->charge_names(sb, n * MEMFS_NAME) : 0;
}

static int link(struct inode *dir, struct dentry *d, struct inode *target)
{
	bool named = target->nlink > 0; /* a file of O_TMPFILE counts already */
	int err = named ? count_name(dir->sb, 1) : 0;

	if (err)
		return err;
	err = memdir_add(dir->priv, d->name, d->len, target);
	if (err) {
		if (named)
			count_name(dir->sb, -1);
		return err;
	}
	target->nlink++;
	inode_touch(target, ATTR_CTIME);
	dir_changed(dir);
	inode_get(target);
	d_instantiate(d, target);
	return 0;
}

static int unlink(struct inode *dir, struct dentry *d)
{
	struct mement *e = memdir_find(dir->priv, d->name, d->len);

	if (!e)
		return -ENOENT;
	d->inode->nlink--;
	if (d->inode->nlink && !S_ISDIR(d->inode->mode))
		count_name(dir->sb, -1);
	inode_touch(d->inode, ATTR_CTIME);
	memdir_remove(dir->priv, e);
	dir_changed(dir);
	return 0;
}

static int rmdir(struct inode *dir, struct dentry *d)
{
	struct memdir *victim = d->inode->priv;
	int err;

	if (victim->count)
		return -ENOTEMPTY;
	err = unlink(dir, d);
	if (err)
		return err;
	d->inode->nlink = 0;
	dir->nlink--;
	return 0;
}

static int exchange(struct inode *od, struct mement *oe, struct inode *nd, struct mement *ne)
{
	struct inode *a = oe->inode, *b = ne->inode;

	oe->inode = b;
	ne->inode = a;
	if (od != nd) {
		if (S_ISDIR(a->mode)) {
			od->nlink--;
			nd->nlink++;
		}
		if (S_ISDIR(b->mode)) {
			nd->nlink--;
			od->nlink++;
		}
	}
	inode_touch(a, ATTR_CTIME);
	inode_touch(b, ATTR_CTIME);
	return 0;
}

static int rename(struct inode *od, struct dentry *o, struct inode *nd, struct dentry *n,
		  unsigned flags)
{
	struct mement *oe = memdir_find(od->priv, o->name, o->len);
	struct mement *ne = memdir_find(nd->priv, n->name, n->len);
	struct inode *i = o->inode, *victim = n->inode, *whiteout = NULL;
	int err;

	if (!oe)
		return -ENOENT;
	if (flags & RENAME_EXCHANGE) {
		err = ne ? exchange(od, oe, nd, ne) : -ENOENT;
		goto out;
	}
	if (ne && S_ISDIR(victim->mode) && ((struct memdir *)victim->priv)->count)
		return -ENOTEMPTY;
	if (flags & RENAME_WHITEOUT) {
		whiteout = memfs_new_inode(od->sb, S_IFCHR, 0, NULL);
		if (IS_ERR(whiteout))
			return (int)PTR_ERR(whiteout);
		inode_init_owner(whiteout, od, S_IFCHR);
	}
	if (ne) {
		inode_get(i);
		ne->inode = i;
		if (S_ISDIR(victim->mode)) {
			victim->nlink = 0;
			nd->nlink--;
		} else {
			victim->nlink--;
			if (victim->nlink)
				count_name(nd->sb, -1);
		}
		inode_touch(victim, ATTR_CTIME);
		inode_put(victim);
		err = 0;
	} else {
		err = memdir_add(nd->priv, n->name, n->len, i);
	}
	if (err) {
		inode_put(whiteout);
		return err;
	}
	if (whiteout) {
		inode_put(i);
		oe->inode = whiteout;
	} else {
		memdir_remove(od->priv, oe);
	}
	if (S_ISDIR(i->mode)) {
		od->nlink--;
		nd->nlink++;
	}
	inode_touch(i, ATTR_CTIME);
out:
	if (!err) {
		dir_changed(od);
		if (nd != od)
			dir_changed(nd);
	}
	return err;
}

static struct inode *tmpfile(struct inode *dir, u32 mode)
{
	struct inode *i = memfs_new_inode(dir->sb, (mode & 07777) | S_IFREG, 0, NULL);

	if (!IS_ERR(i)) {
		inode_init_owner(i, dir, i->mode);
		i->nlink = 0;
	}
	return i;
}

const struct inode_ops memfs_dir_ops = {
	.lookup = memfs_lookup,
	.make = make,
	.link = link,
	.unlink = unlink,
	.rmdir = rmdir,
	.rename = rename,
	.tmpfile = tmpfile,
	.getxattr = memxattr_get,
	.setxattr = memxattr_set,
	.listxattr = memxattr_list,
	.removexattr = memxattr_remove,
};

const struct inode_ops memfs_file_ops = {
	.getxattr = memxattr_get,
	.setxattr = memxattr_set,
	.listxattr = memxattr_list,
	.removexattr = memxattr_remove,
};

const struct inode_ops memfs_symlink_ops = {
	.get_link = get_link,
	.getxattr = memxattr_get,
	.setxattr = memxattr_set,
	.listxattr = memxattr_list,
	.removexattr = memxattr_remove,
};

const struct file_ops memfs_dir_fops = {
	.readdir = memdir_readdir,
	.llseek = dir_llseek,
	.fsync = noop_fsync,
};

const struct file_ops memfs_file_fops = {
	.read = generic_file_read,
	.write = generic_file_write,
	.llseek = generic_llseek,
	.mmap = generic_file_mmap,
	.fsync = noop_fsync,
	.fallocate = generic_fallocate,
};

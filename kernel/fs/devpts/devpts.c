/*
 * devpts: /dev/pts, the names of pseudo-terminals (pty(7), mount(8)). Every mount
 * is a file system of its own, with numbers of its own; /dev/ptmx belongs to the
 * one that is mounted at "pts" beside it. A terminal's inode holds a reference to
 * it, a master one to the file system.
 *
 * ns->lock guards the numbers; names are guarded as those of every directory.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/stat.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "fs/internal.h"
#include "fs/pty.h"
#include "lib/bitmap.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"

#define PTS_MAJOR 136
#define PTY_LIMIT 4096

int pty_max = PTY_LIMIT;
static atomic_t ptys;

struct devpts {
	struct mutex lock;
	unsigned long used[PTY_LIMIT / 64]; /* [lock] */
	unsigned max; /* [I] of this mount */
	u32 mode, ptmx_mode; /* [I] */
	u32 uid, gid; /* [I] of the terminals, where the mount says so */
	bool set_uid, set_gid; /* [I] */
};

static const struct file_system devpts;

int pty_count(void)
{
	return atomic_read(&ptys);
}

/* --- terminals --- */

static int open_pts(struct inode *i, struct file *f)
{
	f->ops = &tty_fops;
	f->priv = &((struct pty *)i->priv)->tty;
	f->mode &= ~FMODE_PREAD;
	return tty_fops.open(i, f);
}

static const struct file_ops pts_fops = { .open = open_pts };
static const struct inode_ops pts_inode_ops = { .lookup = NULL };
static const struct inode_ops root_ops = { .lookup = memfs_lookup };

static void evict(struct inode *i)
{
	if (i->fops == &pts_fops)
		tty_put(&((struct pty *)i->priv)->tty);
	else
		memfs_evict(i);
}

static struct inode *pts_inode(struct pty *p)
{
	const struct devpts *ns = p->sb->priv;
	struct inode *i = inode_alloc(p->sb);

	if (!i)
		return NULL;
	i->mode = S_IFCHR | ns->mode;
	i->uid = ns->set_uid ? ns->uid : current->cred->fsuid;
	i->gid = ns->set_gid ? ns->gid : current->cred->fsgid;
	i->rdev = MKDEV(PTS_MAJOR, p->nr);
	i->ops = &pts_inode_ops;
	i->fops = &pts_fops;
	i->priv = p;
	tty_inherit(&p->tty);
	return i;
}

/* A name that was looked up before it was there must not stay unknown, nor known when it goes. */
static void forget_name(struct super *sb, const char *name)
{
	struct dentry *d = d_lookup(sb->root, name, strlen(name));

	if (!d)
		return;
	d_drop(d);
	d_put(d);
}

static int add_name(struct pty *p)
{
	struct inode *dir = p->sb->root->inode, *i = pts_inode(p);
	char name[16];
	int err;

	if (!i)
		return -ENOMEM;
	snprintf(name, sizeof(name), "%u", p->nr);
	rwsem_write_lock(&dir->rwsem);
	err = memdir_add(dir->priv, name, strlen(name), i);
	if (!err)
		forget_name(p->sb, name);
	rwsem_write_unlock(&dir->rwsem);
	inode_put(i);
	return err;
}

static int take_number(struct devpts *ns)
{
	unsigned nr;

	mutex_lock(&ns->lock);
	nr = (unsigned)find_first_zero_bit(ns->used, ns->max);
	if (nr < ns->max && atomic_inc_return(&ptys) > pty_max) {
		atomic_dec(&ptys);
		nr = ns->max;
	}
	if (nr < ns->max)
		set_bit(nr, ns->used);
	mutex_unlock(&ns->lock);
	return nr < ns->max ? (int)nr : -ENOSPC;
}

static void give_number(struct devpts *ns, unsigned nr)
{
	mutex_lock(&ns->lock);
	clear_bit(nr, ns->used);
	mutex_unlock(&ns->lock);
	atomic_dec(&ptys);
}

void devpts_remove(struct pty *p)
{
	struct super *sb = p->sb;
	struct inode *dir = sb->root->inode;
	struct mement *e;
	char name[16];

	snprintf(name, sizeof(name), "%u", p->nr);
	rwsem_write_lock(&dir->rwsem);
	e = memdir_find(dir->priv, name, strlen(name));
	if (e) {
		e->inode->nlink = 0;
		memdir_remove(dir->priv, e);
		forget_name(sb, name);
	}
	rwsem_write_unlock(&dir->rwsem);
	give_number(sb->priv, p->nr);
	super_put(sb);
}

/* --- masters --- */

/* The devpts that a ptmx node belongs to, its root referenced: its own, or the one beside it. */
static int devpts_of(const struct file *f, struct path *root)
{
	struct dentry *d;

	*root = f->path;
	if (root->dentry->sb->fs == &devpts) {
		root->dentry = root->dentry->sb->root;
		path_get(root);
		return 0;
	}
	d = dir_lookup(f->path.dentry->parent, "pts", 3);
	if (IS_ERR(d))
		return -ENODEV;
	root->dentry = d;
	path_get(root);
	d_put(d);
	path_cross(root);
	if (root->dentry->sb->fs == &devpts)
		return 0;
	path_put(root);
	return -ENODEV;
}

static int open_ptmx(struct inode *i __unused, struct file *f)
{
	struct path root;
	struct devpts *ns;
	struct pty *p;
	int err, nr;

	err = devpts_of(f, &root);
	if (err)
		return err;
	ns = root.dentry->sb->priv;
	nr = take_number(ns);
	if (nr < 0) {
		path_put(&root);
		return nr;
	}
	p = pty_alloc((unsigned)nr, root.dentry->sb);
	err = p ? add_name(p) : -ENOMEM;
	if (err) {
		give_number(ns, (unsigned)nr);
		if (p)
			tty_put(&p->tty);
	} else {
		atomic_inc(&p->sb->refs);
		f->ops = &ptm_fops;
		f->priv = p;
		f->mode |= FMODE_STREAM;
	}
	path_put(&root);
	return err;
}

static const struct file_ops ptmx_fops = { .open = open_ptmx };

struct file *devpts_open_peer(struct file *f, int flags)
{
	struct pty *p = f->priv;
	struct file *peer;
	struct path at;
	struct dentry *d;
	char name[16];
	int err = devpts_of(f, &at);

	if (err)
		return ERR_PTR(err);
	snprintf(name, sizeof(name), "%u", p->nr);
	d = dir_lookup(at.dentry, name, strlen(name));
	if (IS_ERR(d)) {
		path_put(&at);
		return ERR_CAST(d);
	}
	d_put(at.dentry);
	at.dentry = d;
	peer = d->inode && d->inode->priv == p ? file_open_path(&at, flags & ~O_CLOEXEC) :
						 ERR_PTR(-EIO);
	path_put(&at);
	return peer;
}

static struct chardev ptmx = { .name = "ptmx", .dev = MKDEV(5, 2), .mode = 0666, .ops = &ptmx_fops };

void devpts_init(void)
{
	chardev_register(&ptmx);
}

/* --- mounting --- */

static int statfs(struct super *sb __unused, struct statfs *st)
{
	st->f_type = 0x1cd1; /* DEVPTS_SUPER_MAGIC */
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	return 0;
}

static int show_options(struct super *sb, char *buf, size_t n)
{
	const struct devpts *ns = sb->priv;
	int at = 0;

	if (ns->set_uid)
		at += scnprintf(buf + at, n - (size_t)at, ",uid=%u", ns->uid);
	if (ns->set_gid)
		at += scnprintf(buf + at, n - (size_t)at, ",gid=%u", ns->gid);
	at += scnprintf(buf + at, n - (size_t)at, ",mode=%03o,ptmxmode=%03o", ns->mode,
			ns->ptmx_mode);
	if (ns->max < PTY_LIMIT)
		at += scnprintf(buf + at, n - (size_t)at, ",max=%u", ns->max);
	return at;
}

static void unmount(struct super *sb)
{
	kfree(sb->priv);
}

static const struct super_ops super_ops = {
	.evict_inode = evict,
	.statfs = statfs,
	.show_options = show_options,
	.unmount = unmount,
};

static int parse_option(struct devpts *ns, const char *key, const char *val)
{
	u32 v;

	if (str_equal(key, "newinstance"))
		return 0;
	if (!val || parse_u32(val, strstr(key, "mode") ? 8 : 10, &v))
		return -EINVAL;
	if (str_equal(key, "mode")) {
		ns->mode = v & 07777;
	} else if (str_equal(key, "ptmxmode")) {
		ns->ptmx_mode = v & 07777;
	} else if (str_equal(key, "uid")) {
		ns->uid = v;
		ns->set_uid = true;
	} else if (str_equal(key, "gid")) {
		ns->gid = v;
		ns->set_gid = true;
	} else if (str_equal(key, "max") && v <= PTY_LIMIT) {
		ns->max = v;
	} else {
		return -EINVAL;
	}
	return 0;
}

static int parse_options(struct devpts *ns, const char *data)
{
	char *copy = kstrdup(data ? data : ""), *rest = copy, *opt;
	int err = 0;

	if (!copy)
		return -ENOMEM;
	while (!err && (opt = strsep(&rest, ","))) {
		char *val = strchr(opt, '=');

		if (val)
			*val++ = '\0';
		if (*opt)
			err = parse_option(ns, opt, val);
	}
	kfree(copy);
	return err;
}

/* The root directory and its ptmx. */
static int fill(struct super *sb)
{
	const struct devpts *ns = sb->priv;
	struct inode *root = memfs_inode(sb, S_IFDIR | 0755, 0, NULL), *i;
	int err;

	if (IS_ERR(root))
		return -ENOMEM;
	root->ops = &root_ops;
	i = memfs_inode(sb, S_IFCHR | ns->ptmx_mode, ptmx.dev, NULL);
	err = IS_ERR(i) ? -ENOMEM : memdir_add(root->priv, "ptmx", 4, i);
	if (!IS_ERR(i))
		inode_put(i);
	if (err) {
		inode_put(root);
		return err;
	}
	sb->root = d_alloc_root(sb, root);
	return sb->root ? 0 : -ENOMEM;
}

static struct super *devpts_mount(const struct file_system *fs, const char *source __unused,
				  u64 flags __unused, const char *data)
{
	struct devpts *ns = kzalloc(sizeof(*ns), 0);
	struct super *sb;
	int err;

	if (!ns)
		return ERR_PTR(-ENOMEM);
	mutex_init(&ns->lock);
	ns->max = PTY_LIMIT;
	ns->mode = 0600;
	err = parse_options(ns, data);
	sb = err ? NULL : super_alloc(fs, &super_ops, ns);
	if (!sb) {
		kfree(ns);
		return ERR_PTR(err ? err : -ENOMEM);
	}
	err = fill(sb);
	if (!err)
		return sb;
	super_put(sb);
	return ERR_PTR(err);
}

static const struct file_system devpts = {
	.name = "devpts",
	.flags = FS_NODEV | FS_USERNS | FS_BLOCKS_1K,
	.mount = devpts_mount,
};
FILE_SYSTEM(devpts);

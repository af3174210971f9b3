/*
 * Opening files: open(2), openat2(2). file_open walks, creates, checks and
 * makes the open file description; descriptors are fs/files.c's.
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
#include "fs/async.h"
#include "fs/internal.h"
#include "fs/landlock.h"
#include "fs/mount.h"
#include "fs/lease.h"
#include "fs/notify.h"
#include "fs/poll.h"
#include "lib/printf.h"
#include "lib/string.h"
#include "sync/log.h"

static struct slab_cache *file_slab;
static atomic_long_t nr_files; /* [a] */
s64 file_max = S64_MAX;

void open_init(void)
{
	file_slab = slab_create("file", sizeof(struct file), 64);
}

struct file *file_get(struct file *f)
{
	atomic_inc(&f->refs);
	return f;
}

static void free_rcu(struct rcu_head *h)
{
	slab_free(file_slab, container_of(h, struct file, rcu));
}

static void put_writer(const struct path *p, struct inode *i)
{
	atomic_dec(&i->sb->writers);
	atomic_dec(&p->mnt->writers);
	inode_put_write(i);
}

static void release(struct file *f)
{
	notify_file(f, f->mode & FMODE_WRITE ? IN_CLOSE_WRITE : IN_CLOSE_NOWRITE);
	dnotify_close(f, NULL);
	if (!list_empty(&f->epoll_links))
		epoll_file_gone(f);
	lock_release_file(f);
	lease_release(f);
	if (unlikely(f->async != NULL))
		async_forget(f);
	if (f->ops->release)
		f->ops->release(f);
	if (f->mode & FMODE_WRITER)
		put_writer(&f->path, f->inode);
	else if ((f->mode & FMODE_WRITE) && S_ISREG(f->inode->mode))
		inode_put_write(f->inode);
	if ((f->mode & (FMODE_READ | FMODE_WRITE)) == FMODE_READ)
		atomic_dec(&f->inode->readers);
	if (unlikely(f->mode & FMODE_MOUNTS))
		mnt_ns_dissolve(f->path.mnt);
	inode_put(f->inode);
	path_put(&f->path); /* may be the last of a file system unmounted meanwhile */
	cred_put(f->cred);
	atomic_long_dec(&nr_files);
	call_rcu(&f->rcu, free_rcu);
}

void file_put(struct file *f)
{
	struct file *more = NULL;

	if (!atomic_dec_and_test(&f->refs))
		return;
	if (current->dying) {
		f->dying_next = *current->dying;
		*current->dying = f;
		return;
	}
	current->dying = &more;
	for (;;) {
		release(f);
		f = more;
		if (!f)
			break;
		more = f->dying_next;
	}
	current->dying = NULL;
}

s64 file_count(void)
{
	return atomic_long_read(&nr_files);
}

struct file *file_alloc(const struct path *p, u32 fmode, u32 flags, const struct file_ops *ops)
{
	struct file *f;

	if (unlikely(file_count() >= READ_ONCE(file_max)) && !capable(CAP_SYS_ADMIN))
		return ERR_PTR(-ENFILE);
	f = slab_zalloc(file_slab);
	if (!f)
		return ERR_PTR(-ENFILE);
	atomic_long_inc(&nr_files);
	atomic_set(&f->refs, 1);
	f->mode = fmode;
	f->flags = flags;
	f->ops = ops;
	f->path = *p;
	path_get(p);
	f->inode = p->dentry->inode;
	inode_get(f->inode);
	if ((fmode & (FMODE_READ | FMODE_WRITE)) == FMODE_READ)
		atomic_inc(&f->inode->readers);
	mutex_init(&f->pos_mutex);
	spin_init(&f->lock, RANK_FS, "file");
	list_init(&f->epoll_links);
	f->error_since = vmobject_error_now(&f->inode->pages.error);
	f->super_error_since = vmobject_error_now(&p->dentry->sb->error);
	f->cred = cred_get(current->cred);
	return f;
}

static const struct file_ops path_fops;

static u32 flags_to_fmode(int flags)
{
	switch (flags & O_ACCMODE) {
	case O_RDONLY:
		return FMODE_READ;
	case O_WRONLY:
		return FMODE_WRITE;
	default: /* 3 is ioctl-only access: neither, checked as both */
		return (flags & O_ACCMODE) == O_RDWR ? FMODE_READ | FMODE_WRITE : 0;
	}
}

/* Permission to open i as flags say: open(2)'s EACCES, EISDIR, EROFS, EPERM, ENXIO. */
static int may_open(const struct path *p, int flags)
{
	struct inode *i = p->dentry->inode;
	int mask = 0, err;

	switch (i->mode & S_IFMT) {
	case S_IFLNK:
		return -ELOOP;
	case S_IFDIR:
		if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC))
			return -EISDIR;
		break;
	case S_IFBLK:
	case S_IFCHR:
		if ((p->mnt->flags | i->sb->flags) & MS_NODEV)
			return -EACCES;
		break;
	default:
		break;
	}
	if ((flags & O_ACCMODE) != O_WRONLY)
		mask |= MAY_READ;
	if ((flags & O_ACCMODE) != O_RDONLY || (flags & O_TRUNC))
		mask |= MAY_WRITE;
	/* For ioctl alone (3) nothing is written, so a mount that is read-only does not mind. */
	err = inode_permission(
		(flags & O_ACCMODE) == O_ACCMODE && !(flags & O_TRUNC) ? NULL : p->mnt, i, mask);
	if (err)
		return err;
	if (inode_appends_only(i) &&
	    (((flags & O_ACCMODE) != O_RDONLY && !(flags & O_APPEND)) || (flags & O_TRUNC)))
		return -EPERM;
	if ((flags & O_NOATIME) && !inode_owner_or_capable(i))
		return -EPERM;
	return 0;
}

/* What may keep a file that is there from being opened: 0 or -errno. Sleeps. */
static int may_go_on(struct file *f, int flags)
{
	int err = notify_ask(f, FAN_OPEN_PERM);

	if (!err)
		err = lease_break(f->inode, flags);
	return err || !f->ops->open ? err : f->ops->open(f->inode, f);
}

/* Of regular files those whose pages are cached: what is made up, in /proc or /sys, has no other way. */
static bool can_direct(const struct file *f)
{
	u32 mode = f->inode->mode;

	return S_ISREG(mode) ? f->ops->mmap != NULL : S_ISBLK(mode);
}

/*
 * The open file description of a place whose permissions are checked; `at` is where it is, for a file
 * that has no name. quiet: FMODE_NONOTIFY or 0.
 */
static struct file *do_open(const struct path *p, const struct path *at, int flags, u32 quiet)
{
	struct inode *i = p->dentry->inode;
	u32 fmode = flags_to_fmode(flags) | quiet;
	struct file *f;
	int err;

	if (flags & O_PATH)
		return file_alloc(p, FMODE_PATH, (u32)flags & (O_PATH | O_DIRECTORY | O_NOFOLLOW),
				  &path_fops);
	if ((fmode & FMODE_WRITE) && S_ISREG(i->mode)) {
		err = inode_get_write(i);
		if (err)
			return ERR_PTR(err);
		fmode |= FMODE_WRITER;
		atomic_inc(&p->mnt->writers);
		atomic_inc(&i->sb->writers);
	}
	f = file_alloc(p, fmode, (u32)flags & ~(u32)(O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC),
		       i->fops);
	if (IS_ERR(f)) {
		if (fmode & FMODE_WRITER)
			put_writer(p, i);
		return f;
	}
	if (f->ops->llseek)
		f->mode |= FMODE_PREAD;
	err = landlock_open(f, at);
	if (!err)
		err = may_go_on(f, flags);
	if (err) {
		f->ops = &path_fops; /* nothing to release */
		f->mode |= FMODE_NONOTIFY;
		file_put(f);
		return ERR_PTR(err);
	}
	notify_file(f, IN_OPEN);
	f->flags &= ~(u32)O_NOCTTY; /* for a terminal's open alone */
	if ((flags & O_DIRECT) && !can_direct(f)) {
		file_put(f);
		return ERR_PTR(-EINVAL);
	}
	if ((flags & O_TRUNC) && S_ISREG(i->mode)) {
		struct attrs a = { .valid = ATTR_SIZE | ATTR_FORCE, .size = 0 };
		struct path place = *p;

		/* Not of a program that runs, though the file is opened to be read. */
		err = inode_get_write(i);
		if (!err) {
			rwsem_write_lock(&i->rwsem);
			inode_strip_setid(i);
			rwsem_write_unlock(&i->rwsem);
			err = f->mode & FMODE_NO_TRUNCATE ? -EACCES : inode_change(&place, &a);
			inode_put_write(i);
		}
		if (err) {
			file_put(f);
			return ERR_PTR(err);
		}
	}
	return f;
}

struct file *file_open_path(const struct path *p, int flags)
{
	int err = flags & O_PATH ? 0 : may_open(p, flags);

	return err ? ERR_PTR(err) : do_open(p, p, flags, 0);
}

#define O_UNNOTICED 0200000000 /* F_GETFL shows it on Linux; no header has it */

struct file *file_open_unnoticed(const struct path *p, int flags)
{
	struct file *f = do_open(p, p, flags, FMODE_NONOTIFY);

	if (!IS_ERR(f))
		f->flags |= O_UNNOTICED;
	return f;
}

/*
 * O_CREAT: looks the last component up, or makes it, under the directory's lock. *created says
 * which.
 */
static int lookup_or_create(struct walk *w, int flags, u32 mode, struct path *out, bool *created)
{
	struct inode *dir = w->dir.dentry->inode;
	struct dentry *d;
	int err;

	*created = false;
	if (w->len > NAME_MAX)
		return -ENAMETOOLONG;
	/* Without O_EXCL an existing file needs no lock on the directory. */
	if (!(flags & O_EXCL)) {
		d = d_lookup(w->dir.dentry, w->last, w->len);
		if (d && d->inode && !d->inode->ops->revalidate)
			goto found;
		if (d)
			d_put(d);
	}
	rwsem_write_lock(&dir->rwsem);
	if (w->dir.dentry->flags & D_DEAD) {
		rwsem_write_unlock(&dir->rwsem);
		return -ENOENT;
	}
	d = dir_lookup_locked(w->dir.dentry, w->last, w->len);
	if (IS_ERR(d)) {
		rwsem_write_unlock(&dir->rwsem);
		return (int)PTR_ERR(d);
	}
	if (!d->inode) {
		err = inode_permission(w->dir.mnt, dir, MAY_WRITE | MAY_EXEC);
		if (!err)
			err = landlock_may(&w->dir, LANDLOCK_ACCESS_FS_MAKE_REG);
		if (!err)
			err = dir->ops->make ?
				      dir->ops->make(dir, d,
						     S_IFREG | (mode_masked(dir, mode) & 07777), 0,
						     NULL) :
				      -EACCES;
		if (!err)
			notify_name(dir, w->last, w->len, d->inode, IN_CREATE);
		rwsem_write_unlock(&dir->rwsem);
		if (err) {
			d_put(d);
			return err;
		}
		*created = true;
		goto found;
	}
	rwsem_write_unlock(&dir->rwsem);
found:
	out->mnt = w->dir.mnt;
	out->dentry = d;
	atomic_inc(&out->mnt->refs);
	path_cross(out);
	return 0;
}

int protected_fifos, protected_regular;

/*
 * proc(5), protected_fifos, protected_regular: O_CREAT does not open what somebody else put into a
 * sticky directory that is not his: 1, one that all may write; 2, one that a group may write too.
 */
static int may_create_over(const struct inode *dir, const struct inode *i)
{
	int fifos = READ_ONCE(protected_fifos), regular = READ_ONCE(protected_regular);

	if ((!fifos && S_ISFIFO(i->mode)) || (!regular && S_ISREG(i->mode)) ||
	    !(dir->mode & S_ISVTX) || i->uid == dir->uid || i->uid == current->cred->fsuid)
		return 0;
	if ((dir->mode & S_IWOTH) ||
	    ((dir->mode & S_IWGRP) &&
	     ((fifos >= 2 && S_ISFIFO(i->mode)) || (regular >= 2 && S_ISREG(i->mode)))))
		return -EACCES;
	return 0;
}

static struct file *open_create(int dfd, const char *name, int flags, u32 mode, u32 resolve)
{
	struct walk w;
	struct path p;
	struct file *f;
	bool created;
	int err;

	err = walk_parent(&w, dfd, name, resolve);
	if (err)
		return ERR_PTR(err);
	for (;;) {
		created = false;
		if (w.kind != LAST_NORM) {
			err = resolve ? path_lookup_resolve(dfd, name, LOOKUP_FOLLOW, resolve, &p) :
					0;
			if (!err && resolve)
				path_put(&p);
			if (!err)
				err = flags & O_EXCL ? -EEXIST : -EISDIR;
			break;
		}
		if (w.must_dir) {
			err = -EISDIR;
			break;
		}
		err = lookup_or_create(&w, flags, mode, &p, &created);
		if (err)
			break;
		if ((resolve & RESOLVE_NO_XDEV) && p.mnt != w.dir.mnt) {
			path_put(&p);
			err = -EXDEV;
			break;
		}
		if (!created && (flags & O_EXCL)) {
			path_put(&p);
			err = -EEXIST;
			break;
		}
		if (S_ISLNK(p.dentry->inode->mode) && !(flags & O_NOFOLLOW)) {
			err = walk_follow(&w, &p);
			if (err)
				break;
			if (w.kind == LAST_ROOT &&
			    !w.len) { /* a magic link led to an open file's place */
				p = w.dir;
				path_get(&p);
			} else {
				continue;
			}
		}
		break;
	}
	if (!err && !created) {
		if (S_ISDIR(p.dentry->inode->mode))
			err = -EISDIR;
		else if (w.kind == LAST_NORM)
			err = may_create_over(w.dir.dentry->inode, p.dentry->inode);
		if (!err)
			err = may_open(&p, flags);
		if (err)
			path_put(&p);
	}
	walk_end(&w);
	if (err)
		return ERR_PTR(err);
	f = do_open(&p, &p, created ? flags & ~O_TRUNC : flags, 0);
	path_put(&p);
	if (created && !IS_ERR(f))
		f->mode |= FMODE_CREATED;
	return f;
}

/* A name for /proc/PID/fd: where it was made, and its number. NULL: no memory. */
static struct dentry *name_tmpfile(const struct path *dir, struct inode *i)
{
	char *buf = kmalloc(2 * PATH_MAX, 0), *s;
	struct dentry *d = NULL;
	struct path root;
	bool unreachable;

	if (!buf)
		return NULL;
	fs_ctx_root(&root);
	s = d_path(dir, &root, buf, PATH_MAX, &unreachable);
	path_put(&root);
	if (!IS_ERR(s)) {
		snprintf(buf + PATH_MAX, PATH_MAX, "%s/#%lu (deleted)", str_equal(s, "/") ? "" : s,
			 i->ino);
		d = d_alloc_pseudo(dir->mnt->sb, buf + PATH_MAX, i);
	}
	kfree(buf);
	return d;
}

static struct file *open_tmpfile(int dfd, const char *name, int flags, u32 mode, u32 resolve)
{
	struct path dir, p;
	struct inode *i;
	struct dentry *d;
	struct file *f;
	int err = path_lookup_resolve(dfd, name, LOOKUP_FOLLOW | LOOKUP_DIRECTORY, resolve, &dir);

	if (err)
		return ERR_PTR(err);
	f = ERR_PTR(inode_permission(dir.mnt, dir.dentry->inode, MAY_WRITE | MAY_EXEC));
	if (f)
		goto out;
	f = ERR_PTR(-EOPNOTSUPP);
	if (!dir.dentry->inode->ops->tmpfile)
		goto out;
	i = dir.dentry->inode->ops->tmpfile(dir.dentry->inode,
					    mode_masked(dir.dentry->inode, mode) & 07777);
	f = ERR_CAST(i);
	if (IS_ERR(i))
		goto out;
	d = name_tmpfile(&dir, i);
	if (!d) {
		inode_put(i);
		f = ERR_PTR(-ENOMEM);
		goto out;
	}
	if (!(flags & O_EXCL))
		d->flags |= D_LINKABLE;
	p = (struct path){ dir.mnt, d };
	atomic_inc(&p.mnt->refs);
	f = do_open(&p, &dir, flags & ~(O_TMPFILE | O_EXCL), 0);
	path_put(&p);
out:
	path_put(&dir);
	return f;
}

int file_open_check(int flags)
{
	if (flags & O_PATH)
		return 0;
	if ((flags & (O_CREAT | O_DIRECTORY)) == (O_CREAT | O_DIRECTORY))
		return -EINVAL;
	return (flags & O_TMPFILE) == O_TMPFILE && (flags & O_ACCMODE) == O_RDONLY ? -EINVAL : 0;
}

struct file *file_open_resolve(int dfd, const char *name, int flags, u32 mode, u32 resolve)
{
	unsigned look = flags & O_NOFOLLOW ? 0 : LOOKUP_FOLLOW;
	struct path p;
	struct file *f;
	int err;

	if (flags & O_PATH)
		flags &= O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	err = file_open_check(flags);
	if (err)
		return ERR_PTR(err);
	if ((flags & O_TMPFILE) == O_TMPFILE)
		return open_tmpfile(dfd, name, flags, mode, resolve);
	if (!*name)
		return ERR_PTR(-ENOENT);
	if (flags & O_CREAT)
		return open_create(dfd, name, flags, mode, resolve);
	if (flags & O_DIRECTORY)
		look |= LOOKUP_DIRECTORY;
	err = resolve ? path_lookup_resolve(dfd, name, look, resolve, &p) :
			path_lookup(dfd, name, look, &p);
	if (err)
		return ERR_PTR(err);
	f = file_open_path(&p, flags);
	path_put(&p);
	return f;
}

struct file *file_open(int dfd, const char *name, int flags, u32 mode)
{
	return file_open_resolve(dfd, name, flags, mode, 0);
}

/* --- anonymous files --- */

static struct mount *anon_mount;

int pseudo_statfs(struct super *sb, struct statfs *st)
{
	st->f_type = (u64)sb->priv;
	st->f_bsize = PAGE_SIZE;
	st->f_namelen = NAME_MAX;
	return 0;
}

static const struct super_ops pseudo_super_ops = { .statfs = pseudo_statfs };
static const struct file_system anon_fs = { .name = "anon_inodefs", .flags = FS_NODEV };
static const struct inode_ops anon_inode_ops = { .lookup = NULL };

int pseudo_mount(const struct file_system *fs, u64 magic, struct mount **out)
{
	struct super *sb = super_alloc(fs, &pseudo_super_ops, (void *)magic);
	struct inode *i;

	if (!sb)
		return -ENOMEM;
	i = inode_alloc(sb);
	if (!i)
		return -ENOMEM;
	i->mode = S_IFDIR | 0555;
	i->ops = &anon_inode_ops;
	i->fops = &path_fops;
	sb->root = d_alloc_root(sb, i);
	if (!sb->root)
		return -ENOMEM;
	*out = mount_alloc(sb, sb->root, fs->name, MS_RELATIME | MOUNT_INTERNAL);
	return *out ? 0 : -ENOMEM;
}

struct file *pseudo_file(struct mount *m, const char *name, u32 mode, const struct file_ops *ops,
			 void *priv, int flags)
{
	struct inode *i = inode_alloc(m->sb);
	struct dentry *d;
	struct path p;
	struct file *f;

	if (!i)
		return ERR_PTR(-ENOMEM);
	i->mode = mode;
	i->uid = current->cred->fsuid;
	i->gid = current->cred->fsgid;
	i->ops = &anon_inode_ops;
	i->fops =
		/* no opening again through /proc/PID/fd, unless the caller says how */
		&no_open_fops;
	d = d_alloc_pseudo(m->sb, name, i);
	if (!d) {
		inode_put(i);
		return ERR_PTR(-ENOMEM);
	}
	p = (struct path){ m, d };
	f = file_alloc(&p, flags_to_fmode(flags), (u32)flags & (O_ACCMODE | O_NONBLOCK | O_DIRECT),
		       ops);
	d_put(d);
	if (!IS_ERR(f))
		f->priv = priv;
	return f;
}

struct file *anon_file(const char *name, const struct file_ops *ops, void *priv, int flags)
{
	return pseudo_file(anon_mount, name, 0600, ops, priv, flags);
}

void anon_init(void)
{
	if (pseudo_mount(&anon_fs, 0x09041934, &anon_mount))
		panic("anonymous files: out of memory at boot");
}

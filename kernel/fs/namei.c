/*
 * Path walk: path_resolution(7).
 *
 * The walk goes through the dentry cache under RCU, taking no reference on
 * the way (w->held false); where it must sleep (a miss, a directory read from
 * disk) it first takes one on where it stands, and goes on holding. When that
 * fails because the place is being freed, the whole walk starts again.
 * A symlink's target is put before the rest of the path in one heap string.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>
#include <uapi/mount.h>

#include "alloc/slab.h"
#include "fs/files.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "lib/string.h"

#define MAX_LINKS  40
#define WALK_AGAIN (-ERESTARTNOINTR) /* internal: start the whole walk again */

/* Takes references on where the walk stands. */
static int hold(struct walk *w)
{
	if (w->held)
		return 0;
	if (!atomic_inc_not_zero(&w->cur.mnt->refs))
		return WALK_AGAIN;
	if (!d_get_live(w->cur.dentry)) {
		mount_put(w->cur.mnt);
		return WALK_AGAIN;
	}
	w->held = true;
	return 0;
}

/* Moves to a place known under RCU; what was held is let go. */
static void step_to(struct walk *w, struct mount *mnt, struct dentry *d)
{
	struct path old = w->cur;
	bool held = w->held;

	w->cur.mnt = mnt;
	w->cur.dentry = d;
	w->held = false;
	if (held)
		path_put(&old);
}

/* Moves to a place the caller holds references on. */
static void step_to_held(struct walk *w, const struct path *p)
{
	struct path old = w->cur;

	if (w->held)
		path_put(&old);
	w->cur = *p;
	w->held = true;
}

static void drop(struct walk *w)
{
	if (w->held)
		path_put(&w->cur);
	w->held = false;
}

/* Down through whatever is mounted on the place. */
static void cross_mounts(struct mount **mnt, struct dentry **d)
{
	while (READ_ONCE((*d)->flags) & D_MOUNTED) {
		struct mount *m = mount_lookup_rcu(*mnt, *d);

		if (!m)
			return;
		*mnt = m;
		*d = m->root;
	}
}

void path_cross(struct path *p)
{
	for (;;) {
		struct path to = *p;

		cross_mounts(&to.mnt, &to.dentry);
		if (to.mnt == p->mnt)
			return;
		/* One that goes in this moment is off the tree already: look again. */
		if (!atomic_inc_not_zero(&to.mnt->refs))
			continue;
		d_get(to.dentry);
		path_put(p);
		*p = to;
	}
}

/* Where RESOLVE_* forbid to go. With RESOLVE_CACHED a second look without it tells. */
static int forbidden(const struct walk *w)
{
	return w->resolve & RESOLVE_CACHED ? -EAGAIN : -EXDEV;
}

static int step_dotdot(struct walk *w)
{
	struct mount *mnt = w->cur.mnt;
	struct dentry *d = w->cur.dentry;
	struct path up;
	int err;

	/* path_resolution(7): ".." at the root is the root. */
	while (!(d == w->root.dentry && mnt == w->root.mnt)) {
		if (d != mnt->root) {
			d = READ_ONCE(d->parent);
			break;
		}
		if (!mount_up_rcu(mnt, &up)) /* the first mount, or one taken off meanwhile */
			break;
		d = up.dentry;
		mnt = up.mnt;
	}
	if ((w->resolve & RESOLVE_BENEATH) && w->cur.dentry == w->root.dentry &&
	    w->cur.mnt == w->root.mnt)
		return forbidden(w);
	cross_mounts(&mnt, &d);
	if ((w->resolve & RESOLVE_NO_XDEV) && mnt != w->cur.mnt)
		return forbidden(w);
	/* Take the new place before the old one goes: that may be all that keeps it alive. */
	err = hold(w);
	if (err)
		return err;
	if (!atomic_inc_not_zero(&mnt->refs))
		return WALK_AGAIN;
	if (!d_get_live(d)) {
		mount_put(mnt);
		return WALK_AGAIN;
	}
	up = (struct path){ mnt, d };
	step_to_held(w, &up);
	return 0;
}

/*
 * Asks the file system for a name the cache does not know. Returns a referenced dentry, perhaps
 * negative.
 */
static struct dentry *lookup_slow(struct dentry *dir, const char *name, size_t len)
{
	struct inode *i = dir->inode;
	struct dentry *d;
	int err;

	rwsem_read_lock(&i->rwsem);
	d = d_lookup(dir, name, len);
	if (d || !i->ops->lookup)
		goto out;
	if (dir->flags & D_DEAD) {
		d = ERR_PTR(-ENOENT);
		goto out;
	}
	d = d_alloc(dir, name, len);
	if (!d) {
		d = ERR_PTR(-ENOMEM);
		goto out;
	}
	err = i->ops->lookup(i, d);
	if (err) {
		d_put(d);
		d = ERR_PTR(err);
		goto out;
	}
	d = d_hash_unique(d);
out:
	rwsem_read_unlock(&i->rwsem);
	return d ? d : ERR_PTR(-ENOENT);
}

struct dentry *dir_lookup(struct dentry *dir, const char *name, size_t len)
{
	struct dentry *d = d_lookup(dir, name, len);

	if (d && d->inode && d->inode->ops->revalidate && !d->inode->ops->revalidate(d)) {
		d_drop(d);
		d_put(d);
		d = NULL;
	}
	return d ? d : lookup_slow(dir, name, len);
}

/* As dir_lookup, with dir's rwsem held for writing by the caller. */
struct dentry *dir_lookup_locked(struct dentry *dir, const char *name, size_t len)
{
	struct inode *i = dir->inode;
	struct dentry *d = d_lookup(dir, name, len);
	int err;

	if (d)
		return d;
	d = d_alloc(dir, name, len);
	if (!d)
		return ERR_PTR(-ENOMEM);
	err = i->ops->lookup ? i->ops->lookup(i, d) : -ENOTDIR;
	if (err) {
		d_put(d);
		return ERR_PTR(err);
	}
	return d_hash_unique(d);
}

static int may_search(struct walk *w)
{
	struct inode *i = w->cur.dentry->inode;

	if (unlikely(!i || !S_ISDIR(i->mode)))
		return w->resolve & RESOLVE_CACHED ? -EAGAIN : -ENOTDIR;
	if (i->ops->permission) {
		int err = hold(w);

		if (err)
			return err;
	}
	return inode_permission(w->cur.mnt, i, MAY_EXEC);
}

/*
 * One component down (never "." or ".."). The symlink, if it is one, is where w stands afterwards.
 */
static int step_down(struct walk *w, const char *name, size_t len)
{
	struct mount *mnt = w->cur.mnt;
	struct dentry *d;
	struct path p;
	int err;

	if (len > NAME_MAX)
		return -ENAMETOOLONG;
	d = d_lookup_rcu(w->cur.dentry, name, len);
	if (d && d->inode && !d->inode->ops->revalidate) {
		cross_mounts(&mnt, &d);
		if ((w->resolve & RESOLVE_NO_XDEV) && mnt != w->cur.mnt)
			return forbidden(w);
		step_to(w, mnt, d);
		return 0;
	}
	/* The file system would have to be asked. */
	if (w->resolve & RESOLVE_CACHED)
		return -EAGAIN;
	err = hold(w);
	if (err)
		return err;
	d = dir_lookup(w->cur.dentry, name, len);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	if (!d->inode) {
		d_put(d);
		return -ENOENT;
	}
	p = (struct path){ w->cur.mnt, d };
	atomic_inc(&p.mnt->refs);
	path_cross(&p);
	if ((w->resolve & RESOLVE_NO_XDEV) && p.mnt != w->cur.mnt) {
		path_put(&p);
		return forbidden(w);
	}
	step_to_held(w, &p);
	return 0;
}

/* Replaces the rest of the path by target + "/" + rest; *rest moves into the new string. */
static int splice_link(struct walk *w, const char *target, const char **rest)
{
	size_t tl = strlen(target), rl = strlen(*rest);
	char *s = kmalloc(tl + rl + 2, 0);

	if (!s)
		return -ENOMEM;
	memcpy(s, target, tl);
	if (rl) {
		s[tl++] = '/';
		memcpy(s + tl, *rest, rl);
	}
	s[tl + rl] = '\0';
	kfree(w->heap);
	w->heap = s;
	*rest = s;
	return 0;
}

static void to_root(struct walk *w)
{
	struct path p = w->root;

	path_get(&p);
	step_to_held(w, &p);
}

/*
 * w stands at a symlink, its directory being dir (a dentry of the same mount). Goes to where its
 * target starts;
 * *rest becomes what is to be walked from there ("" when a magic link jumped).
 */
static int enter_link(struct walk *w, const char **rest)
{
	struct inode *i;
	struct path parent, to;
	const char *target;
	char *buf = NULL;
	int err;

	if (++w->links > MAX_LINKS)
		return -ELOOP;
	if ((w->resolve & RESOLVE_NO_SYMLINKS) || (READ_ONCE(w->cur.mnt->flags) & MS_NOSYMFOLLOW))
		return -ELOOP;
	err = hold(w);
	if (err)
		return err;
	i = w->cur.dentry->inode;
	if (w->resolve & RESOLVE_CACHED && (i->ops->follow || inode_access_due(w->cur.mnt, i)))
		return -EAGAIN;
	if (i->ops->follow) {
		if (w->resolve & (RESOLVE_NO_MAGICLINKS | RESOLVE_BENEATH | RESOLVE_IN_ROOT))
			return w->resolve & RESOLVE_NO_MAGICLINKS ? -ELOOP : -EXDEV;
		err = i->ops->follow(i, &to);
		if (err != -EOPNOTSUPP) {
			if (err)
				return err;
			step_to_held(w, &to);
			return 0;
		}
	}
	if (!i->ops->get_link)
		return -EINVAL;
	buf = kmalloc(PATH_MAX, 0);
	if (!buf)
		return -ENOMEM;
	target = i->ops->get_link(i, buf);
	if (IS_ERR(target)) {
		err = (int)PTR_ERR(target);
		goto out;
	}
	if (!*target) {
		err = -ENOENT;
		goto out;
	}
	inode_accessed(w->cur.mnt, i);
	err = splice_link(w, target, rest);
	if (err)
		goto out;
	if (*target == '/') {
		if (w->resolve & RESOLVE_BENEATH) {
			err = -EXDEV;
			goto out;
		}
		to_root(w);
	} else {
		parent.mnt = w->cur.mnt;
		parent.dentry = w->cur.dentry->parent;
		path_get(&parent);
		step_to_held(w, &parent);
	}
out:
	kfree(buf);
	return err;
}

/* Walks all of `name` but its last component from where w stands. */
static int walk_string(struct walk *w, const char *name)
{
	w->kind = LAST_ROOT;
	w->last = name;
	w->len = 0;
	w->must_dir = false;
	for (;;) {
		const char *end, *next;
		size_t len;
		bool dot, dotdot, last;
		int err;

		while (*name == '/')
			name++;
		if (!*name)
			return 0;
		end = strchrnul(name, '/');
		len = (size_t)(end - name);
		next = end;
		while (*next == '/')
			next++;
		last = *next == '\0';
		dot = len == 1 && name[0] == '.';
		dotdot = len == 2 && name[0] == '.' && name[1] == '.';
		if (last) {
			err = may_search(w);
			w->last = name;
			w->len = len;
			w->kind = dot ? LAST_DOT : dotdot ? LAST_DOTDOT : LAST_NORM;
			w->must_dir = *end == '/';
			return err;
		}
		err = may_search(w);
		if (err)
			return err;
		if (dotdot)
			err = step_dotdot(w);
		else if (!dot)
			err = step_down(w, name, len);
		if (err)
			return err;
		name = next;
		if (w->cur.dentry->inode && S_ISLNK(w->cur.dentry->inode->mode)) {
			const char *rest = next;

			err = enter_link(w, &rest);
			if (err)
				return err;
			name = rest; /* where a magic link jumps to is not followed further */
		}
	}
}

static int walk_start(struct walk *w, int dfd, const char *name)
{
	struct path p;

	fs_ctx_root(&w->root);
	if (w->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) {
		if (*name == '/' && (w->resolve & RESOLVE_BENEATH))
			return -EXDEV;
	} else if (*name == '/') {
		p = w->root;
		path_get(&p);
		step_to_held(w, &p);
		return 0;
	}
	if (dfd == AT_FDCWD) {
		fs_ctx_cwd(&p);
	} else {
		struct file *f = fd_get_raw(dfd);

		if (!f)
			return -EBADF;
		if (*name && !S_ISDIR(f->inode->mode)) {
			file_put(f);
			return -ENOTDIR;
		}
		p = f->path;
		path_get(&p);
		file_put(f);
	}
	step_to_held(w, &p);
	if (w->resolve & (RESOLVE_IN_ROOT | RESOLVE_BENEATH)) {
		path_put(&w->root);
		w->root = p;
		path_get(&w->root);
	}
	return 0;
}

int walk_parent(struct walk *w, int dfd, const char *name, u32 resolve)
{
	int err;

	do {
		memset(w, 0, sizeof(*w));
		w->resolve = resolve;
		err = walk_start(w, dfd, name);
		if (!err)
			err = walk_string(w, name);
		if (!err)
			err = hold(w);
		if (err)
			walk_end(w);
	} while (err == WALK_AGAIN);
	if (!err)
		w->dir = w->cur;
	return err;
}

void walk_end(struct walk *w)
{
	drop(w);
	if (w->root.dentry)
		path_put(&w->root);
	kfree(w->heap);
	w->heap = NULL;
}

int protected_symlinks = 1;

/*
 * proc(5), protected_symlinks: in a sticky directory that all may write, a link is followed by its
 * owner, or when it is the directory's owner's.
 */
static int may_follow(const struct inode *dir, const struct inode *link)
{
	if (!READ_ONCE(protected_symlinks) || current->cred->fsuid == link->uid ||
	    (dir->mode & (S_ISVTX | S_IWOTH)) != (S_ISVTX | S_IWOTH) || dir->uid == link->uid)
		return 0;
	return -EACCES;
}

int walk_follow(struct walk *w, struct path *link)
{
	const char *rest = "";
	const char *before = rest;
	bool must_dir = w->must_dir;
	int err = may_follow(w->dir.dentry->inode, link->dentry->inode);

	step_to_held(w, link);
	if (err)
		return err;
	err = enter_link(w, &rest);
	if (!err) {
		if (rest == before) { /* a magic link: the place itself */
			w->kind = LAST_ROOT;
			w->len = 0;
		} else {
			err = walk_string(w, rest);
			w->must_dir |= must_dir;
		}
	}
	if (!err)
		err = hold(w);
	if (err == WALK_AGAIN)
		err = -ENOENT; /* the place went while we walked a symlink into it */
	w->dir = w->cur;
	return err;
}

/* What the cache has of a name, without asking the file system: a referenced dentry with an inode, or -EAGAIN. */
static struct dentry *lookup_cached(struct dentry *dir, const char *name, size_t len)
{
	struct dentry *d = d_lookup(dir, name, len);

	if (d && d->inode && !d->inode->ops->revalidate)
		return d;
	if (d)
		d_put(d);
	return ERR_PTR(-EAGAIN);
}

int walk_last(struct walk *w, struct path *out)
{
	struct dentry *d;
	int err;

	switch (w->kind) {
	case LAST_ROOT:
	case LAST_DOT:
		*out = w->dir;
		path_get(out);
		return 0;
	case LAST_DOTDOT:
		err = step_dotdot(w);
		if (err)
			return err == WALK_AGAIN ? -ENOENT : err;
		w->dir = w->cur;
		*out = w->dir;
		path_get(out);
		return 0;
	case LAST_NORM:
		break;
	}
	if (w->len > NAME_MAX)
		return -ENAMETOOLONG;
	d = w->resolve & RESOLVE_CACHED ? lookup_cached(w->dir.dentry, w->last, w->len) :
					  dir_lookup(w->dir.dentry, w->last, w->len);
	if (IS_ERR(d))
		return (int)PTR_ERR(d);
	out->mnt = w->dir.mnt;
	out->dentry = d;
	atomic_inc(&out->mnt->refs);
	path_cross(out);
	if ((w->resolve & RESOLVE_NO_XDEV) && out->mnt != w->dir.mnt) {
		path_put(out);
		return forbidden(w);
	}
	return 0;
}

/*
 * The whole walk through the cache without any reference but the last: the common case of stat and
 * open. False when anything out of the ordinary came by; *out and *err are then not set.
 */
static bool lookup_fast(int dfd, const char *name, unsigned flags, struct path *out, int *err)
{
	struct fs_ctx *fs = current->fs;
	struct mount *mnt;
	struct dentry *d;

	u32 seq = __atomic_load_n(&fs_ctx_moves, __ATOMIC_ACQUIRE);

	if (*name == '/') {
		mnt = READ_ONCE(fs->root.mnt);
		d = READ_ONCE(fs->root.dentry);
	} else if (dfd == AT_FDCWD && *name) {
		mnt = READ_ONCE(fs->cwd.mnt);
		d = READ_ONCE(fs->cwd.dentry);
	} else {
		return false;
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	/* Another task may change the pair: one that shares it, or pivot_root(2). */
	if (atomic_read(&fs->refs) != 1 || (seq & 1) || READ_ONCE(fs_ctx_moves) != seq)
		return false;
	for (;;) {
		const char *end;
		struct inode *i;
		size_t len;

		while (*name == '/')
			name++;
		if (!*name)
			break;
		end = strchrnul(name, '/');
		len = (size_t)(end - name);
		if (name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')))
			return false;
		i = READ_ONCE(d->inode);
		if (!i || !S_ISDIR(i->mode) || i->ops->permission || len > NAME_MAX)
			return false;
		if (inode_permission(mnt, i, MAY_EXEC))
			return false;
		d = d_lookup_rcu(d, name, len);
		if (!d)
			return false;
		i = __atomic_load_n(&d->inode, __ATOMIC_ACQUIRE);
		if (!i) {
			*err = -ENOENT;
			return true;
		}
		if (i->ops->revalidate || S_ISLNK(i->mode))
			return false;
		cross_mounts(&mnt, &d);
		name = end;
		if (*name == '/' && !S_ISDIR(d->inode->mode))
			return false;
	}
	if ((flags & LOOKUP_DIRECTORY) && !S_ISDIR(d->inode->mode))
		return false;
	if (!atomic_inc_not_zero(&mnt->refs))
		return false;
	if (!d_get_live(d)) {
		mount_put(mnt);
		return false;
	}
	out->mnt = mnt;
	out->dentry = d;
	*err = 0;
	return true;
}

int path_lookup(int dfd, const char *name, unsigned flags, struct path *out)
{
	int err;

	if (!*name && !(flags & LOOKUP_EMPTY))
		return -ENOENT;
	if (lookup_fast(dfd, name, flags, out, &err))
		return err;
	return path_lookup_resolve(dfd, name, flags, 0, out);
}

/*
 * Names as programs hand them in, and struct path: what is made of both by the walk of namei.c. The
 * walk may sleep.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "fs/fs.h"
#include "fs/internal.h"
#include "mm/usercopy.h"

char *getname(const char __user *uname, bool allow_empty)
{
	char *name = kmalloc(PATH_MAX, 0);
	ssize_t n;

	if (!name)
		return ERR_PTR(-ENOMEM);
	n = strncpy_from_user(name, uname, PATH_MAX);
	if (n > 0 || (n == 0 && allow_empty))
		return name;
	kfree(name);
	return ERR_PTR(n == 0 ? -ENOENT : n);
}

void putname(char *name)
{
	kfree(name);
}

void path_get(const struct path *p)
{
	atomic_inc(&p->mnt->refs);
	d_get(p->dentry);
}

void path_put(struct path *p)
{
	if (p->dentry)
		d_put(p->dentry);
	if (p->mnt)
		mount_put(p->mnt);
	p->dentry = NULL;
	p->mnt = NULL;
}

int path_lookup_resolve(int dfd, const char *name, unsigned flags, u32 resolve, struct path *out)
{
	struct walk w;
	int err;

	err = walk_parent(&w, dfd, name, resolve);
	if (err)
		return err;
	for (;;) {
		struct inode *i;

		err = walk_last(&w, out);
		if (err)
			break;
		i = out->dentry->inode;
		if (!i) {
			path_put(out);
			err = -ENOENT;
			break;
		}
		if (S_ISLNK(i->mode) && ((flags & LOOKUP_FOLLOW) || w.must_dir)) {
			err = walk_follow(&w, out);
			if (err)
				break;
			if (w.kind != LAST_ROOT || w.len)
				continue;
			*out = w.dir; /* a magic link's place, whatever is there */
			path_get(out);
			i = out->dentry->inode;
		}
		if ((w.must_dir || (flags & LOOKUP_DIRECTORY)) && !S_ISDIR(i->mode)) {
			path_put(out);
			err = -ENOTDIR;
		}
		break;
	}
	walk_end(&w);
	return err;
}

char *getname_few(char few[NAME_FEW], const char __user *uname)
{
	ssize_t n = strncpy_from_user(few, uname, NAME_FEW);

	if (unlikely(n == -ENAMETOOLONG))
		return getname(uname, true);
	return n < 0 ? ERR_PTR(n) : few;
}

int user_path(int dfd, const char __user *uname, unsigned flags, struct path *out)
{
	char few[NAME_FEW], *name = getname_few(few, uname);
	int err;

	if (IS_ERR(name))
		return (int)PTR_ERR(name);
	err = path_lookup(dfd, name, flags, out);
	putname_few(few, name);
	return err;
}

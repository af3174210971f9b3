/*
 * Folders of lower layers under another name (overlay.h): the mark "redirect" of a folder says how those that it is
 * merged with are called in the layers below, from there on. A name: in the same folder. A path from the layer's root,
 * with a "/" before it: there.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/limits.h>

#include "alloc/slab.h"
#include "fs/overlay/overlay.h"
#include "lib/printf.h"
#include "lib/string.h"

#define REDIRECT_MAX 256 /* bytes of one that is written, its NUL included, as on Linux */

/* A name, or an absolute path of names: 0; -EINVAL; -EACCES: "." or ".." is among them. */
static int check_form(const char *s)
{
	bool path = *s == '/';

	for (s += path;; s++) {
		const char *end = strchr(s, '/');
		size_t len = end ? (size_t)(end - s) : strlen(s);

		if (!len || (end && !path))
			return -EINVAL;
		if (s[0] == '.' && (len == 1 || (len == 2 && s[1] == '.')))
			return -EACCES;
		if (!end)
			return 0;
		s = end;
	}
}

/* What the mark says, seen from where `before` (or the name itself: NULL) led; to be kfree'd. */
static char *read_mark(struct overlay *o, struct inode *real, const char *before)
{
	const char *slash = before && *before == '/' ? strrchr(before, '/') : NULL;
	size_t above = slash ? (size_t)(slash + 1 - before) : 0;
	ssize_t len = overlay_mark_get(o, real, "redirect", NULL, 0);
	char *s;
	int err;

	if (len < 0)
		return len == -ENODATA || len == -EOPNOTSUPP ? NULL : ERR_PTR(len);
	s = kzalloc(above + PATH_MAX, 0);
	if (!s)
		return ERR_PTR(-ENOMEM);
	len = overlay_mark_get(o, real, "redirect", s + above, PATH_MAX - 1);
	err = len < 0 ? (int)len : check_form(s + above);
	if (err) {
		kfree(s);
		return ERR_PTR(err);
	}
	if (s[above] == '/')
		memmove(s, s + above, strlen(s + above) + 1);
	else
		memcpy(s, before, above);
	return s;
}

int overlay_redirect_follow(struct overlay *o, struct inode *real, char **redirect)
{
	char *s = read_mark(o, real, *redirect);

	if (IS_ERR(s))
		return (int)PTR_ERR(s);
	if (s) {
		kfree(*redirect);
		*redirect = s;
	}
	return 0;
}

/* The folder in d of that name, if there is one that shows; d is put. */
static struct dentry *step(struct overlay *o, struct dentry *d, const char *name, size_t len,
			   bool last)
{
	int err = len > NAME_MAX ? -ENOENT : overlay_may(o, d->inode, MAY_EXEC);
	struct dentry *child = err ? ERR_PTR(err) : dir_lookup(d, name, len);

	d_put(d);
	if (IS_ERR(child))
		return PTR_ERR(child) == -ENOENT ? NULL : child;
	if (child->inode && (last || S_ISDIR(child->inode->mode)))
		return child;
	d_put(child);
	return NULL;
}

/*
 * A folder on the way, behind which `rest` follows in *path: where its mark leads, and that rest, is the path in the
 * layers below.
 */
static int follow_on_the_way(struct overlay *o, struct inode *real, const char *rest, char **path)
{
	char *copy = kstrdup(*path), *to = copy, *whole;
	size_t len;
	int err;

	if (!copy)
		return -ENOMEM;
	to[strlen(*path) - strlen(rest)] = '\0';
	err = overlay_redirect_follow(o, real, &to);
	if (!err && to != copy) {
		len = strlen(to) + strlen(rest) + 1;
		whole = len <= PATH_MAX ? kmalloc(len, 0) : NULL;
		if (whole) {
			snprintf(whole, len, "%s%s", to, rest);
			kfree(*path);
			*path = whole;
		} else {
			err = len <= PATH_MAX ? -ENOMEM : -ENAMETOOLONG;
		}
	}
	kfree(to);
	return err;
}

struct dentry *overlay_redirect_lookup(struct overlay *o, unsigned layer, char **redirect,
				       bool *stop)
{
	struct dentry *d = d_get(o->layer[layer].mnt->root);
	char *below = kstrdup(*redirect);
	const char *path = *redirect;
	int err = below ? 0 : -ENOMEM;

	while (!err && d && !IS_ERR(d) && *path) {
		const char *name = path + 1, *end = strchr(name, '/');
		size_t len = end ? (size_t)(end - name) : strlen(name);

		d = step(o, d, name, len, !end);
		path = name + len;
		if (!end || !d || IS_ERR(d) || layer + 1 == o->nr)
			continue;
		if (overlay_is_opaque(o, d->inode))
			*stop = true;
		else if (!*stop)
			err = follow_on_the_way(o, d->inode, path, &below);
	}
	if (err) {
		if (d && !IS_ERR(d))
			d_put(d);
		kfree(below);
		return ERR_PTR(err);
	}
	kfree(*redirect);
	*redirect = below;
	return d;
}

int overlay_redirect_set(struct dentry *d, bool stays)
{
	struct overlay *o = overlay_of(d->inode->sb);
	char buf[REDIRECT_MAX], *at = buf + sizeof(buf) - 1, *mark = kmalloc(PATH_MAX, 0);
	int err = mark ? 0 : -ENOMEM;

	*at = '\0';
	for (const struct dentry *p = d; !err && p->parent != p; p = p->parent) {
		struct inode *real = overlay_upper(p->inode)->inode;
		ssize_t n = overlay_mark_get(o, real, "redirect", mark, PATH_MAX - 1);
		const char *name = n > 0 ? mark : p->name;
		bool whole = *name == '/';
		size_t len = n > 0 ? (size_t)n : p->len;

		if (p == d && n > 0 && (stays || whole))
			goto out; /* what it says holds there, too */
		if (len + !(stays || whole) > (size_t)(at - buf)) {
			err = -EXDEV;
			break;
		}
		at -= len;
		memcpy(at, name, len);
		if (stays || whole)
			break;
		*--at = '/';
	}
	if (!err)
		err = overlay_mark_set(o, overlay_upper(d->inode)->inode, "redirect", at,
				       strlen(at));
out:
	kfree(mark);
	return err == -EOPNOTSUPP ? -EXDEV : err;
}

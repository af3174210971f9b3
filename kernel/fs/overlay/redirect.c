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
	if (o->redirect == REDIRECT_REFUSED)
		return ERR_PTR(-EPERM);
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
	int err = overlay_may(o, d->inode, MAY_EXEC);
	struct dentry *child = err ? ERR_PTR(err) : dir_lookup(d, name, len);

	d_put(d);
	if (IS_ERR(child))
		return PTR_ERR(child) == -ENOENT ? NULL : child;
	if (child->inode && (last || S_ISDIR(child->inode->mode)))
		return child;
	d_put(child);
	return NULL;
}

struct dentry *overlay_redirect_lookup(struct overlay *o, unsigned layer, const char *path,
				       bool *stop)
{
	struct dentry *d = d_get(o->layer[layer].mnt->root);

	while (d && !IS_ERR(d) && *path) {
		const char *name = path + 1, *end = strchr(name, '/');
		size_t len = end ? (size_t)(end - name) : strlen(name);

		d = step(o, d, name, len, !end);
		path = name + len;
		if (end && d && !IS_ERR(d) && overlay_is_opaque(o, d->inode))
			*stop = true;
	}
	return d;
}

/* Where a lower folder is in its layer, at the end of buf. NULL: too long. */
static const char *path_in_layer(struct overlay *o, const struct overlay_at *at, char *buf,
				 size_t n)
{
	const struct dentry *root = o->layer[at->layer].mnt->root;
	char *s = buf + n - 1;

	*s = '\0';
	for (const struct dentry *d = at->dentry; d != root; d = d->parent) {
		if ((size_t)(s - buf) < d->len + 1UL)
			return NULL;
		s -= d->len;
		memcpy(s, d->name, d->len);
		*--s = '/';
	}
	return s;
}

int overlay_redirect_set(struct inode *i, const struct inode *from, const struct inode *to)
{
	struct overlay *o = overlay_of(i->sb);
	const struct overlay_at *low = &overlay_node(i)->lower[0];
	const struct overlay_inode *dir = overlay_node(from);
	char buf[REDIRECT_MAX];
	const char *text = NULL;
	int err;

	for (unsigned k = 0; from == to && k < dir->nr_lower; k++)
		if (dir->lower[k].dentry == low->dentry->parent && low->dentry->len < sizeof(buf))
			text = low->dentry->name;
	if (!text)
		text = path_in_layer(o, low, buf, sizeof(buf));
	if (!text)
		return -EXDEV;
	err = overlay_mark_set(o, overlay_upper(i)->inode, "redirect", text, strlen(text));
	return err == -EOPNOTSUPP ? -EXDEV : err;
}

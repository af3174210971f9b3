/*
 * An index against the tree that the headers make. Interface in check.h.
 */
#include <errno.h>
#include <string.h>
#include "check.h"
#include "fs/tarfs/index.h"

static bool same_time(s64 a, u32 an, s64 b, u32 bn)
{
	return a == b && an == bn;
}

static bool same_xattrs(const struct tar_node *a, const struct tar_node *b)
{
	const struct tar_xattr *x = a->xattrs, *y = b->xattrs;

	for (; x && y; x = x->next, y = y->next) {
		if (x->name_len != y->name_len || x->value_len != y->value_len ||
		    memcmp(x->name, y->name, x->name_len) ||
		    memcmp(tar_xattr_value((struct tar_xattr *)x),
			   tar_xattr_value((struct tar_xattr *)y), x->value_len))
			return false;
	}
	return !x && !y;
}

static bool same_data(const struct tar_node *a, const struct tar_node *b)
{
	if (a->size != b->size || a->extents != b->extents || !a->file.src != !b->file.src)
		return false;
	if (a->extents)
		return !memcmp(a->file.map, b->file.map, a->extents * sizeof(*a->file.map));
	return !a->size || !a->file.src || a->file.data == b->file.data;
}

static const char *differs(const struct tar_node *a, const struct tar_node *b)
{
	if (a->type != b->type)
		return "a file's type differs";
	if (a->mode != b->mode || a->uid != b->uid || a->gid != b->gid)
		return "a mode or owner differs";
	if (!same_time(a->mtime, a->mtime_nsec, b->mtime, b->mtime_nsec) ||
	    !same_time(a->ctime, a->ctime_nsec, b->ctime, b->ctime_nsec))
		return "a time differs";
	if (!same_xattrs(a, b))
		return "an extended attribute differs";
	switch (a->type) {
	case TAR_FILE:
		return same_data(a, b) ? NULL : "the place of a file's data differs";
	case TAR_SYMLINK:
		return !strcmp(a->target, b->target) ? NULL : "a link's target differs";
	case TAR_CHAR:
	case TAR_BLOCKDEV:
		return a->dev.major == b->dev.major && a->dev.minor == b->dev.minor ?
			       NULL :
			       "a device's number differs";
	default:
		return NULL;
	}
}

/* All names of both, side by side. */
static const char *compare(const struct tar_node *a, const struct tar_node *b)
{
	const struct tar_node *root = a;
	const char *why = differs(a, b);
	u64 cookie = 0;

	while (!why) {
		const struct tar_name *x = tar_seek(a, cookie), *y;

		if (!x) {
			if (a->nlink != b->nlink)
				return "a directory has more entries";
			if (a == root)
				return NULL;
			cookie = a->names->cookie + 1;
			a = a->dir.parent;
			b = b->dir.parent;
			continue;
		}
		cookie = x->cookie + 1;
		y = tar_find(b, x->name, x->len);
		if (!y)
			return "a name is missing";
		if (x->node->nlink != y->node->nlink)
			return "the number of a file's names differs";
		why = differs(x->node, y->node);
		if (!why && x->node->type == TAR_DIR) {
			a = x->node;
			b = y->node;
			cookie = 0;
		}
	}
	return why;
}

int tar_index_compare(struct tar_source *src, const struct store_super *sb, u64 seq,
		      const struct tar_tree *t, const char **why)
{
	struct tar_tree other;
	int got = tar_tree_init(&other);

	if (got)
		return got;
	*why = NULL;
	got = tar_index_read(&other, src, sb, seq, NULL);
	if (got > 0) {
		*why = compare(t->root, other.root);
		if (!*why && t->nodes != other.nodes)
			*why = "the number of files differs";
	}
	tar_tree_free(&other);
	return got;
}

/*
 * From members to the tree: tar_tree_add(). What each member does to what is
 * there already follows GNU tar's extraction; tree.h lists the rules.
 */
#include <types.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/tree.h"
#include "lib/string.h"

/* One archive being added. The path under way lies at the end of `path`. */
struct adding {
	struct tar_tree *t;
	struct tar_source *src;
	const struct tar_member *m;
	struct tar_node *dir; /* what walk() found: the directory, */
	const char *name; /* and the last component, empty for dir itself */
	size_t len;
	bool bent; /* the member's names are not what the tree would say */
	char path[2 * TAR_PATH_MAX];
};

static int refuse(struct adding *a, int err, const char *why)
{
	a->t->err.offset = a->m->header;
	a->t->err.why = why;
	return err;
}

static int no_memory(struct adding *a)
{
	return refuse(a, -ENOMEM, "no memory for the tree");
}

static int leave_out(struct adding *a, const char *why)
{
	a->t->skipped++;
	if (a->t->warn)
		a->t->warn(a->t, a->m->header, a->m->name, why);
	return 0;
}

/* The component at s: its length up to the next '/'. */
static size_t component(const char *s)
{
	const char *slash = strchr(s, '/');

	return slash ? (size_t)(slash - s) : strlen(s);
}

/* s without the '/' and "." components it begins with. */
static const char *skip_nothing(const char *s)
{
	for (;;) {
		while (*s == '/')
			s++;
		if (s[0] != '.' || (s[1] != '/' && s[1] != '\0'))
			return s;
		s++;
	}
}

static bool is_dot_dot(const char *s, size_t len)
{
	return len == 2 && s[0] == '.' && s[1] == '.';
}

/* What follows the last ".." component, or s. */
static const char *behind_dot_dot(const char *s)
{
	const char *from = s;

	for (;;) {
		size_t len;

		while (*s == '/')
			s++;
		len = component(s);
		if (!len)
			return from;
		if (is_dot_dot(s, len))
			from = s + len;
		s += len;
	}
}

static void set_times(struct tar_node *n, const struct tar_member *m)
{
	n->mtime = m->mtime.sec;
	n->mtime_nsec = m->mtime.nsec;
	n->atime = m->atime.sec;
	n->atime_nsec = m->atime.nsec;
	n->ctime = m->ctime.sec;
	n->ctime_nsec = m->ctime.nsec;
}

/* A directory that no member has named yet. */
static struct tar_node *make_parent(struct adding *a, struct tar_node *dir, const char *name,
				    size_t len)
{
	struct tar_node *n = tar_node_new(a->t, TAR_DIR);

	if (!n)
		return NULL;
	n->mode = 0755;
	n->archive = (u8)a->t->archives;
	set_times(n, a->m);
	n->atime = n->ctime = n->mtime;
	n->atime_nsec = n->ctime_nsec = n->mtime_nsec;
	if (tar_link(dir, name, len, n)) {
		tar_node_free(a->t, n);
		return NULL;
	}
	if (a->t->placed && a->t->placed(a->t, NULL, n->names, false, false))
		return NULL;
	return n;
}

/*
 * Walks to the last component of path, following symbolic links on the way, and
 * the last one too if `follow`. make: missing directories are made.
 * -ENOENT, -ENOTDIR, -ELOOP, -ENAMETOOLONG, -ENOMEM.
 */
static int walk(struct adding *a, const char *path, bool make, bool follow)
{
	struct tar_node *dir = a->t->root;
	size_t len = strlen(path);
	char *end = a->path + sizeof(a->path) - 1;
	const char *s = memcpy(end - len, path, len);
	unsigned links = 0;

	*end = '\0';
	for (;;) {
		struct tar_name *e;
		struct tar_node *n;
		const char *next;

		s = skip_nothing(s);
		len = component(s);
		next = skip_nothing(s + len);
		if (is_dot_dot(s, len)) {
			dir = dir->dir.parent;
			s = next;
			continue;
		}
		if (len > TAR_NAME_MAX)
			return -ENAMETOOLONG;
		a->dir = dir;
		a->name = s;
		a->len = len;
		if (!len || (!*next && !follow))
			return 0;
		e = tar_find(dir, s, len);
		if (!e && !*next)
			return 0;
		if (!e && !make)
			return -ENOENT;
		n = e ? e->node : make_parent(a, dir, s, len);
		if (!n)
			return -ENOMEM;
		if (n->type == TAR_SYMLINK) {
			size_t rest = (size_t)(end - next);

			a->bent = true;
			if (++links > TAR_LINKS_MAX)
				return -ELOOP;
			if (n->size + 1 + rest >= TAR_PATH_MAX)
				return -ENAMETOOLONG;
			if (n->target[0] == '/')
				dir = a->t->root;
			/* "target/rest", made in place: rest is where it belongs already. */
			s = memcpy(end - rest - 1 - n->size, n->target, n->size);
			end[-(long)rest - 1] = '/';
			continue;
		}
		if (!*next)
			return 0;
		if (n->type != TAR_DIR)
			return -ENOTDIR;
		dir = n;
		s = next;
	}
}

/* The errors of walk() on a member's own name. */
static int walk_error(struct adding *a, int err)
{
	switch (err) {
	case -ENOMEM:
		return no_memory(a);
	case -ENOTDIR:
		return leave_out(a, "a component of the path is not a directory");
	case -ELOOP:
		return leave_out(a, "too many symbolic links in the path");
	default:
		return refuse(a, err, "name too long");
	}
}

static void take_xattrs(struct tar_node *n, struct tar_member *m)
{
	tar_xattrs_free(n->xattrs);
	n->xattrs = m->xattrs;
	m->xattrs = NULL;
}

/* Mode, owner, times and extended attributes, as the member says. */
static void take_metadata(struct tar_node *n, struct tar_member *m)
{
	n->mode = (u16)m->mode;
	n->flags = m->flags;
	n->uid = m->uid;
	n->gid = m->gid;
	set_times(n, m);
	take_xattrs(n, m);
}

static struct tar_node *make_node(struct adding *a, struct tar_member *m, enum tar_type type)
{
	struct tar_node *n = tar_node_new(a->t, type);

	if (!n)
		return NULL;
	n->archive = (u8)a->t->archives;
	switch (type) {
	case TAR_FILE:
		n->size = m->size;
		n->file.src = m->sparse && !m->extent_count ? NULL : a->src;
		n->file.data = m->data;
		n->file.data_size = m->size;
		n->file.map = m->extents;
		n->extents = m->extent_count;
		m->extents = NULL;
		break;
	case TAR_SYMLINK:
		n->size = m->linkname_len;
		n->target = kmemdup(m->linkname, m->linkname_len + 1);
		if (!n->target) {
			tar_node_free(a->t, n);
			return NULL;
		}
		break;
	case TAR_CHAR:
	case TAR_BLOCKDEV:
		n->dev.major = m->major;
		n->dev.minor = m->minor;
		break;
	default:
		break;
	}
	take_metadata(n, m);
	return n;
}

/* Makes room for a->name: 0, -ENOMEM, or 1 when a directory stands there and stays. */
static int remove_old(struct adding *a, struct tar_name *old)
{
	struct tar_node *n;
	int err;

	if (!old)
		return 0;
	if (old->node->type == TAR_DIR && !tar_dir_empty(old->node))
		return 1;
	if (a->t->store && a->t->archives == a->t->overlay && old->node->archive != a->t->overlay)
		return tar_hide(a->t, a->dir, old);
	err = a->t->replaced ? a->t->replaced(a->t, old) : 0;
	if (err)
		return err;
	n = tar_unlink(a->dir, old);
	if (!n->nlink)
		tar_node_free(a->t, n);
	return 0;
}

static int put_node(struct adding *a, struct tar_member *m, enum tar_type type)
{
	struct tar_node *n = make_node(a, m, type);
	int kept;

	if (!n)
		return no_memory(a);
	kept = remove_old(a, tar_find(a->dir, a->name, a->len));
	if (kept) {
		tar_node_free(a->t, n);
		return kept < 0 ? no_memory(a) :
				  leave_out(a, "a directory that is not empty stands there");
	}
	if (tar_link(a->dir, a->name, a->len, n)) {
		tar_node_free(a->t, n);
		return no_memory(a);
	}
	return 0;
}

/* Does the symbolic link that walk() found lead to a directory? Walks there and back. */
static bool leads_to_dir(struct adding *a)
{
	struct tar_node *n = NULL;

	if (!walk(a, a->m->name, false, true)) {
		struct tar_name *e = a->len ? tar_find(a->dir, a->name, a->len) : NULL;

		n = a->len ? (e ? e->node : NULL) : a->dir;
	}
	walk(a, a->m->name, false, false);
	return n && n->type == TAR_DIR;
}

static int add_dir(struct adding *a, struct tar_member *m)
{
	struct tar_name *e;

	if (!a->len) {
		take_metadata(a->dir, m);
		return 0;
	}
	e = tar_find(a->dir, a->name, a->len);
	if (e && e->node->type == TAR_DIR) {
		take_metadata(e->node, m);
		return 0;
	}
	if (e && e->node->type == TAR_SYMLINK && e->node->archive != (u8)a->t->archives &&
	    leads_to_dir(a))
		return 0;
	return put_node(a, m, TAR_DIR);
}

static int add_hardlink(struct adding *a, struct tar_member *m)
{
	struct tar_name *e = NULL;
	struct tar_node *n;
	int err = walk(a, behind_dot_dot(m->linkname), false, false);

	if (!err && !a->len)
		return refuse(a, -EINVAL, "hard link to a directory");
	if (!err)
		e = tar_find(a->dir, a->name, a->len);
	if (!e && !m->stored)
		return refuse(a, -EINVAL, "hard link to a file that is not there");
	if (e && e->node->type == TAR_DIR)
		return refuse(a, -EINVAL, "hard link to a directory");
	n = e ? e->node : NULL;
	a->bent |= !e || n->names != e || behind_dot_dot(m->linkname) != m->linkname;
	err = walk(a, m->name, true, false);
	if (err)
		return walk_error(a, err);
	if (!a->len)
		return leave_out(a, "the root is a directory");
	if (!n)
		return put_node(a, m, TAR_FILE);
	e = tar_find(a->dir, a->name, a->len);
	if (e && e->node == n)
		return 0;
	err = remove_old(a, e);
	if (err)
		return err < 0 ? no_memory(a) :
				 leave_out(a, "a directory that is not empty stands there");
	if (tar_link(a->dir, a->name, a->len, n))
		return no_memory(a);
	return 0;
}

static int add(struct adding *a, struct tar_member *m)
{
	int err;

	if (behind_dot_dot(m->name) != m->name)
		return leave_out(a, "the name holds '..'");
	if (m->type == TAR_HARDLINK)
		return add_hardlink(a, m);
	err = walk(a, m->name, true, false);
	if (err)
		return walk_error(a, err);
	if (m->type == TAR_DIR)
		return add_dir(a, m);
	if (!a->len)
		return leave_out(a, "the root is a directory");
	if (m->type == TAR_SYMLINK && !m->linkname_len)
		return leave_out(a, "a symbolic link without a target");
	return put_node(a, m, m->type);
}

static int add_member(struct adding *a, struct tar_member *m)
{
	struct tar_tree *t = a->t;
	u64 skipped = t->skipped;
	struct tar_name *e;
	int err;

	a->bent = false;
	err = add(a, m);
	if (err || !t->placed)
		return err;
	e = t->skipped == skipped && a->len ? tar_find(a->dir, a->name, a->len) : NULL;
	err = t->placed(t, m, e, t->skipped == skipped && !a->len, !a->bent);
	return err ? refuse(a, err, "no memory for the archive's places") : 0;
}

int tar_tree_add(struct tar_tree *t, struct tar_source *src)
{
	struct tar_member *m;
	struct tar_reader *r;
	struct adding *a;
	int err;

	t->err = (struct tar_error){ .why = "no memory for the tree" };
	if (t->archives == U8_MAX) {
		t->err.why = "too many archives in one tree";
		return -E2BIG;
	}
	a = kmalloc(sizeof(*a), 0);
	if (!a)
		return -ENOMEM;
	r = tar_open(src);
	if (IS_ERR(r)) {
		kfree(a);
		return (int)PTR_ERR(r);
	}
	a->t = t;
	a->src = src;
	t->archives++;
	t->bytes += src->size;
	for (;;) {
		err = tar_next(r, &m);
		if (err < 0)
			t->err = *tar_reader_error(r);
		if (!err)
			t->end = tar_reader_pos(r);
		if (err <= 0)
			break;
		a->m = m;
		t->members++;
		err = add_member(a, m);
		if (err)
			break;
		if (t->breathe && !(t->members & 63))
			t->breathe(t);
	}
	t->global |= tar_reader_global(r);
	tar_close(r);
	kfree(a);
	return err;
}

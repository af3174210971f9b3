/*
 * The tree's nodes and names: making, finding, linking, freeing, and where a
 * file's bytes lie. Interface and locking in tree.h. Every operation on a
 * directory is O(log n) of its entries.
 */
#include <types.h>
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/tree.h"
#include "lib/hash.h"
#include "lib/string.h"

#define FIRST_COOKIE 2 /* 0 and 1 are "." and ".." */

_Static_assert(sizeof(struct tar_node) <= 192, "a node fills one kmalloc-192");
_Static_assert(sizeof(struct tar_name) <= 120, "short names fit kmalloc-128");

struct tar_node *tar_node_new(struct tar_tree *t, enum tar_type type)
{
	struct tar_node *n = kzalloc(sizeof(*n), 0);

	if (!n)
		return NULL;
	n->ino = t->next_ino++;
	n->type = (u8)type;
	if (type == TAR_DIR)
		n->dir.next_cookie = FIRST_COOKIE;
	t->nodes++;
	return n;
}

void tar_node_free(struct tar_tree *t, struct tar_node *n)
{
	if (n->type == TAR_FILE)
		kfree(n->file.map);
	else if (n->type == TAR_SYMLINK)
		kfree(n->target);
	tar_xattrs_free(n->xattrs);
	kfree(n);
	t->nodes--;
}

int tar_tree_init(struct tar_tree *t)
{
	memset(t, 0, sizeof(*t));
	t->next_ino = 1;
	t->root = tar_node_new(t, TAR_DIR);
	if (!t->root)
		return -ENOMEM;
	t->root->nlink = 2;
	t->root->mode = 0755;
	t->root->dir.parent = t->root;
	return 0;
}

/* Not by recursion: a tree may be deeper than any stack. */
static void clear(struct tar_tree *t, struct tar_node *top)
{
	struct tar_node *dir = top;

	while (dir) {
		struct tar_name *name = tar_seek(dir, 0);

		if (!name) {
			/* Empty now: its parent comes by again and frees it. */
			dir = dir == top ? NULL : dir->dir.parent;
		} else if (name->node->type == TAR_DIR && !tar_dir_empty(name->node)) {
			dir = name->node;
		} else {
			struct tar_node *n = tar_unlink(dir, name);

			if (!n->nlink)
				tar_node_free(t, n);
		}
	}
}

void tar_tree_clear(struct tar_tree *t)
{
	clear(t, t->root);
	if (!t->hidden)
		return;
	clear(t, t->hidden);
	tar_node_free(t, t->hidden);
	t->hidden = NULL;
}

void tar_tree_free(struct tar_tree *t)
{
	tar_tree_clear(t);
	if (t->root)
		tar_node_free(t, t->root);
	t->root = NULL;
}

static u32 name_hash(const char *name, size_t len)
{
	return (u32)hash_bytes(name, len, 0);
}

static int name_order(const struct tar_name *e, u32 hash, const char *name, size_t len)
{
	if (hash != e->hash)
		return hash < e->hash ? -1 : 1;
	if (len != e->len)
		return len < e->len ? -1 : 1;
	return memcmp(name, e->name, len);
}

struct tar_name *tar_find(const struct tar_node *dir, const char *name, size_t len)
{
	struct rb_node *at = dir->dir.names.node;
	u32 hash = name_hash(name, len);

	while (at) {
		struct tar_name *e = rb_entry(at, struct tar_name, by_hash);
		int order = name_order(e, hash, name, len);

		if (order == 0)
			return e;
		at = order < 0 ? at->left : at->right;
	}
	return NULL;
}

struct tar_name *tar_seek(const struct tar_node *dir, u64 cookie)
{
	struct rb_node *at = dir->dir.order.node;
	struct tar_name *best = NULL;

	while (at) {
		struct tar_name *e = rb_entry(at, struct tar_name, by_cookie);

		if (e->cookie >= cookie) {
			best = e;
			at = at->left;
		} else {
			at = at->right;
		}
	}
	return best;
}

static void insert_hash(struct rb_root *root, struct tar_name *e)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		struct tar_name *at = rb_entry(*link, struct tar_name, by_hash);

		parent = *link;
		link = name_order(at, e->hash, e->name, e->len) < 0 ? &parent->left :
								      &parent->right;
	}
	rb_insert(root, &e->by_hash, parent, link, NULL);
}

static void insert_last(struct rb_root *root, struct tar_name *e)
{
	struct rb_node **link = &root->node, *parent = NULL;

	while (*link) {
		parent = *link;
		link = &parent->right;
	}
	rb_insert(root, &e->by_cookie, parent, link, NULL);
}

static void count_link(struct tar_node *dir, struct tar_node *n)
{
	if (n->type == TAR_DIR) {
		n->dir.parent = dir;
		n->nlink += 2;
		dir->nlink++;
	} else {
		n->nlink++;
	}
}

static void count_unlink(struct tar_node *dir, struct tar_node *n)
{
	if (n->type == TAR_DIR) {
		n->nlink -= 2;
		dir->nlink--;
	} else {
		n->nlink--;
	}
}

/* As the last of its node's names. */
static void ring_add(struct tar_node *n, struct tar_name *e)
{
	e->node = n;
	if (!n->names) {
		n->names = e->next = e->prev = e;
		return;
	}
	e->next = n->names;
	e->prev = n->names->prev;
	e->prev->next = e;
	e->next->prev = e;
}

static void ring_remove(struct tar_node *n, struct tar_name *e)
{
	e->next->prev = e->prev;
	e->prev->next = e->next;
	if (n->names == e)
		n->names = e->next == e ? NULL : e->next;
}

int tar_link(struct tar_node *dir, const char *name, size_t len, struct tar_node *n)
{
	struct tar_name *e;

	if (len > TAR_NAME_MAX)
		return -ENAMETOOLONG;
	e = kmalloc(sizeof(*e) + len + 1, 0);
	if (!e)
		return -ENOMEM;
	memset(e, 0, sizeof(*e));
	memcpy(e->name, name, len);
	e->name[len] = '\0';
	e->len = (u16)len;
	e->hash = name_hash(name, len);
	e->dir = dir;
	ring_add(n, e);
	e->cookie = dir->dir.next_cookie++;
	insert_hash(&dir->dir.names, e);
	insert_last(&dir->dir.order, e);
	count_link(dir, n);
	return 0;
}

struct tar_node *tar_take(struct tar_node *dir, struct tar_name *name)
{
	struct tar_node *n = name->node;

	rb_erase(&dir->dir.names, &name->by_hash, NULL);
	rb_erase(&dir->dir.order, &name->by_cookie, NULL);
	ring_remove(n, name);
	count_unlink(dir, n);
	return n;
}

int tar_hide(struct tar_tree *t, struct tar_node *dir, struct tar_name *name)
{
	if (!t->hidden)
		t->hidden = tar_node_new(t, TAR_DIR);
	if (!t->hidden)
		return -ENOMEM;
	rb_erase(&dir->dir.names, &name->by_hash, NULL);
	rb_erase(&dir->dir.order, &name->by_cookie, NULL);
	if (name->node->type == TAR_DIR)
		dir->nlink--;
	name->cookie = t->hidden->dir.next_cookie++;
	insert_hash(&t->hidden->dir.names, name);
	insert_last(&t->hidden->dir.order, name);
	return 0;
}

struct tar_node *tar_unlink(struct tar_node *dir, struct tar_name *name)
{
	struct tar_node *n = tar_take(dir, name);

	kfree(name);
	return n;
}

struct tar_node *tar_retarget(struct tar_node *dir, struct tar_name *name, struct tar_node *n)
{
	struct tar_node *old = name->node;

	count_unlink(dir, old);
	ring_remove(old, name);
	ring_add(n, name);
	count_link(dir, n);
	return old;
}

/* The first extent that ends behind pos, or n->extents. */
static u32 find_extent(const struct tar_node *n, u64 pos)
{
	u32 lo = 0, hi = n->extents;

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;
		const struct tar_extent *e = &n->file.map[mid];

		if (e->off + e->len <= pos)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

u64 tar_map(const struct tar_node *n, u64 pos, u64 *at)
{
	const struct tar_extent *e;
	u64 end = min(n->size, n->file.data_size);
	u32 i;

	*at = TAR_HOLE;
	if (!n->file.src || pos >= end)
		return n->size - pos;
	if (!n->file.map) {
		*at = n->file.data + pos;
		return end - pos;
	}
	i = find_extent(n, pos);
	if (i == n->extents)
		return n->size - pos;
	e = &n->file.map[i];
	if (pos < e->off)
		return min(e->off, end) - pos;
	*at = e->at + (pos - e->off);
	return min(e->off + e->len, end) - pos;
}

int tar_read(const struct tar_node *n, u64 pos, void *buf, size_t len)
{
	u8 *to = buf;

	while (len) {
		u64 at, run = tar_map(n, pos, &at);
		size_t part = run < len ? (size_t)run : len;

		if (!part)
			return -EINVAL;
		if (at == TAR_HOLE) {
			memset(to, 0, part);
		} else {
			int err = n->file.src->read(n->file.src, at, to, part);

			if (err)
				return err;
		}
		to += part;
		pos += part;
		len -= part;
	}
	return 0;
}

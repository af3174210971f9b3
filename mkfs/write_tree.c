/*
 * Writing a tree. The headers are the kernel's (store_member.c); what it never writes
 * itself is a file with holes: GNU tar's sparse format 1.0 ("GNU.sparse" in its manual),
 * where the data begins with a map of decimal numbers. Interface in write_tree.h.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "alloc/slab.h"
#include "err.h"
#include "fs/tarfs/store_impl.h"
#include "fs/tarfs/tar_impl.h"
#include "write_tree.h"

#define GATHER (1u << 20)

struct writer {
	struct tar_image *out; /* NULL: only counts */
	struct store st; /* what store_member.c asks of one: the tree and room for paths */
	struct tar_name root;
	u64 at; /* bytes, those in buf included */
	size_t used;
	u8 *buf;
	int err;
};

static void send(struct writer *w)
{
	if (w->out && w->used && !w->err)
		w->err = image_write(w->out, w->at - w->used, w->buf, w->used);
	w->used = 0;
}

static void put(struct writer *w, const void *p, size_t n)
{
	const u8 *from = p;

	while (n && !w->err) {
		size_t part = n < GATHER - w->used ? n : GATHER - w->used;

		memcpy(w->buf + w->used, from, part);
		w->used += part;
		w->at += part;
		from += part;
		n -= part;
		if (w->used == GATHER)
			send(w);
	}
}

static void pad(struct writer *w)
{
	static const u8 zeros[TAR_BLOCK];

	put(w, zeros, -w->at & (TAR_BLOCK - 1));
}

/* The bytes [pos, pos + len) of a file. */
static void put_data(struct writer *w, const struct tar_node *n, u64 pos, u64 len)
{
	static u8 buf[1 << 16];

	if (!w->out)
		w->at += len;
	while (w->out && len && !w->err) {
		size_t part = len < sizeof(buf) ? (size_t)len : sizeof(buf);

		w->err = tar_read(n, pos, buf, part);
		if (!w->err)
			put(w, buf, part);
		pos += part;
		len -= part;
	}
}

/* --- files with holes --- */

static u64 stored_bytes(const struct tar_node *n)
{
	u64 sum = 0;

	for (u32 i = 0; i < n->extents; i++)
		sum += n->file.map[i].len;
	return sum;
}

/* Is it worth a map? */
static bool is_sparse(const struct tar_node *n)
{
	if (n->type != TAR_FILE || !n->size || n->size != n->file.data_size)
		return false;
	if (!n->file.src)
		return n->size > 16 * TAR_BLOCK;
	return n->file.map && n->size - stored_bytes(n) > 16 * TAR_BLOCK;
}

/* ours: the store may write it again where it is, so nothing but its own records stands there. */
static void put_x_header(struct writer *w, u64 size, bool ours)
{
	const char *name = ours ? TAR_OURS : "PaxHeader";
	u8 block[TAR_BLOCK];

	member_header(block, 'x', name, strlen(name), size);
	member_sum(block);
	put(w, block, sizeof(block));
}

static int put_sparse(struct writer *w, struct tar_name *e)
{
	struct tar_node *n = e->node, was = *n;
	struct tar_extent stored = {
		0
	}; /* all pieces, as they will lie: the header has their sum */
	struct member m = { 0 };
	size_t text_len;
	char *text;
	int err;

	if (!n->file.src)
		n->extents = 0;
	stored.len = stored_bytes(n);
	text = sparse_text(n->file.map, n->extents, n->size, &text_len);
	n->file.used = text_len / TAR_BLOCK + SECTORS(stored.len);
	n->file.map = &stored;
	err = text ? member_make(&w->st, e, 0, &m) : -ENOMEM;
	n->file.map = was.file.map;
	n->file.used = was.file.used;
	if (!err) {
		put_x_header(w, (m.headers - 2) * TAR_BLOCK, false);
		put(w, m.x, (m.headers - 2) * TAR_BLOCK);
		member_sum(m.head);
		put(w, m.head, sizeof(m.head));
		put(w, text, text_len);
		for (u32 i = 0; i < n->extents; i++)
			put_data(w, n, n->file.map[i].off, n->file.map[i].len);
		pad(w);
	}
	n->extents = was.extents;
	member_free(&m);
	kfree(text);
	return err;
}

/* --- members --- */

static int put_member(struct writer *w, struct tar_name *e)
{
	struct tar_extent *map = NULL; /* not worth it */
	struct tar_node *n = e->node;
	struct member m = { 0 };
	int err;

	/* The first that is written of a file's names has its data. */
	if (n->names && !n->names->headers)
		n->names = e;
	e->first = w->at / TAR_BLOCK;
	e->headers = 1;
	if (is_home(e) && is_sparse(n))
		return put_sparse(w, e);
	if (n->type == TAR_FILE) {
		map = n->file.map;
		n->file.map = NULL;
	}
	err = member_make(&w->st, e, 0, &m);
	if (map)
		n->file.map = map;
	if (err)
		return err;
	e->headers = m.headers;
	if (m.headers > 1) {
		put_x_header(w, (m.headers - 2) * TAR_BLOCK, true);
		put(w, m.x, (m.headers - 2) * TAR_BLOCK);
	}
	member_sum(m.head);
	put(w, m.head, sizeof(m.head));
	member_free(&m);
	if (is_file_home(e)) {
		put_data(w, n, 0, n->size);
		pad(w);
	}
	return 0;
}

/* Where every name's member was is forgotten: headers 0 says that it has not been written. */
static struct tar_name *next_name(struct tar_tree *t, struct tar_name *e)
{
	struct tar_node *dir = e ? e->dir : t->root;
	u64 cookie = e ? e->cookie + 1 : 0;

	if (e && e->node->type == TAR_DIR) {
		dir = e->node;
		cookie = 0;
	}
	for (;;) {
		struct tar_name *next = tar_seek(dir, cookie);

		if (next)
			return next;
		if (dir == t->root)
			return NULL;
		cookie = dir->names->cookie + 1;
		dir = dir->dir.parent;
	}
}

/* The root's member stands where the store can flip it over: lone free sectors before it see to that. */
static void put_root_start(struct writer *w)
{
	u64 at = w->at / TAR_BLOCK, start = seg_member_start(&w->st, at, 3 + 4);
	u8 block[TAR_BLOCK];

	member_header(block, '5', "./", 2, 0);
	member_sum(block);
	for (; at < start; at++)
		put(w, block, sizeof(block));
}

static int put_tree(struct writer *w, struct tar_tree *t)
{
	static const u8 zeros[2 * TAR_BLOCK];
	int err = 0;

	w->buf = malloc(GATHER);
	if (!w->buf)
		return -ENOMEM;
	for (struct tar_name *e = next_name(t, NULL); e; e = next_name(t, e))
		e->headers = 0;
	w->st.tree = t;
	w->st.root = &w->root;
	w->root.node = t->root;
	w->root.next = w->root.prev = &w->root;
	for (struct tar_name *e = next_name(t, NULL); e && !err && !w->err; e = next_name(t, e)) {
		if (e->node->type != TAR_SOCKET)
			err = put_member(w, e);
		if (err == -ENAMETOOLONG)
			complain("%s...: name too long for an archive", w->st.path);
	}
	t->root->names = &w->root;
	put_root_start(w);
	if (!err && !w->err)
		err = put_member(w, &w->root);
	t->root->names = NULL;
	put(w, zeros, sizeof(zeros));
	send(w);
	free(w->buf);
	return err ? err : w->err;
}

int write_tree(struct tar_tree *t, struct tar_image *out, u64 *end)
{
	struct writer *w = calloc(1, sizeof(*w));
	int err;

	if (!w)
		return -ENOMEM;
	w->out = out;
	err = put_tree(w, t);
	*end = w->at - 2 * TAR_BLOCK;
	free(w);
	return err;
}

s64 tree_bytes(struct tar_tree *t)
{
	struct writer *w = calloc(1, sizeof(*w));
	s64 bytes;
	int err;

	if (!w)
		return -ENOMEM;
	err = put_tree(w, t);
	bytes = err ? err : (s64)w->at;
	free(w);
	return bytes;
}

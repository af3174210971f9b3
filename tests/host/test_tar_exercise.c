/*
 * Runs any bytes through the TAR reader and the tree, and checks what must hold
 * whatever they are. Shared by the unit tests, the mutation runs and the fuzz target.
 */
#include <stdio.h>
#include "uapi/errno.h"
#include "test_tar.h"

#define READ_MAX (1u << 22) /* bytes read of one tree's files: sparse ones may claim exabytes */

static int mem_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct mem_source *m = (struct mem_source *)src;

	if (off > src->size || n > src->size - off) {
		fprintf(stderr, "read behind the end: %lu + %zu\n", off, n);
		abort();
	}
	if (m->fail_at && off <= m->fail_at && m->fail_at < off + n)
		return -EIO;
	memcpy(buf, m->data + off, n);
	return 0;
}

void mem_source_init(struct mem_source *m, const void *data, size_t n)
{
	memset(m, 0, sizeof(*m));
	m->src.read = mem_read;
	m->src.size = n;
	m->data = data;
}

static void must(bool ok, const char *what, const char *name)
{
	if (ok)
		return;
	fprintf(stderr, "tree: %s: %s\n", name, what);
	abort();
}

static void check_file(const struct tar_node *n, const char *name)
{
	u64 end = 0;

	if (!n->file.src) {
		must(!n->extents, "extents without a source", name);
		return;
	}
	must(n->size <= (u64)S64_MAX, "size", name);
	if (!n->file.map) {
		must(n->file.data <= n->file.src->size &&
			     n->size <= n->file.src->size - n->file.data,
		     "data outside the archive", name);
		return;
	}
	for (u32 i = 0; i < n->extents; i++) {
		const struct tar_extent *e = &n->file.map[i];

		must(e->len > 0 && (i == 0 || e->off > end), "extents out of order", name);
		must(e->at <= n->file.src->size && e->len <= n->file.src->size - e->at,
		     "extent outside the archive", name);
		end = e->off + e->len;
		must(end <= n->size, "extent outside the file", name);
	}
}

static void read_some(const struct tar_node *n, const char *name, u64 *budget)
{
	static u8 buf[10000];
	u64 pos = 0;

	while (pos < n->size && *budget) {
		size_t part = n->size - pos < sizeof(buf) ? (size_t)(n->size - pos) : sizeof(buf);
		int err;

		part = part < *budget ? part : (size_t)*budget;
		err = tar_read(n, pos, buf, part);
		must(err == 0 || err == -EIO, "read", name);
		pos += part;
		*budget -= part;
	}
	if (n->size) {
		u64 where, run = tar_map(n, n->size - 1, &where);

		must(run == 1, "the last byte's run", name);
	}
}

/* One directory: its names, and through `links` how often each node is named. */
static u64 check_dir(const struct tar_node *dir, u64 *budget, u32 *links, u64 max_ino)
{
	u64 count = 0, by_hash = 0, cookie = 0;
	u32 subdirs = 0;
	struct tar_name *e;

	for (struct rb_node *r = rb_first(&dir->dir.names); r; r = rb_next(r))
		by_hash++;
	while ((e = tar_seek(dir, cookie))) {
		struct tar_node *n = e->node;

		must(e->cookie >= cookie && e->cookie < dir->dir.next_cookie, "cookie", e->name);
		cookie = e->cookie + 1;
		count++;
		must(e->len > 0 && e->len <= TAR_NAME_MAX && strlen(e->name) == e->len, "length",
		     e->name);
		must(!strchr(e->name, '/') && strcmp(e->name, ".") && strcmp(e->name, ".."), "name",
		     e->name);
		must(tar_find(dir, e->name, e->len) == e, "not found by its name", e->name);
		must(n->ino > 0 && n->ino < max_ino, "inode number", e->name);
		must(n->type != TAR_HARDLINK && n->mode <= 07777, "type or mode", e->name);
		must(n->mtime_nsec < 1000000000 && n->atime_nsec < 1000000000 &&
			     n->ctime_nsec < 1000000000,
		     "nanoseconds", e->name);
		links[n->ino]++;
		if (n->type == TAR_DIR) {
			must(n->dir.parent == dir, "parent", e->name);
			subdirs++;
		} else if (n->type == TAR_FILE && links[n->ino] == 1) {
			check_file(n, e->name);
			read_some(n, e->name, budget);
		} else if (n->type == TAR_SYMLINK) {
			must(n->size > 0 && strlen(n->target) == n->size, "target", e->name);
		}
	}
	must(count == by_hash, "the two orders differ", "directory");
	must(dir->nlink == subdirs + 2, "links of a directory", "directory");
	return count;
}

/* Calls check_dir for every directory, then compares links with names. */
void tar_check_tree(const struct tar_tree *t)
{
	u32 *links = calloc(t->next_ino, sizeof(*links));
	const struct tar_node *dir = t->root;
	u64 budget = READ_MAX, nodes = 1;
	u64 depth = 0, cap = 64;
	u64 *cookies = malloc(cap * sizeof(*cookies));

	must(links && cookies, "memory", "test");
	check_dir(dir, &budget, links, t->next_ino);
	cookies[0] = 0;
	for (;;) {
		struct tar_name *e = tar_seek(dir, cookies[depth]);

		if (!e && dir == t->root)
			break;
		if (!e) {
			dir = dir->dir.parent;
			depth--;
			continue;
		}
		cookies[depth] = e->cookie + 1;
		if (e->node->type == TAR_DIR) {
			must(links[e->node->ino] == 1, "directory named twice", e->name);
			dir = e->node;
			check_dir(dir, &budget, links, t->next_ino);
			if (++depth == cap) {
				cap *= 2;
				cookies = realloc(cookies, cap * sizeof(*cookies));
				must(cookies, "memory", "test");
			}
			cookies[depth] = 0;
		} else {
			must(links[e->node->ino] <= e->node->nlink, "more names than links",
			     e->name);
		}
	}
	for (u64 i = 0; i < t->next_ino; i++)
		nodes += links[i] != 0;
	must(nodes == t->nodes, "nodes without a name", "tree");
	free(cookies);
	free(links);
}

int tar_exercise(const u8 *data, size_t n, bool overlay)
{
	struct mem_source first, second;
	long live = alloc_live;
	struct tar_tree t;
	int err;

	mem_source_init(&first, data, n);
	mem_source_init(&second, data, n);
	err = tar_tree_init(&t);
	must(!err, "memory", "test");
	err = tar_tree_add(&t, &first.src);
	if (!err && overlay)
		err = tar_tree_add(&t, &second.src);
	must(err <= 0, "positive result", "tar_tree_add");
	if (err)
		must(t.err.why && t.err.offset <= n, "error without words", "tar_tree_add");
	tar_check_tree(&t);
	tar_tree_free(&t);
	must(t.nodes == 0, "nodes left", "tar_tree_free");
	must(alloc_live == live, "memory leaked", "tar_exercise");
	return err;
}

void tar_repair(u8 *data, size_t n)
{
	for (size_t i = 0; i + TAR_BLOCK <= n; i += TAR_BLOCK) {
		if (!memcmp(data + i + 257, "ustar", 5))
			build_sum(data + i, false);
	}
}

/*
 * The oracle of test_store: files as plain lists and byte arrays, snapshots of them at each
 * commit, and the comparison of a tree read back from a disk with a snapshot.
 */
#include "test_store.h"

static void *need(void *p)
{
	if (!p)
		abort();
	return p;
}

/* --- bytes --- */

struct blob *blob_new(u64 size)
{
	struct blob *b = need(calloc(1, sizeof(*b) + size + 1));

	b->refs = 1;
	b->size = size;
	return b;
}

struct blob *blob_get(struct blob *b)
{
	b->refs++;
	return b;
}

void blob_put(struct blob *b)
{
	if (b && --b->refs == 0)
		free(b);
}

struct blob *blob_resized(const struct blob *b, u64 size)
{
	struct blob *n = blob_new(size);

	memcpy(n->data, b->data, b->size < size ? b->size : size);
	return n;
}

/* --- the model --- */

struct mnode *model_node(struct model *mo, u8 type)
{
	struct mnode *m = need(calloc(1, sizeof(*m)));

	if (mo->nodes == mo->nodes_cap) {
		mo->nodes_cap = mo->nodes_cap ? 2 * mo->nodes_cap : 64;
		mo->all = need(realloc(mo->all, mo->nodes_cap * sizeof(*mo->all)));
	}
	m->id = mo->nodes;
	m->type = type;
	mo->all[mo->nodes++] = m;
	if (type == TAR_FILE) {
		m->cache = blob_new(0);
		m->disk = blob_new(0);
		m->dirty = need(calloc(1, 1));
	}
	return m;
}

static void node_free(struct mnode *m)
{
	for (int i = 0; i < XATTRS; i++)
		free(m->xattrs[i]);
	blob_put(m->cache);
	blob_put(m->disk);
	blob_put(m->kept);
	free(m->kept_map);
	free(m->dirty);
	free(m->target);
}

static int path_order(const struct mentry *e, const char *path, size_t len)
{
	int c = memcmp(e->path, path, e->len < len ? e->len : len);

	return c ? c : e->len < len ? -1 : e->len > len;
}

/* Where a path is, or belongs. */
static size_t place_of(const struct mentry *v, size_t n, const char *path, size_t len)
{
	size_t lo = 0;

	while (lo < n) {
		size_t mid = lo + (n - lo) / 2;

		if (path_order(&v[mid], path, len) < 0)
			lo = mid + 1;
		else
			n = mid;
	}
	return lo;
}

struct mentry *model_find(struct model *mo, const char *path, size_t len)
{
	size_t i = place_of(mo->e, mo->count, path, len);

	return i < mo->count && !path_order(&mo->e[i], path, len) ? &mo->e[i] : NULL;
}

void model_add(struct model *mo, const char *path, size_t len, struct mnode *m)
{
	size_t i = place_of(mo->e, mo->count, path, len);

	if (mo->count == mo->cap) {
		mo->cap = mo->cap ? 2 * mo->cap : 64;
		mo->e = need(realloc(mo->e, mo->cap * sizeof(*mo->e)));
	}
	memmove(mo->e + i + 1, mo->e + i, (mo->count - i) * sizeof(*mo->e));
	mo->count++;
	mo->e[i].path = need(malloc(len + 1));
	memcpy(mo->e[i].path, path, len);
	mo->e[i].path[len] = '\0';
	mo->e[i].len = len;
	mo->e[i].m = m;
	m->links++;
}

void model_remove(struct model *mo, struct mentry *e)
{
	e->m->links--;
	free(e->path);
	memmove(e, e + 1, (size_t)(mo->e + mo->count - e - 1) * sizeof(*e));
	mo->count--;
}

void model_free(struct model *mo)
{
	for (size_t i = 0; i < mo->count; i++)
		free(mo->e[i].path);
	for (unsigned i = 0; i < mo->nodes; i++) {
		node_free(mo->all[i]);
		free(mo->all[i]);
	}
	free(mo->e);
	free(mo->all);
}

/* --- trees --- */

struct walk {
	const struct tar_node *dir;
	u64 cookie;
	size_t len;
};

/* Calls fn for all of a tree, the root first with the path "". */
static const char *
walk(const struct tar_tree *t,
     const char *(*fn)(const char *path, size_t len, struct tar_node *n, void *arg), void *arg)
{
	static struct walk stack[4096];
	static char path[2 * TAR_PATH_MAX + 512];
	size_t depth = 1;
	const char *bad = fn("", 0, t->root, arg);

	stack[0] = (struct walk){ .dir = t->root };
	while (depth && !bad) {
		struct walk *w = &stack[depth - 1];
		struct tar_name *e = tar_seek(w->dir, w->cookie);
		size_t len = w->len;

		if (!e) {
			depth--;
			continue;
		}
		w->cookie = e->cookie + 1;
		if (len)
			path[len++] = '/';
		memcpy(path + len, e->name, e->len);
		len += e->len;
		bad = fn(path, len, e->node, arg);
		if (e->node->type == TAR_DIR)
			stack[depth++] = (struct walk){ .dir = e->node, .len = len };
	}
	return bad;
}

static void copy_attrs(struct mnode *m, const struct tar_node *n)
{
	m->mode = n->mode;
	m->uid = n->uid;
	m->gid = n->gid;
	m->mtime = n->mtime;
	m->mtime_nsec = n->mtime_nsec;
	m->atime = n->atime;
	m->atime_nsec = n->atime_nsec;
	m->ctime = n->ctime;
	m->ctime_nsec = n->ctime_nsec;
}

static const char *load_one(const char *path, size_t len, struct tar_node *n, void *arg)
{
	struct model *mo = arg;
	struct mnode *m = NULL;
	int slot = 0;

	for (unsigned i = 0; i < mo->nodes && !m; i++)
		m = mo->all[i]->n == n ? mo->all[i] : NULL;
	if (!m) {
		m = model_node(mo, n->type);
		m->n = n;
		copy_attrs(m, n);
		if (n->type == TAR_SYMLINK) {
			m->target = need(calloc(1, n->size + 1));
			memcpy(m->target, n->target, n->size);
		} else if (n->type == TAR_CHAR || n->type == TAR_BLOCKDEV) {
			m->major = n->dev.major;
			m->minor = n->dev.minor;
		} else if (n->type == TAR_FILE) {
			blob_put(m->cache);
			m->cache = blob_new(n->size);
			if (tar_read(n, 0, m->cache->data, n->size))
				return "a file can't be read";
			blob_put(m->disk);
			m->disk = blob_get(m->cache);
			free(m->dirty);
			m->dirty = need(calloc(1, n->size / TAR_BLOCK + 2));
		}
		for (struct tar_xattr *x = n->xattrs; x && slot < XATTRS; x = x->next) {
			struct mxattr *c = need(calloc(1, sizeof(*c)));

			memcpy(c->name, x->name, x->name_len < 39 ? x->name_len : 39);
			c->len = (u16)x->value_len;
			memcpy(c->value, tar_xattr_value(x), x->value_len);
			m->xattrs[slot++] = c;
		}
	}
	model_add(mo, path, len, m);
	return NULL;
}

void model_load(struct model *mo, const struct tar_tree *t)
{
	if (walk(t, load_one, mo))
		abort();
}

/* --- snapshots --- */

struct snapshot *snapshot_take(const struct model *mo)
{
	struct snapshot *s = need(calloc(1, sizeof(*s)));

	s->count = mo->count;
	s->e = need(calloc(mo->count, sizeof(*s->e)));
	s->nodes = need(calloc(mo->nodes, sizeof(*s->nodes)));
	for (size_t i = 0; i < mo->count; i++) {
		const struct mnode *from = mo->e[i].m;
		struct mnode *m = &s->nodes[from->id];

		s->e[i].len = mo->e[i].len;
		s->e[i].path = need(malloc(mo->e[i].len + 1));
		memcpy(s->e[i].path, mo->e[i].path, mo->e[i].len + 1);
		s->e[i].m = m;
		if (m->links)
			continue;
		*m = *from;
		m->cache = NULL;
		m->kept = NULL;
		m->kept_map = NULL;
		m->dirty = NULL;
		m->n = NULL;
		if (from->disk)
			blob_get(from->disk);
		if (from->target) {
			m->target = need(malloc(strlen(from->target) + 1));
			memcpy(m->target, from->target, strlen(from->target) + 1);
		}
		for (int k = 0; k < XATTRS; k++) {
			if (!from->xattrs[k])
				continue;
			m->xattrs[k] = need(malloc(sizeof(struct mxattr)));
			memcpy(m->xattrs[k], from->xattrs[k], sizeof(struct mxattr));
		}
	}
	return s;
}

void snapshot_free(struct snapshot *s)
{
	if (!s)
		return;
	for (size_t i = 0; i < s->count; i++) {
		struct mnode *m = s->e[i].m;

		free(s->e[i].path);
		if (m->links) {
			m->links = 0;
			node_free(m);
		}
	}
	free(s->e);
	free(s->nodes);
	free(s);
}

struct comparison {
	const struct snapshot *s;
	const struct model *live;
	size_t seen;
	char why[512];
};

static const char *same_data(struct comparison *c, const struct mnode *m, const struct tar_node *n)
{
	const struct blob *now = NULL;
	u8 *data;

	if (n->size != m->disk->size)
		return "the size differs";
	if (c->live && m->id < c->live->nodes && c->live->all[m->id]->type == TAR_FILE)
		now = c->live->all[m->id]->disk;
	data = need(malloc(n->size + 1));
	if (tar_read(n, 0, data, n->size)) {
		free(data);
		return "the data can't be read";
	}
	for (u64 at = 0; at < n->size; at += TAR_BLOCK) {
		u64 part = n->size - at < TAR_BLOCK ? n->size - at : TAR_BLOCK;

		if (!memcmp(data + at, m->disk->data + at, part))
			continue;
		if (now && now->size > at) {
			u64 most = now->size - at < part ? now->size - at : part;

			if (!memcmp(data + at, now->data + at, most))
				continue;
		}
		free(data);
		snprintf(c->why, sizeof(c->why),
			 "the data differs in sector %lu of the file (disk %lu)", at / TAR_BLOCK,
			 n->file.data / TAR_BLOCK + at / TAR_BLOCK);
		return c->why;
	}
	free(data);
	return NULL;
}

static const char *same_xattrs(const struct mnode *m, const struct tar_node *n)
{
	int want = 0, got = 0;

	for (int k = 0; k < XATTRS; k++)
		want += m->xattrs[k] != NULL;
	for (struct tar_xattr *x = n->xattrs; x; x = x->next) {
		int k;

		got++;
		for (k = 0; k < XATTRS; k++) {
			const struct mxattr *w = m->xattrs[k];

			if (w && !strcmp(w->name, x->name) && w->len == x->value_len &&
			    !memcmp(w->value, tar_xattr_value(x), w->len))
				break;
		}
		if (k == XATTRS)
			return "an extended attribute differs";
	}
	return got == want ? NULL : "the number of extended attributes differs";
}

static const char *compare_one(const char *path, size_t len, struct tar_node *n, void *arg)
{
	struct comparison *c = arg;
	size_t i = place_of(c->s->e, c->s->count, path, len);
	const char *bad = NULL;
	struct mnode *m;

	if (i == c->s->count || path_order(&c->s->e[i], path, len)) {
		snprintf(c->why, sizeof(c->why), "%.200s should not be there", path);
		c->why[sizeof(c->why) - 1] = '\0';
		return c->why;
	}
	c->seen++;
	m = c->s->e[i].m;
	if (!m->n) {
		m->n = n;
		if (m->type != n->type)
			bad = "another type";
		else if (m->mode != n->mode || m->uid != n->uid || m->gid != n->gid)
			bad = "mode or owner differs";
		else if (m->mtime != n->mtime || m->mtime_nsec != n->mtime_nsec)
			bad = m->mtime == m->ctime ? "mtime differs" : "mtime differs from ctime";
		else if (m->atime != n->atime || m->atime_nsec != n->atime_nsec ||
			 m->ctime != n->ctime || m->ctime_nsec != n->ctime_nsec)
			bad = "atime or ctime differs";
		else if (n->type == TAR_SYMLINK && strcmp(m->target, n->target))
			bad = "another target";
		else if ((n->type == TAR_CHAR || n->type == TAR_BLOCKDEV) &&
			 (m->major != n->dev.major || m->minor != n->dev.minor))
			bad = "another device";
		if (!bad)
			bad = same_xattrs(m, n);
		if (!bad && n->type == TAR_FILE)
			bad = same_data(c, m, n);
	} else if (m->n != n) {
		bad = "no hard link to the same file";
	}
	if (bad) {
		char first[256];

		snprintf(first, sizeof(first), "%s", bad);
		snprintf(c->why, sizeof(c->why), "node %u %.200s: %s", m->id, path, first);
		return c->why;
	}
	return NULL;
}

const char *snapshot_compare(const struct snapshot *s, const struct model *live,
			     const struct tar_tree *t)
{
	static struct comparison c;
	const char *bad;

	c = (struct comparison){ .s = s, .live = live };
	for (size_t i = 0; i < s->count; i++)
		s->e[i].m->n = NULL;
	bad = walk(t, compare_one, &c);
	if (!bad && c.seen != s->count)
		bad = "a name is missing";
	if (bad && c.seen != s->count && bad[0] == 'a' && bad[2] == 'n') {
		snprintf(c.why, sizeof(c.why), "%lu names of %lu are there", c.seen, s->count);
		bad = c.why;
	}
	return bad;
}

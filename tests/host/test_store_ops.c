/*
 * The operations of test_store's workload: each picks its files at random, asks the store for
 * room, changes the tree and the model.
 */
#include "uapi/errno.h"
#include "alloc/slab.h"
#include "test_store.h"

struct mentry *any(struct work *w)
{
	return &w->mo.e[below(w->mo.count)];
}

static struct mentry *any_of(struct work *w, u8 type)
{
	for (int i = 0; i < 50; i++) {
		struct mentry *e = any(w);

		if (e->m->type == type)
			return e;
	}
	return NULL;
}

static size_t base_of(const struct mentry *e)
{
	const char *slash = memrchr(e->path, '/', e->len);

	return slash ? (size_t)(slash - e->path) + 1 : 0;
}

struct mentry *parent(struct work *w, const struct mentry *e)
{
	size_t base = base_of(e);

	return model_find(&w->mo, e->path, base ? base - 1 : 0);
}

struct tar_name *name_of(struct work *w, const struct mentry *e)
{
	size_t base = base_of(e);
	struct tar_name *n = tar_find(parent(w, e)->m->n, e->path + base, e->len - base);

	if (!n)
		die_at(w, "the tree lost a name", e->path);
	return n;
}

static char new_path[2 * TAR_PATH_MAX];

/* A path in a directory; its length, and where the last component begins. 0: too long. */
static size_t make_path(const struct mentry *dir, size_t *base)
{
	static const char odd[] = "\xff\xfe\x80 \t\n\\=%*'\"\xc3\xa4";
	size_t len = dir->len, n = 1 + below(12);

	if (!below(15))
		n = 1 + below(255);
	if (len + n + 2 > TAR_PATH_MAX - 8)
		return 0;
	memcpy(new_path, dir->path, len);
	if (len)
		new_path[len++] = '/';
	*base = len;
	for (size_t i = 0; i < n; i++) {
		new_path[len + i] = (char)('a' + below(6));
		if (!below(40))
			new_path[len + i] = odd[below(sizeof(odd) - 1)];
	}
	if (n <= 2 && new_path[len] == '.')
		new_path[len] = 'x';
	new_path[len + n] = '\0';
	return len + n;
}

static void touch_dir(struct work *w, struct mnode *dir)
{
	set_time(dir, true);
	store_changed(w->t.store, dir->n, STORE_ATTR);
}

static void new_attrs(struct mnode *m)
{
	static const u32 ids[] = { 0, 1000, 65534, 2097151, 2097152, 4000000000u };

	m->mode = (u32)below(010000);
	m->uid = ids[below(6)];
	m->gid = ids[below(6)];
	set_time(m, true);
	m->atime = m->mtime;
	m->atime_nsec = m->mtime_nsec;
}

void op_make(struct work *w, u8 type)
{
	struct mentry *dir = any_of(w, TAR_DIR);
	struct mnode *m, *d;
	size_t base, len;
	struct tar_node *n;

	if (!dir)
		return;
	d = dir->m;
	len = make_path(dir, &base);
	if (!len || model_find(&w->mo, new_path, len))
		return;
	if (!ROOM(w, store_ask(w->t.store, d->n, len - base, NULL)))
		return;
	n = tar_node_new(&w->t, type);
	m = model_node(&w->mo, type);
	m->n = n;
	new_attrs(m);
	if (type == TAR_SYMLINK) {
		size_t want = below(8) ? 1 + below(30) : 1 + below(600);

		m->target = malloc(want + 1);
		n->target = kmalloc(want + 1, 0);
		memset(m->target, 't', want);
		m->target[want / 2] = '/';
		if (!below(10))
			m->target[0] = (char)0xfe;
		m->target[want] = '\0';
		memcpy(n->target, m->target, want + 1);
		n->size = want;
	} else if (type == TAR_CHAR || type == TAR_BLOCKDEV) {
		m->major = n->dev.major = (u32)below(4096);
		m->minor = n->dev.minor = (u32)below(1 << 20);
	}
	must(w, store_link(w->t.store, d->n, new_path + base, len - base, n), "link");
	model_add(&w->mo, new_path, len, m);
	touch_dir(w, d);
}

void op_link(struct work *w)
{
	struct mentry *e = any(w), *dir = any_of(w, TAR_DIR);
	struct mnode *m = e->m, *d;
	size_t base, len;

	if (!dir || m->type == TAR_DIR)
		return;
	d = dir->m;
	len = make_path(dir, &base);
	if (!len || model_find(&w->mo, new_path, len))
		return;
	if (!ROOM(w, store_ask(w->t.store, d->n, len - base, m->n)))
		return;
	must(w, store_link(w->t.store, d->n, new_path + base, len - base, m->n), "link");
	model_add(&w->mo, new_path, len, m);
	set_time(m, false);
	store_changed(w->t.store, m->n, STORE_ATTR);
	touch_dir(w, d);
}

void close_one(struct work *w, unsigned slot)
{
	struct mnode *m = w->open[slot];

	w->open[slot] = NULL;
	if (!m)
		return;
	/* What the page cache did not keep is on the disk still. */
	for (u64 at = 0; at < m->disk->size; at += TAR_BLOCK) {
		u64 part = m->disk->size - at < TAR_BLOCK ? m->disk->size - at : TAR_BLOCK;
		u8 sector[TAR_BLOCK];

		if (m->kept_map[at / TAR_BLOCK])
			continue;
		must(w, tar_read(m->n, at, sector, part), "reading an unlinked file");
		if (memcmp(sector, m->disk->data + at, part)) {
			char more[100];

			snprintf(more, sizeof(more), "node %u, sector %lu at %lu, size %lu", m->id,
				 at / TAR_BLOCK, (m->n->file.data + at) / TAR_BLOCK, m->disk->size);
			die_at(w, "an unlinked file's data is gone", more);
		}
	}
	store_forget(w->t.store, m->n);
	tar_node_free(&w->t, m->n);
	m->n = NULL;
	m->open = false;
}

/* The last name of a node is gone. */
static void lost(struct work *w, struct mnode *m)
{
	unsigned slot = (unsigned)below(8);

	if (m->n->nlink)
		return;
	if (m->type == TAR_FILE && below(2)) {
		u64 pos = 0;

		close_one(w, slot);
		w->open[slot] = m;
		m->open = true;
		m->kept_map = calloc(1, m->disk->size / TAR_BLOCK + 2);
		while (pos < m->disk->size) {
			pos = store_keep(w->t.store, m->n, pos);
			if (pos >= m->disk->size)
				break;
			m->kept_map[pos / TAR_BLOCK] = 1;
			pos = (pos / TAR_BLOCK + 1) * TAR_BLOCK;
		}
		return;
	}
	store_forget(w->t.store, m->n);
	tar_node_free(&w->t, m->n);
	m->n = NULL;
}

static bool has_children(struct work *w, const struct mentry *e)
{
	return e->m->type == TAR_DIR && !tar_dir_empty(e->m->n) && w;
}

void op_unlink(struct work *w)
{
	struct mentry *e = any(w);
	struct mnode *m = e->m, *d;

	if (!e->len || has_children(w, e))
		return;
	d = parent(w, e)->m;
	if (!ROOM(w, store_ask_unlink(w->t.store, name_of(w, e))))
		return;
	store_unlink(w->t.store, d->n, name_of(w, e));
	model_remove(&w->mo, e);
	if (m->links) {
		set_time(m, false);
		store_changed(w->t.store, m->n, STORE_ATTR);
	}
	touch_dir(w, d);
	lost(w, m);
}

static bool is_beneath(const struct mentry *e, const char *path, size_t len)
{
	return e->len > len && e->path[len] == '/' && !memcmp(e->path, path, len);
}

/* All beneath a path gets another one. */
static void move_beneath(struct work *w, const char *old, size_t old_len, const char *new,
			 size_t len)
{
	struct mentry *moved = malloc(w->mo.count * sizeof(*moved));
	size_t n = 0;

	for (size_t i = 0; i < w->mo.count;) {
		if (!is_beneath(&w->mo.e[i], old, old_len)) {
			i++;
			continue;
		}
		moved[n++] = w->mo.e[i];
		memmove(w->mo.e + i, w->mo.e + i + 1, (w->mo.count - i - 1) * sizeof(*moved));
		w->mo.count--;
	}
	for (size_t i = 0; i < n; i++) {
		char *path = malloc(len + moved[i].len + 1);

		memcpy(path, new, len);
		memcpy(path + len, moved[i].path + old_len, moved[i].len - old_len);
		moved[i].m->links--;
		model_add(&w->mo, path, len + moved[i].len - old_len, moved[i].m);
		free(path);
		free(moved[i].path);
	}
	free(moved);
}

static int ask_rename(struct work *w, struct mnode *od, struct mnode *nd, struct tar_name *from,
		      size_t len, struct tar_name *to, bool exchange)
{
	int err = store_ask(w->t.store, nd->n, len, from->node);

	if (!err && exchange)
		err = store_ask(w->t.store, od->n, from->len, to->node);
	else if (!err && to)
		err = store_ask_unlink(w->t.store, to);
	return err ? err : store_ask_attrs(w->t.store, od->n, 0);
}

void op_rename(struct work *w, bool exchange)
{
	struct mentry *e = any(w), *to = NULL, *dir = any_of(w, TAR_DIR);
	struct tar_node *gone;
	struct mnode *m, *other, *od, *nd;
	struct tar_name *from, *over;
	size_t base, len, old_len = e->len;
	char *old;
	int err;

	if (!e->len || !dir)
		return;
	if (exchange || below(2)) {
		to = any(w);
		len = to->len;
		if (!len || to == e || has_children(w, exchange ? e : to) ||
		    (exchange && has_children(w, to)) || to->m == e->m ||
		    (to->m->type == TAR_DIR) != (e->m->type == TAR_DIR))
			return;
		memcpy(new_path, to->path, len + 1);
		base = base_of(to);
		dir = parent(w, to);
	} else {
		len = make_path(dir, &base);
		if (!len || model_find(&w->mo, new_path, len))
			return;
	}
	/* Not into itself. */
	if (dir->m == e->m || is_beneath(dir, e->path, e->len))
		return;
	m = e->m;
	od = parent(w, e)->m;
	nd = dir->m;
	other = to ? to->m : NULL;
	from = name_of(w, e);
	over = to ? name_of(w, to) : NULL;
	if (!ROOM(w, ask_rename(w, od, nd, from, len - base, over, exchange)))
		return;
	err = store_rename(w->t.store, od->n, from, nd->n, new_path + base, len - base, over,
			   exchange, &gone);
	must(w, err, "rename");
	set_time(m, false);
	store_changed(w->t.store, m->n, STORE_ATTR);
	touch_dir(w, od);
	touch_dir(w, nd);
	if (exchange) {
		to->m = m;
		e->m = other;
		set_time(other, false);
		store_changed(w->t.store, other->n, STORE_ATTR);
		return;
	}
	old = malloc(old_len + 1);
	memcpy(old, e->path, old_len + 1);
	if (to)
		model_remove(&w->mo, to);
	model_remove(&w->mo, model_find(&w->mo, old, old_len));
	if (m->type == TAR_DIR)
		move_beneath(w, old, old_len, new_path, len);
	model_add(&w->mo, new_path, len, m);
	free(old);
	if (!other)
		return;
	if (other->links) {
		set_time(other, false);
		store_changed(w->t.store, other->n, STORE_ATTR);
	}
	lost(w, other);
}

/* The bytes of m that may be changed, with room for size of them. */
static u8 *changing(struct mnode *m, u64 size)
{
	u64 was = m->cache->size / TAR_BLOCK + 2, now = size / TAR_BLOCK + 2;
	struct blob *b = m->cache;

	if (b->refs > 1 || size != b->size) {
		m->cache = blob_resized(b, size);
		blob_put(b);
	}
	if (now > was) {
		m->dirty = realloc(m->dirty, now);
		memset(m->dirty + was, 0, now - was);
	}
	return m->cache->data;
}

void op_write(struct work *w, bool append)
{
	struct mentry *e = any_of(w, TAR_FILE);
	u64 pos, len, size, kind = below(10);
	struct mnode *m;
	u8 *data;

	if (!e)
		return;
	m = e->m;
	len = kind < 4 ? 1 + below(100) : kind < 8 ? 1 + below(5000) : 1 + below(60000);
	pos = append ? m->cache->size : below(m->cache->size + 1 + (below(8) ? 0 : 20000));
	size = pos + len > m->cache->size ? pos + len : m->cache->size;
	if (!ROOM(w, store_room(w->t.store, m->n, size, no_holes(m, size, len))))
		return;
	data = changing(m, size);
	for (u64 i = 0; i < len; i++)
		data[pos + i] = (u8)rnd();
	for (u64 i = pos / TAR_BLOCK; i <= (pos + len - 1) / TAR_BLOCK; i++)
		m->dirty[i] = 1;
	set_time(m, true);
	store_changed(w->t.store, m->n, STORE_ATTR);
}

void op_truncate(struct work *w)
{
	struct mentry *e = any_of(w, TAR_FILE);
	struct mnode *m;
	u64 size, old;

	if (!e)
		return;
	m = e->m;
	old = m->cache->size;
	size = below(4) ? below(old + 1) : below(2) ? 0 : old + below(10000);
	if (!below(4))
		size = old + (3u << 20) + below(1 << 20);
	if (old + size > 9u << 20)
		size = below(old + 1);
	if (size > old && !ROOM(w, store_room(w->t.store, m->n, size, no_holes(m, size, 0))))
		return;
	if (size < old && !ROOM(w, store_ask_cut(w->t.store, m->n)))
		return;
	changing(m, size);
	/* The rest of the last page is zeros in the cache, and must be on the disk if it grows; not in a hole. */
	for (u64 i = size < old ? size / TAR_BLOCK : old / TAR_BLOCK; i * TAR_BLOCK < size; i++) {
		if (size < old && m->n->file.map && !store_has(m->n, size - 1, 1))
			break;
		m->dirty[i] = 1;
		/* The rest is a hole, but for the last page. */
		if (size > old + (1u << 20) && i == old / TAR_BLOCK)
			i = (size - 1) / 4096 * 8 - 1;
	}
	if (size < m->disk->size) {
		struct blob *b = blob_resized(m->disk, size);

		blob_put(m->disk);
		m->disk = b;
	}
	if (size < old)
		store_shrink(w->t.store, m->n, size);
	set_time(m, true);
	store_changed(w->t.store, m->n, STORE_ATTR);
}

void op_attrs(struct work *w)
{
	struct mnode *m = any(w)->m;

	if (!ROOM(w, store_ask_attrs(w->t.store, m->n, 1500)))
		return;
	new_attrs(m);
	store_changed(w->t.store, m->n, STORE_ATTR);
}

void op_xattr(struct work *w)
{
	static const char *const names[] = { "user.a", "user.with=sign%", "security.capability" };
	struct mnode *m = any(w)->m;
	u64 k = below(XATTRS);

	if (!ROOM(w, store_ask_attrs(w->t.store, m->n, 1500)))
		return;
	free(m->xattrs[k]);
	m->xattrs[k] = NULL;
	if (below(3)) {
		struct mxattr *x = calloc(1, sizeof(*x));

		snprintf(x->name, sizeof(x->name), "%s", names[k]);
		x->len = (u16)(below(3) ? below(30) : below(sizeof(x->value)));
		for (unsigned i = 0; i < x->len; i++)
			x->value[i] = (u8)rnd();
		m->xattrs[k] = x;
	}
	set_time(m, false);
	store_changed(w->t.store, m->n, STORE_XATTR);
}

/* Reads a file that has nothing unwritten. */
void op_read(struct work *w)
{
	struct mentry *e = any_of(w, TAR_FILE);
	u8 *buf;

	if (!e || e->m->n->size != e->m->disk->size)
		return;
	buf = malloc(e->m->disk->size + 1);
	must(w, tar_read(e->m->n, 0, buf, e->m->disk->size), "read");
	for (u64 i = 0; i < e->m->disk->size; i++) {
		char more[100];

		if (buf[i] == e->m->disk->data[i])
			continue;
		snprintf(more, sizeof(more), "node %u byte %lu of %lu, sector %lu", e->m->id, i,
			 e->m->disk->size, (e->m->n->file.data + i) / TAR_BLOCK);
		die_at(w, "reads other bytes than were written:", more);
	}
	free(buf);
}

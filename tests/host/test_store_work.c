/*
 * The workload of test_store: it does to a store what a kernel would (names and attributes at
 * once, data later, fsync of one file, sync of all, checkpoints in between), keeps the
 * model beside it, and at flushes of the disk pulls the plug: what is left is read, replayed
 * and compared with what was durable.
 *
 * T and C need nothing here: one thread. To see that T is held where it must be, the ops count.
 */
#include "uapi/errno.h"
#include "alloc/slab.h"
#include "test_store.h"

int sprintf(char *buf, const char *fmt, ...) __printf(2, 3);
struct file_;
struct file_ *fopen(const char *path, const char *mode);
size_t fwrite(const void *p, size_t size, size_t n, struct file_ *f);
int fclose(struct file_ *f);

static u64 state;
static struct work *current_work;

void rnd_seed(u64 seed)
{
	state = seed * 0x9e3779b97f4a7c15UL + 0x1234567;
	for (int i = 0; i < 4; i++)
		rnd();
}

u64 rnd(void)
{
	state ^= state >> 12;
	state ^= state << 25;
	state ^= state >> 27;
	return state * 0x2545f4914f6cdd1dUL;
}

u64 below(u64 n)
{
	return rnd() % n;
}

void die_at(const struct work *w, const char *why, const char *more)
{
	printf("FAIL seed %lu, operation %lu (%s), state %lu: %s %s\n", w->seed, w->ops, w->what,
	       w->states, why, more ? more : "");
	exit(1);
}

static void must(const struct work *w, int err, const char *what)
{
	char number[32];

	if (!err)
		return;
	snprintf(number, sizeof(number), "(%d)", err);
	die_at(w, what, number);
}

/* --- power cuts --- */

static void dump(struct work *w, const char *kind, const u8 *data, size_t n)
{
	char path[512];
	struct file_ *f;

	snprintf(path, sizeof(path), "%s/%lu-%lu.%s", w->dump, w->seed, w->dumped, kind);
	f = fopen(path, "w");
	if (!f || fwrite(data, 1, n, f) != n || fclose(f))
		die_at(w, "cannot write", path);
}

static void read_members(struct work *w, struct tar_source *src, const u8 *data, size_t n)
{
	struct tar_reader *r = tar_open(src);
	struct tar_member *m;
	char more[200];
	int err;

	while ((err = tar_next(r, &m)) > 0)
		;
	if (err) {
		snprintf(more, sizeof(more), "byte %lu (sector %lu): %s",
			 tar_reader_error(r)->offset, tar_reader_error(r)->offset / TAR_BLOCK,
			 tar_reader_error(r)->why);
		if (w->dump)
			dump(w, "bad", data, n);
		die_at(w, "the archive does not parse before replay", more);
	}
	tar_close(r);
}

/*
 * The members of a disk, as a reader without a journal sees them; links: with the tree that they
 * make (before replay a link may name what is to come).
 */
static void parse(struct work *w, const u8 *data, size_t n, bool links, const char *when)
{
	struct mem_source src;
	struct tar_tree t;
	char more[200];
	int err;

	mem_source_init(&src, data, n);
	if (!links) {
		read_members(w, &src.src, data, n);
		return;
	}
	must(w, tar_tree_init(&t), "no memory");
	err = tar_tree_add(&t, &src.src);
	if (err) {
		snprintf(more, sizeof(more), "%s: byte %lu (sector %lu): %s", when, t.err.offset,
			 t.err.offset / TAR_BLOCK, t.err.why);
		if (w->dump)
			dump(w, "bad", data, n);
		die_at(w, "the archive does not parse", more);
	}
	tar_tree_free(&t);
}

static void check_cut(struct work *w, const u8 *cut)
{
	const char *why, *bad, *other = NULL;
	bool dumping = w->dump && w->dumped < w->dump_wanted && !below(10);
	struct sim_disk copy;
	struct tar_tree t;
	int err;

	parse(w, cut, w->disk.d.size, false, "");
	if (dumping)
		dump(w, "cut", cut, w->disk.d.size);
	sim_copy(&copy, cut, w->disk.d.size);
	must(w, tar_tree_init(&t), "no memory");
	err = store_open(&t, &copy.d, NULL, 0, &why);
	if (err)
		must(w, err, why);
	bad = snapshot_compare(w->durable, &w->mo, &t);
	if (bad && w->coming) {
		static char first[600];

		snprintf(first, sizeof(first), "%s; and as it was to be: ", bad);
		other = snapshot_compare(w->coming, &w->mo, &t);
		bad = other ? first : NULL;
	}
	if (bad) {
		if (w->dump)
			dump(w, "bad", cut, w->disk.d.size);
		die_at(w, bad, other);
	}
	store_close(t.store);
	tar_tree_free(&t);
	parse(w, copy.now, copy.d.size, true, "after replay");
	if (dumping) {
		dump(w, "replayed", copy.now, copy.d.size);
		w->dumped++;
	}
	sim_free(&copy);
}

static void power_cut(struct sim_disk *s)
{
	struct work *w = current_work;
	unsigned percent = (unsigned)below(101);
	long live = alloc_live;
	u8 *cut;

	if (w->states >= w->wanted || !s->count || below(w->chance))
		return;
	cut = malloc(s->d.size);
	if (!cut)
		abort();
	sim_cut(s, cut, percent);
	w->states++;
	check_cut(w, cut);
	free(cut);
	if (alloc_live != live)
		die_at(w, "replay leaks", "");
}

/* --- the store as the page cache would use it --- */

static void refresh(struct store *st, struct tar_node *n)
{
	struct work *w = store_owner(st);
	const struct mnode *m = NULL;
	struct tar_xattr **end = &n->xattrs;

	for (unsigned i = 0; i < w->mo.nodes && !m; i++)
		m = w->mo.all[i]->n == n ? w->mo.all[i] : NULL;
	if (!m)
		return;
	n->mode = (u16)m->mode;
	n->uid = m->uid;
	n->gid = m->gid;
	n->mtime = m->mtime;
	n->mtime_nsec = m->mtime_nsec;
	n->atime = m->atime;
	n->atime_nsec = m->atime_nsec;
	n->ctime = m->ctime;
	n->ctime_nsec = m->ctime_nsec;
	tar_xattrs_free(n->xattrs);
	n->xattrs = NULL;
	for (int k = 0; k < XATTRS; k++) {
		const struct mxattr *x = m->xattrs[k];

		if (!x)
			continue;
		*end = tar_xattr_new(x->name, strlen(x->name), x->value, x->len);
		end = &(*end)->next;
	}
}

static const struct store_ops ops = { .refresh = refresh };

static void set_time(struct mnode *m, bool data)
{
	m->ctime = 1700000000 + (s64)below(100000);
	m->ctime_nsec = (u32)below(1000000000);
	if (!data)
		return;
	m->mtime = m->ctime;
	m->mtime_nsec = m->ctime_nsec;
	if (!below(20))
		m->mtime = -(s64)below(1000000000);
	if (!below(30))
		m->mtime = 1LL << 34;
}

static void settle(struct work *w)
{
	struct snapshot *s = snapshot_take(&w->mo);
	int err;

	w->coming = s;
	err = store_commit(w->t.store);
	must(w, err, "commit");
	snapshot_free(w->durable);
	w->durable = s;
	w->coming = NULL;
}

static void checkpoint(struct work *w)
{
	must(w, store_checkpoint(w->t.store), "checkpoint");
}

/* Writes what of a file is dirty. */
static void write_back(struct work *w, struct mnode *m)
{
	struct tar_node *n = m->n;
	u64 size = m->cache->size, sectors = (size + TAR_BLOCK - 1) / TAR_BLOCK;
	u64 old = m->disk->size;
	static u8 buf[8 * TAR_BLOCK];
	int err;

	if (!m->links)
		return;
	if (size == old) {
		u64 i;

		for (i = 0; i < sectors && !m->dirty[i]; i++)
			;
		if (i == sectors)
			return;
	}
	err = store_place(w->t.store, n, size, NULL, 0);
	must(w, err, "store_place");
	blob_put(m->disk);
	m->disk = blob_get(m->cache);
	for (u64 i = old / TAR_BLOCK; i < sectors && size > old; i++)
		m->dirty[i] = 1;
	for (u64 i = 0, count; i < sectors; i += count ? count : 1) {
		u64 done = 0;

		count = 0;

		while (i + count < sectors && count < 8 && m->dirty[i + count]) {
			u64 at = (i + count) * TAR_BLOCK;
			u64 part = size - at < TAR_BLOCK ? size - at : TAR_BLOCK;

			memset(buf + count * TAR_BLOCK, 0, TAR_BLOCK);
			memcpy(buf + count * TAR_BLOCK, m->cache->data + at, part);
			m->dirty[i + count] = 0;
			count++;
		}
		while (done < count) {
			u64 at, run = store_run(w->t.store, n, (i + done) * TAR_BLOCK,
						(count - done) * TAR_BLOCK, &at);

			if (!run) {
				must(w, store_image(w->t.store, at, buf + done * TAR_BLOCK),
				     "store_image");
				run = TAR_BLOCK;
			} else {
				must(w,
				     w->disk.d.write(&w->disk.d, at, buf + done * TAR_BLOCK, run),
				     "write");
			}
			done += run / TAR_BLOCK;
		}
	}
	store_written(w->t.store, n, size);
	if (w->verbose)
		printf("  wrote node %u: %lu -> %lu bytes at sector %lu\n", m->id, old, size,
		       n->file.data / TAR_BLOCK);
}

static void fsync_one(struct work *w, struct mnode *m)
{
	if (m->type == TAR_FILE)
		write_back(w, m);
	settle(w);
}

static void sync_all(struct work *w)
{
	for (unsigned i = 0; i < w->mo.nodes; i++) {
		if (w->mo.all[i]->type == TAR_FILE && w->mo.all[i]->links)
			write_back(w, w->mo.all[i]);
	}
	settle(w);
}

/* What a full disk is asked twice. */
static bool room(struct work *w, int err, bool again)
{
	if (!err)
		return true;
	if (err != -ENOSPC && err != -ENAMETOOLONG)
		must(w, err, "asking for room");
	if (again || err == -ENAMETOOLONG) {
		w->nospace++;
		return false;
	}
	settle(w);
	checkpoint(w);
	return false;
}

#define ROOM(w, ask) (room(w, ask, false) || room(w, ask, true))

/* --- operations --- */

static struct mentry *any(struct work *w)
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

/* The entry of the directory that a path lies in. */
static struct mentry *parent(struct work *w, const struct mentry *e)
{
	size_t base = base_of(e);

	return model_find(&w->mo, e->path, base ? base - 1 : 0);
}

static struct tar_name *name_of(struct work *w, const struct mentry *e)
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

static void op_make(struct work *w, u8 type)
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

static void op_link(struct work *w)
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

static void close_one(struct work *w, unsigned slot)
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

static void op_unlink(struct work *w)
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

static void op_rename(struct work *w, bool exchange)
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

static void op_write(struct work *w, bool append)
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
	if (!ROOM(w, store_room(w->t.store, m->n, size, size)))
		return;
	data = changing(m, size);
	for (u64 i = 0; i < len; i++)
		data[pos + i] = (u8)rnd();
	for (u64 i = pos / TAR_BLOCK; i <= (pos + len - 1) / TAR_BLOCK; i++)
		m->dirty[i] = 1;
	set_time(m, true);
	store_changed(w->t.store, m->n, STORE_ATTR);
}

static void op_truncate(struct work *w)
{
	struct mentry *e = any_of(w, TAR_FILE);
	struct mnode *m;
	u64 size, old;

	if (!e)
		return;
	m = e->m;
	old = m->cache->size;
	size = below(4) ? below(old + 1) : below(2) ? 0 : old + below(10000);
	if (size > old && !ROOM(w, store_room(w->t.store, m->n, size, size)))
		return;
	changing(m, size);
	/* The rest of the last page is zeros in the cache, and must be on the disk if it grows. */
	for (u64 i = size < old ? size / TAR_BLOCK : old / TAR_BLOCK; i * TAR_BLOCK < size; i++)
		m->dirty[i] = 1;
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

static void op_attrs(struct work *w)
{
	struct mnode *m = any(w)->m;

	if (!ROOM(w, store_ask_attrs(w->t.store, m->n, 1500)))
		return;
	new_attrs(m);
	store_changed(w->t.store, m->n, STORE_ATTR);
}

static void op_xattr(struct work *w)
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
static void op_read(struct work *w)
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

static void step(struct work *w)
{
	static const struct {
		u8 weight;
		const char *name;
	} kinds[] = {
		{ 14, "create" },    { 5, "mkdir" },   { 3, "symlink" },  { 2, "device" },
		{ 4, "link" },	     { 14, "unlink" }, { 8, "rename" },	  { 2, "exchange" },
		{ 14, "write" },     { 14, "append" }, { 5, "truncate" }, { 5, "chmod" },
		{ 4, "xattr" },	     { 4, "read" },    { 8, "fsync" },	  { 2, "sync" },
		{ 3, "checkpoint" }, { 4, "close" },
	};
	u64 dice = below(115);
	unsigned k = 0;

	while (dice >= kinds[k].weight)
		dice -= kinds[k++].weight;
	w->what = kinds[k].name;
	if (w->verbose)
		printf("%lu %s\n", w->ops, w->what);
	switch (k) {
	case 0:
		op_make(w, TAR_FILE);
		break;
	case 1:
		op_make(w, TAR_DIR);
		break;
	case 2:
		op_make(w, TAR_SYMLINK);
		break;
	case 3:
		op_make(w, below(3) ? TAR_FIFO : below(2) ? TAR_CHAR : TAR_BLOCKDEV);
		break;
	case 4:
		op_link(w);
		break;
	case 5:
		op_unlink(w);
		break;
	case 6:
		op_rename(w, false);
		break;
	case 7:
		op_rename(w, true);
		break;
	case 8:
		op_write(w, false);
		break;
	case 9:
		op_write(w, true);
		break;
	case 10:
		op_truncate(w);
		break;
	case 11:
		op_attrs(w);
		break;
	case 12:
		op_xattr(w);
		break;
	case 13:
		op_read(w);
		break;
	case 14:
		fsync_one(w, any(w)->m);
		break;
	case 15:
		sync_all(w);
		break;
	case 16:
		checkpoint(w);
		break;
	default:
		close_one(w, (unsigned)below(8));
		break;
	}
	if (store_pressed(w->t.store)) {
		settle(w);
		checkpoint(w);
	}
}

static void open_store(struct work *w)
{
	const char *why;
	int err;

	must(w, tar_tree_init(&w->t), "no memory");
	err = store_open(&w->t, &w->disk.d, &ops, STORE_MAKE, &why);
	must(w, err, why);
	store_set_owner(w->t.store, w);
}

/* Everything to the disk, and the disk read again, with and without the store. */
static void close_store(struct work *w)
{
	const char *bad;

	w->what = "close";
	for (unsigned i = 0; i < 8; i++)
		close_one(w, i);
	sync_all(w);
	must(w, store_finish(w->t.store), "store_finish");
	store_close(w->t.store);
	tar_tree_free(&w->t);
	parse(w, w->disk.now, w->disk.d.size, true, "at the end");
	if (w->dump && w->dump_wanted)
		dump(w, "finished", w->disk.now, w->disk.d.size);
	open_store(w);
	bad = snapshot_compare(w->durable, NULL, &w->t);
	if (bad)
		die_at(w, "after closing and opening:", bad);
	store_close(w->t.store);
	tar_tree_free(&w->t);
}

static struct work *start(const struct work_options *o)
{
	struct work *w = calloc(1, sizeof(*w));

	if (!w)
		abort();
	w->seed = o->seed;
	w->wanted = o->states;
	w->dump = o->dump;
	w->dump_wanted = o->dumps;
	w->what = "open";
	w->verbose = o->verbose;
	rnd_seed(o->seed);
	current_work = w;
	sim_init(&w->disk, o->disk);
	memcpy(w->disk.now, o->start, o->start_len);
	memcpy(w->disk.stable, o->start, o->start_len);
	open_store(w);
	model_load(&w->mo, &w->t);
	w->durable = snapshot_take(&w->mo);
	return w;
}

static void finish(struct work *w, long live)
{
	snapshot_free(w->durable);
	snapshot_free(w->coming);
	model_free(&w->mo);
	sim_free(&w->disk);
	if (alloc_live != live)
		die_at(w, "memory leaks", "");
	free(w);
}

/* The disk fails at some write or flush: -EIO, nothing more is written, and what was durable is. */
void work_fault(const struct work_options *o)
{
	long live = alloc_live;
	struct work *w = start(o);
	int err = 0;

	for (; w->ops < o->ops; w->ops++)
		step(w);
	for (unsigned i = 0; i < 8; i++)
		close_one(w, i);
	sync_all(w);
	w->what = "fault";
	w->disk.fail_in = (s64)below(60);
	while (!err) {
		op_make(w, TAR_FILE);
		op_attrs(w);
		w->coming = snapshot_take(&w->mo);
		err = store_commit(w->t.store);
		if (err)
			break;
		snapshot_free(w->durable);
		w->durable = w->coming;
		w->coming = NULL;
		if (!below(3))
			err = store_checkpoint(w->t.store);
	}
	if (err != -EIO || !store_error(w->t.store) || store_commit(w->t.store) != -EROFS ||
	    store_checkpoint(w->t.store) != -EROFS)
		die_at(w, "an I/O error is not told", "");
	check_cut(w, w->disk.now);
	check_cut(w, w->disk.stable);
	store_close(w->t.store);
	tar_tree_free(&w->t);
	finish(w, live);
}

u64 work_run(const struct work_options *o)
{
	long live = alloc_live;
	struct work *w = start(o);
	u64 states;

	w->disk.before_flush = power_cut;
	w->chance = o->states ? 1 + o->ops / 3 / o->states : 1;
	for (; w->ops < o->ops && (!o->states || w->states < w->wanted); w->ops++)
		step(w);
	close_store(w);
	states = w->states;
	if (o->small && !w->nospace)
		die_at(w, "the disk never was full", "");
	finish(w, live);
	return states;
}

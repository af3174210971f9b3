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

static u64 state;
struct work *current_work;

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

void must(const struct work *w, int err, const char *what)
{
	char number[32];

	if (!err)
		return;
	snprintf(number, sizeof(number), "(%d)", err);
	die_at(w, what, number);
}

/* --- the store as the page cache would use it --- */

void memory_ends(const struct work *w)
{
	if (!w->short_of_memory || below(3))
		return;
	alloc_fail_on = below(3);
	alloc_fail_at = (long)below(below(4) ? 12 : 200);
}

bool memory_ended(struct work *w, int err)
{
	alloc_fail_at = -1;
	if (err != -ENOMEM)
		return false;
	w->nomem++;
	if (store_error(w->t.store))
		die_at(w, "without memory the store is broken", "");
	return true;
}

static void refresh(struct store *st, struct tar_node *n)
{
	struct work *w = store_owner(st);
	const struct mnode *m = NULL;
	long fail_at = alloc_fail_at;
	struct tar_xattr **end = &n->xattrs;

	for (unsigned i = 0; i < w->mo.nodes && !m; i++)
		m = w->mo.all[i]->n == n ? w->mo.all[i] : NULL;
	if (!m)
		return;
	alloc_fail_at = -1;
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
	alloc_fail_at = fail_at;
}

static const struct store_ops ops = { .refresh = refresh };

void set_time(struct mnode *m, bool data)
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

void settle(struct work *w)
{
	struct snapshot *s = snapshot_take(&w->mo);
	int err;

	w->coming = s;
	memory_ends(w);
	err = store_commit(w->t.store);
	if (memory_ended(w, err))
		err = store_commit(w->t.store);
	must(w, err, "commit");
	snapshot_free(w->durable);
	w->durable = s;
	w->coming = NULL;
}

void checkpoint(struct work *w)
{
	int err;

	memory_ends(w);
	err = store_checkpoint(w->t.store);
	if (memory_ended(w, err))
		err = store_checkpoint(w->t.store);
	must(w, err, "checkpoint");
}

/* Writes what of a file is dirty. */
static void write_back(struct work *w, struct mnode *m)
{
	struct tar_node *n = m->n;
	u64 size = m->cache->size, sectors = (size + TAR_BLOCK - 1) / TAR_BLOCK;
	u64 old = m->disk->size;
	struct tar_extent *parts;
	u32 count_parts = 0;
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
	parts = malloc((sectors / 8 + 1) * sizeof(*parts));
	for (u64 page = 0; page * 8 < sectors; page++) {
		bool any = false;

		for (u64 i = page * 8; i < page * 8 + 8 && i < sectors; i++)
			any |= m->dirty[i];
		if (any)
			parts[count_parts++] =
				(struct tar_extent){ .off = page * 4096, .len = 4096 };
	}
	memory_ends(w);
	err = store_place(w->t.store, n, size, parts, count_parts);
	if (memory_ended(w, err))
		err = store_place(w->t.store, n, size, parts, count_parts);
	free(parts);
	must(w, err, "store_place");
	blob_put(m->disk);
	m->disk = blob_get(m->cache);
	/* What a file with holes has not got is zeros. */
	for (u64 i = old / TAR_BLOCK; i < sectors && size > old && !n->file.map; i++)
		m->dirty[i] = 1;
	w->maps += n->file.map != NULL;
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

			if (at == TAR_HOLE)
				die_at(w, "no place for what is to be written", "");
			run = (run + TAR_BLOCK - 1) / TAR_BLOCK * TAR_BLOCK;
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
	store_all_written(n);
	if (w->verbose)
		printf("  wrote node %u: %lu -> %lu bytes at sector %lu\n", m->id, old, size,
		       n->file.data / TAR_BLOCK);
}

u64 no_holes(const struct mnode *m, u64 size, u64 len)
{
	const struct tar_node *n = m->n;
	u64 sum = len + 8192 + (n->file.map ? 0 : n->size);

	for (u32 i = 0; n->file.map && i < n->extents; i++)
		sum += n->file.map[i].len;
	for (u64 i = 0; i < (m->cache->size + TAR_BLOCK - 1) / TAR_BLOCK; i++)
		sum += m->dirty[i] ? 4096 : 0;
	return sum < size ? sum : size;
}

void fsync_one(struct work *w, struct mnode *m)
{
	if (m->type == TAR_FILE)
		write_back(w, m);
	settle(w);
}

void sync_all(struct work *w)
{
	for (unsigned i = 0; i < w->mo.nodes; i++) {
		if (w->mo.all[i]->type == TAR_FILE && w->mo.all[i]->links)
			write_back(w, w->mo.all[i]);
	}
	settle(w);
}

/* What a full disk is asked twice. */
bool room(struct work *w, int err, bool again)
{
	if (memory_ended(w, err))
		return false;
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

/* --- the workload --- */

static void open_store(struct work *w)
{
	const char *why;
	int err;

	must(w, tar_tree_init(&w->t), "no memory");
	err = store_open(&w->t, &w->disk.d, &ops, STORE_MAKE, &why);
	must(w, err, why);
	store_set_owner(w->t.store, w);
}

/* Unmounts and mounts again: free space goes to rest, and is found there. */
static void remount(struct work *w)
{
	int err;

	for (unsigned i = (unsigned)below(2) * 8; i < 8; i++)
		close_one(w, i);
	sync_all(w);
	memory_ends(w);
	err = store_finish(w->t.store);
	if (memory_ended(w, err))
		err = store_finish(w->t.store);
	must(w, err, "store_finish");
	if (below(2))
		store_write_index(w->t.store);
	/* Files without names may be open to the last: they are read still, and cost the archive nothing. */
	for (unsigned i = 0; i < 8; i++)
		close_one(w, i);
	store_close(w->t.store);
	work_rested(w);
	tar_tree_free(&w->t);
	for (unsigned i = 0; i < w->mo.nodes; i++)
		w->mo.all[i]->n = NULL;
	open_store(w);
	for (size_t i = 0; i < w->mo.count; i++) {
		struct mentry *e = &w->mo.e[i];

		e->m->n = e->len ? name_of(w, e)->node : w->t.root;
	}
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
		{ 3, "checkpoint" }, { 4, "close" },   { 1, "remount" },
	};
	u64 dice = below(116);
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
	case 17:
		close_one(w, (unsigned)below(8));
		break;
	default:
		remount(w);
		break;
	}
	if (store_pressed(w->t.store)) {
		settle(w);
		checkpoint(w);
	}
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
	work_parse(w, w->disk.now, w->disk.d.size, true, "at the end");
	work_rested(w);
	if (w->dump && w->dump_wanted)
		work_dump(w, "finished", w->disk.now, w->disk.d.size);
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
	work_check(w, w->disk.now);
	work_check(w, w->disk.stable);
	store_close(w->t.store);
	tar_tree_free(&w->t);
	finish(w, live);
}

u64 work_nomem(const struct work_options *o)
{
	long live = alloc_live;
	struct work *w = start(o);
	u64 nomem;

	w->short_of_memory = true;
	for (; w->ops < o->ops; w->ops++)
		step(w);
	w->short_of_memory = false;
	close_store(w);
	nomem = w->nomem;
	finish(w, live);
	return nomem;
}

u64 work_run(const struct work_options *o)
{
	long live = alloc_live;
	struct work *w = start(o);
	u64 states;

	w->disk.before_flush = work_power_cut;
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

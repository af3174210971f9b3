/*
 * Power cuts of test_store: a disk that one leaves is read as it is, replayed, read again, and
 * compared with what was durable.
 */
#include "uapi/errno.h"
#include "alloc/slab.h"
#include "test_store.h"
#include "../../mkfs/check.h"

struct file_;
struct file_ *fopen(const char *path, const char *mode);
size_t fwrite(const void *p, size_t size, size_t n, struct file_ *f);
int fclose(struct file_ *f);

void work_dump(struct work *w, const char *kind, const u8 *data, size_t n)
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
			work_dump(w, "bad", data, n);
		die_at(w, "the archive does not parse before replay", more);
	}
	tar_close(r);
}

/*
 * The members of a disk, as a reader without a journal sees them; links: with the tree that they
 * make (before replay a link may name what is to come).
 */
void work_parse(struct work *w, const u8 *data, size_t n, bool links, const char *when)
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
			work_dump(w, "bad", data, n);
		die_at(w, "the archive does not parse", more);
	}
	tar_tree_free(&t);
}

static void at_fault(struct check *c, u64 offset, const char *what)
{
	char more[200];

	snprintf(more, sizeof(more), "sector %lu: %s", offset / TAR_BLOCK, what);
	die_at(c->owner, "after the end:", more);
}

static void at_note(struct check *c, u64 offset, const char *what, const char *name)
{
	char more[200];

	snprintf(more, sizeof(more), "before %s, sector %lu: %s", name, offset / TAR_BLOCK, what);
	die_at(c->owner, "after the end:", more);
}

void work_rested(struct work *w)
{
	struct mem_source src;
	struct check c = { .src = &src.src,
			   .fault = at_fault,
			   .note = at_note,
			   .owner = w,
			   .limit = w->disk.d.size };

	mem_source_init(&src, w->disk.now, w->disk.d.size);
	must(w, check_members(&c), "the members can't be read");
}

void work_check(struct work *w, const u8 *cut)
{
	const char *why, *bad, *other = NULL;
	bool dumping = w->dump && w->dumped < w->dump_wanted && !below(10);
	struct sim_disk copy;
	struct tar_tree t;
	int err;

	work_parse(w, cut, w->disk.d.size, false, "");
	if (dumping)
		work_dump(w, "cut", cut, w->disk.d.size);
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
			work_dump(w, "bad", cut, w->disk.d.size);
		die_at(w, bad, other);
	}
	store_close(t.store);
	tar_tree_free(&t);
	work_parse(w, copy.now, copy.d.size, true, "after replay");
	if (dumping) {
		work_dump(w, "replayed", copy.now, copy.d.size);
		w->dumped++;
	}
	sim_free(&copy);
}

void work_power_cut(struct sim_disk *s)
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
	work_check(w, cut);
	free(cut);
	if (alloc_live != live)
		die_at(w, "replay leaks", "");
}

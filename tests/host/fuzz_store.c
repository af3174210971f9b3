/*
 * libFuzzer target: any bytes as an archive and, behind it, a chain of the journal's records, on a disk with
 * a superblock. The first byte chooses what gets right checksums. What replay does is what the
 * overlay showed before; the disk is opened or refused with words; an opened one can be written,
 * and opened again it has as many files.
 */
#include "fs/tarfs/store.h"
#include "lib/crc32c.h"
#include "test_tar.h"
#include "test_tar_index.h"

#define SECTORS_ALL (STORE_JOURNAL_MIN + 200u)
#define RECORD_MAX  64u /* sectors of the input that go to the journal */
#define RECORDS	    4u /* of a chain */

unsigned checks, failures; /* test_tar.c's, for check_at */

int LLVMFuzzerTestOneInput(const u8 *data, size_t n);

void check_at(bool ok, const char *file, int line, const char *what)
{
	if (ok)
		return;
	printf("%s:%d: %s\n", file, line, what);
	abort();
}

static u32 fix(void *sector, u32 *field)
{
	*field = 0;
	*field = crc32c(0, sector, STORE_SECTOR);
	return *field;
}

/*
 * A chain of records from the input, but for what must be right to be looked at. Each is as long as its counts say; the
 * numbers of those behind the first say how many of the chain there are.
 */
static void put_records(struct mem_disk *m, const u8 *data, size_t n, bool repair)
{
	u64 at = m->sb.journal;
	u32 before = 0;

	memcpy(m->data + at * STORE_SECTOR, data, min(n, (size_t)RECORD_MAX * STORE_SECTOR));
	for (u32 k = 0, more = 1; repair && k < more; k++) {
		struct store_record *r = (struct store_record *)(m->data + at * STORE_SECTOR);
		u8 *body = (u8 *)(r + 1);
		u64 sectors;

		if (!k)
			more = 1 + r->chain % RECORDS;
		memcpy(r->magic, STORE_RECORD_MAGIC, sizeof(r->magic));
		r->seq = 2 + k;
		r->chain = k;
		r->before = before;
		r->count %= 40;
		r->gone %= 40;
		r->body = at + 1;
		sectors = DIV_ROUND_UP((r->count + r->gone) * sizeof(struct store_item),
				       STORE_SECTOR) +
			  r->count;
		for (u32 i = 0; i < r->count + r->gone; i++) {
			struct store_item *item = (struct store_item *)body + i;

			item->sector %= 64;
			item->phase = i < r->count ? 1 + item->phase % 3 : 0;
		}
		r->body_sum = (u32)store_sum(r->seq, body, sectors * STORE_SECTOR);
		before = fix(r, &r->crc);
		at += 1 + sectors;
	}
}

/* Record 1, empty, in slot 1. */
static void put_empty(struct mem_disk *m)
{
	u64 slot = m->sb.journal + m->sb.journal_sectors / 2;
	struct store_record *r = (struct store_record *)(m->data + slot * STORE_SECTOR);

	memset(r, 0, sizeof(*r));
	memcpy(r->magic, STORE_RECORD_MAGIC, sizeof(r->magic));
	r->seq = 1;
	r->body = slot + 1;
	fix(r, &r->crc);
}

/* Replay leaves what the overlay shows. */
static void replay(struct mem_disk *m)
{
	size_t size = m->sb.journal * STORE_SECTOR;
	struct tar_source *src = store_overlay(&m->d);
	u8 *shown = malloc(size);
	const char *why = NULL;
	int got;

	if (!shown || (long)src < 0)
		abort();
	CHECK(src->size >= size || src->size == m->d.size);
	CHECK(src->read(src, 0, shown, size) == 0);
	store_overlay_free(src);
	got = store_replay(&m->d, &why);
	CHECK(got >= 0 || why);
	/* Two images of one sector, in different phases: any order may win. */
	if (got == 0)
		CHECK(!memcmp(shown, m->data, size));
	free(shown);
}

/* Opens; writes when `write`. How many files, or 0: refused. */
static u64 open_it(struct mem_disk *m, bool write)
{
	const char *why = NULL;
	struct tar_tree t;
	u64 nodes = 0;
	int err;

	CHECK(!tar_tree_init(&t));
	err = store_open(&t, &m->d, NULL, STORE_MAKE, &why);
	CHECK(err <= 0);
	if (err)
		CHECK(why || t.err.why);
	if (!err) {
		nodes = t.nodes;
		tar_check_tree(&t);
		if (write) {
			store_changed(t.store, t.root, STORE_ATTR);
			err = store_sync(t.store);
			if (!err && !store_checkpoint(t.store) && !store_checkpoint(t.store))
				store_write_index(t.store);
		}
		store_close(t.store);
		nodes = err ? 0 : nodes;
	}
	tar_tree_free(&t);
	return nodes;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t n)
{
	long live = alloc_live;
	struct mem_disk m;
	size_t archive;
	u64 nodes;

	if (n < 4 || n > 60000)
		return 0;
	archive = min((size_t)(data[1] | data[2] << 8) * 32, n - 3);
	mem_disk_init(&m, data + 3, archive, SECTORS_ALL * STORE_SECTOR);
	if (data[0] & 1)
		tar_repair(m.data, archive);
	put_empty(&m);
	put_records(&m, data + 3 + archive, n - 3 - archive, data[0] & 2);
	m.sb.crc = 0;
	m.sb.crc = crc32c(0, &m.sb, sizeof(m.sb));
	if (data[0] & 4) /* else a foreign disk */
		memcpy(m.data + (SECTORS_ALL - 1) * STORE_SECTOR, &m.sb, sizeof(m.sb));
	replay(&m);
	nodes = open_it(&m, true);
	if (nodes)
		CHECK(open_it(&m, false) == nodes);
	mem_disk_free(&m);
	if (alloc_live != live)
		abort();
	return 0;
}

/*
 * The journal: two slots behind the archive that take turns, so that the last transaction
 * stays whole until the next one is. A transaction is physical: sectors and what they shall
 * hold. Replay puts the newest whole one into place, in the checkpoint's order; to do it
 * twice, or after half a checkpoint, gives the same. What the slots hold is in
 * store_format.h. A transaction too large for its slot lies in the slack behind the archive.
 *
 * Interface in store.h and store_impl.h. Locking: C; replay belongs to its caller.
 */
#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/crc32c.h"
#include "lib/string.h"

#define CHUNK (BUFFER / STORE_SECTOR)

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the disk's numbers are the machine's");

static int read_sector(struct tar_disk *d, u64 sector, void *buf)
{
	return d->read(d, sector * STORE_SECTOR, buf, STORE_SECTOR);
}

static int write_sector(struct tar_disk *d, u64 sector, const void *buf)
{
	return d->write(d, sector * STORE_SECTOR, buf, STORE_SECTOR);
}

static u32 super_crc(const struct store_super *sb)
{
	struct store_super s = *sb;

	s.crc = 0;
	return crc32c(0, &s, sizeof(s));
}

static u32 record_crc(const struct store_record *r)
{
	struct store_record s = *r;

	s.crc = 0;
	return crc32c(0, &s, sizeof(s));
}

int journal_super(struct tar_disk *d, struct store_super *sb)
{
	u64 sectors = d->size / STORE_SECTOR;
	int err;

	if (sectors < STORE_JOURNAL_MIN + 4)
		return 0;
	err = read_sector(d, sectors - 1, sb);
	if (err)
		return err;
	return !memcmp(sb->magic, STORE_MAGIC, 8) && sb->version == STORE_VERSION &&
	       sb->crc == super_crc(sb) && sb->sectors == sectors &&
	       sb->journal_sectors >= STORE_JOURNAL_MIN && sb->journal_sectors < sectors &&
	       sb->journal_sectors % 2 == 0 && sb->journal > 0 &&
	       sb->journal < sectors - sb->journal_sectors;
}

/* --- reading records --- */

static u64 items_sectors(u64 count)
{
	return SECTORS(count * sizeof(struct store_item));
}

/* Is the record in a slot whole? 1, 0, or an error of reading. */
static int read_record(struct tar_disk *d, u64 slot, u8 *buf, struct store_record *r)
{
	u64 sectors = d->size / STORE_SECTOR, body;
	u32 crc = 0;
	int err = read_sector(d, slot, r);

	if (err)
		return err;
	if (memcmp(r->magic, STORE_RECORD_MAGIC, 8) || r->crc != record_crc(r))
		return 0;
	body = items_sectors(r->count) + r->count;
	if (r->body >= sectors || body > sectors - r->body)
		return 0;
	for (u64 at = 0; at < body; at += CHUNK) {
		u64 n = body - at < CHUNK ? body - at : CHUNK;

		err = d->read(d, (r->body + at) * STORE_SECTOR, buf, n * STORE_SECTOR);
		if (err)
			return err;
		crc = crc32c(crc, buf, n * STORE_SECTOR);
	}
	return crc == r->body_crc;
}

int journal_newest(struct tar_disk *d, const struct store_super *sb, struct store_record *r)
{
	u8 *buf = kmalloc(BUFFER, 0);
	struct store_record other;
	int first, second;

	if (!buf)
		return -ENOMEM;
	first = read_record(d, sb->journal, buf, r);
	second = read_record(d, sb->journal + sb->journal_sectors / 2, buf, &other);
	kfree(buf);
	if (first < 0 || second < 0)
		return first < 0 ? first : second;
	if (second && (!first || other.seq > r->seq))
		*r = other;
	return first || second;
}

/* --- replay --- */

static int replay_phase(struct tar_disk *d, const struct store_super *sb,
			const struct store_record *r, u32 phase, u8 *buf)
{
	struct store_item items[STORE_SECTOR / sizeof(struct store_item)];
	u64 images = r->body + items_sectors(r->count);
	const u32 per = STORE_SECTOR / sizeof(struct store_item);
	int err = 0;

	for (u32 i = 0; i < r->count && !err; i++) {
		const struct store_item *item = &items[i % per];

		if (i % per == 0)
			err = read_sector(d, r->body + i / per, items);
		if (err || item->phase != phase)
			continue;
		if (item->sector >= sb->journal)
			return -EINVAL;
		err = read_sector(d, images + i, buf);
		if (!err)
			err = write_sector(d, item->sector, buf);
	}
	return err ? err : d->flush(d);
}

static void fill_record(struct store_record *r, u64 seq, u32 count, u64 body, u32 crc, u64 end)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->magic, STORE_RECORD_MAGIC, 8);
	r->seq = seq;
	r->count = count;
	r->body = body;
	r->body_crc = crc;
	r->end = end;
	r->crc = record_crc(r);
}

/* The record that says: nothing is to be replayed. */
static int write_empty(struct tar_disk *d, u64 journal, u64 sectors, u64 seq, u64 end)
{
	struct store_record r;
	u64 slot = journal + seq % 2 * (sectors / 2);
	int err;

	fill_record(&r, seq, 0, slot + 1, 0, end);
	err = write_sector(d, slot, &r);
	return err ? err : d->flush(d);
}

int journal_replay(struct tar_disk *d, const struct store_super *sb, const char **why)
{
	struct store_record r;
	u8 *buf;
	int err = journal_newest(d, sb, &r);

	*why = "cannot read the journal";
	if (err < 0)
		return err;
	if (!err) {
		*why = "no record of the journal is whole";
		return -EINVAL;
	}
	if (!r.count)
		return 0;
	buf = kmalloc(STORE_SECTOR, 0);
	if (!buf)
		return -ENOMEM;
	err = 0;
	for (u32 phase = STORE_HIDDEN; phase <= STORE_COVER && !err; phase++)
		err = replay_phase(d, sb, &r, phase, buf);
	kfree(buf);
	*why = "replaying the journal failed";
	if (!err)
		err = write_empty(d, sb->journal, sb->journal_sectors, r.seq + 1, r.end);
	return err ? err : 1;
}

int store_replay(struct tar_disk *d, const char **why)
{
	struct store_super sb;
	int err = journal_super(d, &sb);

	*why = "cannot read the superblock";
	return err <= 0 ? err : journal_replay(d, &sb, why);
}

/* --- writing --- */

bool journal_fits(const struct store *st, u64 count, bool anywhere)
{
	u64 sectors = items_sectors(count) + count, slack = st->end + 2;

	return sectors <= st->journal_sectors / 2 - 1 ||
	       (anywhere && st->limit > slack && sectors <= st->limit - slack);
}

int journal_write(struct store *st, const struct store_log *log)
{
	u64 seq = st->seq + 1, slot, body, at, items;
	struct tar_disk *d = st->disk;
	struct store_record r;
	u32 crc;
	int err;

	if (!log) {
		err = write_empty(d, st->journal, st->journal_sectors, seq, st->end);
		if (err)
			return store_broken(st, err, "writing the journal failed");
		st->seq = seq;
		return 0;
	}
	slot = st->journal + seq % 2 * (st->journal_sectors / 2);
	body = slot + 1;
	items = items_sectors(log->count);
	st->spilled = !journal_fits(st, log->count, false);
	if (st->spilled)
		body = st->limit - items - log->count;
	crc = crc32c(0, log->items, items * STORE_SECTOR);
	for (u32 i = 0; i < log->count; i += CHUNK) {
		u32 n = log->count - i < CHUNK ? log->count - i : CHUNK;

		crc = crc32c(crc, log->chunks[i / CHUNK], (u64)n * STORE_SECTOR);
	}
	fill_record(&r, seq, log->count, body, crc, st->end);
	err = write_sector(d, slot, &r);
	if (!err)
		err = d->write(d, body * STORE_SECTOR, log->items, items * STORE_SECTOR);
	at = body + items;
	for (u32 i = 0; i < log->count && !err; i += CHUNK, at += CHUNK) {
		u32 n = log->count - i < CHUNK ? log->count - i : CHUNK;

		err = d->write(d, at * STORE_SECTOR, log->chunks[i / CHUNK],
			       (size_t)n * STORE_SECTOR);
	}
	if (!err)
		err = d->flush(d);
	if (err)
		return store_broken(st, err, "writing the journal failed");
	st->seq = seq;
	return 0;
}

int journal_make(struct tar_disk *d, u64 end, struct store_super *sb, const char **why)
{
	u64 sectors = d->size / STORE_SECTOR, slack = sectors > end ? sectors - end : 0, n;
	u8 *buf;
	int err = 0;

	*why = "no room for a journal behind the archive (make the image larger by 1 MiB or more)";
	if (slack < 2048)
		return -EROFS;
	n = slack / STORE_JOURNAL_SHARE & ~1ULL;
	n = n < STORE_JOURNAL_MIN ? STORE_JOURNAL_MIN :
	    n > STORE_JOURNAL_MAX ? STORE_JOURNAL_MAX :
				    n;
	memset(sb, 0, sizeof(*sb));
	memcpy(sb->magic, STORE_MAGIC, 8);
	sb->version = STORE_VERSION;
	sb->sectors = sectors;
	sb->journal = sectors - 1 - n;
	sb->journal_sectors = n;
	sb->crc = super_crc(sb);
	buf = kmalloc(BUFFER, 0);
	if (!buf)
		return -ENOMEM;
	for (u64 at = sb->journal; at < sectors && !err; at += CHUNK) {
		u64 part = sectors - at < CHUNK ? sectors - at : CHUNK;

		*why = "cannot read behind the archive";
		err = d->read(d, at * STORE_SECTOR, buf, part * STORE_SECTOR);
		if (!err && memchr_inv(buf, 0, part * STORE_SECTOR)) {
			*why = "what lies behind the archive is not zeros: no journal is made there";
			err = -EROFS;
		}
	}
	kfree(buf);
	if (err)
		return err;
	*why = "cannot write behind the archive";
	err = write_empty(d, sb->journal, n, 1, end);
	if (!err)
		err = write_sector(d, sectors - 1, sb);
	return err ? err : d->flush(d);
}

/* --- an archive as replay would leave it --- */

struct overlay {
	struct tar_source src; /* first */
	struct tar_disk *disk;
	u32 count;
	struct store_item *items; /* in order of sectors */
	u8 *images; /* NULL: none */
	u64 images_at;
};

static int overlay_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct overlay *o = (struct overlay *)src;
	u64 first = off / STORE_SECTOR, last = (off + n - 1) / STORE_SECTOR;
	u32 lo = 0, hi = o->count;
	u8 sector[STORE_SECTOR];
	int err = o->disk->read(o->disk, off, buf, n);

	while (lo < hi) {
		u32 mid = lo + (hi - lo) / 2;

		if (o->items[mid].sector < first)
			lo = mid + 1;
		else
			hi = mid;
	}
	for (; !err && lo < o->count && o->items[lo].sector <= last; lo++) {
		u64 at = o->items[lo].sector * STORE_SECTOR;
		u64 from = at > off ? at : off;
		u64 to = at + STORE_SECTOR < off + n ? at + STORE_SECTOR : off + n;

		err = read_sector(o->disk, o->images_at + lo, sector);
		memcpy((u8 *)buf + (from - off), sector + (from - at), to - from);
	}
	return err;
}

struct tar_source *store_overlay(struct tar_disk *d)
{
	struct overlay *o = kzalloc(sizeof(*o), 0);
	struct store_super sb;
	struct store_record r;
	int err;

	if (!o)
		return ERR_PTR(-ENOMEM);
	o->disk = d;
	o->src.read = overlay_read;
	o->src.size = d->size;
	err = journal_super(d, &sb);
	if (err > 0) {
		o->src.size = sb.journal * STORE_SECTOR;
		err = journal_newest(d, &sb, &r);
	}
	if (err > 0 && r.count) {
		u64 sectors = items_sectors(r.count);

		o->items = kmalloc(sectors * STORE_SECTOR, 0);
		if (!o->items) {
			kfree(o);
			return ERR_PTR(-ENOMEM);
		}
		o->count = r.count;
		o->images_at = r.body + sectors;
		err = d->read(d, r.body * STORE_SECTOR, o->items, sectors * STORE_SECTOR);
	}
	if (err < 0) {
		store_overlay_free(&o->src);
		return ERR_PTR(err);
	}
	return &o->src;
}

bool store_overlay_plain(const struct tar_source *src)
{
	return !((const struct overlay *)src)->count;
}

void store_overlay_free(struct tar_source *src)
{
	struct overlay *o = (struct overlay *)src;

	kfree(o->items);
	kfree(o);
}

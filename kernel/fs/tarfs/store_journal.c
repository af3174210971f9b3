/*
 * The journal: two slots behind the archive that take turns with each checkpoint, so that what was
 * logged stays whole until it is in its place. A transaction is physical: sectors and what they shall hold, as far as
 * that changed since the one before it in the slot. Replay puts what they say together into place, in the checkpoint's
 * order; to do it twice, or after half a checkpoint, gives the same. What the slots hold is in
 * store_format.h. A transaction too large for a slot lies in the slack behind the archive.
 *
 * Interface in store.h and store_impl.h. Locking: C; replay belongs to its caller.
 */
#include <byteorder.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/index.h"
#include "fs/tarfs/store_impl.h"
#include "lib/crc32c.h"
#include "lib/rbtree.h"
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

/* Of a sector whose CRC stands at byte `at` and is taken as 0. */
static u32 sector_crc(const void *sector, size_t at)
{
	static const u32 zero;
	u32 crc = crc32c(0, sector, at);

	crc = crc32c(crc, &zero, sizeof(zero));
	return crc32c(crc, (const u8 *)sector + at + sizeof(zero),
		      STORE_SECTOR - at - sizeof(zero));
}

static u32 super_crc(const struct store_super *sb)
{
	return sector_crc(sb, offsetof(struct store_super, crc));
}

static u32 record_crc(const struct store_record *r)
{
	return sector_crc(r, offsetof(struct store_record, crc));
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

static u64 body_sectors(const struct store_record *r)
{
	return items_sectors((u64)r->count + r->gone) + r->count;
}

/* Is there a whole record? 1, 0, or an error of reading. */
static int read_record(struct tar_disk *d, u64 at_sector, u8 *buf, struct store_record *r)
{
	u64 sectors = d->size / STORE_SECTOR, body;
	u64 sum;
	int err = read_sector(d, at_sector, r);

	if (err)
		return err;
	if (memcmp(r->magic, STORE_RECORD_MAGIC, 8) != 0 || r->crc != record_crc(r))
		return 0;
	sum = r->seq;
	body = body_sectors(r);
	if (r->body >= sectors || body > sectors - r->body)
		return 0;
	for (u64 at = 0; at < body; at += CHUNK) {
		u64 n = body - at < CHUNK ? body - at : CHUNK;

		err = d->read(d, (r->body + at) * STORE_SECTOR, buf, n * STORE_SECTOR);
		if (err)
			return err;
		sum = store_sum(sum, buf, n * STORE_SECTOR);
	}
	return !body || (u32)sum == r->body_sum;
}

/* What is to be done for each record of a chain, in order. */
typedef int (*record_fn)(void *arg, const struct store_record *r);

/*
 * The chain in [slot, end): 1, its first and last record, and where the next one would stand; 0: none. fn may
 * be NULL.
 */
static int read_chain(struct tar_disk *d, u64 slot, u64 end, u8 *buf, u64 *first,
		      struct store_record *r, u64 *next, record_fn fn, void *arg)
{
	struct store_record more = { 0 };
	int got = read_record(d, slot, buf, r);

	if (got <= 0 || r->chain)
		return got < 0 ? got : 0;
	*first = r->seq;
	*next = slot;
	for (;;) {
		u64 body = body_sectors(r);
		int err = fn ? fn(arg, r) : 0;

		if (err)
			return err;
		/* One whose body is elsewhere is the last. */
		*next = r->body == *next + 1 && body < end - *next ? *next + 1 + body : end;
		if (end - *next < 2)
			return 1;
		got = read_record(d, *next, buf, &more);
		if (got < 0)
			return got;
		if (!got || more.seq != r->seq + 1 || more.chain != r->chain + 1 ||
		    more.before != r->crc)
			return 1;
		*r = more;
	}
}

/* The chain that counts, likewise. */
static int newest_chain(struct tar_disk *d, const struct store_super *sb, struct store_record *r,
			u64 *next, record_fn fn, void *arg)
{
	u64 slot[2] = { sb->journal, sb->journal + sb->journal_sectors / 2 }, first[2];
	u8 *buf = kmalloc(BUFFER, 0);
	int got[2], take;

	if (!buf)
		return -ENOMEM;
	for (unsigned i = 0; i < 2; i++)
		got[i] = read_chain(d, slot[i], slot[i] + sb->journal_sectors / 2, buf, &first[i],
				    r, next, NULL, NULL);
	take = got[1] > 0 && (got[0] <= 0 || first[1] > first[0]);
	if (got[0] < 0 || got[1] < 0)
		take = got[0] < 0 ? 0 : 1;
	else if (got[take])
		got[take] = read_chain(d, slot[take], slot[take] + sb->journal_sectors / 2, buf,
				       &first[take], r, next, fn, arg);
	kfree(buf);
	return got[take];
}

int journal_newest(struct tar_disk *d, const struct store_super *sb, struct journal_tip *tip)
{
	struct store_record *r = kzalloc(sizeof(*r), 0);
	int got = r ? newest_chain(d, sb, r, &tip->next, NULL, NULL) : -ENOMEM;

	if (r) {
		tip->seq = r->seq;
		tip->chain = r->chain;
		tip->count = r->count;
		tip->crc = r->crc;
	}
	kfree(r);
	return got;
}

/* --- what a chain says in all --- */

/* A sector, and where its image stands. */
struct patch {
	struct rb_node rb;
	u64 sector, image;
	u32 phase; /* 0: gone */
};

struct patches {
	struct tar_disk *disk;
	struct rb_root tree;
	u64 limit; /* no sector is behind it */
	u64 count;
};

/* The patch of a sector, or the first one behind it; NULL. */
static struct patch *patch_from(const struct patches *p, u64 sector)
{
	struct rb_node *at = p->tree.node;
	struct patch *best = NULL;

	while (at) {
		struct patch *e = rb_entry(at, struct patch, rb);

		if (e->sector < sector) {
			at = at->right;
		} else {
			best = e;
			at = at->left;
		}
	}
	return best;
}

static int patch_set(struct patches *p, const struct store_item *item, u64 image)
{
	struct rb_node **link = &p->tree.node, *parent = NULL;
	struct patch *e = NULL;

	while (*link) {
		parent = *link;
		e = rb_entry(parent, struct patch, rb);
		if (e->sector == item->sector)
			break;
		link = item->sector < e->sector ? &parent->left : &parent->right;
	}
	if (!*link) {
		e = kzalloc(sizeof(*e), 0);
		if (!e)
			return -ENOMEM;
		e->sector = item->sector;
		rb_insert(&p->tree, &e->rb, parent, link, NULL);
	}
	p->count += (item->phase != 0) - (e->phase != 0);
	e->phase = item->phase;
	e->image = image;
	return 0;
}

static int patch_record(void *arg, const struct store_record *r)
{
	const u32 per = STORE_SECTOR / sizeof(struct store_item);
	u64 items = (u64)r->count + r->gone, images = r->body + items_sectors(items);
	struct store_item sector[STORE_SECTOR / sizeof(struct store_item)];
	struct patches *p = arg;
	int err = 0;

	for (u64 i = 0; i < items && !err; i++) {
		struct store_item *item = &sector[i % per];

		if (i % per == 0)
			err = read_sector(p->disk, r->body + i / per, sector);
		if (!err && item->sector >= p->limit)
			err = -EINVAL;
		if (i >= r->count)
			item->phase = 0;
		if (!err)
			err = patch_set(p, item, images + i);
	}
	return err;
}

static void patches_free(struct patches *p)
{
	struct patch *e, *next;

	rb_for_each_entry_postorder_safe(e, next, &p->tree, rb)
		kfree(e);
	p->tree.node = NULL;
}

/* 1: the newest record and the patches; 0: there is none; or an error. */
static int patches_read(struct patches *p, struct tar_disk *d, const struct store_super *sb,
			struct store_record *r, u64 *next)
{
	int got;

	*p = (struct patches){ .disk = d, .limit = sb->journal };
	got = newest_chain(d, sb, r, next, patch_record, p);
	if (got <= 0)
		patches_free(p);
	return got;
}

/* --- replay --- */

static int replay_phase(const struct patches *p, u32 phase, u8 *buf)
{
	struct tar_disk *d = p->disk;
	struct patch *e;
	int err = 0;

	rb_for_each_entry(e, &p->tree, rb) {
		if (e->phase != phase)
			continue;
		err = read_sector(d, e->image, buf);
		if (!err)
			err = write_sector(d, e->sector, buf);
		if (err)
			return err;
	}
	return d->flush(d);
}

static void fill_record(struct store_record *r, u64 seq, u64 end)
{
	memset(r, 0, sizeof(*r));
	memcpy(r->magic, STORE_RECORD_MAGIC, 8);
	r->seq = seq;
	r->end = end;
}

/* The beginning of a chain in a slot: nothing is to be replayed. buf: a sector. */
static int write_empty(struct tar_disk *d, u64 slot, u64 seq, u64 end, u32 *crc, void *buf)
{
	struct store_record *r = buf;
	int err;

	fill_record(r, seq, end);
	r->body = slot + 1;
	*crc = r->crc = record_crc(r);
	err = write_sector(d, slot, r);
	return err ? err : d->flush(d);
}

/* The slot that the chain which ends before `next` is not in. */
static u64 other_slot(u64 journal, u64 sectors, u64 next)
{
	return next - 1 < journal + sectors / 2 ? journal + sectors / 2 : journal;
}

int journal_replay(struct tar_disk *d, const struct store_super *sb, const char **why)
{
	struct store_record r = { 0 };
	struct patches p;
	u64 next;
	u32 crc;
	u8 *buf;
	int err = patches_read(&p, d, sb, &r, &next);

	*why = "cannot read the journal";
	if (err < 0)
		return err;
	if (!err) {
		*why = "no record of the journal is whole";
		return -EINVAL;
	}
	if (!r.count && !r.chain) {
		patches_free(&p);
		return 0;
	}
	buf = kmalloc(STORE_SECTOR, 0);
	err = buf ? 0 : -ENOMEM;
	for (u32 phase = STORE_HIDDEN; phase <= STORE_COVER && !err; phase++)
		err = replay_phase(&p, phase, buf);
	patches_free(&p);
	*why = "replaying the journal failed";
	if (!err)
		err = write_empty(d, other_slot(sb->journal, sb->journal_sectors, next), r.seq + 1,
				  r.end, &crc, buf);
	kfree(buf);
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

/* First sector behind the slot that the chain is in. */
static u64 slot_end(const struct store *st)
{
	u64 half = st->journal_sectors / 2;

	return st->next - 1 < st->journal + half ? st->journal + half : st->journal + 2 * half;
}

bool journal_room(const struct store *st, u64 sectors)
{
	return sectors <= slot_end(st) - st->next;
}

bool journal_fits(const struct store *st, u64 count, bool anywhere)
{
	u64 sectors = items_sectors(count) + count + 1, slack = st->end + 2;

	return sectors <= st->journal_sectors / 2 - 1 ||
	       (anywhere && st->limit > slack && sectors <= st->limit - slack);
}

/* All of the log but its head, or all of it, neighbours together, so that sector 1 of it stands at `body`. */
static int write_log(struct store *st, const struct store_log *log, u64 body, bool head)
{
	int err = 0;

	for (u64 i = head ? 0 : 1, n; i < log->sectors && !err; i += n) {
		n = CHUNK - i % CHUNK;
		n = n < log->sectors - i ? n : log->sectors - i;
		err = st->disk->write(st->disk, (body - 1 + i) * STORE_SECTOR, log_sector(log, i),
				      n * STORE_SECTOR);
	}
	return err;
}

int journal_write(struct store *st, const struct store_log *log)
{
	struct tar_disk *d = st->disk;
	struct store_record *r;
	u64 seq = st->seq + 1;
	u64 sum = seq;
	u32 crc;
	int err;

	if (!log) {
		u64 slot = other_slot(st->journal, st->journal_sectors, st->next);

		err = write_empty(d, slot, seq, st->end, &crc, st->buffer);
		if (err)
			return store_broken(st, err, "writing the journal failed");
		st->seq = seq;
		st->next = slot + 1;
		st->chain = 1;
		st->last_crc = crc;
		return 0;
	}
	if (!log->count && !log->gone)
		return 0;
	st->spilled = !journal_room(st, log->sectors);
	r = (struct store_record *)log_sector(log, 0);
	fill_record(r, seq, st->end);
	r->count = log->count;
	r->gone = log->gone;
	r->chain = st->chain;
	r->before = st->last_crc;
	r->body = st->spilled ? st->limit - (log->sectors - 1) : st->next + 1;
	for (u64 i = 1, n; i < log->sectors; i += n) {
		n = CHUNK - i % CHUNK;
		n = n < log->sectors - i ? n : log->sectors - i;
		sum = store_sum(sum, log_sector(log, i), n * STORE_SECTOR);
	}
	r->body_sum = (u32)sum;
	r->crc = record_crc(r);
	err = write_log(st, log, r->body, !st->spilled);
	if (!err && st->spilled)
		err = write_sector(d, st->next, r);
	if (!err)
		err = d->flush(d);
	if (err)
		return store_broken(st, err, "writing the journal failed");
	st->seq = seq;
	st->chain++;
	st->last_crc = r->crc;
	st->next = st->spilled ? slot_end(st) : st->next + log->sectors;
	return 0;
}

int journal_make(struct tar_disk *d, u64 end, struct store_super *sb, u32 *crc, const char **why)
{
	u64 sectors = d->size / STORE_SECTOR, slack = sectors > end ? sectors - end : 0, n;
	u8 *buf;
	int err = 0;

	*why = "no room for a journal behind the archive (make the image larger by 1 MiB or more)";
	if (slack < 2048)
		return -EROFS;
	n = store_journal_size(sectors, slack);
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
	if (!err) {
		*why = "cannot write behind the archive";
		err = write_empty(d, sb->journal + n / 2, 1, end, crc, buf);
	}
	kfree(buf);
	if (!err)
		err = write_sector(d, sectors - 1, sb);
	return err ? err : d->flush(d);
}

/* --- an archive as replay would leave it --- */

struct overlay {
	struct tar_source src; /* first */
	struct patches p;
	struct store_super sb; /* its journal is 0: there is none */
	struct store_record r; /* the journal's newest */
};

static int overlay_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	struct overlay *o = (struct overlay *)src;
	u64 last = (off + n - 1) / STORE_SECTOR;
	u8 sector[STORE_SECTOR];
	struct patch *e;
	int err = o->p.disk->read(o->p.disk, off, buf, n);

	for (e = patch_from(&o->p, off / STORE_SECTOR); e && e->sector <= last && !err;
	     e = rb_entry_safe(rb_next(&e->rb), struct patch, rb)) {
		u64 at = e->sector * STORE_SECTOR;
		u64 from = at > off ? at : off;
		u64 to = at + STORE_SECTOR < off + n ? at + STORE_SECTOR : off + n;

		if (!e->phase)
			continue;
		err = read_sector(o->p.disk, e->image, sector);
		memcpy((u8 *)buf + (from - off), sector + (from - at), to - from);
	}
	return err;
}

struct tar_source *store_overlay(struct tar_disk *d)
{
	struct overlay *o = kzalloc(sizeof(*o), 0);
	u64 next;
	int err;

	if (!o)
		return ERR_PTR(-ENOMEM);
	o->p.disk = d;
	o->src.read = overlay_read;
	o->src.size = d->size;
	err = journal_super(d, &o->sb);
	if (!err)
		o->sb.journal = 0;
	if (err > 0) {
		o->src.size = o->sb.journal * STORE_SECTOR;
		err = patches_read(&o->p, d, &o->sb, &o->r, &next);
	}
	if (err < 0) {
		store_overlay_free(&o->src);
		return ERR_PTR(err);
	}
	return &o->src;
}

bool store_overlay_plain(const struct tar_source *src)
{
	return !((const struct overlay *)src)->p.count;
}

int store_overlay_index(const struct tar_source *src, struct tar_source *from, struct tar_tree *t)
{
	const struct overlay *o = (const struct overlay *)src;

	if (!o->sb.journal || o->r.seq == 0 || o->r.count || o->r.chain)
		return 0;
	return tar_index_read(t, from, &o->sb, o->r.seq, NULL);
}

void store_overlay_free(struct tar_source *src)
{
	struct overlay *o = (struct overlay *)src;

	patches_free(&o->p);
	kfree(o);
}

/*
 * The superblock and the journal of an image, as the tools find and make them.
 * Interface in image.h, layout in kernel/fs/tarfs/store_format.h.
 */
#include <errno.h>
#include <string.h>
#include "image.h"
#include "lib/crc32c.h"

/* A sector's checksum, its own field taken as 0. */
static u32 sector_crc(const void *sector, u32 *field)
{
	u32 kept = *field, crc;

	*field = 0;
	crc = crc32c(0, sector, STORE_SECTOR);
	*field = kept;
	return crc;
}

static bool in_order(struct store_super *sb, u64 sector)
{
	return sb->version == STORE_VERSION && sb->crc == sector_crc(sb, &sb->crc) &&
	       sb->sectors == sector + 1 && sb->journal < sector &&
	       sb->journal_sectors == sector - sb->journal && sb->journal_sectors % 2 == 0 &&
	       sb->index <= sb->journal && sb->index_sectors <= sb->journal - sb->index;
}

static int read_sector(struct tar_image *m, u64 sector, void *buf)
{
	return m->src.read(&m->src, sector * STORE_SECTOR, buf, STORE_SECTOR);
}

/* The last sector that is not all zeros, or 0. */
static int last_used(struct tar_image *m, u64 *sector)
{
	static const u8 zeros[1 << 16];
	static u8 buf[1 << 16];
	u64 at = m->src.size / STORE_SECTOR * STORE_SECTOR;

	while (at) {
		size_t n = at < sizeof(buf) ? (size_t)at : sizeof(buf);
		int err = m->src.read(&m->src, at - n, buf, n);

		if (err)
			return err;
		if (memcmp(buf, zeros, n)) {
			while (!memcmp(buf + n - STORE_SECTOR, zeros, STORE_SECTOR)) {
				n -= STORE_SECTOR;
				at -= STORE_SECTOR;
			}
			break;
		}
		at -= n;
	}
	*sector = at ? at / STORE_SECTOR - 1 : 0;
	return 0;
}

int super_find(struct tar_image *m, struct store_super *sb, u64 *sector)
{
	u64 sectors = m->src.size / STORE_SECTOR;
	int err;

	*sector = sectors ? sectors - 1 : 0;
	if (!sectors || m->src.size % STORE_SECTOR)
		return SUPER_NONE;
	err = read_sector(m, *sector, sb);
	if (err)
		return err;
	if (!memcmp(sb->magic, STORE_MAGIC, sizeof(sb->magic)))
		return in_order(sb, *sector) ? SUPER_GOOD : SUPER_BAD;
	err = last_used(m, sector);
	if (!err)
		err = read_sector(m, *sector, sb);
	if (err)
		return err;
	if (!memcmp(sb->magic, STORE_MAGIC, sizeof(sb->magic)) && in_order(sb, *sector))
		return SUPER_INSIDE;
	*sector = sectors - 1;
	return SUPER_NONE;
}

int super_write(struct tar_image *m, struct store_super *sb)
{
	sb->crc = sector_crc(sb, &sb->crc);
	return image_write(m, (sb->sectors - 1) * STORE_SECTOR, sb, sizeof(*sb));
}

int super_make(struct tar_image *m, u64 end)
{
	static const u8 zeros[STORE_SECTOR];
	struct store_record rec = { .seq = 1, .end = end };
	u64 sectors = m->src.size / STORE_SECTOR, slack, n;
	struct store_super sb = { .version = STORE_VERSION, .sectors = sectors };
	int err;

	if (sectors < end + 2 + STORE_JOURNAL_MIN + 1)
		return -ENOSPC;
	slack = sectors - end - 3;
	n = store_journal_size(sectors, slack);
	memcpy(sb.magic, STORE_MAGIC, sizeof(sb.magic));
	sb.journal = sectors - 1 - n;
	sb.journal_sectors = n;
	/* Whatever lay there: no record of another journal may be taken for one of this. */
	err = image_write(m, sb.journal * STORE_SECTOR, zeros, STORE_SECTOR);
	/* Record 1 is in slot 1 and has no items: nothing waits. */
	memcpy(rec.magic, STORE_RECORD_MAGIC, sizeof(rec.magic));
	rec.body = sb.journal + n / 2 + 1;
	rec.crc = sector_crc(&rec, &rec.crc);
	if (!err)
		err = image_write(m, (sb.journal + n / 2) * STORE_SECTOR, &rec, sizeof(rec));
	if (!err)
		err = image_flush(m);
	if (!err)
		err = super_write(m, &sb);
	return err ? err : image_flush(m);
}

/* A record, when its head and all that belongs to it have their checksums; sectors: of its body. */
static int read_record(struct tar_image *m, u64 at, struct store_record *rec, u64 *body)
{
	static u64 buf[STORE_SECTOR / 8];
	u64 items, sectors = m->src.size / STORE_SECTOR;
	u64 sum;
	int err = read_sector(m, at, rec);

	if (err)
		return err;
	if (memcmp(rec->magic, STORE_RECORD_MAGIC, sizeof(rec->magic)) ||
	    rec->crc != sector_crc(rec, &rec->crc))
		return 0;
	items = (((u64)rec->count + rec->gone) * sizeof(struct store_item) + STORE_SECTOR - 1) /
		STORE_SECTOR;
	sum = rec->seq;
	*body = items + rec->count;
	if (rec->body > sectors || *body > sectors - rec->body)
		return 0;
	for (u64 i = 0; i < *body; i++) {
		err = read_sector(m, rec->body + i, buf);
		if (err)
			return err;
		sum = store_sum(sum, buf, STORE_SECTOR);
	}
	return !*body || (u32)sum == rec->body_sum;
}

/* The last record of a slot's chain, and the number of its first. */
static int read_slot(struct tar_image *m, u64 slot, u64 room, struct store_record *rec, u64 *first)
{
	struct store_record next;
	u64 at = slot, body;
	int got = read_record(m, slot, rec, &body);

	if (got <= 0 || rec->chain)
		return got < 0 ? got : 0;
	*first = rec->seq;
	/* A body elsewhere is a chain's last. */
	while (rec->body == at + 1 && at + 1 + body < slot + room) {
		u32 before = rec->crc;

		at += 1 + body;
		got = read_record(m, at, &next, &body);
		if (got < 0)
			return got;
		if (!got || next.seq != rec->seq + 1 || next.chain != rec->chain + 1 ||
		    next.before != before)
			break;
		*rec = next;
	}
	return 1;
}

int super_newest(struct tar_image *m, const struct store_super *sb, struct store_record *rec)
{
	u64 room = sb->journal_sectors / 2;
	u64 from, other_from;
	struct store_record other;
	int first = read_slot(m, sb->journal, room, rec, &from);
	int second = first < 0 ? first :
				 read_slot(m, sb->journal + room, room, &other, &other_from);

	if (second < 0)
		return second;
	if (second && (!first || other_from > from))
		*rec = other;
	return first || second;
}

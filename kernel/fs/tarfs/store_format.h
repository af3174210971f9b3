/*
 * What Tarn writes behind an archive on a device: the journal and the superblock.
 * All numbers little endian, all units sectors of 512 bytes unless named bytes.
 *
 *	[members][two zero sectors][slack][index][journal: slot 0, slot 1][superblock]
 *
 * The superblock is the device's last sector. It is written once (by mkfs.tarn, or
 * at the first writable mount of a foreign archive) and when the device is
 * resized; what changes lies in the slots. A slot holds a chain of records, one behind the other, each a
 * transaction:
 *
 *	[struct store_record][struct store_item * (count + gone), whole sectors][images: 512 bytes each]
 *
 * A chain begins with a record of 0 items: everything before it is in its place. It goes on as long as checksums
 * hold and a record names the one before it (what an older journal left does not); what a record says of a sector replaces what earlier ones of the
 * chain said. Of the slots the one with the newer beginning counts. No locks: constants only.
 */
#ifndef TARFS_STORE_FORMAT_H
#define TARFS_STORE_FORMAT_H

#include <types.h>
#include "lib/hash.h"

#define STORE_SECTOR	    512u
#define STORE_MAGIC	    "TarnDisk" /* 8 bytes, no NUL */
#define STORE_RECORD_MAGIC  "TarnRedo"
#define STORE_VERSION	    1u
#define STORE_JOURNAL_MIN   1024u /* sectors of both slots together */
#define STORE_JOURNAL_MAX   65536u
#define STORE_JOURNAL_SHARE 32u /* the journal of a new device: this part of its slack */
#define STORE_HEADS	    992u /* sectors for each image that all the space that is free may come to */

struct store_super {
	u8 magic[8];
	u32 version;
	u32 crc; /* CRC-32C of the sector, this field taken as 0 */
	u64 sectors; /* of the device, this one included: another number is no superblock */
	u64 journal; /* first sector of slot 0 */
	u64 journal_sectors; /* of both slots, even */
	u64 index; /* first sector of the index; 0: none */
	u64 index_sectors;
	u8 unused[456];
};
_Static_assert(sizeof(struct store_super) == STORE_SECTOR, "a superblock is one sector");

struct store_record {
	u8 magic[8];
	u64 seq;
	u32 count; /* of items with an image */
	u32 crc; /* CRC-32C of this sector, this field taken as 0 */
	u32 body_sum; /* of the items' sectors and the images: store_sum() */
	u32 chain; /* records of its chain before it */
	u64 body; /* the items' first sector: behind this one, or in free space of the archive */
	u64 end; /* the archive's end behind this transaction: its first zero sector */
	u32 gone; /* items without one, behind the others: sectors of earlier records that hold nothing any more */
	u32 before; /* the crc of the record before it in its chain */
	u8 unused[456];
};
_Static_assert(sizeof(struct store_record) == STORE_SECTOR, "a record's head is one sector");

/* The sum of whole sectors, going on from that of those before, at first the record's seq. Its low half counts. */
static inline u64 store_sum(u64 sum, const void *sectors, size_t bytes)
{
	return hash_words(sectors, bytes / 8, sum);
}

/*
 * Sectors of the journal of a new device of so many, `slack` of them behind its archive. On a large one there is room for
 * the heads of all its space (store_layout.c) as well, which may become free in one transaction.
 */
static inline u64 store_journal_size(u64 sectors, u64 slack)
{
	u64 n = slack / STORE_JOURNAL_SHARE, heads = sectors / STORE_HEADS;

	n = n < STORE_JOURNAL_MIN ? STORE_JOURNAL_MIN :
	    n > STORE_JOURNAL_MAX ? STORE_JOURNAL_MAX :
				    n;
	if (heads > STORE_JOURNAL_MAX / 4) {
		u64 more = STORE_JOURNAL_MAX + 2 * heads;

		more = more < slack / 8 ? more : slack / 8;
		n = more > n ? more : n;
	}
	return n & ~1UL;
}

/* Which phase of a checkpoint writes an image; between two phases the device is flushed. */
enum {
	STORE_HIDDEN = 1, /* no header on the disk of before: hidden in something's data */
	STORE_FLIP = 2, /* a header before and behind */
	STORE_COVER = 3, /* a header before, data behind */
};

struct store_item {
	u64 sector;
	u32 phase; /* 0: gone */
	u32 header; /* 1: a header behind the transaction */
};
_Static_assert(STORE_SECTOR % sizeof(struct store_item) == 0, "items fill sectors");

#endif

/*
 * Between the files of the index only: the stream's tags, and what writer and reader compute
 * alike. index.c has the stream's description. No state, no locks.
 */
#ifndef TARFS_INDEX_IMPL_H
#define TARFS_INDEX_IMPL_H

#include <types.h>
#include "fs/tarfs/index.h"
#include "lib/radix.h"

enum {
	TAG_TYPE = 7, /* enum tar_type */
	TAG_AGAIN = 8, /* one more name of a node that had one: its number follows */
	TAG_LINKED = 16, /* more names may follow: its number follows */
	TAG_MORE = 32, /* attributes, extents: what few have */
	TAG_DATA = 64, /* of several names the one whose member has the data */
	INDEX_UP = 0xff,
};

#define INDEX_FLAGS 8 /* TAR_FLAGS stand this far up, right above the bits of a mode */

/* What the differences are taken from. */
struct index_before {
	u64 place;
	s64 time;
};

static inline u64 index_fold(s64 v)
{
	return (u64)v << 1 ^ (v < 0 ? ~0UL : 0);
}

static inline s64 index_unfold(u64 v)
{
	return (s64)(v >> 1) ^ -(s64)(v & 1);
}

extern const struct radix_ops index_radix_ops;

typedef int (*read_fn)(void *from, u64 off, void *buf, size_t n);

int index_from_disk(void *from, u64 off, void *buf, size_t n);
u32 index_chunk_crc(const u8 *chunk, u64 seq, u64 number);
u32 index_head_crc(struct index_head *h);
/* What stands around the archive's end, so that somebody else's change of it is seen. */
int index_tail_crc(read_fn read, void *from, u64 end, u64 sectors, u32 *crc);

#endif

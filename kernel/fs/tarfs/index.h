/*
 * The index: what a scan of the archive's headers would find, in one piece behind
 * the archive, so that mounting reads it in one go instead of a header a member.
 * Only a copy: it counts while no transaction is newer than it, and without it the
 * archive is read as ever. docs/tar.md ("The index") has the layout.
 *
 * Host tools compile it as they do the rest of this folder. Locking: as tree.h says;
 * nobody changes the tree meanwhile. Sleeps where the disk does.
 */
#ifndef TARFS_INDEX_H
#define TARFS_INDEX_H

#include <types.h>
#include "fs/tarfs/store.h"
#include "fs/tarfs/store_format.h"
#include "fs/tarfs/tree.h"

#define INDEX_MAGIC   "TarnIdx2" /* 8 bytes, no NUL */
#define INDEX_CHUNK   65536u /* bytes of a chunk, what the last one does not fill is zero */
#define INDEX_HEAD    sizeof(struct index_chunk)
#define INDEX_PAYLOAD (INDEX_CHUNK - INDEX_HEAD)

/* The first sector. */
struct index_head {
	u8 magic[8];
	u64 seq; /* of the newest record in the journal, which holds no items; 0: there is none */
	u64 end; /* the archive's first zero sector */
	u64 chunks; /* behind this sector */
	u64 nodes, names, pads; /* how many follow */
	u64 members; /* read by the scan that it stands for */
	u32 tail_crc; /* CRC-32C of the sector before `end` and the two behind */
	u32 crc; /* CRC-32C of this sector, this field taken as 0 */
	u8 unused[440];
};
_Static_assert(sizeof(struct index_head) == STORE_SECTOR, "the index's head is one sector");

struct index_chunk {
	u32 crc; /* CRC-32C of the rest of the chunk, begun with the low half of seq plus its number */
	u32 used; /* bytes of payload */
};

/* A free segment of the archive, laid out as free space is. */
struct index_pad {
	u64 sector;
	u64 sectors;
	bool rest; /* in the form that it has at rest */
};

/* What only the store knows; each may be absent (NULL, 0). */
struct index_store {
	/*
	 * Writing, where others may change the tree while the disk is waited for: it is held but around each
	 * chunk. lock answers false when something was changed meanwhile; then there is no index (-EBUSY).
	 */
	bool (*lock)(void *arg);
	void (*unlock)(void *arg);
	/* Writing: the first segment at or behind a sector: 1; 0: there is none. */
	int (*next)(void *arg, u64 from, struct index_pad *pad);
	/* Reading: takes one. 0 or a negative errno. */
	int (*take)(void *arg, const struct index_pad *pad);
	void *arg;
	/* The root's own member: sectors; headers 0: it has none. */
	u64 root_first, root_headers;
	u8 root_marks;
	u64 end; /* reading: the archive's first zero sector */
};

/*
 * Writes the index of t into the room before the journal and the superblock anew, flushed.
 * Everything is checkpointed. 0; -ENOSPC: no room, nothing was written; negative errno.
 */
int tar_index_write(struct tar_tree *t, struct tar_disk *d, struct store_super *sb, u64 seq,
		    u64 end, const struct index_store *store);
/*
 * Fills t (initialised, empty) from the index. 1; 0: there is none that counts, and t is as it was
 * (but store->take may have been called); -ENOMEM, -EIO. An index that lies does no harm but to be
 * believed where its checksums hold.
 */
int tar_index_read(struct tar_tree *t, struct tar_source *src, const struct store_super *sb,
		   u64 seq, struct index_store *store);
/* Does d have an index of the archive as it is? 1, 0 or a negative errno. */
int tar_index_current(struct tar_disk *d, const struct store_super *sb, u64 seq);

#endif

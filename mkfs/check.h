/*
 * What must hold of an image, looked for sector by sector: fsck.tarn's eyes. Reads
 * only; knows the rules of docs/tar.md, not how the engine keeps them.
 */
#ifndef MKFS_CHECK_H
#define MKFS_CHECK_H

#include "fs/tarfs/store_format.h"
#include "fs/tarfs/tree.h"

/*
 * Free space: a header K and what it covers, at most so much, a "./" after so many K in a row; or, at
 * rest, a global header with a comment.
 */
#define CHECK_PAD_MAX ((1u << 20) - 512)
/* Debian 12's busybox refuses a K of 4096 bytes and more: noted, no fault. */
#define CHECK_PAD_BUSYBOX 4095u
#define CHECK_PADS_MAX	  30u
/* bsdtar reads no more extended headers in a row. */
#define CHECK_SPECIAL_MAX 32u

struct check {
	struct tar_source *src;
	/* Told of each fault, with the byte where it was seen. */
	void (*fault)(struct check *c, u64 offset, const char *what);
	/* Told of what is odd and does no harm; may be NULL. */
	void (*note)(struct check *c, u64 offset, const char *what, const char *name);
	void *owner;
	u64 limit; /* members end before this byte: the end of the device, or the journal */
	/* The answers. */
	u64 end; /* of the members: where the two sectors of zeros stand */
	u64 members, pads, free_sectors;
	unsigned faults, notes, busybox_noted;
	bool global; /* a global extended header says something of all members behind it */
};

/* The chain of members up to the end of the archive: 0, or a negative errno when it can't be read. */
int check_members(struct check *c);
/* The tree that the members make; 0 or the errno of tar_tree_add(). The caller frees it. */
int check_tree(struct check *c, struct tar_tree *t);
/*
 * Does the index say what the headers do? 1, and *why where it does not, else NULL; 0: it is of an
 * earlier state (or can't be read as one); negative errno.
 */
int tar_index_compare(struct tar_source *src, const struct store_super *sb, u64 seq,
		      const struct tar_tree *t, const char **why);

#endif

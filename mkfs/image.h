/*
 * An image or archive in a host file or on a block device, as the tools of mkfs/
 * use one: a tar_source that may also be written, with a lock on the file so that
 * a machine and a tool do not meet. Not thread safe.
 */
#ifndef MKFS_IMAGE_H
#define MKFS_IMAGE_H

#include "fs/tarfs/store.h"
#include "fs/tarfs/store_format.h"

struct tar_image {
	struct tar_source
		src; /* first: a tar_source pointer is one to this; src.size is the file's */
	struct tar_disk disk; /* the same bytes for the store */
	int fd;
	bool writable;
	const char *path;
};

/* Exit statuses of all tools but fsck.tarn, and what it takes from fsck(8). */
enum {
	EXIT_GOOD = 0,
	EXIT_BAD = 1,
	EXIT_USAGE = 2,
	FSCK_MENDED = 1,
	FSCK_LEFT = 4,
	FSCK_TROUBLE = 8,
	FSCK_USAGE = 16,
};

/*
 * Opens path: 0 or a negative errno; -EBUSY: a machine or another tool has it. `flags` are
 * open(2)'s; O_RDWR asks for the file alone, O_RDONLY bears other readers.
 */
int image_open(struct tar_image *m, const char *path, int flags);
/* 0 or a negative errno: writes all of it, all that was written is durable, the size changes. */
int image_write(struct tar_image *m, u64 off, const void *buf, size_t n);
int image_flush(struct tar_image *m);
int image_resize(struct tar_image *m, u64 size);
/* Copies n bytes from one place to another, of two files or of one whose places do not overlap. */
int image_copy(struct tar_image *to, u64 at, struct tar_image *from, u64 off, u64 n);
void image_close(struct tar_image *m);

/* --- super.c --- */

enum super_state {
	SUPER_NONE, /* a foreign archive: nothing behind its end */
	SUPER_GOOD, /* the last sector is one, and it is in order */
	SUPER_BAD, /* the last sector looks like one and is not in order */
	SUPER_INSIDE, /* the device was made larger since: it stands before the end */
};

/* What stands at the end of the image; *sector says where the superblock is. Negative errno. */
int super_find(struct tar_image *m, struct store_super *sb, u64 *sector);
/*
 * An empty journal and a superblock at the end of the image, for an archive whose first zero
 * sector is `end`. 0 or a negative errno; -ENOSPC: no room behind the end.
 */
int super_make(struct tar_image *m, u64 end);
/* Writes the superblock anew, checksum made. */
int super_write(struct tar_image *m, struct store_super *sb);
/* The newest record of the journal in *rec: 1; 0: none is valid; negative errno. */
int super_newest(struct tar_image *m, const struct store_super *sb, struct store_record *rec);

/* "512", "64K", "10M", "2G", "1T" in bytes; false: that is no size. */
bool parse_size(const char *s, u64 *out);
/* "PROGRAM: " and words on stderr; one_line puts what a negative errno means behind them. */
void complain(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
int complain_errno(int err, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* What main() was called as, without its folder; complain() begins with it. */
extern const char *program_name;

#endif

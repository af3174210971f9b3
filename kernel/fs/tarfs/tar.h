/*
 * Reading TAR archives: a streaming reader of members (tar_read.c, tar_pax.c,
 * tar_sparse.c, tar_num.c) and the tree they make (tar_tree.c).
 *
 * Understands v7, ustar (POSIX.1-1988), pax (POSIX.1-2001, pax(1) "EXTENDED
 * DESCRIPTION"), GNU tar's formats (base-256 numbers, long names, sparse files
 * of all five kinds), and what star and Solaris tar write. Knows nothing of the
 * kernel but kmalloc, so the host's tools and tests compile the same files.
 *
 * Locking: none; a reader or a tree belongs to its caller, who serialises.
 * May sleep where the source's read may.
 */
#ifndef TARFS_TAR_H
#define TARFS_TAR_H

#include <types.h>

#define TAR_BLOCK      512u
#define TAR_PATH_MAX   4096u /* of a name or a link target, its NUL included */
#define TAR_XATTR_MAX  65536u /* bytes of one extended attribute's value */
#define TAR_XATTRS_MAX 1024u /* extended attributes of one member */
#define TAR_FLAGS \
	0xf0u /* flags of files that are stored: FS_IMMUTABLE_FL, APPEND, NODUMP, NOATIME */

/* Where an archive's bytes come from. Offsets and sizes in bytes. */
struct tar_source {
	/* All n bytes at off, or a negative errno; never asked for what lies behind size. */
	int (*read)(struct tar_source *src, u64 off, void *buf, size_t n);
	u64 size;
};

/* Why an archive was refused, and the byte offset where that was seen. */
struct tar_error {
	u64 offset;
	const char *why; /* a constant string; NULL while all is well */
};

enum tar_type {
	TAR_FILE,
	TAR_HARDLINK,
	TAR_SYMLINK,
	TAR_CHAR,
	TAR_BLOCKDEV,
	TAR_DIR,
	TAR_FIFO,
	TAR_SOCKET, /* in a tree only: no archive holds one */
};

struct tar_time {
	s64 sec; /* since 1970, may be negative */
	u32 nsec; /* 0..999,999,999; added to sec */
};

/* A part of a file that is not a hole: [off, off + len) of the file lies at `at` of the source. */
struct tar_extent {
	u64 off;
	u64 len;
	u64 at;
};

/* One extended attribute; its name (NUL-terminated) and its value follow it. */
struct tar_xattr {
	struct tar_xattr *next;
	u32 name_len;
	u32 value_len;
	char name[];
};

static inline void *tar_xattr_value(struct tar_xattr *x)
{
	return x->name + x->name_len + 1;
}

/*
 * One member with all that its header, GNU's and pax's extra headers say of it.
 * Strings live until the next tar_next(). The caller may take `extents` and
 * `xattrs` (kfree, tar_xattrs_free) by setting them to NULL.
 */
struct tar_member {
	u64 first; /* offset of the first header that belongs to the member */
	u64 header; /* offset of its own header */
	u64 data; /* offset of its data */
	u64 stored; /* bytes of data in the archive; 0 where the type has none */
	u64 end; /* offset of the block behind it */
	bool ours; /* one pax header of whole blocks stands before its own: the store writes so */
	u64 size; /* bytes of the file: more than stored in a sparse member */
	const char *name; /* as stored, NUL-terminated; any other byte may occur */
	size_t name_len;
	const char *linkname; /* of hard and symbolic links, else "" */
	size_t linkname_len;
	enum tar_type type;
	u32 mode; /* permission bits, 07777 */
	u8 flags; /* FS_*_FL that chattr(1) sets, of TAR_FLAGS */
	u32 uid, gid;
	u32 major, minor; /* of devices */
	struct tar_time mtime, atime, ctime; /* atime and ctime: mtime where not stored */
	bool sparse; /* extents says where the data lies; else it is [data, data + stored) */
	u32 extent_count;
	struct tar_extent *extents; /* in order, none empty, none touching */
	struct tar_xattr *xattrs;
};

struct tar_reader;

/* Starts reading src, which must outlive the reader. ERR_PTR(-ENOMEM). */
struct tar_reader *tar_open(struct tar_source *src);
/* The next member: 1; 0 at the end of the archive; negative errno (then tar_reader_error tells). */
int tar_next(struct tar_reader *r, struct tar_member **m);
/* Where the next header would be; once tar_next() said 0, where the archive ends. */
u64 tar_reader_pos(const struct tar_reader *r);
/* Did a global extended header say anything that counts? */
bool tar_reader_global(const struct tar_reader *r);
/* What the last negative answer meant. */
const struct tar_error *tar_reader_error(const struct tar_reader *r);
void tar_close(struct tar_reader *r);

void tar_xattrs_free(struct tar_xattr *x);
/* A new attribute, not on any list; NULL without memory. */
struct tar_xattr *tar_xattr_new(const char *name, size_t name_len, const void *value,
				size_t value_len);

#endif

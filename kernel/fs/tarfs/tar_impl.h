/*
 * Between the files of the TAR reader only: the header block, the reader's
 * window on its source, and the attributes gathered from extended headers.
 */
#ifndef TARFS_TAR_IMPL_H
#define TARFS_TAR_IMPL_H

#include <types.h>
#include "fs/tarfs/tar.h"

/* The header block: POSIX ustar's names, with the other formats' fields laid over its end. */
struct tar_header {
	u8 name[100];
	u8 mode[8];
	u8 uid[8];
	u8 gid[8];
	u8 size[12];
	u8 mtime[12];
	u8 chksum[8];
	u8 typeflag;
	u8 linkname[100];
	u8 magic[6];
	u8 version[2];
	u8 uname[32];
	u8 gname[32];
	u8 devmajor[8];
	u8 devminor[8];
	union {
		u8 prefix[155]; /* ustar */
		struct { /* GNU tar before pax */
			u8 atime[12];
			u8 ctime[12];
			u8 offset[12];
			u8 longnames[4];
			u8 unused;
			u8 sparse[4][24]; /* an offset and a length, 12 bytes each */
			u8 isextended;
			u8 realsize[12];
		} gnu;
		struct { /* star */
			u8 prefix[131];
			u8 atime[12];
			u8 ctime[12];
			u8 mfill[8];
			u8 xmagic[4]; /* "tar\0", or four NULs in some versions */
		} star;
		struct { /* star, typeflag 'S' */
			u8 prefix[1];
			u8 fill[9];
			u8 isextended;
			u8 sparse[4][24];
			u8 realsize[12];
		} star_sparse;
		u8 tail[167];
	};
};

_Static_assert(sizeof(struct tar_header) == TAR_BLOCK, "a header is one block");
_Static_assert(__builtin_offsetof(struct tar_header, magic) == 257, "ustar magic");
_Static_assert(__builtin_offsetof(struct tar_header, prefix) == 345, "ustar prefix");
_Static_assert(__builtin_offsetof(struct tar_header, gnu.sparse) == 386, "GNU sparse map");
_Static_assert(__builtin_offsetof(struct tar_header, gnu.realsize) == 483, "GNU real size");
_Static_assert(__builtin_offsetof(struct tar_header, star.atime) == 476, "star atime");
_Static_assert(__builtin_offsetof(struct tar_header, star_sparse.sparse) == 356, "star sparse map");
_Static_assert(__builtin_offsetof(struct tar_header, star_sparse.realsize) == 452,
	       "star real size");

/* The continuation of an old sparse map, GNU's and star's alike. */
struct tar_sparse_block {
	u8 sparse[21][24];
	u8 isextended;
	u8 unused[7];
};

_Static_assert(sizeof(struct tar_sparse_block) == TAR_BLOCK, "a continuation is one block");

/* What is known from extended headers; a bit in `have` says that the field counts. */
enum {
	TAR_HAVE_SIZE = 1 << 0,
	TAR_HAVE_REALSIZE = 1 << 1,
	TAR_HAVE_UID = 1 << 2,
	TAR_HAVE_GID = 1 << 3,
	TAR_HAVE_MTIME = 1 << 4,
	TAR_HAVE_ATIME = 1 << 5,
	TAR_HAVE_CTIME = 1 << 6,
	TAR_HAVE_MAJOR = 1 << 7,
	TAR_HAVE_MINOR = 1 << 8,
	TAR_HAVE_MAP = 1 << 9, /* GNU.sparse 0.0 or 0.1: map holds it */
	TAR_HAVE_MAP_DATA = 1 << 10, /* GNU.sparse 1.0: the map heads the data */
	TAR_HAVE_OFFSET = 1 << 11, /* GNU.sparse.offset waits for its numbytes */
	TAR_HAVE_PATH = 1 << 12,
	TAR_HAVE_LINKPATH = 1 << 13,
	TAR_HAVE_FLAGS = 1 << 14,
};

struct tar_map {
	struct tar_extent *v;
	u32 n, cap;
	u64 end; /* file offset behind the last entry */
	u64 bytes; /* sum of the lengths */
};

struct tar_attrs {
	u32 have;
	u32 gone; /* an empty value: what others say of it does not count either */
	u32 uid, gid, major, minor;
	u8 flags; /* of files: TAR_FLAGS */
	u64 size, realsize;
	u64 map_offset; /* GNU.sparse 0.0, between an offset and its numbytes */
	struct tar_time mtime, atime, ctime;
	char *path, *linkpath;
	char *sparse_path; /* GNU.sparse.name, stronger than path; or NULL */
	u32 xattr_count;
	struct tar_xattr *xattrs;
	struct tar_map map;
};

struct tar_reader {
	struct tar_source *src;
	u64 pos; /* of the next header */
	bool ended;
	int failed; /* the error that stopped it; it comes again */
	bool pending; /* extended headers have been read that wait for their member */
	bool pax; /* one of them was pax's */
	u64 pax_size; /* the only one's, were it the first; else 0 */
	u64 link_at, link_size; /* of a 'K' not read yet; 0: none */
	struct tar_error err;
	u8 *window; /* bytes [window_off, window_off + window_len) of the source */
	u64 window_off;
	size_t window_len;
	size_t window_size; /* allocated */
	size_t ahead; /* how much the next refill reads */
	struct tar_attrs global, local;
	struct tar_header header; /* the one in hand */
	char *gnu_name, *gnu_link; /* from 'L', and from 'K' when a link follows */
	char name[TAR_PATH_MAX];
	char link[TAR_PATH_MAX];
	struct tar_member m;
};

#define TAR_OURS       "PaxHeader/tarn" /* the name of the store's extended headers */
#define TAR_PEEK_MAX   4096u
#define TAR_WINDOW_MIN 8192u
#define TAR_WINDOW_MAX (256u << 10)

/* tar_read.c */

/* Notes why and where, and answers err. */
int tar_fail(struct tar_reader *r, int err, u64 offset, const char *why);
/* n (at most TAR_PEEK_MAX) bytes at off, valid until the next peek; 0 or a negative errno. */
int tar_peek(struct tar_reader *r, u64 off, size_t n, const u8 **out);
/* Copies n bytes at off. */
int tar_copy(struct tar_reader *r, u64 off, void *buf, size_t n);

/* tar_num.c: 0, -EINVAL (not a number) or -EOVERFLOW. */

/* A header's number: octal, or base-256 with the first byte's high bit set. Blank is 0. */
int tar_num(const u8 *field, size_t n, s64 *out);
/* The same for what must not be negative. */
int tar_num_size(const u8 *field, size_t n, u64 *out);
/* A user or group: 32 bits, signed or not. */
int tar_num_id(const u8 *field, size_t n, u32 *out);
/* pax's decimal numbers; the whole string must be one. */
int tar_dec(const char *s, size_t n, s64 *out);
/* pax's times: [-]digits[.digits]. Digits behind the ninth are rounded down. */
int tar_dec_time(const char *s, size_t n, struct tar_time *out);

/* tar_pax.c */

/* A flag of files as libarchive and star name it in SCHILY.fflags; the first name of a flag is the one to write. */
struct tar_flag {
	const char *name;
	u8 flag; /* of TAR_FLAGS */
};
#define TAR_FLAG_NAMES 8u
extern const struct tar_flag tar_flags[TAR_FLAG_NAMES];

/* Reads the records at [off, off + size) into a. global: ignores what only one file can have. */
int tar_pax_read(struct tar_reader *r, u64 off, u64 size, struct tar_attrs *a, bool global);
void tar_attrs_clear(struct tar_attrs *a);

/* tar_sparse.c */

int tar_map_add(struct tar_reader *r, struct tar_map *map, u64 off, u64 len, u64 where);
void tar_map_free(struct tar_map *map);
/* "a,b,c,d" of GNU.sparse.map (0.1). */
int tar_map_parse(struct tar_reader *r, struct tar_map *map, u64 off, u64 len);
/* The map at the head of the data (1.0); *used is its size, whole blocks. */
int tar_map_from_data(struct tar_reader *r, struct tar_map *map, u64 off, u64 size, u64 *used);
/* The map of an 'S' header at `off` with its continuations; *next is where the data begins. */
int tar_map_from_header(struct tar_reader *r, const struct tar_header *h, struct tar_map *map,
			u64 off, bool star, u64 *realsize, u64 *next);

#endif

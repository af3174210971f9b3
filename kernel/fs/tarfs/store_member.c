/*
 * The headers of a member, from its name and its node: POSIX ustar, and before it a pax extended
 * header ("x") with what ustar can't hold: nanoseconds always; large numbers; long names, or such
 * that are no UTF-8 (hdrcharset=BINARY, POSIX pax); extended attributes (SCHILY.xattr, as GNU tar writes them).
 * Hard links that fit have no x header.
 *
 * The x header's data is whole sectors, each filled up with a `comment` record. A record does
 * not cross sectors where it can be helped: then any mixture of old and new sectors of one
 * member still parses. Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "fs/tarfs/tar_impl.h"
#include "lib/printf.h"
#include "lib/string.h"

#define COMMENT_MIN 12u /* "12 comment=\n" */
#define OCTAL_SIZE  (1ULL << 33)
#define OCTAL_ID    (1u << 21)

/* --- header blocks --- */

/* A number of n - 1 octal digits and a NUL, or base-256 where it does not fit. */
static void put_number(u8 *f, unsigned n, s64 v)
{
	if (v >= 0 && (u64)v < 1ULL << (3 * (n - 1))) {
		f[n - 1] = '\0';
		for (unsigned i = n - 1; i-- > 0; v >>= 3)
			f[i] = (u8)('0' + (v & 7));
		return;
	}
	for (unsigned i = n; i-- > 0; v >>= 8)
		f[i] = (u8)v;
	f[0] |= 0x80;
}

void member_sum(u8 *block)
{
	struct tar_header *h = (struct tar_header *)block;
	u32 sum = 0;

	memset(h->chksum, ' ', sizeof(h->chksum));
	for (unsigned i = 0; i < TAR_BLOCK; i++)
		sum += block[i];
	put_number(h->chksum, 7, sum);
	h->chksum[7] = ' ';
}

void member_header(u8 *block, char type, const char *name, size_t name_len, u64 size)
{
	struct tar_header *h = (struct tar_header *)block;

	memset(h, 0, sizeof(*h));
	memcpy(h->name, name, name_len < sizeof(h->name) ? name_len : sizeof(h->name));
	put_number(h->mode, 8, type == '5' ? 0755 : 0644);
	put_number(h->uid, 8, 0);
	put_number(h->gid, 8, 0);
	put_number(h->size, 12, (s64)size);
	put_number(h->mtime, 12, 0);
	h->typeflag = (u8)type;
	memcpy(h->magic, "ustar", 6);
	memcpy(h->version, "00", 2);
	put_number(h->devmajor, 8, 0);
	put_number(h->devminor, 8, 0);
}

/* Puts a path into name and prefix; false: it does not fit. */
static bool put_path(struct tar_header *h, const char *path, size_t len)
{
	memset(h->name, 0, sizeof(h->name));
	if (len <= sizeof(h->name)) {
		memcpy(h->name, path, len);
		return true;
	}
	/* The first '/' that leaves a name short enough; never the one a directory ends with. */
	for (size_t i = len - sizeof(h->name) - 1; i < len - 1 && i <= sizeof(h->prefix); i++) {
		if (path[i] != '/' || i == 0)
			continue;
		memcpy(h->prefix, path, i);
		memcpy(h->name, path + i + 1, len - i - 1);
		return true;
	}
	memcpy(h->name, path, sizeof(h->name));
	return false;
}

/* --- records of the x header --- */

struct records {
	u8 *buf;
	size_t len, size;
	bool span;
	int err;
};

static u8 *grow(struct records *r, size_t n)
{
	size_t size = r->size ? r->size : 2 * STORE_SECTOR;
	u8 *buf;

	while (size < r->len + n)
		size *= 2;
	if (size > r->size && !r->err) {
		buf = kmalloc(size, 0);
		if (!buf) {
			r->err = -ENOMEM;
			return NULL;
		}
		if (r->len)
			memcpy(buf, r->buf, r->len);
		kfree(r->buf);
		r->buf = buf;
		r->size = size;
	}
	if (r->err)
		return NULL;
	r->len += n;
	return r->buf + r->len - n;
}

static size_t digits(size_t n)
{
	size_t d = 1;

	while (n /= 10)
		d++;
	return d;
}

/* The length of a record: its own digits count too. */
static size_t record_len(size_t key, size_t value)
{
	size_t rest = key + value + 3, len = rest + digits(rest);

	return rest + digits(len);
}

/* Puts v before `end`, in decimal, with `width` digits at least: where it begins. */
static char *put_decimal(char *end, u64 v, unsigned width)
{
	char *p = end;

	while (v || p > end - width) {
		*--p = (char)('0' + v % 10);
		v /= 10;
	}
	return p;
}

static void put_record(struct records *r, size_t len, const char *key, size_t key_len,
		       const void *value, size_t value_len)
{
	size_t n = digits(len) + 1;
	u8 *p = grow(r, len);

	if (!p)
		return;
	put_decimal((char *)p + n - 1, len, 1);
	p[n - 1] = ' ';
	memcpy(p + n, key, key_len);
	p[n + key_len] = '=';
	if (value)
		memcpy(p + n + key_len + 1, value, value_len);
	else
		memset(p + n + key_len + 1, ' ', value_len);
	p[len - 1] = '\n';
}

/* A comment of len bytes in all. */
static void put_comment(struct records *r, size_t len)
{
	put_record(r, len, "comment", 7, NULL, len - digits(len) - 10);
}

static void add_record(struct records *r, const char *key, size_t key_len, const void *value,
		       size_t value_len)
{
	size_t len = record_len(key_len, value_len);
	size_t room = STORE_SECTOR - r->len % STORE_SECTOR, rest;

	if (len != room && len + COMMENT_MIN > room && room != STORE_SECTOR) {
		put_comment(r, room);
		room = STORE_SECTOR;
	}
	put_record(r, len, key, key_len, value, value_len);
	rest = -len & (STORE_SECTOR - 1);
	r->span |= len > room;
	/* Too little for a comment: one that goes on in the next sector. */
	if (room == STORE_SECTOR && rest && rest < COMMENT_MIN) {
		put_comment(r, rest + STORE_SECTOR);
		r->span = true;
	}
}

static void add_number(struct records *r, const char *key, u64 v)
{
	char buf[24], *end = buf + sizeof(buf), *p = put_decimal(end, v, 1);

	add_record(r, key, strlen(key), p, (size_t)(end - p));
}

static void add_time(struct records *r, const char *key, s64 sec, u32 nsec)
{
	char buf[40], *end = buf + sizeof(buf), *p;
	bool before = sec < 0;

	/* 0.75 after -2 is -1.25. */
	if (before) {
		sec = -sec;
		if (nsec) {
			sec--;
			nsec = 1000000000 - nsec;
		}
	}
	p = put_decimal(end, nsec, 9);
	*--p = '.';
	p = put_decimal(p, (u64)sec, 1);
	if (before)
		*--p = '-';
	add_record(r, key, 5, p, (size_t)(end - p));
}

/* Is it UTF-8 (RFC 3629)? */
static bool is_utf8(const char *s, size_t n)
{
	const u8 *p = (const u8 *)s;

	for (size_t i = 0; i < n;) {
		u8 c = p[i++];
		unsigned more = c < 0x80 ? 0 : c < 0xc2 ? 4 : c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;

		if (more == 4 || c > 0xf4 || more > n - i)
			return false;
		if ((c == 0xe0 && p[i] < 0xa0) || (c == 0xed && p[i] > 0x9f) ||
		    (c == 0xf0 && p[i] < 0x90) || (c == 0xf4 && p[i] > 0x8f))
			return false;
		for (; more; more--, i++) {
			if ((p[i] & 0xc0) != 0x80)
				return false;
		}
	}
	return true;
}

static void add_xattr(struct records *r, struct tar_xattr *x)
{
	char key[13 + 3 * 255 + 1] = "SCHILY.xattr.";
	size_t n = 13;

	for (u32 i = 0; i < x->name_len && n + 3 < sizeof(key); i++) {
		char c = x->name[i];

		if (c == '=' || c == '%') {
			memcpy(key + n, c == '=' ? "%3D" : "%25", 3);
			n += 3;
		} else {
			key[n++] = c;
		}
	}
	add_record(r, key, n, tar_xattr_value(x), x->value_len);
}

static void add_flags(struct records *r, u8 flags)
{
	char names[TAR_FLAG_NAMES * 12];
	size_t n = 0;

	for (unsigned i = 0; i < TAR_FLAG_NAMES && flags; i++) {
		if (!(flags & tar_flags[i].flag))
			continue;
		n += (size_t)snprintf(names + n, sizeof(names) - n, "%s%s", n ? "," : "",
				      tar_flags[i].name);
		flags &= (u8)~tar_flags[i].flag;
	}
	add_record(r, "SCHILY.fflags", 13, names, n);
}

/* --- paths --- */

ssize_t member_path(const struct store *st, const struct tar_name *e, char *buf, size_t size)
{
	size_t at = size - 1;

	if (e == st->root) {
		memcpy(buf, "./", 3);
		return 2;
	}
	buf[at] = '\0';
	if (e->node->type == TAR_DIR)
		buf[--at] = '/';
	for (;;) {
		const struct tar_name *up = e->dir->names;

		if (at < e->len + 1u)
			return -ENAMETOOLONG;
		at -= e->len;
		memcpy(buf + at, e->name, e->len);
		if (e->dir == st->tree->root || !up)
			break;
		buf[--at] = '/';
		e = up;
	}
	memmove(buf, buf + at, size - at);
	return (ssize_t)(size - 1 - at);
}

/* --- the whole --- */

static const char types[] = {
	[TAR_FILE] = '0',     [TAR_HARDLINK] = '1', [TAR_SYMLINK] = '2', [TAR_CHAR] = '3',
	[TAR_BLOCKDEV] = '4', [TAR_DIR] = '5',	    [TAR_FIFO] = '6',
};

/* Bytes of a sparse file's map and pieces; the pieces' last sector is not filled where the file ends there. */
static u64 sparse_bytes(const struct tar_node *n)
{
	u64 stored = sparse_stored(n->file.map, n->extents);

	return (n->file.used - SECTORS(stored)) * STORE_SECTOR + stored;
}

/* The numbers of the node, in the block where they fit, as records where they do not. */
static void put_numbers(struct tar_header *h, struct records *r, const struct tar_node *n)
{
	put_number(h->mode, 8, n->mode);
	put_number(h->uid, 8, n->uid);
	put_number(h->gid, 8, n->gid);
	put_number(h->mtime, 12, n->mtime);
	add_time(r, "mtime", n->mtime, n->mtime_nsec);
	add_time(r, "atime", n->atime, n->atime_nsec);
	add_time(r, "ctime", n->ctime, n->ctime_nsec);
	if (n->uid >= OCTAL_ID)
		add_number(r, "uid", n->uid);
	if (n->gid >= OCTAL_ID)
		add_number(r, "gid", n->gid);
	if (n->type == TAR_FILE) {
		u64 size = node_has_map(n) ? sparse_bytes(n) : n->size;

		put_number(h->size, 12, (s64)size);
		if (size >= OCTAL_SIZE)
			add_number(r, "size", size);
	}
	/* In the first sector too: what stands behind may come from before a rename, and has them elsewhere. */
	if (node_has_map(n)) {
		add_record(r, "GNU.sparse.major", 16, "1", 1);
		add_record(r, "GNU.sparse.minor", 16, "0", 1);
		add_number(r, "GNU.sparse.realsize", n->size);
	}
	if (n->type == TAR_CHAR || n->type == TAR_BLOCKDEV) {
		put_number(h->devmajor, 8, n->dev.major);
		put_number(h->devminor, 8, n->dev.minor);
		if (n->dev.major >= OCTAL_ID)
			add_number(r, "SCHILY.devmajor", n->dev.major);
		if (n->dev.minor >= OCTAL_ID)
			add_number(r, "SCHILY.devminor", n->dev.minor);
	}
}

/* What stays when only attributes change: behind the first sector, where one is not enough. */
static void put_rest(struct records *r, const struct tar_node *n, bool home, const char *name,
		     const char *path, size_t path_len, const char *link, size_t link_len)
{
	size_t name_len = path_len;

	if (home && node_has_map(n) && !path && !is_utf8(name, name_len))
		add_record(r, "hdrcharset", 10, "BINARY", 6);
	if ((path && !is_utf8(path, path_len)) || (link && !is_utf8(link, link_len)))
		add_record(r, "hdrcharset", 10, "BINARY", 6);
	if (path)
		add_record(r, "path", 4, path, path_len);
	if (link)
		add_record(r, "linkpath", 8, link, link_len);
	if (home && node_has_map(n))
		add_record(r, "GNU.sparse.name", 15, name, name_len);
	if (home && n->flags)
		add_flags(r, n->flags);
	for (struct tar_xattr *x = home ? n->xattrs : NULL; x; x = x->next)
		add_xattr(r, x);
}

static void fill_up(struct records *r)
{
	if (r->len % STORE_SECTOR)
		put_comment(r, STORE_SECTOR - r->len % STORE_SECTOR);
}

int member_make(struct store *st, const struct tar_name *e, u64 headers, struct member *m)
{
	const struct tar_node *n = e->node;
	struct tar_header *h = (struct tar_header *)m->head;
	bool home = is_home(e), path_fits, link_fits;
	ssize_t path = member_path(st, e, st->path, sizeof(st->path)), link_len = 0;
	struct records r = { 0 };
	const char *link = "";
	size_t full = MEMBER_FULL, fixed;

	m->x = NULL;
	if (e->headers == 3 && e->marks & MARK_OURS)
		full = STORE_SECTOR;
	if (path < 0)
		return (int)path;
	if (!home) {
		link = st->link;
		link_len = member_path(st, n->names, st->link, sizeof(st->link));
		if (link_len < 0)
			return (int)link_len;
	} else if (n->type == TAR_SYMLINK) {
		link = n->target;
		link_len = (ssize_t)n->size;
	}
	member_header(m->head, types[home ? n->type : TAR_HARDLINK], "", 0, 0);
	path_fits = put_path(h, st->path, (size_t)path);
	link_fits = (size_t)link_len <= sizeof(h->linkname);
	memcpy(h->linkname, link, link_fits ? (size_t)link_len : sizeof(h->linkname));
	if (home) {
		put_numbers(h, &r, n);
	} else {
		/* Python gives what they say to the file. */
		put_number(h->mode, 8, n->mode);
		put_number(h->uid, 8, n->uid);
		put_number(h->gid, 8, n->gid);
		put_number(h->mtime, 12, n->mtime);
	}
	fixed = r.len;
	/* With several sectors the first has what changes with attributes, whatever fits besides. */
	for (int split = headers > 3 || e->headers > 3; split < 2; split++) {
		r.len = fixed;
		if (split)
			fill_up(&r);
		put_rest(&r, n, home, st->path, path_fits ? NULL : st->path, (size_t)path,
			 link_fits ? NULL : link, (size_t)link_len);
		if (r.len <= full)
			break;
	}
	m->bytes = r.len;
	if (!r.len && headers > 1)
		put_comment(&r, STORE_SECTOR);
	fill_up(&r);
	while (r.len && r.len / STORE_SECTOR + 2 < headers && !r.err)
		put_comment(&r, STORE_SECTOR);
	if (r.err) {
		kfree(r.buf);
		return r.err;
	}
	m->headers = r.len ? r.len / STORE_SECTOR + 2 : 1;
	m->span = r.span;
	m->x = r.buf;
	return 0;
}

void member_free(struct member *m)
{
	kfree(m->x);
	m->x = NULL;
}

bool member_stays(const struct tar_name *e, const struct member *m, unsigned marks)
{
	if (!e->headers || m->headers != e->headers)
		return false;
	if (m->headers == 1 || e->marks & MARK_FRESH)
		return true;
	if (!(e->marks & MARK_OURS))
		return false;
	return m->headers == 3 || !(marks & (MARK_WHOLE | STORE_XATTR)) ||
	       (!m->span && !(e->marks & MARK_SPAN));
}

int member_put(struct store *st, struct tar_name *e, struct member *m, unsigned marks)
{
	u64 at = e->first, last = e->first + m->headers - 1;
	bool fresh = e->marks & MARK_FRESH;
	u8 block[STORE_SECTOR];
	int err = 0;

	if (m->headers > 1 && fresh) {
		member_header(block, 'x', TAR_OURS, sizeof(TAR_OURS),
			      (m->headers - 2) * STORE_SECTOR);
		member_sum(block);
		err = image_set(st, at, false, true, block);
	}
	for (u64 i = 0; i + 2 < m->headers && !err; i++) {
		/* What changes with attributes is in the first. */
		if (i && !fresh && !(marks & (MARK_WHOLE | STORE_XATTR)))
			break;
		err = image_set(st, at + 1 + i, false, false, m->x + i * STORE_SECTOR);
	}
	member_sum(m->head);
	if (!err)
		err = image_set(st, last, !fresh, true, m->head);
	e->marks &= (u8) ~(MARK_SPAN | MARK_FRESH);
	if (m->span)
		e->marks |= MARK_SPAN;
	if (m->headers > 1)
		e->marks |= MARK_OURS;
	return err;
}

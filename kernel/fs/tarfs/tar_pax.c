/*
 * pax extended headers: records "LENGTH KEYWORD=VALUE\n" (POSIX pax, "pax
 * Extended Header"), with the keywords that POSIX, GNU tar, star and libarchive
 * give a meaning. Read in place through the reader's window: what nobody asks
 * for (comments, free space kept as a comment) costs neither memory nor reads.
 */
#include <types.h>
#include <uapi/errno.h>
#include <uapi/ioctl.h>
#include "alloc/slab.h"
#include "fs/tarfs/tar_impl.h"
#include "lib/string.h"

#define KEYWORD_MAX 1024u /* longer ones mean nothing to us */
#define NUMBER_MAX  64u

void tar_xattrs_free(struct tar_xattr *x)
{
	while (x) {
		struct tar_xattr *next = x->next;

		kfree(x);
		x = next;
	}
}

struct tar_xattr *tar_xattr_new(const char *name, size_t name_len, const void *value,
				size_t value_len)
{
	struct tar_xattr *x = kmalloc(sizeof(*x) + name_len + 1 + value_len, 0);

	if (!x)
		return NULL;
	x->next = NULL;
	x->name_len = (u32)name_len;
	x->value_len = (u32)value_len;
	memcpy(x->name, name, name_len);
	x->name[name_len] = '\0';
	if (value_len && value)
		memcpy(tar_xattr_value(x), value, value_len);
	return x;
}

void tar_attrs_clear(struct tar_attrs *a)
{
	kfree(a->path);
	kfree(a->linkpath);
	kfree(a->sparse_path);
	tar_xattrs_free(a->xattrs);
	tar_map_free(&a->map);
	memset(a, 0, sizeof(*a));
}

/* One record, its keyword copied, its value still in the archive. */
struct record;

struct keyword {
	const char *name; /* one that ends with '.' stands for all that begin so */
	int (*set)(struct record *rec);
	bool local; /* in a global header it means nothing */
	size_t at; /* the member of struct tar_attrs it is about */
	u32 have; /* the bit of its `have` */
	s64 min; /* of a u32 */
};

struct record {
	struct tar_reader *r;
	struct tar_attrs *a;
	u64 start; /* of the record, for messages */
	u64 value; /* offset */
	u64 value_len;
	const struct keyword *keyword;
	char *arg; /* what follows a keyword that ends with '.' */
	char key[KEYWORD_MAX + 1];
};

/* An empty value takes back what was said before, here and in the header block (POSIX). */
static void said(struct record *rec, u32 have, bool empty)
{
	struct tar_attrs *a = rec->a;

	a->have = empty ? a->have & ~have : a->have | have;
	a->gone = empty ? a->gone | have : a->gone & ~have;
}

/* What the keyword is about. */
static void *field(const struct record *rec)
{
	return (char *)rec->a + rec->keyword->at;
}

static int set_string(struct record *rec)
{
	char *s = NULL, **out = field(rec);
	int err;

	said(rec, rec->keyword->have, !rec->value_len);
	if (rec->value_len >= TAR_PATH_MAX)
		return tar_fail(rec->r, -ENAMETOOLONG, rec->start, "name too long");
	if (rec->value_len) {
		s = kmalloc(rec->value_len + 1, 0);
		if (!s)
			return tar_fail(rec->r, -ENOMEM, rec->start, "no memory for a name");
		err = tar_copy(rec->r, rec->value, s, rec->value_len);
		s[rec->value_len] = '\0';
		if (!err && memchr(s, '\0', rec->value_len))
			err = tar_fail(rec->r, -EINVAL, rec->start, "NUL byte inside a name");
		if (err) {
			kfree(s);
			return err;
		}
	}
	kfree(*out);
	*out = s;
	return 0;
}

/* The value as text: its length, at most NUMBER_MAX, or a negative errno. */
static int number_text(struct record *rec, char *buf)
{
	int err;

	if (rec->value_len > NUMBER_MAX)
		return tar_fail(rec->r, -EINVAL, rec->start, "malformed number in a pax header");
	err = tar_copy(rec->r, rec->value, buf, rec->value_len);
	return err ? err : (int)rec->value_len;
}

/* A number in [min, max]; an empty value takes back what was said before (1: taken back). */
static int get_number(struct record *rec, s64 min, s64 max, s64 *out)
{
	char buf[NUMBER_MAX];
	int n = number_text(rec, buf);
	int err;

	if (n < 0)
		return n;
	said(rec, rec->keyword->have, n == 0);
	if (n == 0)
		return 1;
	err = tar_dec(buf, (size_t)n, out);
	if (!err && (*out < min || *out > max))
		err = -EOVERFLOW;
	if (err == -EOVERFLOW)
		return tar_fail(rec->r, err, rec->start, "number out of range in a pax header");
	if (err)
		return tar_fail(rec->r, err, rec->start, "malformed number in a pax header");
	return 0;
}

static int set_u64(struct record *rec)
{
	s64 v;
	int err = get_number(rec, 0, S64_MAX, &v);

	if (!err)
		*(u64 *)field(rec) = (u64)v;
	return err < 0 ? err : 0;
}

static int set_u32(struct record *rec)
{
	s64 v;
	int err = get_number(rec, rec->keyword->min, U32_MAX, &v);

	if (!err)
		*(u32 *)field(rec) = (u32)v;
	return err < 0 ? err : 0;
}

static int set_time(struct record *rec)
{
	char buf[NUMBER_MAX];
	int n = number_text(rec, buf);
	int err;

	if (n < 0)
		return n;
	said(rec, rec->keyword->have, n == 0);
	if (n == 0)
		return 0;
	err = tar_dec_time(buf, (size_t)n, field(rec));
	if (err)
		return tar_fail(rec->r, err, rec->start, "malformed time in a pax header");
	return 0;
}

const struct tar_flag tar_flags[TAR_FLAG_NAMES] = {
	{ "sappnd", FS_APPEND_FL },  { "schg", FS_IMMUTABLE_FL },
	{ "nodump", FS_NODUMP_FL },  { "noatime", FS_NOATIME_FL },
	{ "sappend", FS_APPEND_FL }, { "schange", FS_IMMUTABLE_FL },
	{ "uappnd", FS_APPEND_FL },  { "simmutable", FS_IMMUTABLE_FL },
};

/* Names between commas; those of other systems' flags mean nothing here. */
static int set_flags(struct record *rec)
{
	char buf[NUMBER_MAX];
	size_t n = rec->value_len;
	int err = 0;

	said(rec, rec->keyword->have, !n);
	rec->a->flags = 0;
	/* A longer list has names that are not among those. */
	if (n > sizeof(buf))
		n = sizeof(buf);
	if (n)
		err = tar_copy(rec->r, rec->value, buf, n);
	for (size_t at = 0, end; at < n && !err; at = end + 1) {
		for (end = at; end < n && buf[end] != ','; end++)
			;
		for (unsigned i = 0; i < TAR_FLAG_NAMES; i++) {
			const struct tar_flag *f = &tar_flags[i];

			if (strlen(f->name) == end - at && !memcmp(f->name, buf + at, end - at))
				rec->a->flags |= f->flag;
		}
	}
	return err;
}

static int set_sparse_major(struct record *rec)
{
	s64 v = 0;
	int err = get_number(rec, 0, U32_MAX, &v);

	if (err < 0)
		return err;
	if (v > 1)
		return tar_fail(rec->r, -EINVAL, rec->start, "unknown GNU.sparse version");
	if (v == 1)
		rec->a->have |= TAR_HAVE_MAP_DATA;
	return 0;
}

static int set_sparse_blocks(struct record *rec)
{
	s64 v;
	int err = get_number(rec, 0, S64_MAX, &v);

	/* The count itself is not needed: the map tells. */
	rec->a->have |= TAR_HAVE_MAP;
	return err < 0 ? err : 0;
}

static int set_sparse_bytes(struct record *rec)
{
	struct tar_attrs *a = rec->a;
	s64 n = 0;
	int err = get_number(rec, 0, S64_MAX, &n);

	if (err < 0)
		return err;
	if (!(a->have & TAR_HAVE_OFFSET))
		return tar_fail(rec->r, -EINVAL, rec->start,
				"GNU.sparse.numbytes without an offset");
	a->have &= ~TAR_HAVE_OFFSET;
	a->have |= TAR_HAVE_MAP;
	return tar_map_add(rec->r, &a->map, a->map_offset, (u64)n, rec->start);
}

static int set_sparse_map(struct record *rec)
{
	tar_map_free(&rec->a->map);
	rec->a->have |= TAR_HAVE_MAP;
	return tar_map_parse(rec->r, &rec->a->map, rec->value, rec->value_len);
}

static int put_xattr(struct record *rec, const char *name, size_t name_len)
{
	struct tar_attrs *a = rec->a;
	struct tar_xattr *x, **p = &a->xattrs;
	int err;

	if (!name_len || name_len > 255)
		return tar_fail(rec->r, -EINVAL, rec->start, "bad name of an extended attribute");
	if (rec->value_len > TAR_XATTR_MAX)
		return tar_fail(rec->r, -E2BIG, rec->start, "extended attribute too large");
	x = tar_xattr_new(name, name_len, NULL, rec->value_len);
	if (!x)
		return tar_fail(rec->r, -ENOMEM, rec->start, "no memory for an attribute");
	err = tar_copy(rec->r, rec->value, tar_xattr_value(x), rec->value_len);
	if (err) {
		kfree(x);
		return err;
	}
	while (*p && !((*p)->name_len == x->name_len && !memcmp((*p)->name, x->name, name_len)))
		p = &(*p)->next;
	if (*p) {
		x->next = (*p)->next;
		kfree(*p);
	} else if (++a->xattr_count > TAR_XATTRS_MAX) {
		kfree(x);
		return tar_fail(rec->r, -E2BIG, rec->start, "too many extended attributes");
	}
	*p = x;
	return 0;
}

/* GNU tar writes '=' and '%' of an attribute's name as %3D and %25. */
static int set_xattr(struct record *rec)
{
	size_t n = 0;

	for (const char *s = rec->arg; *s; s++) {
		char c = *s;

		if (!strncmp(s, "%3D", 3) || !strncmp(s, "%25", 3)) {
			c = s[1] == '3' ? '=' : '%';
			s += 2;
		}
		rec->arg[n++] = c;
	}
	return put_xattr(rec, rec->arg, n);
}

static int set_selinux(struct record *rec)
{
	return put_xattr(rec, "security.selinux", 16);
}

#define FIELD(keyword, set, member, have)                                        \
	{                                                                        \
		keyword, set, false, offsetof(struct tar_attrs, member), have, 0 \
	}
#define LOCAL_FIELD(keyword, set, member, have)                                 \
	{                                                                       \
		keyword, set, true, offsetof(struct tar_attrs, member), have, 0 \
	}
#define ID_FIELD(keyword, member, have)                                                    \
	{                                                                                  \
		keyword, set_u32, false, offsetof(struct tar_attrs, member), have, S32_MIN \
	}
static const struct keyword keywords[] = {
	FIELD("path", set_string, path, TAR_HAVE_PATH),
	FIELD("linkpath", set_string, linkpath, TAR_HAVE_LINKPATH),
	FIELD("size", set_u64, size, TAR_HAVE_SIZE),
	ID_FIELD("uid", uid, TAR_HAVE_UID),
	ID_FIELD("gid", gid, TAR_HAVE_GID),
	FIELD("mtime", set_time, mtime, TAR_HAVE_MTIME),
	FIELD("atime", set_time, atime, TAR_HAVE_ATIME),
	FIELD("ctime", set_time, ctime, TAR_HAVE_CTIME),
	FIELD("SCHILY.devmajor", set_u32, major, TAR_HAVE_MAJOR),
	FIELD("SCHILY.devminor", set_u32, minor, TAR_HAVE_MINOR),
	FIELD("SCHILY.fflags", set_flags, flags, TAR_HAVE_FLAGS),
	LOCAL_FIELD("SCHILY.realsize", set_u64, realsize, TAR_HAVE_REALSIZE),
	{ "SCHILY.xattr.", set_xattr, false, 0, 0, 0 },
	{ "RHT.security.selinux", set_selinux, false, 0, 0, 0 },
	{ "GNU.sparse.major", set_sparse_major, true, 0, 0, 0 },
	LOCAL_FIELD("GNU.sparse.name", set_string, sparse_path, 0),
	LOCAL_FIELD("GNU.sparse.realsize", set_u64, realsize, TAR_HAVE_REALSIZE),
	LOCAL_FIELD("GNU.sparse.size", set_u64, realsize, TAR_HAVE_REALSIZE),
	{ "GNU.sparse.numblocks", set_sparse_blocks, true, 0, 0, 0 },
	LOCAL_FIELD("GNU.sparse.offset", set_u64, map_offset, TAR_HAVE_OFFSET),
	{ "GNU.sparse.numbytes", set_sparse_bytes, true, 0, 0, 0 },
	{ "GNU.sparse.map", set_sparse_map, true, 0, 0, 0 },
};

static int apply(struct record *rec, bool global)
{
	for (size_t i = 0; i < sizeof(keywords) / sizeof(keywords[0]); i++) {
		const struct keyword *k = &keywords[i];
		size_t n = strlen(k->name);
		bool match = k->name[n - 1] == '.' ? !strncmp(rec->key, k->name, n) :
						     !strcmp(rec->key, k->name);

		if (!match)
			continue;
		rec->keyword = k;
		rec->arg = rec->key + n;
		return global && k->local ? 0 : k->set(rec);
	}
	return 0;
}

/*
 * Splits the record at off; its end goes to *next, *next == off means that NULs fill the rest.
 * A keyword of more than KEYWORD_MAX bytes comes back as "".
 */
static int split(struct record *rec, u64 off, u64 end, u64 *next)
{
	u64 left = end - off, len = 0;
	size_t n = left < KEYWORD_MAX + 32 ? (size_t)left : KEYWORD_MAX + 32;
	size_t i, key;
	const u8 *p;
	int err = tar_peek(rec->r, off, n, &p);

	if (err)
		return err;
	rec->start = off;
	*next = off;
	while (n && (*p == ' ' || *p == '\t')) {
		p++;
		off++;
		n--;
		left--;
	}
	if (!n || *p == '\0') {
		*next = rec->start;
		return 0;
	}
	for (i = 0; i < n && p[i] >= '0' && p[i] <= '9'; i++) {
		len = len * 10 + (u64)(p[i] - '0');
		if (len > left)
			return tar_fail(rec->r, -EINVAL, off, "pax record longer than its header");
	}
	if (i == 0 || i == n || p[i] != ' ')
		return tar_fail(rec->r, -EINVAL, off, "pax record without a length");
	i++;
	if (len < i + 2)
		return tar_fail(rec->r, -EINVAL, off, "pax record shorter than its length");
	for (key = i; i < n && i < len && p[i] != '=' && i - key < KEYWORD_MAX; i++)
		;
	rec->key[0] = '\0';
	if (i < n && i < len && p[i] == '=') {
		if (memchr(p + key, '\0', i - key))
			return tar_fail(rec->r, -EINVAL, off, "NUL byte in a pax keyword");
		memcpy(rec->key, p + key, i - key);
		rec->key[i - key] = '\0';
		rec->value = off + i + 1;
		if (rec->value >= off + len)
			return tar_fail(rec->r, -EINVAL, off, "pax record without a newline");
		rec->value_len = off + len - 1 - rec->value;
	} else if (i - key < KEYWORD_MAX) {
		return tar_fail(rec->r, -EINVAL, off, "pax record without '='");
	}
	*next = off + len;
	return 0;
}

int tar_pax_read(struct tar_reader *r, u64 off, u64 size, struct tar_attrs *a, bool global)
{
	u64 end = off + size, next;
	struct record *rec = kmalloc(sizeof(*rec), 0);
	const u8 *p;
	int err = 0;

	if (!rec)
		return tar_fail(r, -ENOMEM, off, "no memory for a pax header");
	rec->r = r;
	rec->a = a;
	for (; off < end; off = next) {
		err = split(rec, off, end, &next);
		if (err || next == off)
			break;
		if (rec->key[0]) {
			err = apply(rec, global);
			if (err)
				break;
		}
		err = tar_peek(r, next - 1, 1, &p);
		if (err)
			break;
		if (*p != '\n') {
			err = tar_fail(r, -EINVAL, off, "pax record without a newline");
			break;
		}
	}
	kfree(rec);
	return err;
}

/*
 * The reader of TAR archives: headers one after the other, extended headers
 * folded into the member they precede, and the end of the archive. Interface in
 * tar.h. What the formats leave open is decided as GNU tar does: a block of
 * zeros, or the end of the file between two members, ends the archive; a size on
 * a type that has no data is ignored (POSIX); unknown types are files (POSIX).
 */
#include <types.h>
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/tar_impl.h"
#include "lib/string.h"

int tar_fail(struct tar_reader *r, int err, u64 offset, const char *why)
{
	r->err.offset = offset;
	r->err.why = why;
	return err;
}

/*
 * The window. Headers of small members lie close together, so refills that
 * nearly touch grow to long sequential reads; a jump over a large file starts small again.
 */
int tar_peek(struct tar_reader *r, u64 off, size_t n, const u8 **out)
{
	u64 end = r->window_off + r->window_len;

	if (off < r->window_off || off >= end || n > end - off) {
		u64 start = off & ~(u64)(TAR_BLOCK - 1);
		u64 left = r->src->size - start;
		size_t want;
		int err;

		if (off > r->src->size || n > r->src->size - off)
			return tar_fail(r, -EINVAL, off, "the archive ends here, cut off");
		if (off >= r->window_off && off < end + r->window_size)
			r->ahead = r->ahead * 2 < r->window_size ? r->ahead * 2 : r->window_size;
		else
			r->ahead = TAR_WINDOW_MIN;
		want = left < r->ahead ? (size_t)left : r->ahead;
		r->window_len = 0;
		err = r->src->read(r->src, start, r->window, want);
		if (err)
			return tar_fail(r, err, off, "cannot read the archive");
		r->window_off = start;
		r->window_len = want;
	}
	*out = r->window + (off - r->window_off);
	return 0;
}

int tar_copy(struct tar_reader *r, u64 off, void *buf, size_t n)
{
	u8 *to = buf;

	while (n) {
		size_t part = n < TAR_PEEK_MAX ? n : TAR_PEEK_MAX;
		const u8 *p;
		int err = tar_peek(r, off, part, &p);

		if (err)
			return err;
		memcpy(to, p, part);
		to += part;
		off += part;
		n -= part;
	}
	return 0;
}

static bool is_zero(const u8 *block)
{
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		if (block[i])
			return false;
	}
	return true;
}

/* The sum of all bytes, the field itself taken as blanks; some old tars summed signed chars. */
static bool checksum_good(const struct tar_header *h)
{
	const u8 *b = (const u8 *)h;
	s64 stored, sum = 8 * ' ', signed_sum = 8 * ' ';

	if (tar_num(h->chksum, sizeof(h->chksum), &stored))
		return false;
	for (size_t i = 0; i < TAR_BLOCK; i++) {
		if (i >= 148 && i < 156)
			continue;
		sum += b[i];
		signed_sum += (s8)b[i];
	}
	return stored == sum || stored == signed_sum;
}

enum format { FORMAT_V7, FORMAT_USTAR, FORMAT_GNU, FORMAT_STAR };

static bool star_time(const u8 *f)
{
	return f[0] >= '0' && f[0] <= '7' && f[11] == ' ';
}

static enum format format_of(const struct tar_header *h)
{
	if (memcmp(h->magic, "ustar", 5) != 0)
		return FORMAT_V7;
	if (h->magic[5] == ' ')
		return FORMAT_GNU;
	if (h->star.prefix[130] == '\0' && star_time(h->star.atime) && star_time(h->star.ctime))
		return FORMAT_STAR;
	return FORMAT_USTAR;
}

/* What the first block of a file is when it is no TAR header. */
static const char *not_a_tar(const u8 *b)
{
	if (b[0] == 0x1f && b[1] == 0x8b)
		return "not a TAR archive: compressed with gzip";
	if (!memcmp(b,
		    "\xfd"
		    "7zXZ",
		    5))
		return "not a TAR archive: compressed with xz";
	if (!memcmp(b, "\x28\xb5\x2f\xfd", 4))
		return "not a TAR archive: compressed with zstd";
	if (!memcmp(b, "BZh", 3))
		return "not a TAR archive: compressed with bzip2";
	return "not a TAR archive";
}

/* The block at off: 1 and a header, 0 at the end of the archive, or a negative errno. */
static int read_header(struct tar_reader *r, u64 off, struct tar_header *h)
{
	const u8 *p;
	int err;

	if (off == r->src->size)
		return 0;
	if (r->src->size - off < TAR_BLOCK)
		return tar_fail(r, -EINVAL, off, "the archive ends inside a block");
	err = tar_peek(r, off, TAR_BLOCK, &p);
	if (err)
		return err;
	if (is_zero(p))
		return 0;
	memcpy(h, p, TAR_BLOCK);
	if (!checksum_good(h))
		return tar_fail(r, -EINVAL, off,
				off ? "no TAR header here (checksum)" : not_a_tar(p));
	return 1;
}

/* size bytes of data at off, and the padding behind them, lie inside the archive. */
static int check_data(struct tar_reader *r, u64 header, u64 off, u64 size, u64 *next)
{
	u64 left = r->src->size - off;

	if (size > left)
		return tar_fail(r, -EINVAL, header, "data cut off by the end of the archive");
	size += -size & (TAR_BLOCK - 1);
	if (size > left)
		return tar_fail(r, -EINVAL, header, "the archive ends inside a block");
	*next = off + size;
	return 0;
}

/* A string that ends with its field or with a NUL. */
static size_t field_len(const u8 *f, size_t n)
{
	const u8 *end = memchr(f, '\0', n);

	return end ? (size_t)(end - f) : n;
}

/* GNU's 'L' and 'K': the data is the name. */
static int read_gnu_name(struct tar_reader *r, u64 header, u64 off, u64 size, char **out)
{
	char *s;
	int err;

	/* Everything behind the first NUL is padding, so a sane bound serves all. */
	if (size > 2 * TAR_PATH_MAX)
		return tar_fail(r, -ENAMETOOLONG, header, "name too long");
	s = kmalloc(size + 1, 0);
	if (!s)
		return tar_fail(r, -ENOMEM, header, "no memory for a name");
	err = tar_copy(r, off, s, size);
	if (err) {
		kfree(s);
		return err;
	}
	s[size] = '\0';
	if (strlen(s) >= TAR_PATH_MAX) {
		kfree(s);
		return tar_fail(r, -ENAMETOOLONG, header, "name too long");
	}
	kfree(*out);
	*out = s;
	return 0;
}

static void forget_local(struct tar_reader *r)
{
	tar_attrs_clear(&r->local);
	kfree(r->gnu_name);
	kfree(r->gnu_link);
	r->gnu_name = NULL;
	r->gnu_link = NULL;
	r->pending = false;
	r->pax = false;
	r->pax_size = 0;
	r->link_size = 0;
}

/* Headers that speak of others: 1 when this was one, 0 when it is a member's own. */
static int special(struct tar_reader *r, const struct tar_header *h, u64 header)
{
	u64 data = header + TAR_BLOCK, size, next;
	int err;

	if (!h->typeflag || !strchr("xXgLKVMA", h->typeflag))
		return 0;
	if (h->typeflag == 'M')
		return tar_fail(r, -EINVAL, header, "a volume of a multi-volume archive");
	err = tar_num_size(h->size, sizeof(h->size), &size);
	if (err)
		return tar_fail(r, err, header, "bad size in a header");
	err = check_data(r, header, data, size, &next);
	if (err)
		return err;
	switch (h->typeflag) {
	case 'x':
	case 'X': /* Solaris tar's name for it */
		tar_attrs_clear(&r->local);
		r->pax_size = r->pending || memcmp(h->name, TAR_OURS, sizeof(TAR_OURS)) != 0 ? 0 :
											       size;
		r->pending = true;
		r->pax = true;
		err = tar_pax_read(r, data, size, &r->local, false);
		break;
	case 'g':
		err = tar_pax_read(r, data, size, &r->global, true);
		break;
	case 'L':
		r->pending = true;
		err = read_gnu_name(r, header, data, size, &r->gnu_name);
		break;
	case 'K':
		/* Before anything but a link it means nothing: free space looks so (store.h). */
		r->pending = true;
		r->link_at = data;
		r->link_size = size;
		break;
	case 'V': /* a volume label: a member of its own, but no file */
		forget_local(r);
		break;
	default: /* 'A': Solaris ACLs of the next member */
		break;
	}
	if (err)
		return err;
	r->pos = next;
	return 1;
}

/* The extended header that says this of the member: its own over the global one; or NULL. */
static const struct tar_attrs *which(const struct tar_reader *r, u32 have)
{
	if (r->local.have & have)
		return &r->local;
	return r->global.have & ~r->local.gone & have ? &r->global : NULL;
}

/* The name: pax over GNU over the header's own fields. */
static void set_name(struct tar_reader *r, const struct tar_header *h, enum format format)
{
	struct tar_member *m = &r->m;
	const struct tar_attrs *a = which(r, TAR_HAVE_PATH);
	const char *from = r->local.sparse_path;
	size_t n = 0;

	if (!from)
		from = a ? a->path : r->gnu_name;
	if (from) {
		n = strlen(from);
		memcpy(r->name, from, n);
	} else {
		size_t len = field_len(h->name, sizeof(h->name));

		if (format == FORMAT_USTAR)
			n = field_len(h->prefix, sizeof(h->prefix));
		else if (format == FORMAT_STAR)
			n = field_len(h->star.prefix, sizeof(h->star.prefix));
		/* star's sparse map begins one byte into the prefix. */
		if (n && !(format == FORMAT_STAR && h->typeflag == 'S')) {
			memcpy(r->name, h->prefix, n);
			r->name[n++] = '/';
		} else {
			n = 0;
		}
		memcpy(r->name + n, h->name, len);
		n += len;
	}
	r->name[n] = '\0';
	m->name = r->name;
	m->name_len = n;

	a = which(r, TAR_HAVE_LINKPATH);
	from = a ? a->linkpath : r->gnu_link;
	if (m->type != TAR_HARDLINK && m->type != TAR_SYMLINK) {
		n = 0;
	} else if (from) {
		n = strlen(from);
		memcpy(r->link, from, n);
	} else {
		n = field_len(h->linkname, sizeof(h->linkname));
		memcpy(r->link, h->linkname, n);
	}
	r->link[n] = '\0';
	m->linkname = r->link;
	m->linkname_len = n;
}

static enum tar_type type_of(u8 typeflag)
{
	switch (typeflag) {
	case '1':
		return TAR_HARDLINK;
	case '2':
		return TAR_SYMLINK;
	case '3':
		return TAR_CHAR;
	case '4':
		return TAR_BLOCKDEV;
	case '5':
	case 'D': /* GNU: a directory with a list of its names as data */
		return TAR_DIR;
	case '6':
		return TAR_FIFO;
	default:
		return TAR_FILE;
	}
}

static int header_time(const u8 *f, struct tar_time *t)
{
	t->nsec = 0;
	return tar_num(f, 12, &t->sec);
}

static int set_times(struct tar_reader *r, const struct tar_header *h, enum format format)
{
	struct tar_member *m = &r->m;
	const struct tar_attrs *a = which(r, TAR_HAVE_MTIME);
	const u8 *atime = NULL, *ctime = NULL;
	int err = 0;

	if (a)
		m->mtime = a->mtime;
	else
		err = header_time(h->mtime, &m->mtime);
	if (err)
		return tar_fail(r, err, m->header, "bad modification time in a header");
	m->atime = m->mtime;
	m->ctime = m->mtime;
	if (format == FORMAT_STAR) {
		atime = h->star.atime;
		ctime = h->star.ctime;
	} else if (format == FORMAT_GNU) {
		atime = h->gnu.atime;
		ctime = h->gnu.ctime;
	}
	a = which(r, TAR_HAVE_ATIME);
	if (a)
		m->atime = a->atime;
	else if (atime && atime[0] && header_time(atime, &m->atime))
		m->atime = m->mtime;
	a = which(r, TAR_HAVE_CTIME);
	if (a)
		m->ctime = a->ctime;
	else if (ctime && ctime[0] && header_time(ctime, &m->ctime))
		m->ctime = m->mtime;
	return 0;
}

static int set_owner(struct tar_reader *r, const struct tar_header *h)
{
	struct tar_member *m = &r->m;
	const struct tar_attrs *a;
	s64 mode;
	int err = tar_num(h->mode, sizeof(h->mode), &mode);

	if (err)
		return tar_fail(r, err, m->header, "bad mode in a header");
	m->mode = (u32)mode & 07777;
	a = which(r, TAR_HAVE_UID);
	if (a)
		m->uid = a->uid;
	else
		err = tar_num_id(h->uid, sizeof(h->uid), &m->uid);
	if (err)
		return tar_fail(r, err, m->header, "bad user id in a header");
	a = which(r, TAR_HAVE_GID);
	if (a)
		m->gid = a->gid;
	else
		err = tar_num_id(h->gid, sizeof(h->gid), &m->gid);
	if (err)
		return tar_fail(r, err, m->header, "bad group id in a header");
	return 0;
}

static int set_device(struct tar_reader *r, const struct tar_header *h, enum format format)
{
	struct tar_member *m = &r->m;
	const struct tar_attrs *major = which(r, TAR_HAVE_MAJOR);
	const struct tar_attrs *minor = which(r, TAR_HAVE_MINOR);
	int err = 0;

	m->major = 0;
	m->minor = 0;
	if (m->type != TAR_CHAR && m->type != TAR_BLOCKDEV)
		return 0;
	if (major)
		m->major = major->major;
	else if (format != FORMAT_V7)
		err = tar_num_id(h->devmajor, sizeof(h->devmajor), &m->major);
	if (!err && minor)
		m->minor = minor->minor;
	else if (!err && format != FORMAT_V7)
		err = tar_num_id(h->devminor, sizeof(h->devminor), &m->minor);
	if (err)
		return tar_fail(r, err, m->header, "bad device number in a header");
	return 0;
}

/* The global header's attributes, but for those that the member has itself, join the member's. */
static int set_xattrs(struct tar_reader *r)
{
	struct tar_xattr **end = &r->local.xattrs, *own;

	while (*end)
		end = &(*end)->next;
	for (struct tar_xattr *x = r->global.xattrs; x; x = x->next) {
		for (own = r->local.xattrs; own; own = own->next) {
			if (own->name_len == x->name_len &&
			    !memcmp(own->name, x->name, x->name_len))
				break;
		}
		if (own)
			continue;
		*end = tar_xattr_new(x->name, x->name_len, tar_xattr_value(x), x->value_len);
		if (!*end)
			return tar_fail(r, -ENOMEM, r->m.header, "no memory for an attribute");
		end = &(*end)->next;
	}
	r->m.xattrs = r->local.xattrs;
	r->local.xattrs = NULL;
	return 0;
}

/*
 * Does a hard link with a size have data? Not in v7 and GNU tar's archives. pax
 * may write it (POSIX pax, "linkdata"), others leave a size without data: look
 * at what follows, as libarchive does.
 */
static int hardlink_data(struct tar_reader *r, enum format format, u64 *size)
{
	struct tar_header h;
	u64 next;
	int found;

	if (!*size || format == FORMAT_V7 || format == FORMAT_GNU) {
		*size = 0;
		return 0;
	}
	if (r->pax)
		return 0;
	found = read_header(r, r->m.data, &h);
	if (found < 0 && found != -EINVAL)
		return found;
	if (found > 0)
		*size = 0;
	/* Zeros: the end of the archive, or data that begins so and has a member behind it. */
	if (found == 0 &&
	    (check_data(r, r->m.header, r->m.data, *size, &next) || read_header(r, next, &h) <= 0))
		*size = 0;
	r->err.why = NULL;
	return 0;
}

/* Where the data is and how much; r->pos moves behind it. */
static int set_data(struct tar_reader *r, const struct tar_header *h, enum format format)
{
	struct tar_member *m = &r->m;
	const struct tar_attrs *a = which(r, TAR_HAVE_SIZE);
	struct tar_map *map = &r->local.map;
	u64 size, used = 0, realsize, at;
	int err = 0;

	m->data = m->header + TAR_BLOCK;
	m->sparse = false;
	if (m->type == TAR_SYMLINK || m->type == TAR_CHAR || m->type == TAR_BLOCKDEV ||
	    m->type == TAR_FIFO || h->typeflag == '5') {
		m->stored = 0;
		m->size = m->type == TAR_SYMLINK ? m->linkname_len : 0;
		r->pos = m->data;
		return 0;
	}
	if (a)
		size = a->size;
	else
		err = tar_num_size(h->size, sizeof(h->size), &size);
	if (err)
		return tar_fail(r, err, m->header, "bad size in a header");
	if (m->type == TAR_HARDLINK) {
		err = hardlink_data(r, format, &size);
		if (err)
			return err;
	}
	realsize = size;
	if (h->typeflag == 'S') {
		tar_map_free(map);
		err = tar_map_from_header(r, h, map, m->header, format == FORMAT_STAR, &realsize,
					  &m->data);
		m->sparse = true;
	} else if (m->type == TAR_FILE && r->local.have & TAR_HAVE_MAP_DATA) {
		err = check_data(r, m->header, m->data, size, &r->pos);
		tar_map_free(map);
		if (!err)
			err = tar_map_from_data(r, map, m->data, size, &used);
		m->sparse = true;
	} else if (m->type == TAR_FILE && r->local.have & TAR_HAVE_MAP) {
		m->sparse = true;
	}
	if (!err)
		err = check_data(r, m->header, m->data, size, &r->pos);
	if (err)
		return err;
	m->data += used;
	m->stored = size - used;
	m->size = m->type == TAR_DIR ? 0 : size;
	if (!m->sparse)
		return 0;
	m->size = r->local.have & TAR_HAVE_REALSIZE ? r->local.realsize : realsize;
	if (map->end > m->size)
		return tar_fail(r, -EINVAL, m->header, "sparse map beyond the end of its file");
	if (map->bytes > m->stored)
		return tar_fail(r, -EINVAL, m->header, "sparse map larger than its member");
	at = m->data;
	for (u32 i = 0; i < map->n; i++) {
		map->v[i].at = at;
		at += map->v[i].len;
	}
	m->extents = map->v;
	m->extent_count = map->n;
	map->v = NULL;
	tar_map_free(map);
	return 0;
}

static void forget_member(struct tar_reader *r)
{
	kfree(r->m.extents);
	tar_xattrs_free(r->m.xattrs);
	memset(&r->m, 0, sizeof(r->m));
}

static int read_member(struct tar_reader *r, const struct tar_header *h)
{
	struct tar_member *m = &r->m;
	enum format format = format_of(h);
	int err;

	m->header = r->pos;
	m->type = type_of(h->typeflag);
	m->ours = r->pax_size && r->pax_size == m->header - m->first - TAR_BLOCK;
	if (r->link_size && (m->type == TAR_HARDLINK || m->type == TAR_SYMLINK)) {
		err = read_gnu_name(r, r->link_at - TAR_BLOCK, r->link_at, r->link_size,
				    &r->gnu_link);
		if (err)
			return err;
	}
	set_name(r, h, format);
	err = set_data(r, h, format);
	m->end = r->pos;
	/* Old archives have no directories but names that end so. */
	if (!err && m->type == TAR_FILE && m->name_len && m->name[m->name_len - 1] == '/' &&
	    (!h->typeflag || h->typeflag == '0' || h->typeflag == '7')) {
		m->type = TAR_DIR;
		m->size = 0;
		m->sparse = false;
	}
	if (!err)
		err = set_owner(r, h);
	if (!err)
		err = set_times(r, h, format);
	if (!err)
		err = set_device(r, h, format);
	if (!err && which(r, TAR_HAVE_FLAGS))
		m->flags = which(r, TAR_HAVE_FLAGS)->flags;
	if (!err)
		err = set_xattrs(r);
	return err;
}

int tar_next(struct tar_reader *r, struct tar_member **m)
{
	struct tar_header *h = &r->header;
	int got;

	*m = NULL;
	if (r->ended || r->failed)
		return r->failed;
	forget_member(r);
	forget_local(r);
	for (;;) {
		if (!r->pending)
			r->m.first = r->pos;
		got = read_header(r, r->pos, h);
		if (got <= 0)
			break;
		got = special(r, h, r->pos);
		if (got < 0)
			break;
		if (got == 0) {
			got = read_member(r, h);
			if (got < 0)
				break;
			*m = &r->m;
			return 1;
		}
	}
	if (got == 0 && r->pending)
		got = tar_fail(r, -EINVAL, r->m.first, "extended header without its member");
	r->ended = got == 0;
	r->failed = got;
	return got;
}

u64 tar_reader_pos(const struct tar_reader *r)
{
	return r->pos;
}

bool tar_reader_global(const struct tar_reader *r)
{
	return r->global.have || r->global.xattrs;
}

const struct tar_error *tar_reader_error(const struct tar_reader *r)
{
	return &r->err;
}

struct tar_reader *tar_open(struct tar_source *src)
{
	struct tar_reader *r = kzalloc(sizeof(*r), 0);

	if (!r)
		return ERR_PTR(-ENOMEM);
	r->src = src;
	for (size_t n = TAR_WINDOW_MAX; n >= TAR_WINDOW_MIN && !r->window; n /= 2) {
		r->window = kmalloc(n, 0);
		r->window_size = n;
	}
	if (!r->window) {
		kfree(r);
		return ERR_PTR(-ENOMEM);
	}
	r->ahead = TAR_WINDOW_MIN;
	return r;
}

void tar_close(struct tar_reader *r)
{
	forget_member(r);
	tar_attrs_clear(&r->local);
	tar_attrs_clear(&r->global);
	kfree(r->gnu_name);
	kfree(r->gnu_link);
	kfree(r->window);
	kfree(r);
}

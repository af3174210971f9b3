/*
 * The index of an archive: the tree, as a stream of bytes (index_write.c) that is read again.
 * Interface in index.h, with the locking.
 *
 * The stream goes through the tree, each directory's names in readdir's order and
 * what is beneath a directory right behind its name; a tag INDEX_UP ends a
 * directory. Numbers have 7 bits a byte, the low ones first; those that may be
 * negative are folded (zigzag). A name is
 *
 *	tag, length, bytes, place of its member; then, where it is the first of its node,
 *	what the node is
 *
 * The places of what follow each other are near each other, so they are differences;
 * so are times. All that is read is checked before use: a checksum says that it is
 * what was written, not who wrote it.
 */
#include <compiler.h>
#include <err.h>
#include <types.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/index_impl.h"
#include "lib/crc32c.h"
#include "lib/string.h"

#define EXTENT_MIN  3 /* bytes of an extent in the stream, at least */
#define READ_CHUNKS 4 /* read at once, where memory has room for so many */

static void *node_alloc(size_t size)
{
	return kmalloc(size, 0);
}

const struct radix_ops index_radix_ops = { .alloc = node_alloc, .free = kfree };

int index_tail_crc(read_fn read, void *from, u64 end, u64 sectors, u32 *crc)
{
	u64 first = end ? end - 1 : 0;
	size_t n = (size_t)(min(end + 2, sectors) - first) * STORE_SECTOR;
	u8 *buf = kmalloc(3 * STORE_SECTOR, 0);
	int err = buf ? read(from, first * STORE_SECTOR, buf, n) : -ENOMEM;

	if (!err)
		*crc = crc32c(0, buf, n);
	kfree(buf);
	return err;
}

int index_from_disk(void *from, u64 off, void *buf, size_t n)
{
	struct tar_disk *d = from;

	return d->read(d, off, buf, n);
}

static int from_source(void *from, u64 off, void *buf, size_t n)
{
	struct tar_source *s = from;

	return s->read(s, off, buf, n);
}

u32 index_head_crc(struct index_head *h)
{
	u32 kept_crc = h->crc, crc;

	h->crc = 0;
	crc = crc32c(0, h, sizeof(*h));
	h->crc = kept_crc;
	return crc;
}

u32 index_chunk_crc(const u8 *chunk, u64 seq, u64 number)
{
	return crc32c((u32)(seq + number), chunk + sizeof(u32), INDEX_CHUNK - sizeof(u32));
}

/* --- reading --- */

struct in {
	struct tar_source *src;
	struct tar_tree *t;
	const struct index_head *head;
	u64 at; /* bytes: of the next chunk not yet in buf */
	u64 number; /* of the chunk in hand */
	u8 *buf;
	unsigned chunks, next; /* in buf; the first of them not yet taken */
	unsigned buf_chunks; /* buf has room for */
	const u8 *p, *end; /* of the payload in hand */
	bool bad; /* it is not what was written; -EINVAL then */
	int err; /* of the device */
	struct index_before before;
	struct radix_tree seen;
};

static bool stop(struct in *in, int err)
{
	if (err)
		in->err = err;
	in->bad = true;
	return false;
}

/* The next chunk's payload; false: there is none, or it is not what it was. */
static bool next_chunk(struct in *in)
{
	u64 left = in->head->chunks - in->number;
	const struct index_chunk *c;
	int err;

	if (in->bad || !left)
		return stop(in, 0);
	if (in->next == in->chunks) {
		unsigned n = left < in->buf_chunks ? (unsigned)left : in->buf_chunks;

		err = in->src->read(in->src, in->at, in->buf, (size_t)n * INDEX_CHUNK);
		if (err)
			return stop(in, err);
		in->at += (u64)n * INDEX_CHUNK;
		in->chunks = n;
		in->next = 0;
		if (in->t->breathe)
			in->t->breathe(in->t);
	}
	c = (const struct index_chunk *)(in->buf + (size_t)in->next++ * INDEX_CHUNK);
	if (c->crc != index_chunk_crc((const u8 *)c, in->head->seq, in->number) || !c->used ||
	    c->used > INDEX_PAYLOAD)
		return stop(in, 0);
	in->number++;
	in->p = (const u8 *)(c + 1);
	in->end = in->p + c->used;
	return true;
}

static void get(struct in *in, void *to, size_t n)
{
	u8 *out = to;

	while (n) {
		size_t part;

		if (in->p == in->end && !next_chunk(in)) {
			memset(out, 0, n);
			return;
		}
		part = min(n, (size_t)(in->end - in->p));
		memcpy(out, in->p, part);
		in->p += part;
		out += part;
		n -= part;
	}
}

static u64 get_num(struct in *in)
{
	unsigned shift = 0;
	u64 v = 0;
	u8 b;

	do {
		if (in->p < in->end)
			b = *in->p++;
		else
			get(in, &b, 1);
		if (shift > 63 || (shift == 63 && b > 1)) {
			stop(in, 0);
			return 0;
		}
		v |= (u64)(b & 0x7f) << shift;
		shift += 7;
	} while (b & 0x80);
	return v;
}

/* A number of at most `max`. */
static u64 get_max(struct in *in, u64 max)
{
	u64 v = get_num(in);

	if (v <= max)
		return v;
	stop(in, 0);
	return 0;
}

static void get_time(struct in *in, s64 *sec, u32 *nsec)
{
	in->before.time = (s64)((u64)in->before.time + (u64)index_unfold(get_num(in)));
	*sec = in->before.time;
	*nsec = (u32)get_max(in, 999999999);
}

/* The bytes that are left of the index: no claim may be larger than they can hold. */
static u64 bytes_left(const struct in *in)
{
	return (u64)(in->end - in->p) + (in->head->chunks - in->number) * INDEX_PAYLOAD;
}

static void *get_bytes(struct in *in, u64 n, u64 max)
{
	u8 *s;

	if (n > max || n > bytes_left(in)) {
		stop(in, 0);
		return NULL;
	}
	s = kmalloc(n + 1, 0);
	if (!s) {
		stop(in, -ENOMEM);
		return NULL;
	}
	get(in, s, n);
	s[n] = '\0';
	return s;
}

static void get_extents(struct in *in, struct tar_node *n)
{
	u64 count = get_num(in), end = 0;

	if (!count)
		return;
	if (n->type != TAR_FILE || count > bytes_left(in) / EXTENT_MIN || count > U32_MAX) {
		stop(in, 0);
		return;
	}
	n->file.map = kmalloc(count * sizeof(*n->file.map), 0);
	if (!n->file.map) {
		stop(in, -ENOMEM);
		return;
	}
	n->extents = (u32)count;
	for (u32 i = 0; i < n->extents; i++) {
		struct tar_extent *e = &n->file.map[i];

		e->off = get_num(in);
		e->len = get_num(in);
		e->at = get_num(in);
		if (e->off < end || (i && e->off == end) || !e->len || e->off > n->size ||
		    e->len > n->size - e->off || e->at > in->src->size ||
		    e->len > in->src->size - e->at)
			stop(in, 0);
		end = e->off + e->len;
	}
}

static void get_xattrs(struct in *in, struct tar_node *n)
{
	struct tar_xattr **link = &n->xattrs;
	u64 count = get_max(in, TAR_XATTRS_MAX);

	while (count-- && !in->bad) {
		u64 name_len = get_max(in, 255), value_len;
		char name[256];
		struct tar_xattr *x;

		get(in, name, name_len);
		value_len = get_max(in, TAR_XATTR_MAX);
		if (!name_len || memchr(name, '\0', name_len))
			stop(in, 0);
		if (in->bad)
			return;
		x = tar_xattr_new(name, name_len, NULL, value_len);
		if (!x) {
			stop(in, -ENOMEM);
			return;
		}
		get(in, tar_xattr_value(x), value_len);
		*link = x;
		link = &x->next;
	}
}

static void get_data(struct in *in, struct tar_node *n)
{
	u64 at;

	n->size = get_max(in, S64_MAX);
	n->file.data_size = n->size;
	at = get_num(in);
	n->file.used = get_max(in, in->head->end);
	if (!at)
		return;
	if (at - 1 > in->src->size / TAR_BLOCK) {
		stop(in, 0);
		return;
	}
	n->file.src = in->src;
	n->file.data = (at - 1) * TAR_BLOCK;
}

/* Answers the file's flags, which stand above its mode. */
static u8 get_mode(struct in *in, u16 *mode)
{
	u64 v = get_max(in, (u64)TAR_FLAGS << INDEX_FLAGS | 07777);

	*mode = v & 07777;
	return (u8)(v >> INDEX_FLAGS & TAR_FLAGS);
}

static void get_node(struct in *in, struct tar_node *n, bool more)
{
	n->flags = get_mode(in, &n->mode);
	n->uid = (u32)get_max(in, U32_MAX);
	n->gid = (u32)get_max(in, U32_MAX);
	get_time(in, &n->mtime, &n->mtime_nsec);
	get_time(in, &n->atime, &n->atime_nsec);
	get_time(in, &n->ctime, &n->ctime_nsec);
	switch (n->type) {
	case TAR_FILE:
		get_data(in, n);
		break;
	case TAR_SYMLINK:
		n->size = get_max(in, TAR_PATH_MAX - 1);
		n->target = get_bytes(in, n->size, TAR_PATH_MAX - 1);
		if (!n->size || (n->target && strlen(n->target) != n->size))
			stop(in, 0);
		break;
	case TAR_CHAR:
	case TAR_BLOCKDEV:
		n->dev.major = (u32)get_max(in, U32_MAX);
		n->dev.minor = (u32)get_max(in, U32_MAX);
		break;
	default:
		break;
	}
	if (more) {
		get_extents(in, n);
		get_xattrs(in, n);
	}
	if (n->type == TAR_FILE && n->file.src && !n->file.map &&
	    n->size > in->src->size - n->file.data)
		stop(in, 0);
}

/* The node that a name means: a new one, or one that it has read before. NULL: bad. */
static struct tar_node *name_node(struct in *in, unsigned tag)
{
	struct tar_node *n;
	u64 number = tag & TAG_LINKED ? get_num(in) : 0;

	if (tag & TAG_AGAIN) {
		n = tag & TAG_LINKED ? radix_get(&in->seen, number) : NULL;
		if (!n || n->type != (tag & TAG_TYPE))
			stop(in, 0);
		return in->bad ? NULL : n;
	}
	n = tar_node_new(in->t, (enum tar_type)(tag & TAG_TYPE));
	if (!n) {
		stop(in, -ENOMEM);
		return NULL;
	}
	n->archive = (u8)in->t->archives;
	get_node(in, n, tag & TAG_MORE);
	if (!in->bad && tag & TAG_LINKED && radix_get(&in->seen, number))
		stop(in, 0);
	if (!in->bad && tag & TAG_LINKED && radix_set(&in->seen, number, n))
		stop(in, -ENOMEM);
	if (!in->bad)
		return n;
	tar_node_free(in->t, n);
	return NULL;
}

static bool good_name(const char *name, size_t len)
{
	return len && !memchr(name, '/', len) && !memchr(name, '\0', len) &&
	       !(name[0] == '.' && (len == 1 || (len == 2 && name[1] == '.')));
}

/* Where a name's member lies, and what the store knows of it. */
static void get_place(struct in *in, struct tar_name *place)
{
	u64 headers;

	place->first = (in->before.place + (u64)index_unfold(get_num(in))) & ((1UL << 40) - 1);
	headers = get_max(in, (1u << 25) - 1);
	place->headers = headers >> 1;
	place->marks = 0;
	if (headers & 1)
		get(in, &place->marks, 1);
	if (place->first > in->head->end || place->headers > in->head->end - place->first)
		stop(in, 0);
	in->before.place = place->first + place->headers;
}

/* One name; *dir moves into a directory. */
static void get_name(struct in *in, struct tar_node **dir, unsigned tag)
{
	size_t len = (size_t)get_max(in, TAR_NAME_MAX);
	char name[TAR_NAME_MAX];
	struct tar_name place, *e;
	struct tar_node *n;

	get(in, name, len);
	get_place(in, &place);
	if (!good_name(name, len) || tar_find(*dir, name, len) ||
	    (tag & TAG_TYPE) == TAR_HARDLINK || ((tag & TAG_TYPE) == TAR_DIR && tag & TAG_LINKED))
		stop(in, 0);
	n = in->bad ? NULL : name_node(in, tag);
	if (!n)
		return;
	if (tar_link(*dir, name, len, n)) {
		if (!n->nlink)
			tar_node_free(in->t, n);
		stop(in, -ENOMEM);
		return;
	}
	e = tar_find(*dir, name, len);
	e->first = place.first;
	e->headers = place.headers;
	e->marks = place.marks & STORE_PLACE;
	if (tag & TAG_DATA)
		n->names = e;
	if (n->type == TAR_FILE && (!(tag & TAG_LINKED) || tag & TAG_DATA))
		in->before.place += n->file.used;
	if (n->type == TAR_DIR)
		*dir = n;
}

/* Everything behind the head: afterwards the tree is whole, or in->bad. */
static void get_all(struct in *in, struct index_store *store)
{
	struct tar_node *dir = in->t->root;
	u64 at = 0;
	u8 tag = 0;

	get_node(in, dir, true);
	store->root_first = get_max(in, in->head->end);
	store->root_headers = get_max(in, in->head->end - store->root_first);
	get(in, &store->root_marks, 1);
	store->end = in->head->end;
	while (!in->bad) {
		get(in, &tag, 1);
		if (in->bad)
			return;
		if (tag != INDEX_UP)
			get_name(in, &dir, tag);
		else if (dir == in->t->root)
			break;
		else
			dir = dir->dir.parent;
	}
	for (u64 i = 0; i < in->head->pads && !in->bad; i++) {
		struct index_pad pad;
		u64 n;
		int err;

		pad.sector = at + get_max(in, in->head->end - at);
		n = get_max(in, (in->head->end - pad.sector) << 1 | 1);
		pad.sectors = n >> 1;
		pad.rest = n & 1;
		at = pad.sector + pad.sectors;
		err = in->bad || !pad.sectors || !store->take ? 0 : store->take(store->arg, &pad);
		if (!pad.sectors || err)
			stop(in, err);
	}
	if (in->p != in->end || in->number != in->head->chunks || in->t->nodes != in->head->nodes)
		stop(in, 0);
}

/* Does the index whose head this is stand for the archive as it is? 1, 0 or a negative errno. */
static int counts(read_fn read, void *from, const struct store_super *sb, u64 seq,
		  struct index_head *h)
{
	u32 crc;
	int err;

	if (!sb->index || sb->index > sb->journal || sb->index_sectors > sb->journal - sb->index)
		return 0;
	err = read(from, sb->index * STORE_SECTOR, h, sizeof(*h));
	if (err)
		return err;
	if (memcmp(h->magic, INDEX_MAGIC, sizeof(h->magic)) != 0 || h->crc != index_head_crc(h) ||
	    h->seq != seq || h->end > sb->index || sb->index_sectors < 1 ||
	    h->chunks != (sb->index_sectors - 1) / (INDEX_CHUNK / STORE_SECTOR) || !h->chunks)
		return 0;
	err = index_tail_crc(read, from, h->end, sb->sectors, &crc);
	return err ? err : crc == h->tail_crc;
}

int tar_index_current(struct tar_disk *d, const struct store_super *sb, u64 seq)
{
	struct index_head *h = kmalloc(sizeof(*h), 0);
	int got = h ? counts(index_from_disk, d, sb, seq, h) : -ENOMEM;

	kfree(h);
	return got;
}

int tar_index_read(struct tar_tree *t, struct tar_source *src, const struct store_super *sb,
		   u64 seq, struct index_store *store)
{
	struct index_store nothing = { 0 };
	struct index_head *h = kmalloc(sizeof(*h), 0);
	struct in in = { .src = src, .t = t, .head = h, .at = (sb->index + 1) * STORE_SECTOR };
	int err = h ? counts(from_source, src, sb, seq, h) : -ENOMEM;

	if (err <= 0) {
		kfree(h);
		return err;
	}
	for (in.buf_chunks = READ_CHUNKS; in.buf_chunks && !in.buf; in.buf_chunks /= 2) {
		in.buf = kmalloc((size_t)in.buf_chunks * INDEX_CHUNK, 0);
		if (in.buf)
			break;
	}
	err = in.buf ? 1 : -ENOMEM;
	if (err > 0) {
		radix_init(&in.seen, &index_radix_ops);
		t->archives++;
		get_all(&in, store ? store : &nothing);
		t->end = h->end * STORE_SECTOR;
		radix_clear(&in.seen);
		t->bytes += src->size;
		t->members = h->members;
		err = in.err ? in.err : !in.bad;
	}
	if (err <= 0 && in.buf) {
		tar_tree_clear(t);
		t->archives--;
		t->bytes -= src->size;
		t->members = 0;
	}
	kfree(in.buf);
	kfree(h);
	return err;
}

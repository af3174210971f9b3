/*
 * Maps of sparse members, in the five forms GNU tar's manual lists ("Storing
 * Sparse Files"): the old GNU header with its continuations (star's is the same
 * with other offsets), and pax 0.0, 0.1 and 1.0. A map is a list of the parts
 * that are stored, in order; whatever the form, empty parts are dropped and
 * touching ones are joined, so each entry has at least one byte of data.
 */
#include <types.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/tar_impl.h"
#include "lib/string.h"

void tar_map_free(struct tar_map *map)
{
	kfree(map->v);
	memset(map, 0, sizeof(*map));
}

static int map_grow(struct tar_map *map)
{
	u32 cap = map->cap ? map->cap * 2 : 8;
	struct tar_extent *v = kmalloc(cap * sizeof(*v), 0);

	if (!v)
		return -ENOMEM;
	if (map->n)
		memcpy(v, map->v, map->n * sizeof(*v));
	kfree(map->v);
	map->v = v;
	map->cap = cap;
	return 0;
}

int tar_map_add(struct tar_reader *r, struct tar_map *map, u64 off, u64 len, u64 where)
{
	if (off < map->end)
		return tar_fail(r, -EINVAL, where, "sparse map not in order");
	if (len > r->src->size - map->bytes)
		return tar_fail(r, -EINVAL, where, "sparse map larger than the archive");
	if (off > (u64)S64_MAX - len)
		return tar_fail(r, -EOVERFLOW, where, "sparse map beyond the largest file");
	if (len && map->n && map->v[map->n - 1].off + map->v[map->n - 1].len == off) {
		map->v[map->n - 1].len += len;
	} else if (len) {
		if (map->n == map->cap && map_grow(map))
			return tar_fail(r, -ENOMEM, where, "no memory for the sparse map");
		map->v[map->n++] = (struct tar_extent){ .off = off, .len = len };
	}
	map->end = off + len;
	map->bytes += len;
	return 0;
}

/* A cursor over text inside the archive. */
struct scan {
	struct tar_reader *r;
	u64 off, end;
};

/* One decimal number and the byte behind it, which it consumes; 0 stands for the end. */
static int scan_num(struct scan *s, u64 *out, u8 *stop)
{
	u64 v = 0;
	unsigned digits = 0;

	for (;;) {
		const u8 *p;
		int err;

		*stop = 0;
		if (s->off == s->end)
			break;
		err = tar_peek(s->r, s->off, 1, &p);
		if (err)
			return err;
		*stop = *p;
		s->off++;
		if (*stop < '0' || *stop > '9')
			break;
		digits++;
		if (v > ((u64)S64_MAX - (u64)(*stop - '0')) / 10)
			return tar_fail(s->r, -EOVERFLOW, s->off, "number too large in sparse map");
		v = v * 10 + (*stop - '0');
	}
	if (!digits)
		return tar_fail(s->r, -EINVAL, s->off, "number missing in sparse map");
	*out = v;
	return 0;
}

int tar_map_parse(struct tar_reader *r, struct tar_map *map, u64 off, u64 len)
{
	struct scan s = { .r = r, .off = off, .end = off + len };

	while (s.off < s.end) {
		u64 where = s.off, at, n;
		u8 stop;
		int err = scan_num(&s, &at, &stop);

		if (err)
			return err;
		if (stop != ',')
			return tar_fail(r, -EINVAL, where, "malformed sparse map");
		err = scan_num(&s, &n, &stop);
		if (err)
			return err;
		if (stop != ',' && !(stop == 0 && s.off == s.end))
			return tar_fail(r, -EINVAL, where, "malformed sparse map");
		err = tar_map_add(r, map, at, n, where);
		if (err)
			return err;
	}
	return 0;
}

int tar_map_from_data(struct tar_reader *r, struct tar_map *map, u64 off, u64 size, u64 *used)
{
	struct scan s = { .r = r, .off = off, .end = off + size };
	u64 count;
	u8 stop;
	int err = scan_num(&s, &count, &stop);

	if (err)
		return err;
	for (; stop == '\n' && count; count--) {
		u64 where = s.off, at, n;

		err = scan_num(&s, &at, &stop);
		if (err)
			return err;
		if (stop != '\n')
			break;
		err = scan_num(&s, &n, &stop);
		if (err)
			return err;
		err = tar_map_add(r, map, at, n, where);
		if (err)
			return err;
	}
	if (count || stop != '\n')
		return tar_fail(r, -EINVAL, s.off, "malformed sparse map");
	*used = (s.off - off + TAR_BLOCK - 1) & ~(u64)(TAR_BLOCK - 1);
	if (*used > size)
		return tar_fail(r, -EINVAL, off, "sparse map larger than its member");
	return 0;
}

/* The entries of one block; a blank one ends the list. */
static int add_entries(struct tar_reader *r, struct tar_map *map, const u8 (*e)[24], unsigned n,
		       u64 where)
{
	for (unsigned i = 0; i < n && e[i][12]; i++) {
		u64 off, len;

		if (tar_num_size(e[i], 12, &off) || tar_num_size(e[i] + 12, 12, &len))
			return tar_fail(r, -EINVAL, where, "bad number in sparse map");
		int err = tar_map_add(r, map, off, len, where);

		if (err)
			return err;
	}
	return 0;
}

int tar_map_from_header(struct tar_reader *r, const struct tar_header *h, struct tar_map *map,
			u64 off, bool star, u64 *realsize, u64 *next)
{
	struct tar_sparse_block b;
	bool more;
	int err = add_entries(r, map, star ? h->star_sparse.sparse : h->gnu.sparse, 4, off);

	if (err)
		return err;
	err = tar_num_size(star ? h->star_sparse.realsize : h->gnu.realsize, 12, realsize);
	if (err)
		return tar_fail(r, err, off, "bad real size of a sparse file");
	more = star ? h->star_sparse.isextended : h->gnu.isextended;
	for (off += TAR_BLOCK; more; off += TAR_BLOCK) {
		err = tar_copy(r, off, &b, sizeof(b));
		if (err)
			return err;
		err = add_entries(r, map, b.sparse, 21, off);
		if (err)
			return err;
		more = b.isextended;
	}
	*next = off;
	return 0;
}

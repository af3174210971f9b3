/*
 * Files with holes: GNU tar's format 1.0. The member's data begins with a map, lines of numbers filled
 * up to a sector, and then has the pieces one behind the other; records in the extended header tell the file's
 * own size. Pieces begin on sectors here. A piece's bytes change in place; what changes the map moves the
 * member, and to make that rare a piece that grows is given twice its length.
 *
 * Interface in store_impl.h. Locking: T; the node's map is freed with C held too.
 */
#include <compiler.h>
#include <types.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/printf.h"
#include "lib/string.h"

#define UNIT   4096u /* pieces begin and end at multiples of it */
#define MERGE  8192u /* bytes: a hole that is not worth two pieces */
#define PIECE  65536u /* a new one is no smaller, where there is room */
#define NUMBER 21u /* bytes of a line of the map, at most */

char *sparse_text(const struct tar_extent *v, u32 count, u64 size, size_t *len)
{
	u64 last = count ? v[count - 1].off + v[count - 1].len : 0;
	size_t room = SECTORS((2 * (u64)count + 3) * NUMBER) * STORE_SECTOR, at;
	char *text = kzalloc(room, 0);

	if (!text)
		return NULL;
	at = (size_t)snprintf(text, room, "%lu\n", (u64)count + (last < size));
	for (u32 i = 0; i < count; i++)
		at += (size_t)snprintf(text + at, room - at, "%lu\n%lu\n", v[i].off, v[i].len);
	/* A hole at the end: an empty piece there. */
	if (last < size)
		at += (size_t)snprintf(text + at, room - at, "%lu\n0\n", size);
	memset(text + at, 0, room - at);
	*len = SECTORS(at) * STORE_SECTOR;
	return text;
}

u64 sparse_stored(const struct tar_extent *v, u32 count)
{
	return count ? v[count - 1].at + v[count - 1].len - v[0].at : 0;
}

bool store_comes_sparse(const struct tar_node *n)
{
	return n->file.map || (n->file.rw && n->file.rw->sparse);
}

bool store_has(const struct tar_node *n, u64 off, u64 len)
{
	u64 end = off + len < n->size ? off + len : n->size, at, run;

	for (; off < end; off += run) {
		run = tar_map(n, off, &at);
		if (at == TAR_HOLE || (n->file.map && (at - off) % STORE_SECTOR))
			return false;
	}
	return true;
}

/* One more piece, of what was or (fresh) of what comes; it may join the last one. */
static void add_piece(struct sparse_map *m, u64 off, u64 end, bool fresh, bool grow)
{
	struct tar_extent *last = m->n ? &m->v[m->n - 1] : NULL;
	u64 last_end = last ? last->off + last->len : 0;

	off = off / UNIT * UNIT;
	end = (end + UNIT - 1) / UNIT * UNIT;
	if (last && off <= last_end + (grow ? MERGE : 0)) {
		if (fresh && grow && end > last_end)
			end += last->len;
		if (end > last_end)
			last->len = end - last->off;
		return;
	}
	if (fresh && grow)
		end = (end + PIECE - 1) / PIECE * PIECE;
	m->v[m->n++] = (struct tar_extent){ .off = off, .len = end - off };
}

int sparse_union(const struct tar_node *n, u64 size, const struct tar_extent *parts, u32 count,
		 bool grow, struct sparse_map *m)
{
	u64 known = n->size < n->file.data_size ? n->size : n->file.data_size;
	struct tar_extent whole = { .len = known };
	u64 at = 0;
	const struct tar_extent *old = n->file.map ? n->file.map : &whole;
	u32 olds = !n->file.src || !known ? 0 : n->file.map ? n->extents : 1, i = 0, k = 0;

	*m = (struct sparse_map){ .size = size };
	m->v = kmalloc((olds + count + 1) * sizeof(*m->v), 0);
	if (!m->v)
		return -ENOMEM;
	while (i < olds || k < count) {
		bool fresh = i == olds || (k < count && parts[k].off < old[i].off);
		const struct tar_extent *e = fresh ? &parts[k++] : &old[i++];
		u64 limit = fresh ? size : known;
		u64 end = e->off + e->len < limit ? e->off + e->len : limit;

		if (e->off < end)
			add_piece(m, e->off, end, fresh, grow);
	}
	while (m->n && m->v[m->n - 1].off >= size)
		m->n--;
	/* A tree takes a map without pieces for none. */
	if (!m->n && size)
		m->v[m->n++] = (struct tar_extent){ .len = UNIT };
	if (m->n && m->v[m->n - 1].off + m->v[m->n - 1].len > size)
		m->v[m->n - 1].len = size - m->v[m->n - 1].off;
	m->text = sparse_text(m->v, m->n, size, &m->text_len);
	if (!m->text) {
		sparse_free(m);
		return -ENOMEM;
	}
	for (k = 0; k < m->n; k++) {
		m->v[k].at = at;
		at += SECTORS(m->v[k].len) * STORE_SECTOR;
	}
	m->sectors = (m->text_len + at) / STORE_SECTOR;
	return 0;
}

void sparse_free(struct sparse_map *m)
{
	kfree(m->v);
	kfree(m->text);
	m->v = NULL;
	m->text = NULL;
}

bool sparse_is_whole(const struct sparse_map *m)
{
	return m->n == 1 && !m->v[0].off && m->v[0].len == m->size;
}

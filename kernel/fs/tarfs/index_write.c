/*
 * Writing the index: index.c tells what the stream looks like. Interface in index.h, with
 * the locking.
 */
#include <compiler.h>
#include <err.h>
#include <types.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/index_impl.h"
#include "lib/crc32c.h"
#include "lib/string.h"

struct out {
	struct tar_disk *d; /* NULL: only counts */
	struct tar_tree *t;
	u64 seq;
	u64 at; /* bytes: of the chunk in hand */
	u64 chunks; /* written */
	u64 nodes, names, pads;
	u8 *chunk;
	u32 used; /* of its payload */
	int err;
	const struct index_store *store;
	struct index_before before;
	struct radix_tree seen; /* nodes of several names that have had one */
};

/* The tree is let go of meanwhile: afterwards nothing of it is looked at when o->err is set. */
static void end_chunk(struct out *o)
{
	struct index_chunk *c = (struct index_chunk *)o->chunk;

	if (o->store->unlock)
		o->store->unlock(o->store->arg);
	if (o->d && !o->err) {
		memset(o->chunk + INDEX_HEAD + o->used, 0, INDEX_PAYLOAD - o->used);
		c->used = o->used;
		c->crc = index_chunk_crc(o->chunk, o->seq, o->chunks);
		o->err = o->d->write(o->d, o->at, o->chunk, INDEX_CHUNK);
	}
	o->at += INDEX_CHUNK;
	o->chunks++;
	o->used = 0;
	if (o->t->breathe)
		o->t->breathe(o->t);
	if (o->store->lock && !o->store->lock(o->store->arg) && !o->err)
		o->err = -EBUSY;
}

static void put(struct out *o, const void *p, size_t n)
{
	const u8 *from = p;

	while (n && !o->err) {
		size_t part = min(n, (size_t)(INDEX_PAYLOAD - o->used));

		if (o->d)
			memcpy(o->chunk + INDEX_HEAD + o->used, from, part);
		o->used += (u32)part;
		from += part;
		n -= part;
		if (o->used == INDEX_PAYLOAD)
			end_chunk(o);
	}
}

static void put_num(struct out *o, u64 v)
{
	u8 b[10];
	size_t n = 0;

	do {
		b[n++] = (u8)((v & 0x7f) | (v > 0x7f ? 0x80 : 0));
		v >>= 7;
	} while (v);
	put(o, b, n);
}

static void put_byte(struct out *o, unsigned b)
{
	u8 byte = (u8)b;

	put(o, &byte, 1);
}

static void put_time(struct out *o, s64 sec, u32 nsec)
{
	put_num(o, index_fold((s64)((u64)sec - (u64)o->before.time)));
	put_num(o, nsec);
	o->before.time = sec;
}

static void put_place(struct out *o, const struct tar_name *e)
{
	unsigned marks = e->marks & STORE_PLACE;
	u64 headers = e->headers;

	put_num(o, index_fold((s64)(e->first - o->before.place)));
	put_num(o, headers << 1 | (marks != 0));
	if (marks)
		put_byte(o, marks);
	o->before.place = e->first + headers;
	if (e->node->type == TAR_FILE && e->node->names == e)
		o->before.place += e->node->file.used;
}

static void put_more(struct out *o, const struct tar_node *n)
{
	u64 count = 0;

	put_num(o, n->type == TAR_FILE ? n->extents : 0);
	for (u32 i = 0; n->type == TAR_FILE && i < n->extents && !o->err; i++) {
		const struct tar_extent *e = &n->file.map[i];

		put_num(o, e->off);
		put_num(o, e->len);
		put_num(o, e->at);
	}
	for (struct tar_xattr *x = o->err ? NULL : n->xattrs; x; x = x->next)
		count++;
	put_num(o, count);
	for (struct tar_xattr *x = o->err ? NULL : n->xattrs; x && !o->err; x = x->next) {
		put_num(o, x->name_len);
		put(o, x->name, x->name_len);
		put_num(o, x->value_len);
		put(o, tar_xattr_value(x), x->value_len);
	}
}

static void put_node(struct out *o, const struct tar_node *n, bool more)
{
	o->nodes++;
	put_num(o, n->mode | (u64)n->flags << INDEX_FLAGS);
	put_num(o, n->uid);
	put_num(o, n->gid);
	put_time(o, n->mtime, n->mtime_nsec);
	put_time(o, n->atime, n->atime_nsec);
	put_time(o, n->ctime, n->ctime_nsec);
	switch (n->type) {
	case TAR_FILE:
		put_num(o, n->size);
		put_num(o, n->file.src ? n->file.data / TAR_BLOCK + 1 : 0);
		put_num(o, n->file.used);
		break;
	case TAR_SYMLINK:
		put_num(o, n->size);
		put(o, n->target, n->size);
		break;
	case TAR_CHAR:
	case TAR_BLOCKDEV:
		put_num(o, n->dev.major);
		put_num(o, n->dev.minor);
		break;
	default:
		break;
	}
	if (more)
		put_more(o, n);
}

/* One name, and its node when it is the first: 0 or -ENOMEM. */
static int put_name(struct out *o, const struct tar_name *e)
{
	struct tar_node *n = e->node;
	bool linked = n->type != TAR_DIR && n->nlink > 1;
	bool again = linked && radix_get(&o->seen, n->ino);
	bool more = n->xattrs || (n->type == TAR_FILE && n->file.map);

	o->names++;
	put_byte(o, n->type | (again ? TAG_AGAIN : 0) | (linked ? TAG_LINKED : 0) |
			    (more ? TAG_MORE : 0) | (linked && n->names == e ? TAG_DATA : 0));
	put_num(o, e->len);
	put(o, e->name, e->len);
	put_place(o, e);
	if (linked)
		put_num(o, n->ino);
	if (!again)
		put_node(o, n, more);
	if (o->err)
		return o->err;
	return linked && !again ? radix_set(&o->seen, n->ino, n) : 0;
}

static bool kept(const struct tar_node *n)
{
	return n->archive <= 1 && n->type != TAR_SOCKET;
}

static int put_names(struct out *o)
{
	struct tar_node *dir = o->t->root;
	u64 cookie = 0;
	int err = 0;

	while (!err) {
		struct tar_name *e = tar_seek(dir, cookie);

		if (!e) {
			put_byte(o, INDEX_UP);
			if (dir == o->t->root || o->err)
				break;
			cookie = dir->names->cookie + 1;
			dir = dir->dir.parent;
			continue;
		}
		cookie = e->cookie + 1;
		if (!kept(e->node))
			continue;
		err = put_name(o, e);
		if (e->node->type == TAR_DIR) {
			dir = e->node;
			cookie = 0;
		}
	}
	return err;
}

/* The root, all names, and the free space: 0 or a negative errno. */
static int put_all(struct out *o)
{
	const struct index_store *store = o->store;
	struct index_pad pad;
	u64 last = 0;
	int err;

	radix_init(&o->seen, &index_radix_ops);
	if (store->lock && !store->lock(store->arg))
		o->err = -EBUSY;
	put_node(o, o->t->root, true);
	put_num(o, store->root_first);
	put_num(o, store->root_headers);
	put_byte(o, store->root_marks);
	err = put_names(o);
	radix_clear(&o->seen);
	while (!err && !o->err && store->next && store->next(store->arg, last, &pad)) {
		o->pads++;
		put_num(o, pad.sector - last);
		put_num(o, pad.sectors << 1 | pad.rest);
		last = pad.sector + pad.sectors;
	}
	if (o->used)
		end_chunk(o);
	if (store->unlock)
		store->unlock(store->arg);
	return err ? err : o->err;
}

static u32 super_crc(struct store_super *sb)
{
	sb->crc = 0;
	return crc32c(0, sb, sizeof(*sb));
}

/* The head, then the superblock that says where it is. `o` has written the rest. */
static int end_index(struct out *o, struct store_super *sb, u64 end)
{
	struct tar_disk *d = o->d;
	struct index_head *h = (struct index_head *)o->chunk;
	u32 crc = 0;
	int err = index_tail_crc(index_from_disk, d, end, sb->sectors, &crc);

	if (err)
		return err;
	memset(h, 0, sizeof(*h));
	memcpy(h->magic, INDEX_MAGIC, sizeof(h->magic));
	h->seq = o->seq;
	h->end = end;
	h->chunks = o->chunks;
	h->nodes = o->nodes;
	h->names = o->names;
	h->pads = o->pads;
	h->members = o->t->members;
	h->tail_crc = crc;
	h->crc = index_head_crc(h);
	sb->index_sectors = 1 + o->chunks * (INDEX_CHUNK / STORE_SECTOR);
	sb->index = sb->journal - sb->index_sectors;
	err = d->write(d, sb->index * STORE_SECTOR, h, sizeof(*h));
	if (!err)
		err = d->flush(d);
	if (err)
		return err;
	sb->crc = super_crc(sb);
	err = d->write(d, (sb->sectors - 1) * STORE_SECTOR, sb, sizeof(*sb));
	return err ? err : d->flush(d);
}

int tar_index_write(struct tar_tree *t, struct tar_disk *d, struct store_super *sb, u64 seq,
		    u64 end, const struct index_store *store)
{
	static const struct index_store nothing;
	struct out o = { .t = t, .seq = seq };
	u64 sectors;
	int err;

	o.store = store ? store : &nothing;
	err = put_all(&o);

	if (err)
		return err;
	sectors = 1 + o.chunks * (INDEX_CHUNK / STORE_SECTOR);
	if (end + 2 > sb->journal || sectors > sb->journal - end - 2)
		return -ENOSPC;
	o = (struct out){ .t = t, .seq = seq, .d = d, .store = o.store };
	o.at = (sb->journal - sectors + 1) * STORE_SECTOR;
	o.chunk = kmalloc(INDEX_CHUNK, 0);
	if (!o.chunk)
		return -ENOMEM;
	err = put_all(&o);
	if (!err)
		err = end_index(&o, sb, end);
	kfree(o.chunk);
	return err;
}

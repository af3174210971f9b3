/*
 * The store's images: what sectors shall hold, by sector, until a checkpoint puts it there.
 * One entry a sector, in a red-black tree; the log of a commit is a copy of those that changed since the last.
 * What that one said stays beside what is newer, for the checkpoint.
 * Interface in store_impl.h, with what struct image's members mean.
 *
 * Locking: T.
 */
#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

#define CHUNK (BUFFER / STORE_SECTOR) /* sectors in one of a log's pieces */
#define SCAN  1024 /* images looked at in one hold of T */

struct image *image_from(const struct store *st, u64 sector)
{
	struct rb_node *at = st->images.node;
	struct image *best = NULL;

	while (at) {
		struct image *i = rb_entry(at, struct image, rb);

		if (i->sector == sector)
			return i;
		if (i->sector > sector) {
			best = i;
			at = at->left;
		} else {
			at = at->right;
		}
	}
	return best;
}

static struct image *next_image(const struct image *i)
{
	return rb_entry_safe(rb_next(&i->rb), struct image, rb);
}

/* i is about to change for the next commit, when it has not yet. */
static void begin_change(struct store *st, struct image *i)
{
	if (i->gen == st->gen)
		return;
	kfree(i->mid);
	i->mid = i->data;
	i->data = NULL;
	i->mid_head = i->head;
	i->gen = st->gen;
	list_add_tail(&i->link, &st->changed);
}

/* The sector's entry, made when there is none, ready to be changed for the next commit. */
static struct image *touch(struct store *st, u64 sector, bool old)
{
	struct rb_node **link = &st->images.node, *parent = NULL;
	struct image *i;

	while (*link) {
		i = rb_entry(*link, struct image, rb);
		parent = *link;
		if (i->sector == sector) {
			begin_change(st, i);
			return i;
		}
		link = sector < i->sector ? &parent->left : &parent->right;
	}
	i = spare_take(st, SPARE_IMAGE);
	if (!i) {
		store_broken(st, -ENOMEM, "no memory for an image");
		return NULL;
	}
	i->sector = sector;
	i->gen = st->gen;
	i->old = old;
	i->head = old;
	i->mid_head = old;
	list_add_tail(&i->link, &st->changed);
	rb_insert(&st->images, &i->rb, parent, link, NULL);
	st->image_count++;
	return i;
}

static void drop(struct store *st, struct image *i)
{
	rb_erase(&st->images, &i->rb, NULL);
	st->image_count--;
	if (i->gen == st->gen)
		list_del(&i->link);
	kfree(i->mid);
	kfree(i->data);
	kfree(i);
}

int image_set(struct store *st, u64 sector, bool old, bool head, const void *data)
{
	struct image *i = touch(st, sector, old);

	if (!i)
		return -ENOMEM;
	if (!i->data)
		i->data = spare_take(st, SPARE_SECTOR);
	if (!i->data)
		return store_broken(st, -ENOMEM, "no memory for an image");
	memcpy(i->data, data, STORE_SECTOR);
	i->head = head;
	return 0;
}

int image_gone(struct store *st, u64 sector, bool old)
{
	struct image *i = image_from(st, sector);

	if (!old && (!i || i->sector != sector))
		return 0;
	i = touch(st, sector, old);
	if (!i)
		return -ENOMEM;
	kfree(i->data);
	i->data = NULL;
	i->head = false;
	if (!i->old && !i->mid_head && !i->mid)
		drop(st, i);
	return 0;
}

int images_gone(struct store *st, u64 from, u64 to)
{
	struct image *i = image_from(st, from);

	while (i && i->sector < to) {
		struct image *next = next_image(i);
		int err = image_gone(st, i->sector, i->old);

		if (err)
			return err;
		i = next;
	}
	return 0;
}

void images_done(struct store *st, u32 gen)
{
	st->placed++;
	for (struct image *i = image_from(st, 0); i; i = next_image(i))
		i->old = i->gen > gen ? i->mid_head : i->head;
}

u64 images_drop(struct store *st, u32 gen, u64 at)
{
	struct image *i = image_from(st, at);

	for (u32 seen = 0; i && seen < SCAN; seen++) {
		struct image *next = next_image(i);

		if (i->gen > gen) {
			kfree(i->mid);
			i->mid = NULL;
		}
		if (i->gen <= gen || (!i->data && !i->old))
			drop(st, i);
		i = next;
	}
	return i ? i->sector : ~0ULL;
}

void images_free(struct store *st)
{
	struct image *i, *next;

	rb_for_each_entry_postorder_safe(i, next, &st->images, rb) {
		kfree(i->mid);
		kfree(i->data);
		kfree(i);
	}
	st->images.node = NULL;
	st->image_count = 0;
}

/* --- the next commit's log --- */

u8 *log_sector(const struct store_log *log, u64 n)
{
	return log->chunks[n / CHUNK] + n % CHUNK * STORE_SECTOR;
}

void log_free(struct store_log *log)
{
	if (!log)
		return;
	for (u64 i = 0; log->chunks && i < DIV_ROUND_UP(log->sectors, CHUNK); i++)
		kfree(log->chunks[i]);
	kfree(log->chunks);
	kfree(log);
}

/* Counts images that changed: with something to hold, and logged before with nothing now. */
static void count_changed(const struct store *st, u32 *count, u32 *gone)
{
	struct image *i;

	*count = *gone = 0;
	list_for_each_entry(i, &st->changed, link) {
		*count += i->data != NULL;
		*gone += !i->data && i->mid;
	}
}

static u64 log_size(u32 count, u32 gone)
{
	return 1 + SECTORS(((u64)count + gone) * sizeof(struct store_item)) + count;
}

u64 images_sectors(const struct store *st)
{
	u32 count, gone;

	count_changed(st, &count, &gone);
	return log_size(count, gone);
}

static struct store_log *log_new(u32 count, u32 gone)
{
	struct store_log *log = kzalloc(sizeof(*log), 0);

	if (!log)
		return NULL;
	log->count = count;
	log->gone = gone;
	log->sectors = log_size(count, gone);
	log->chunks = kzalloc(DIV_ROUND_UP(log->sectors, CHUNK) * sizeof(u8 *), 0);
	for (u64 i = 0; log->chunks && i < log->sectors; i += CHUNK) {
		u64 n = log->sectors - i < CHUNK ? log->sectors - i : CHUNK;

		log->chunks[i / CHUNK] = kmalloc(n * STORE_SECTOR, 0);
		if (!log->chunks[i / CHUNK])
			goto fail;
	}
	if (log->chunks)
		return log;
fail:
	log_free(log);
	return NULL;
}

static u32 phase_of(bool old, bool head)
{
	return !old ? STORE_HIDDEN : head ? STORE_FLIP : STORE_COVER;
}

struct store_log *images_log(struct store *st)
{
	const u32 per = STORE_SECTOR / sizeof(struct store_item);
	struct image *i, *next;
	struct store_log *log;
	u32 count, gone, n = 0;
	u64 images;

	count_changed(st, &count, &gone);
	log = log_new(count, gone);
	if (!log)
		return ERR_PTR(-ENOMEM);
	images = log->sectors - count;
	for (u64 k = 0; k < images; k++)
		memset(log_sector(log, k), 0, STORE_SECTOR);
	gone = count;
	list_for_each_entry_safe(i, next, &st->changed, link) {
		struct store_item item = { .sector = i->sector };
		u32 at = n;

		list_del(&i->link);
		if (i->data) {
			item.phase = phase_of(i->old, i->head);
			item.header = i->head;
			memcpy(log_sector(log, images + n++), i->data, STORE_SECTOR);
		} else if (i->mid) {
			at = gone++;
		} else {
			continue;
		}
		memcpy(log_sector(log, 1 + at / per) + at % per * sizeof(item), &item,
		       sizeof(item));
	}
	st->gen++;
	return log;
}

u32 images_committed(const struct store *st, u32 phase, u64 *at, u64 *first, u8 *buf)
{
	struct image *i = image_from(st, *at);
	u32 n = 0;

	for (u32 seen = 0; i && n < CHUNK && seen < SCAN; i = next_image(i), seen++) {
		bool newer = i->gen == st->gen;
		const u8 *data = newer ? i->mid : i->data;

		if (n && i->sector != *first + n)
			break;
		if (!data || phase_of(i->old, newer ? i->mid_head : i->head) != phase) {
			if (n)
				break;
			continue;
		}
		if (!n)
			*first = i->sector;
		memcpy(buf + (u64)n++ * STORE_SECTOR, data, STORE_SECTOR);
	}
	*at = i ? i->sector : ~0ULL;
	return n;
}

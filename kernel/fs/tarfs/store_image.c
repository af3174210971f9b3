/*
 * The store's images: what sectors shall hold, by sector, until a checkpoint puts it there.
 * One entry a sector, in a red-black tree; the log of a commit is a copy of all of them.
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

#define CHUNK (BUFFER / STORE_SECTOR) /* images in one of a log's pieces */

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

/* The sector's entry, made when there is none, ready to be changed for the next commit. */
static struct image *touch(struct store *st, u64 sector, bool old)
{
	struct rb_node **link = &st->images.node, *parent = NULL;
	struct image *i;

	while (*link) {
		i = rb_entry(*link, struct image, rb);
		parent = *link;
		if (i->sector == sector) {
			if (i->gen != st->gen) {
				i->mid_head = i->head;
				i->mid_data = i->data != NULL;
				i->gen = st->gen;
			}
			return i;
		}
		link = sector < i->sector ? &parent->left : &parent->right;
	}
	i = kzalloc(sizeof(*i), 0);
	if (!i) {
		store_broken(st, -ENOMEM, "no memory for an image");
		return NULL;
	}
	i->sector = sector;
	i->gen = st->gen;
	i->old = old;
	i->head = old;
	i->mid_head = old;
	rb_insert(&st->images, &i->rb, parent, link, NULL);
	st->image_count++;
	return i;
}

static void drop(struct store *st, struct image *i)
{
	rb_erase(&st->images, &i->rb, NULL);
	st->image_count--;
	kfree(i->data);
	kfree(i);
}

int image_set(struct store *st, u64 sector, bool old, bool head, const void *data)
{
	struct image *i = touch(st, sector, old);

	if (!i)
		return -ENOMEM;
	if (!i->data)
		i->data = kmalloc(STORE_SECTOR, 0);
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
	if (!i->old && !i->mid_head && !i->mid_data)
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
	struct image *i = image_from(st, 0);

	while (i) {
		struct image *next = next_image(i);

		if (i->gen > gen) {
			i->old = i->mid_head;
			i->mid_data = false;
		}
		if (i->gen <= gen || (!i->data && !i->old))
			drop(st, i);
		i = next;
	}
}

void images_free(struct store *st)
{
	struct image *i, *next;

	rb_for_each_entry_postorder_safe(i, next, &st->images, rb) {
		kfree(i->data);
		kfree(i);
	}
	st->images.node = NULL;
	st->image_count = 0;
}

void log_free(struct store_log *log)
{
	if (!log)
		return;
	for (u32 i = 0; log->chunks && i < DIV_ROUND_UP(log->count, CHUNK); i++)
		kfree(log->chunks[i]);
	kfree(log->chunks);
	kfree(log->items);
	kfree(log);
}

static struct store_log *log_new(u32 count)
{
	u64 items = SECTORS(count * sizeof(struct store_item)) * STORE_SECTOR;
	struct store_log *log = kzalloc(sizeof(*log), 0);

	if (!log)
		return NULL;
	log->count = count;
	log->items = kzalloc(items, 0);
	log->chunks = kzalloc(DIV_ROUND_UP(count, CHUNK) * sizeof(u8 *), 0);
	if (!log->items || !log->chunks)
		goto fail;
	for (u32 i = 0; i < count; i += CHUNK) {
		u32 n = count - i < CHUNK ? count - i : CHUNK;

		log->chunks[i / CHUNK] = kmalloc((u64)n * STORE_SECTOR, 0);
		if (!log->chunks[i / CHUNK])
			goto fail;
	}
	return log;
fail:
	log_free(log);
	return NULL;
}

u32 images_count(const struct store *st)
{
	struct image *i;
	u32 n = 0;

	rb_for_each_entry(i, &st->images, rb)
		n += i->data != NULL;
	return n;
}

struct store_log *images_log(struct store *st)
{
	struct store_log *log = log_new(images_count(st));
	struct image *i;
	u32 n = 0;

	if (!log)
		return ERR_PTR(-ENOMEM);
	log->gen = st->gen;
	rb_for_each_entry(i, &st->images, rb) {
		if (!i->data)
			continue;
		log->items[n] = (struct store_item){
			.sector = i->sector,
			.phase = !i->old ? STORE_HIDDEN :
				 i->head ? STORE_FLIP :
					   STORE_COVER,
			.header = i->head,
		};
		memcpy(log->chunks[n / CHUNK] + (u64)(n % CHUNK) * STORE_SECTOR, i->data,
		       STORE_SECTOR);
		n++;
	}
	return log;
}

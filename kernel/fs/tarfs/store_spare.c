/*
 * Memory set aside. A change of the store's images and segments can't stop half-way, so what it may need is
 * there before it begins: then -ENOMEM comes with nothing changed, and the commit is tried again later. What is
 * set aside is only taken when kmalloc() has nothing.
 *
 * Interface in store_impl.h. Locking: T.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include "alloc/slab.h"
#include "fs/tarfs/store_impl.h"
#include "lib/string.h"

#define SPARE_KEPT 128u /* of each kind, between the operations */

static const size_t sizes[SPARE_KINDS] = {
	[SPARE_IMAGE] = sizeof(struct image),
	[SPARE_SECTOR] = STORE_SECTOR,
	[SPARE_SEG] = sizeof(struct seg),
};

static int fill(struct store *st, u64 n)
{
	for (unsigned kind = 0; kind < SPARE_KINDS; kind++) {
		struct spare_pool *pool = &st->spare[kind];

		while (pool->count < n) {
			void **p = kmalloc(sizes[kind], 0);

			if (!p)
				return -ENOMEM;
			*p = pool->list;
			pool->list = p;
			pool->count++;
		}
	}
	return 0;
}

int spare_fill(struct store *st, u64 n)
{
	st->spare_now = n;
	return fill(st, st->spare_claimed + n);
}

int spare_more(struct store *st, u64 n)
{
	return fill(st, st->spare_claimed + st->spare_now + n);
}

void *spare_take(struct store *st, enum spare_kind kind)
{
	struct spare_pool *pool = &st->spare[kind];
	void **p = kmalloc(sizes[kind], 0);

	if (!p && pool->list) {
		p = pool->list;
		pool->list = *p;
		pool->count--;
	}
	if (p && kind != SPARE_SECTOR)
		memset(p, 0, sizes[kind]);
	return p;
}

static void drop_to(struct store *st, u64 n)
{
	for (unsigned kind = 0; kind < SPARE_KINDS; kind++) {
		struct spare_pool *pool = &st->spare[kind];

		while (pool->count > n) {
			void **p = pool->list;

			pool->list = *p;
			pool->count--;
			kfree(p);
		}
	}
}

void spare_trim(struct store *st)
{
	drop_to(st, st->spare_claimed + SPARE_KEPT);
}

void spare_drop(struct store *st)
{
	drop_to(st, 0);
}

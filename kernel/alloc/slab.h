/*
 * Small kernel memory: slab caches with per-hart magazines, and kmalloc on top.
 * Never sleeps; any context, interrupts included. NULL when memory is out.
 */
#ifndef ALLOC_SLAB_H
#define ALLOC_SLAB_H

#include <types.h>

struct slab_cache;

/* A cache of objects of `size` bytes aligned to `align` (0: 16). Panics only at boot. */
struct slab_cache *slab_create(const char *name, size_t size, size_t align);
void *slab_alloc(struct slab_cache *c);
void *slab_zalloc(struct slab_cache *c);
void slab_free(struct slab_cache *c, void *p);

/* Up to 4 MiB (PAGE_MAX_ORDER); larger than 2 KiB in whole pages. n == 0 gives a valid pointer. */
void *kmalloc(size_t n, unsigned flags); /* flags: 0 */
void *kzalloc(size_t n, unsigned flags);
void kfree(void *p); /* NULL allowed */
char *kstrdup(const char *s);
void *kmemdup(const void *p, size_t n);
/* n * size with overflow check. */
void *kcalloc(size_t n, size_t size);

/*
 * The cache that p lies in and the offset in its object, for panics; NULL: none. p is in the
 * direct map.
 */
const char *slab_place(const void *p, size_t *offset);

void slab_init(void);

/* For /proc/slabinfo and leak checks: calls fn for every cache. */
void slab_for_each(void (*fn)(const char *name, size_t size, u64 used, u64 total, void *arg),
		   void *arg);
u64 slab_pages(void); /* pages held by all caches */
#endif

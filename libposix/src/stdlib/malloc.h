/*
 * malloc.h - what the files of the heap share.
 *
 * Memory is had in units of 64 KiB, aligned to that, so that the head of any
 * block's span is found by clearing low bits (of the address before it: a block
 * with a great alignment may begin a unit). A span of one unit serves one class of sizes; a longer
 * one, a run, holds one big block.
 *
 * The last word of a block's room is its seal: a secret word mixed with the
 * address, and turned over when the block is free. free() that finds the seal of
 * a free block, or another word, ends the program: a block freed twice, or
 * written beyond its end.
 */
#ifndef LIBPOSIX_MALLOC_H
#define LIBPOSIX_MALLOC_H

#include "../internal/thread.h"

#include <stddef.h>
#include <stdint.h>

#define UNIT	   0x10000ul
#define SPAN_SMALL 0x736d616cu
#define SPAN_BIG   0x62696762u
#define ALIGN	   16
#define SEAL	   sizeof(uintptr_t)
#define SMALL_MAX  8192 /* seal included */

struct span {
	uint32_t magic;
	uint32_t class; /* small: index of the size */
	size_t size; /* small: of one block; big: of the whole run, in bytes */
	uint64_t reciprocal; /* small: 2^32 / size, rounded up */
	void *free; /* small: blocks given back */
	char *fresh, *end; /* small: blocks that were never given out; big: fresh is the block */
	size_t used; /* small: blocks not here; big: bytes the block may hold */
	struct span *prev, *next;
	uintptr_t pad_;
};

_Static_assert(sizeof(struct span) % ALIGN == 0, "blocks follow the span's head");

extern uintptr_t __heap_secret; /* 0: not set yet */

_Noreturn void __heap_fault(const char *what);

static inline struct span *span_of(const void *p)
{
	return (struct span *)(((uintptr_t)p - 1) & -UNIT);
}

static inline uintptr_t *seal_of(char *block, size_t room)
{
	return (uintptr_t *)(block + room - SEAL);
}

/* span.c: runs of units. `zero` tells whether the kernel just cleared it. */
struct span *__run_get(size_t bytes, size_t align, int *zero);
struct span *__run_resize(struct span *s, size_t bytes); /* moved, or NULL: copy it */
void __run_put(struct span *s);
void __run_fork(int when);

/* central.c: what all threads share, a lock a class. Up to `want` blocks in a list, and how many. */
void *__central_get(unsigned int class, int want, int *got);
void __central_put(unsigned int class, void *list);
size_t __class_size(unsigned int class);

/* heap.c: uninitialised memory; `align` a power of two. NULL: errno ENOMEM. */
void *__heap_alloc(size_t size, size_t align, int *zero);
void __heap_free(void *p); /* free(3), whatever the program's own does */
size_t __heap_size(void *p); /* bytes that the block can hold */
void *__heap_resize(void *p, size_t size); /* the block where it is or moved; NULL: copy it */

#endif

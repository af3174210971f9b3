/*
 * malloc.h - what the functions of the malloc family share.
 */
#ifndef LIBPOSIX_MALLOC_H
#define LIBPOSIX_MALLOC_H

#include <stddef.h>

/* Uninitialised memory; `align` a power of two of at most 32 KiB. NULL: errno ENOMEM. */
void *__heap_alloc(size_t size, size_t align);

/* How many bytes the block at `p` can hold. */
size_t __heap_size(const void *p);

/* Whether a block that was just given out is known to be all zero. */
int __heap_is_zero(const void *p);

#endif

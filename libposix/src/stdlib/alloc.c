/*
 * alloc.c - malloc(3) and its relatives over the heap of malloc.c.
 */
#include "malloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define ALIGN_MAX 32768

void *malloc(size_t size)
{
	return __heap_alloc(size, 1);
}

void *calloc(size_t count, size_t size)
{
	size_t bytes;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = __heap_alloc(bytes, 1);
	if (p && !__heap_is_zero(p))
		memset(p, 0, bytes);
	return p;
}

void *realloc(void *p, size_t size)
{
	size_t old;
	void *q;

	if (!p)
		return malloc(size);
	old = __heap_size(p);
	if (size <= old && size >= old / 2)
		return p;
	q = malloc(size);
	if (!q)
		return NULL;
	memcpy(q, p, old < size ? old : size);
	free(p);
	return q;
}

void *reallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

int posix_memalign(void **out, size_t align, size_t size)
{
	void *p;

	if (align < sizeof(void *) || (align & (align - 1)))
		return EINVAL;
	p = align <= ALIGN_MAX ? __heap_alloc(size, align) : NULL;
	if (!p)
		return ENOMEM;
	*out = p;
	return 0;
}

void *aligned_alloc(size_t align, size_t size)
{
	void *p;
	int err = posix_memalign(&p, align < sizeof(void *) ? sizeof(void *) : align, size);

	if (err) {
		errno = err;
		return NULL;
	}
	return p;
}

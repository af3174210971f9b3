/*
 * alloc.c - malloc(3) and its relatives over the heap of heap.c. They are weak:
 * a program may bring its own.
 */
#include "malloc.h"

#include "../internal/libc.h"

#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

__attribute__((weak)) void *malloc(size_t size)
{
	int zero;

	return __heap_alloc(size, ALIGN, &zero);
}

__attribute__((weak)) void *calloc(size_t count, size_t size)
{
	size_t bytes;
	int zero;
	void *p;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	p = __heap_alloc(bytes, ALIGN, &zero);
	if (p && !zero)
		memset(p, 0, bytes);
	return p;
}

__attribute__((weak)) void *realloc(void *p, size_t size)
{
	size_t old;
	void *q;

	if (!p)
		return malloc(size);
	q = __heap_resize(p, size);
	if (q)
		return q;
	old = __heap_size(p);
	q = malloc(size);
	if (!q)
		return NULL;
	memcpy(q, p, old < size ? old : size);
	free(p);
	return q;
}

__attribute__((weak)) void *reallocarray(void *p, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes)) {
		errno = ENOMEM;
		return NULL;
	}
	return realloc(p, bytes);
}

__attribute__((weak)) void *memalign(size_t align, size_t size)
{
	int zero;

	if (!align || (align & (align - 1))) {
		errno = EINVAL;
		return NULL;
	}
	if (align > PTRDIFF_MAX / 2 || size > PTRDIFF_MAX - align) {
		errno = ENOMEM;
		return NULL;
	}
	return __heap_alloc(size, align < ALIGN ? ALIGN : align, &zero);
}

__attribute__((weak)) void *aligned_alloc(size_t align, size_t size)
{
	return memalign(align, size);
}

__attribute__((weak)) int posix_memalign(void **out, size_t align, size_t size)
{
	int saved = errno, err;
	void *p;

	if (align < sizeof(void *))
		return EINVAL;
	p = memalign(align, size);
	err = p ? 0 : errno;
	errno = saved;
	if (p)
		*out = p;
	return err;
}

__attribute__((weak)) void *valloc(size_t size)
{
	return memalign(__libc.page_size, size);
}

__attribute__((weak)) void *pvalloc(size_t size)
{
	return memalign(__libc.page_size, (size + __libc.page_size - 1) & -__libc.page_size);
}

__attribute__((weak)) size_t malloc_usable_size(void *p)
{
	return p ? __heap_size(p) : 0;
}

/* What is kept for the next blocks is little: there is nothing to trim. */
int malloc_trim(size_t pad)
{
	(void)pad;
	return 0;
}

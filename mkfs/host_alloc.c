/*
 * The kernel's allocator interface over malloc(3), for kernel sources compiled
 * into host tools.
 */
#include <stdlib.h>
#include "alloc/slab.h"
#include "lib/string.h"

void *kmalloc(size_t n, unsigned flags)
{
	(void)flags;
	return malloc(n ? n : 1);
}

void *kzalloc(size_t n, unsigned flags)
{
	(void)flags;
	return calloc(1, n ? n : 1);
}

void kfree(void *p)
{
	free(p);
}

void *kmemdup(const void *p, size_t n)
{
	void *copy = kmalloc(n, 0);

	return copy ? memcpy(copy, p, n) : NULL;
}

/* lib/string.h's one function that no C library has. */
void *memchr_inv(const void *p, int c, size_t n)
{
	const unsigned char *b = p;

	while (n && *b == (unsigned char)c) {
		b++;
		n--;
	}
	return n ? (void *)b : NULL;
}

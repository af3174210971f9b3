/*
 * kmalloc for the TAR tests: malloc that counts and can be told to fail.
 */
#include "alloc/slab.h"
#include "test_tar.h"

long alloc_live;
long alloc_fail_at = -1;
bool alloc_fail_on;

void *kmalloc(size_t n, unsigned flags)
{
	void *p;

	(void)flags;
	if (alloc_fail_at == 0 && alloc_fail_on)
		return NULL;
	if (alloc_fail_at >= 0 && alloc_fail_at-- == 0)
		return NULL;
	p = malloc(n ? n : 1);
	alloc_live += p != NULL;
	return p;
}

void *kzalloc(size_t n, unsigned flags)
{
	void *p = kmalloc(n, flags);

	return p ? memset(p, 0, n) : NULL;
}

void kfree(void *p)
{
	alloc_live -= p != NULL;
	free(p);
}

void *kmemdup(const void *p, size_t n)
{
	void *copy = kmalloc(n, 0);

	return copy ? memcpy(copy, p, n) : NULL;
}

char *kstrdup(const char *s)
{
	return kmemdup(s, strlen(s) + 1);
}

/*
 * lsearch.c - tables without order, and lists of whatever begins with two pointers
 * (POSIX XSI lfind, lsearch, insque, remque).
 */
#include <search.h>
#include <string.h>

void *lfind(const void *key, const void *base, size_t *count, size_t size,
	    int (*cmp)(const void *, const void *))
{
	const char *p = base;

	for (size_t i = 0; i < *count; i++, p += size)
		if (!cmp(key, p))
			return (void *)p;
	return NULL;
}

void *lsearch(const void *key, void *base, size_t *count, size_t size,
	      int (*cmp)(const void *, const void *))
{
	void *p = lfind(key, base, count, size, cmp);

	if (p)
		return p;
	return memcpy((char *)base + size * (*count)++, key, size);
}

struct link {
	struct link *next, *prev;
};

void insque(void *elem, void *pred)
{
	struct link *e = elem, *p = pred;

	e->next = p ? p->next : NULL;
	e->prev = p;
	if (e->next)
		e->next->prev = e;
	if (p)
		p->next = e;
}

void remque(void *elem)
{
	struct link *e = elem;

	if (e->next)
		e->next->prev = e->prev;
	if (e->prev)
		e->prev->next = e->next;
}

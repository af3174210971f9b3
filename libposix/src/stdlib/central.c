/*
 * central.c - small blocks that no thread has in its cache: each class has its
 * spans with room, and its lock, which guards them and what is in their heads.
 */
#include "malloc.h"

#include "../internal/libc.h"

static struct class
{
	int lock;
	struct span *spans; /* with room, any order */
} classes[HEAP_CLASSES];

/* Sizes 16..128 by 16, then four to each doubling up to SMALL_MAX. */
size_t __class_size(unsigned int c)
{
	if (c < 8)
		return 16 * (c + 1);
	return (size_t)(128 + 32 * ((c - 8) % 4 + 1)) << ((c - 8) / 4);
}

static void class_add(struct class *c, struct span *s)
{
	s->prev = NULL;
	s->next = c->spans;
	if (s->next)
		s->next->prev = s;
	c->spans = s;
}

static void class_remove(struct class *c, struct span *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		c->spans = s->next;
	if (s->next)
		s->next->prev = s->prev;
}

static struct span *span_new(unsigned int class)
{
	int zero;
	struct span *s = __run_get(UNIT, ALIGN, &zero);

	if (!s)
		return NULL;
	s->magic = SPAN_SMALL;
	s->class = class;
	s->size = __class_size(class);
	s->reciprocal = ((1ul << 32) + s->size - 1) / s->size;
	s->free = NULL;
	s->fresh = (char *)(s + 1);
	s->end = (char *)s + UNIT;
	s->used = 0;
	class_add(&classes[class], s);
	return s;
}

static int span_full(const struct span *s)
{
	return !s->free && (size_t)(s->end - s->fresh) < s->size;
}

void *__central_get(unsigned int class, int want, int *got)
{
	struct class *c = &classes[class];
	void *list = NULL;
	struct span *s;
	int n = 0;

	__lock(&c->lock);
	while (n < want) {
		char *p;

		s = c->spans;
		if (!s && (n || !(s = span_new(class))))
			break;
		if (s->free) {
			p = s->free;
			s->free = *(void **)p;
		} else {
			p = s->fresh;
			s->fresh += s->size;
			*seal_of(p, s->size) = ~__heap_secret ^ (uintptr_t)p;
		}
		s->used++;
		if (span_full(s))
			class_remove(c, s);
		*(void **)p = list;
		list = p;
		n++;
	}
	__unlock(&c->lock);
	*got = n;
	return list;
}

void __central_put(unsigned int class, void *list)
{
	struct class *c = &classes[class];

	__lock(&c->lock);
	while (list) {
		char *p = list;
		struct span *s = span_of(p);

		list = *(void **)p;
		if (span_full(s))
			class_add(c, s);
		*(void **)p = s->free;
		s->free = p;
		if (--s->used == 0) {
			class_remove(c, s);
			s->size = UNIT;
			__run_put(s);
		}
	}
	__unlock(&c->lock);
}

/* Nobody may be in the middle of anything when the process is copied. */
void __heap_fork(int when)
{
	if (!when) {
		for (unsigned int i = 0; i < HEAP_CLASSES; i++)
			__lock(&classes[i].lock);
		__run_fork(0);
		return;
	}
	__run_fork(when);
	for (unsigned int i = 0; i < HEAP_CLASSES; i++) {
		if (when == 1)
			__unlock(&classes[i].lock);
		else
			classes[i].lock = 0;
	}
}

/*
 * malloc.c - the heap. Memory comes from mmap(2) in spans of 64 KiB, aligned to
 * their size, so that the span of any block is found by clearing low bits.
 *
 * A span serves one size class, as a list of free blocks, or is the head of one
 * big mapping of its own. A span that becomes wholly free goes to a short list
 * for any class to take, and beyond that back to the kernel.
 *
 * Locking: heap_lock guards every class, span and the list of free spans. It is
 * not held across mmap of a big block. free() of something that malloc never
 * gave, or gave and took back, ends the program.
 */
#include "../internal/libc.h"
#include "malloc.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#define SPAN_SIZE   0x10000ul
#define SPAN_SMALL  0x736d616cu
#define SPAN_BIG    0x62696762u
#define SPARE_SPANS 8
#define SMALL_MAX   8192
#define ALIGN	    16

struct block {
	struct block *next;
};

struct span {
	uint32_t magic;
	uint32_t class; /* small: index into classes */
	size_t size; /* small: of one block; big: of the whole mapping */
	struct block *free; /* blocks given back */
	char *fresh, *end; /* blocks that were never given out */
	size_t used; /* blocks in use */
	struct span *prev, *next; /* small: others of the class that have room */
};

_Static_assert(sizeof(struct span) % ALIGN == 0, "blocks follow the span's head");

/* Sizes 16..128 by 16, then four to each doubling up to SMALL_MAX. */
#define CLASSES 32

static int heap_lock;
static struct span *classes[CLASSES]; /* spans with room, any order */
static struct span *spare; /* free spans, by next */
static size_t spares;

static size_t class_size(unsigned int c)
{
	if (c < 8)
		return 16 * (c + 1);
	return (size_t)(128 + 32 * ((c - 8) % 4 + 1)) << ((c - 8) / 4);
}

static unsigned int class_of(size_t size)
{
	unsigned int shift;

	if (size <= 128)
		return size ? (unsigned int)((size - 1) / 16) : 0;
	shift = 57u - (unsigned int)__builtin_clzl(size - 1) - 1;
	return 8 + 4 * shift + (unsigned int)(((size - 1) >> (shift + 5)) & 3);
}

static struct span *span_of(const void *p)
{
	return (struct span *)((uintptr_t)p & -SPAN_SIZE);
}

/* `size` bytes, a multiple of the page size, aligned to SPAN_SIZE; or NULL. */
static void *map_aligned(size_t size)
{
	size_t room = size + SPAN_SIZE;
	char *p, *at;

	if (room < size)
		return NULL;
	p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	at = (char *)(((uintptr_t)p + SPAN_SIZE - 1) & -SPAN_SIZE);
	if (at > p)
		munmap(p, (size_t)(at - p));
	if (at + size < p + room)
		munmap(at + size, (size_t)(p + room - (at + size)));
	return at;
}

static void class_add(struct span *s)
{
	s->prev = NULL;
	s->next = classes[s->class];
	if (s->next)
		s->next->prev = s;
	classes[s->class] = s;
}

static void class_remove(struct span *s)
{
	if (s->prev)
		s->prev->next = s->next;
	else
		classes[s->class] = s->next;
	if (s->next)
		s->next->prev = s->prev;
}

static struct span *span_new(unsigned int class)
{
	struct span *s = spare;

	if (s) {
		spare = s->next;
		spares--;
	} else {
		s = map_aligned(SPAN_SIZE);
		if (!s)
			return NULL;
	}
	s->magic = SPAN_SMALL;
	s->class = class;
	s->size = class_size(class);
	s->free = NULL;
	s->fresh = (char *)(s + 1);
	s->end = (char *)s + SPAN_SIZE;
	s->used = 0;
	class_add(s);
	return s;
}

static int span_full(const struct span *s)
{
	return !s->free && (size_t)(s->end - s->fresh) < s->size;
}

static void *small_alloc(unsigned int class)
{
	void *p = NULL;
	struct span *s;

	__lock(&heap_lock);
	s = classes[class];
	if (!s)
		s = span_new(class);
	if (s) {
		if (s->free) {
			p = s->free;
			s->free = s->free->next;
		} else {
			p = s->fresh;
			s->fresh += s->size;
		}
		s->used++;
		if (span_full(s))
			class_remove(s);
	}
	__unlock(&heap_lock);
	return p;
}

static void small_free(struct span *s, void *p)
{
	struct block *b = p;
	struct span *drop = NULL;

	__lock(&heap_lock);
	if (span_full(s))
		class_add(s);
	b->next = s->free;
	s->free = b;
	if (--s->used == 0) {
		class_remove(s);
		s->magic = 0;
		if (spares < SPARE_SPANS) {
			s->next = spare;
			spare = s;
			spares++;
		} else {
			drop = s;
		}
	}
	__unlock(&heap_lock);
	if (drop)
		munmap(drop, SPAN_SIZE);
}

/* A mapping of its own, the block `align` into it (at least the head's size). */
static void *big_alloc(size_t size, size_t align)
{
	size_t head = align > sizeof(struct span) ? align : sizeof(struct span);
	size_t whole = (head + size + __libc.page_size - 1) & -__libc.page_size;
	struct span *s;

	if (whole < size || whole > PTRDIFF_MAX)
		return NULL;
	s = map_aligned(whole);
	if (!s)
		return NULL;
	s->magic = SPAN_BIG;
	s->size = whole;
	s->fresh = (char *)s + head;
	return s->fresh;
}

void *__heap_alloc(size_t size, size_t align)
{
	void *p;

	if (size <= SMALL_MAX && align <= ALIGN)
		p = small_alloc(class_of(size));
	else
		p = big_alloc(size, align);
	if (!p)
		errno = ENOMEM;
	return p;
}

size_t __heap_size(const void *p)
{
	const struct span *s = span_of(p);

	if (s->magic == SPAN_SMALL)
		return s->size;
	if (s->magic == SPAN_BIG && s->fresh == p)
		return s->size - (size_t)(s->fresh - (const char *)s);
	abort();
}

int __heap_is_zero(const void *p)
{
	return span_of(p)->magic == SPAN_BIG;
}

void free(void *p)
{
	struct span *s = span_of(p);
	int saved = errno;

	if (!p)
		return;
	if (s->magic == SPAN_SMALL)
		small_free(s, p);
	else if (s->magic == SPAN_BIG && s->fresh == p)
		munmap(s, s->size);
	else
		abort();
	errno = saved;
}

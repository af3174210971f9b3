/*
 * heap.c - the heap as a thread sees it: a cache of free blocks of each class,
 * filled and emptied some at a time (central.c), and runs for what is big. A
 * thread's cache is its own: malloc and free of small blocks take no lock.
 */
#include "malloc.h"

#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#define ALIGNED 0x616c69676e6564ul /* before a block that begins inside its room */
#define BATCH	2048 /* bytes that go to a cache or from it at once, if one block isn't more */

uintptr_t __heap_secret;

static struct heap_cache main_cache;
static int main_taken;

_Noreturn void __heap_fault(const char *what)
{
	SC(__NR_write, 2, "malloc: ", 8);
	SC(__NR_write, 2, what, strlen(what));
	SC(__NR_write, 2, "\n", 1);
	abort();
}

static inline unsigned int class_of(size_t room)
{
	unsigned int shift;

	if (room <= 128)
		return (unsigned int)((room - 1) / 16);
	shift = 57u - (unsigned int)__builtin_clzl(room - 1) - 1;
	return 8 + 4 * shift + (unsigned int)(((room - 1) >> (shift + 5)) & 3);
}

static int batch_of(size_t room)
{
	return room >= BATCH ? 1 : room <= BATCH / 64 ? 64 : (int)(BATCH / room);
}

/* A thread's first block: the main thread's cache is there, others' are blocks themselves. */
static struct heap_cache *make_cache(struct thread *self)
{
	struct heap_cache *cache;
	int got;

	if (!__heap_secret) {
		const uintptr_t *random = (const uintptr_t *)getauxval(AT_RANDOM);

		__heap_secret = (random ? random[1] : (uintptr_t)&cache) | 1;
	}
	if (!__atomic_exchange_n(&main_taken, 1, __ATOMIC_ACQ_REL)) {
		cache = &main_cache;
	} else {
		size_t room = sizeof(*cache) + SEAL;
		unsigned int class = class_of(room);

		cache = __central_get(class, 1, &got);
		if (!cache)
			return NULL;
		*seal_of((char *)cache, __class_size(class)) = __heap_secret ^ (uintptr_t)cache;
		memset(cache, 0, sizeof(*cache));
	}
	self->heap = cache;
	return cache;
}

static void *small_alloc(unsigned int class)
{
	struct thread *self = __self();
	struct heap_cache *cache = self->heap;
	size_t room = __class_size(class);
	uintptr_t *seal;
	char *p;

	if (__builtin_expect(!cache, 0)) {
		cache = make_cache(self);
		if (!cache)
			return NULL;
	}
	p = cache->free[class];
	if (__builtin_expect(!p, 0)) {
		int got;

		p = __central_get(class, batch_of(room), &got);
		if (!p)
			return NULL;
		cache->count[class] = (unsigned char)got;
	}
	seal = seal_of(p, room);
	if (*seal != (~__heap_secret ^ (uintptr_t)p))
		__heap_fault("a free block was written to");
	*seal = __heap_secret ^ (uintptr_t)p;
	cache->free[class] = *(void **)p;
	cache->count[class]--;
	return p;
}

/* A cache holds up to two batches of a class; then one goes. */
static void spill(struct heap_cache *cache, unsigned int class, int keep)
{
	void **at = &cache->free[class], *list;

	for (int i = 0; i < keep && *at; i++)
		at = *at;
	list = *at;
	*at = NULL;
	cache->count[class] = (unsigned char)keep;
	if (list)
		__central_put(class, list);
}

static void small_free(struct span *s, char *p)
{
	struct thread *self = __self();
	struct heap_cache *cache = self->heap;
	unsigned int class = s->class;
	uintptr_t *seal = seal_of(p, s->size);

	if (*seal != (__heap_secret ^ (uintptr_t)p))
		__heap_fault(*seal == (~__heap_secret ^ (uintptr_t)p) ?
				     "a block was freed twice" :
				     "a block was written beyond its end");
	if (__builtin_expect(!cache, 0)) {
		cache = make_cache(self);
		if (!cache)
			return;
	}
	*seal = ~__heap_secret ^ (uintptr_t)p;
	*(void **)p = cache->free[class];
	cache->free[class] = p;
	if (++cache->count[class] > 2 * batch_of(s->size))
		spill(cache, class, batch_of(s->size));
}

/* Where the room of small block `p` begins: before it, when it was aligned specially. */
static char *room_of(struct span *s, char *p)
{
	size_t offset = (size_t)(p - (char *)(s + 1));
	size_t begin = (offset * s->reciprocal >> 32) * s->size;

	if (begin == offset)
		return p;
	if (((uintptr_t)p & (ALIGN - 1)) ||
	    ((uintptr_t *)p)[-1] != (__heap_secret ^ (uintptr_t)p ^ ALIGNED))
		__heap_fault("free of what is no block");
	return (char *)(s + 1) + begin;
}

static void *big_alloc(size_t size, size_t align, int *zero)
{
	size_t head = (sizeof(struct span) + align - 1) & -align, whole;
	struct span *s;

	if (align > UNIT)
		head = UNIT;
	size = (size + ALIGN - 1) & -(size_t)ALIGN;
	if (__builtin_add_overflow(size, head + SEAL, &whole) || whole > PTRDIFF_MAX - UNIT)
		return NULL;
	whole = (whole + __libc.page_size - 1) & -__libc.page_size;
	s = __run_get(whole, align, zero);
	if (!s)
		return NULL;
	s->magic = SPAN_BIG;
	s->fresh = (char *)s + head;
	s->used = size;
	*seal_of(s->fresh, size + SEAL) = __heap_secret ^ (uintptr_t)s->fresh;
	return s->fresh;
}

void *__heap_alloc(size_t size, size_t align, int *zero)
{
	size_t room;
	void *p;

	*zero = 0;
	if (__builtin_expect(size <= SMALL_MAX - SEAL && align <= ALIGN, 1)) {
		p = small_alloc(class_of(size + SEAL));
	} else if (size < SMALL_MAX && align <= SMALL_MAX / 2 &&
		   (room = size + align + SEAL) <= SMALL_MAX) {
		unsigned int class = class_of(room);
		char *at, *b = small_alloc(class);

		if (b) {
			at = (char *)(((uintptr_t)b + align - 1) & -align);
			if (at != b)
				((uintptr_t *)at)[-1] = __heap_secret ^ (uintptr_t)at ^ ALIGNED;
			b = at;
		}
		p = b;
	} else {
		if (!__heap_secret && !make_cache(__self()))
			p = NULL;
		else
			p = big_alloc(size, align, zero);
	}
	if (!p)
		errno = ENOMEM;
	return p;
}

static void check_big(struct span *s, const char *p)
{
	if (s->magic != SPAN_BIG || s->fresh != p)
		__heap_fault("free of what is no block");
	if (*seal_of(s->fresh, s->used + SEAL) != (__heap_secret ^ (uintptr_t)p))
		__heap_fault("a block was written beyond its end");
}

size_t __heap_size(void *p)
{
	struct span *s = span_of(p);

	if (s->magic == SPAN_SMALL)
		return (size_t)(room_of(s, p) + s->size - SEAL - (char *)p);
	check_big(s, p);
	return s->used;
}

void *__heap_resize(void *p, size_t size)
{
	struct span *s = span_of(p), *to;
	size_t head, whole;

	if (s->magic == SPAN_SMALL) {
		size_t old = __heap_size(p);

		return size <= old && (size >= old / 2 || old <= 64) ? p : NULL;
	}
	check_big(s, p);
	head = (size_t)((char *)p - (char *)s);
	size = (size + ALIGN - 1) & -(size_t)ALIGN;
	if (__builtin_add_overflow(size, head + SEAL, &whole) || whole > PTRDIFF_MAX - UNIT)
		return NULL;
	whole = (whole + __libc.page_size - 1) & -__libc.page_size;
	if (whole > s->size || whole < s->size / 2) {
		to = __run_resize(s, whole);
		if (!to)
			return NULL;
		s = to;
		s->fresh = (char *)s + head;
	}
	s->used = size;
	*seal_of(s->fresh, size + SEAL) = __heap_secret ^ (uintptr_t)s->fresh;
	return s->fresh;
}

void __heap_free(void *p)
{
	struct span *s = span_of(p);
	int saved;

	if (!p)
		return;
	if (__builtin_expect(s->magic == SPAN_SMALL, 1)) {
		small_free(s, room_of(s, p));
		return;
	}
	saved = errno;
	check_big(s, p);
	__run_put(s);
	errno = saved;
}

void free(void *p) __attribute__((weak, alias("__heap_free")));

/* A thread's cache goes back to all when it ends. */
void __heap_thread_exit(void)
{
	struct thread *self = __self();
	struct heap_cache *cache = self->heap;

	if (!cache)
		return;
	for (unsigned int c = 0; c < HEAP_CLASSES; c++)
		if (cache->free[c])
			spill(cache, c, 0);
	self->heap = NULL;
	if (cache == &main_cache) {
		__atomic_store_n(&main_taken, 0, __ATOMIC_RELEASE);
	} else {
		unsigned int class = class_of(sizeof(*cache) + SEAL);

		*seal_of((char *)cache, __class_size(class)) = ~__heap_secret ^ (uintptr_t)cache;
		*(void **)cache = NULL;
		__central_put(class, cache);
	}
}

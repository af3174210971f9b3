/*
 * span.c - runs of 64 KiB units from mmap(2). Those given back are kept by
 * length, up to KEEP bytes of them, and cut when a shorter one is asked for.
 *
 * Locking: run_lock guards the lists and the region that new runs are cut from.
 */
#include "malloc.h"

#include "../internal/libc.h"

#include <sys/mman.h>

#define BINS   16 /* units; longer runs are always mappings of their own */
#define REGION (BINS * UNIT)
#define KEEP   (64 * UNIT)

static int run_lock;
static struct span *bins[BINS + 1]; /* by units, linked by next */
static size_t kept; /* bytes in them */
static char *region, *region_end; /* mapped and never used */

/* Address space is nearly full: is there room for just this much, by luck aligned? */
static char *map_tight(size_t size, size_t align)
{
	char *p, *at;

	p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED || !((uintptr_t)p & (align - 1)))
		return p == MAP_FAILED ? NULL : p;
	munmap(p, size);
	at = (char *)((uintptr_t)p & -align);
	p = mmap(at, size, PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	return p == MAP_FAILED ? NULL : p;
}

/* `size` bytes, a multiple of the page size, aligned to UNIT; or NULL. */
static char *map_aligned(size_t size, size_t align)
{
	size_t room = size + align;
	char *p, *at;

	if (room < size || size > PTRDIFF_MAX)
		return NULL;
	p = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (p == MAP_FAILED)
		return NULL;
	at = (char *)(((uintptr_t)p + align - 1) & -align);
	if (at > p)
		munmap(p, (size_t)(at - p));
	if (at + size < p + room)
		munmap(at + size, (size_t)(p + room - (at + size)));
	return at;
}

static void bin_add(char *p, size_t bytes)
{
	struct span *s = (struct span *)p;

	s->magic = 0;
	s->size = bytes;
	s->next = bins[bytes / UNIT];
	bins[bytes / UNIT] = s;
	kept += bytes;
}

static struct span *from_bins(size_t bytes)
{
	for (size_t n = bytes / UNIT; n <= BINS; n++) {
		struct span *s = bins[n];

		if (!s)
			continue;
		bins[n] = s->next;
		kept -= s->size;
		if (s->size > bytes)
			bin_add((char *)s + bytes, s->size - bytes);
		s->size = bytes;
		return s;
	}
	return NULL;
}

static struct span *from_region(size_t bytes)
{
	struct span *s;

	if ((size_t)(region_end - region) < bytes) {
		char *p = map_aligned(REGION, UNIT);

		if (!p)
			return NULL;
		if (region_end > region)
			bin_add(region, (size_t)(region_end - region));
		region = p;
		region_end = p + REGION;
	}
	s = (struct span *)region;
	region += bytes;
	s->size = bytes;
	return s;
}

struct span *__run_get(size_t bytes, size_t align, int *zero)
{
	struct span *s = NULL;
	char *p;

	*zero = 0;
	if (align > UNIT) {
		/* The block begins at a multiple of `align`, and its head is the unit before. */
		size_t whole = (bytes + UNIT - 1) & -UNIT;

		p = map_aligned(whole + align, align);
		if (!p)
			return NULL;
		munmap(p, align - UNIT);
		if (whole - bytes)
			munmap(p + align - UNIT + bytes, whole - bytes + UNIT);
		else
			munmap(p + align - UNIT + bytes, UNIT);
		s = (struct span *)(p + align - UNIT);
		s->size = bytes;
		*zero = 1;
		return s;
	}
	if (bytes <= REGION) {
		size_t units = (bytes + UNIT - 1) & -UNIT;

		__lock(&run_lock);
		s = from_bins(units);
		if (!s) {
			s = from_region(units);
			*zero = s != NULL;
		}
		__unlock(&run_lock);
		if (s)
			return s;
	}
	s = (struct span *)map_aligned(bytes, UNIT);
	if (!s)
		s = (struct span *)map_tight(bytes, UNIT);
	if (s) {
		s->size = bytes;
		*zero = 1;
	}
	return s;
}

/* A long one is moved without being copied: its pages get other addresses. */
struct span *__run_resize(struct span *s, size_t bytes)
{
	size_t old = s->size;
	char *to;

	if (bytes <= REGION || old <= REGION)
		return NULL;
	if (mremap(s, old, bytes, 0) == MAP_FAILED) {
		to = map_aligned(bytes, UNIT);
		if (!to)
			return NULL;
		if (mremap(s, old, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, to) == MAP_FAILED) {
			munmap(to, bytes);
			return NULL;
		}
		s = (struct span *)to;
	}
	s->size = bytes;
	return s;
}

void __run_put(struct span *s)
{
	size_t bytes = s->size;

	s->magic = 0;
	if (bytes <= REGION && bytes % UNIT == 0) {
		__lock(&run_lock);
		if (kept + bytes <= KEEP) {
			bin_add((char *)s, bytes);
			s = NULL;
		}
		__unlock(&run_lock);
	}
	if (s)
		munmap(s, bytes);
}

void __run_fork(int when)
{
	if (!when)
		__lock(&run_lock);
	else if (when == 1)
		__unlock(&run_lock);
	else
		run_lock = 0;
}

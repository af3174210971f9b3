/*
 * fuzz_malloc.c - libFuzzer: a list of operations on the heap. Blocks are aligned, don't overlap (each is filled
 * with a byte of its own, which must still be there), hold what was asked for, and keep it when resized.
 */
#include "lp.h"

#include <errno.h>

void *lp_malloc(size_t n);
void *lp_calloc(size_t k, size_t n);
void *lp_realloc(void *p, size_t n);
void *lp_aligned_alloc(size_t align, size_t n);
int lp_posix_memalign(void **p, size_t align, size_t n);
void lp_free(void *p);
size_t lp_malloc_usable_size(void *p);

enum { SLOTS = 32 };

static struct slot {
	unsigned char *p;
	size_t n;
	unsigned char with;
} slots[SLOTS];

static void check(const struct slot *s, size_t n)
{
	if (!n || (s->p[0] == s->with && !memcmp(s->p, s->p + 1, n - 1)))
		return;
	for (size_t i = 0; i < n; i++)
		if (s->p[i] != s->with)
			FAIL("byte %zu of a block of %zu was %02x and is %02x", i, s->n, s->with,
			     s->p[i]);
}

static void take(struct slot *s, void *p, size_t n, size_t align, unsigned char with)
{
	if (!p)
		FAIL("no memory for %zu", n);
	if ((uintptr_t)p % align)
		FAIL("%p is not aligned to %zu", p, align);
	if (lp_malloc_usable_size(p) < n)
		FAIL("%zu bytes of use in a block of %zu", lp_malloc_usable_size(p), n);
	*s = (struct slot){ p, n, with };
	memset(p, with, n);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	for (size_t i = 0; i + 4 <= size; i += 4) {
		const uint8_t *d = data + i;
		struct slot *s = &slots[d[0] % SLOTS];
		size_t n = (d[1] | (size_t)d[2] << 8), keep;
		unsigned char with = (unsigned char)(i / 4 + 1);
		unsigned char *p;

		/* Most are small. */
		n = (d[3] & 0x78) == 0x78 ? n << 3 : d[3] & 0x60 ? n % 600 : n % 9000;
		if (s->p && d[3] % 8 != 1) {
			check(s, s->n);
			lp_free(s->p);
			s->p = NULL;
		}
		switch (d[3] % 8) {
		case 0:
			break;
		case 1:
			keep = s->p ? s->n : 0;
			n += n == 0;
			p = lp_realloc(s->p, n);
			if (!p)
				FAIL("no memory for %zu", n);
			s->p = p;
			check(s, keep < n ? keep : n);
			take(s, p, n, 16, with);
			break;
		case 2:
			p = lp_calloc(1 + d[0] / 64, n);
			for (size_t k = 0; p && k < n * (1u + d[0] / 64); k++)
				if (p[k])
					FAIL("calloc: byte %zu of %zu is %02x", k, n, p[k]);
			take(s, p, n * (1u + d[0] / 64), 16, with);
			break;
		case 3:
			keep = (size_t)16 << d[0] / 32;
			take(s, lp_aligned_alloc(keep, n), n, keep, with);
			break;
		case 4:
			keep = (size_t)8 << d[0] % 14;
			if (lp_posix_memalign((void **)&p, keep, n))
				FAIL("posix_memalign");
			take(s, p, n, keep, with);
			break;
		default:
			take(s, lp_malloc(n), n, 16, with);
		}
	}
	for (int k = 0; k < SLOTS; k++) {
		if (slots[k].p)
			check(&slots[k], slots[k].n);
		lp_free(slots[k].p);
		slots[k].p = NULL;
	}
	return 0;
}

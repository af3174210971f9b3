/*
 * ring.c - the byte queue; see ring.h for the interface and the locking.
 */
#include "lib/ring.h"
#include "lib/string.h"

static inline u32 at(const struct ring *r, u32 index)
{
	return index & (r->size - 1);
}

u32 ring_put(struct ring *r, const void *src, u32 n)
{
	u32 start = at(r, r->head), first;

	n = min(n, ring_space(r));
	first = min(n, r->size - start);
	memcpy(r->buf + start, src, first);
	memcpy(r->buf, (const u8 *)src + first, n - first);
	__atomic_store_n(&r->head, r->head + n, __ATOMIC_RELEASE);
	return n;
}

u32 ring_peek(const struct ring *r, void *dst, u32 n)
{
	u32 start = at(r, r->tail), first;

	n = min(n, ring_len(r));
	first = min(n, r->size - start);
	memcpy(dst, r->buf + start, first);
	memcpy((u8 *)dst + first, r->buf, n - first);
	return n;
}

u32 ring_skip(struct ring *r, u32 n)
{
	n = min(n, ring_len(r));
	__atomic_store_n(&r->tail, r->tail + n, __ATOMIC_RELEASE);
	return n;
}

u32 ring_get(struct ring *r, void *dst, u32 n)
{
	return ring_skip(r, ring_peek(r, dst, n));
}

/*
 * ring.h - a byte queue over a power-of-two buffer that the caller provides.
 *
 * Indices run freely and are masked at use, so all `size` bytes can be used.
 * The caller's lock guards a ring.  With exactly one producer and one consumer
 * no lock is needed: indices are published with release and read with acquire.
 */
#ifndef LIB_RING_H
#define LIB_RING_H

#include <compiler.h>
#include <types.h>

struct ring {
	u8 *buf;
	u32 size; /* a power of two, at most 2^31 */
	u32 head; /* written so far; the producer's */
	u32 tail; /* read so far; the consumer's */
};

static inline void ring_init(struct ring *r, void *buf, u32 size)
{
	r->buf = buf;
	r->size = size;
	r->head = 0;
	r->tail = 0;
}

/* Bytes queued. */
static inline u32 ring_len(const struct ring *r)
{
	return __atomic_load_n(&r->head, __ATOMIC_ACQUIRE) -
	       __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
}

/* Bytes that still fit. */
static inline u32 ring_space(const struct ring *r)
{
	return r->size - ring_len(r);
}

static inline bool ring_empty(const struct ring *r)
{
	return ring_len(r) == 0;
}

static inline bool ring_full(const struct ring *r)
{
	return ring_len(r) == r->size;
}

static inline void ring_reset(struct ring *r)
{
	__atomic_store_n(&r->tail, r->head, __ATOMIC_RELEASE);
}

/* Put and get move up to n bytes and return how many; peek leaves them queued. */
u32 ring_put(struct ring *r, const void *src, u32 n);
u32 ring_get(struct ring *r, void *dst, u32 n);
u32 ring_peek(const struct ring *r, void *dst, u32 n);
/* Drops up to n bytes from the front. */
u32 ring_skip(struct ring *r, u32 n);

#endif

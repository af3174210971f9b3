/*
 * string.c - memory functions and strlen; see string.h. The rest: strings.c.
 *
 * Memory moves by words of 8 bytes.  Loads and stores are aligned, since a
 * misaligned access may trap into the firmware: when source and destination differ
 * in their low bits, each destination word is put together from two source words.
 * Nothing outside the operands is touched, but for the rest of the aligned word in
 * which strlen and memchr find what they look for.
 */
#include "lib/string.h"

#include <bitops.h>

typedef u64 __attribute__((may_alias)) word_t;

#define WORD  sizeof(word_t)
#define BLOCK (8 * WORD)
#define ONES  0x0101010101010101UL
#define TOPS  0x8080808080808080UL
/* Below this a loop over bytes is as good. */
#define SHORT (2 * WORD)

static inline size_t misalign(const void *p)
{
	return (uintptr_t)p % WORD;
}

/* Not zero when x has a zero byte; the lowest bit set marks the first one. */
static inline u64 zero_byte(u64 x)
{
	return (x - ONES) & ~x & TOPS;
}

static __always_inline void put_block(word_t *d, u64 a, u64 b, u64 c, u64 e, u64 f, u64 g, u64 h,
				      u64 i)
{
	d[0] = a;
	d[1] = b;
	d[2] = c;
	d[3] = e;
	d[4] = f;
	d[5] = g;
	d[6] = h;
	d[7] = i;
}

static __always_inline void move_block(word_t *d, const word_t *s)
{
	put_block(d, s[0], s[1], s[2], s[3], s[4], s[5], s[6], s[7]);
}

/* From an address `off` bytes behind a word's: each word of dst is put together of two. n >= SHORT. */
static noinline void copy_shifted(u8 *dst, const u8 *src, size_t n, unsigned off)
{
	unsigned down = 8 * off, up = 64 - down;
	const word_t *s = (const word_t *)(src - off);
	u64 low = 0;

	for (size_t i = off; i < WORD; i++)
		low |= (u64)src[i - off] << (8 * i);
	for (; n >= BLOCK + WORD; n -= BLOCK, dst += BLOCK, s += 8) {
		u64 a = s[1], b = s[2], c = s[3], d = s[4];
		u64 e = s[5], f = s[6], g = s[7], h = s[8];

		put_block((word_t *)dst, low >> down | a << up, a >> down | b << up,
			  b >> down | c << up, c >> down | d << up, d >> down | e << up,
			  e >> down | f << up, f >> down | g << up, g >> down | h << up);
		low = h;
	}
	for (; n >= SHORT; n -= WORD, dst += WORD, s++) {
		*(word_t *)dst = low >> down | s[1] << up;
		low = s[1];
	}
	src = (const u8 *)s + off;
	while (n--)
		*dst++ = *src++;
}

/* Also right for overlapping operands with dst below src. In both of its users: a page's copy is worth no call more. */
static __always_inline void copy_up(u8 *dst, const u8 *src, size_t n)
{
	size_t off;

	if (n >= SHORT) {
		for (; misalign(dst); n--)
			*dst++ = *src++;
		off = misalign(src);
		if (!off) {
			for (; n >= 4 * BLOCK; n -= 4 * BLOCK, dst += 4 * BLOCK, src += 4 * BLOCK) {
				word_t *d = (word_t *)dst;
				const word_t *s = (const word_t *)src;

				/* One after the other: more words than there are registers would go to the stack. */
				move_block(d, s);
				barrier();
				move_block(d + 8, s + 8);
				barrier();
				move_block(d + 16, s + 16);
				barrier();
				move_block(d + 24, s + 24);
				barrier();
			}
			for (; n >= BLOCK; n -= BLOCK, dst += BLOCK, src += BLOCK)
				move_block((word_t *)dst, (const word_t *)src);
			barrier();
			for (; n >= BLOCK / 2; n -= BLOCK / 2, dst += BLOCK / 2, src += BLOCK / 2) {
				word_t *d = (word_t *)dst;
				const word_t *s = (const word_t *)src;
				word_t a = s[0], b = s[1], c = s[2], e = s[3];

				d[0] = a;
				d[1] = b;
				d[2] = c;
				d[3] = e;
			}
			for (; n >= WORD; n -= WORD, dst += WORD, src += WORD)
				*(word_t *)dst = *(const word_t *)src;
		} else if (n >= SHORT) {
			copy_shifted(dst, src, n, (unsigned)off);
			return;
		}
	}
	while (n--)
		*dst++ = *src++;
}

/* From the end; right for overlapping operands with dst above src. */
__no_loop_calls static void copy_down(u8 *dst, const u8 *src, size_t n)
{
	u8 *d = dst + n;
	const u8 *s = src + n;
	size_t off;

	if (n >= SHORT) {
		for (; misalign(d); n--)
			*--d = *--s;
		off = misalign(s);
		if (!off) {
			for (; n >= WORD; n -= WORD) {
				d -= WORD;
				s -= WORD;
				*(word_t *)d = *(const word_t *)s;
			}
		} else if (n >= SHORT) {
			u64 high = 0;

			for (size_t i = 0; i < off; i++)
				high |= (u64)s[i - off] << (8 * i);
			for (; n >= SHORT; n -= WORD) {
				u64 low = *(const word_t *)(s - off - WORD);

				d -= WORD;
				s -= WORD;
				*(word_t *)d = low >> (8 * off) | high << (64 - 8 * off);
				high = low;
			}
		}
	}
	while (n--)
		*--d = *--s;
}

__no_loop_calls void *(memcpy)(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

__no_loop_calls void *(memmove)(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

__no_loop_calls void *(memset)(void *dst, int c, size_t n)
{
	u8 *d = dst;

	if (n >= SHORT) {
		u64 w = (u8)c * ONES;

		for (; misalign(d); n--)
			*d++ = (u8)c;
		for (; n >= BLOCK; n -= BLOCK, d += BLOCK)
			put_block((word_t *)d, w, w, w, w, w, w, w, w);
		for (; n >= WORD; n -= WORD, d += WORD)
			*(word_t *)d = w;
	}
	while (n--)
		*d++ = (u8)c;
	return dst;
}

int(memcmp)(const void *a, const void *b, size_t n)
{
	const u8 *p = a, *q = b;

	if (misalign(p) == misalign(q)) {
		for (; n && misalign(p); n--, p++, q++)
			if (*p != *q)
				return *p - *q;
		for (; n >= WORD; n -= WORD, p += WORD, q += WORD)
			if (*(const word_t *)p != *(const word_t *)q)
				break;
	}
	for (; n; n--, p++, q++)
		if (*p != *q)
			return *p - *q;
	return 0;
}

__no_sanitize_address void *memchr(const void *s, int c, size_t n)
{
	const u8 *p = s;
	u64 pattern = (u8)c * ONES;

	for (; n && misalign(p); n--, p++)
		if (*p == (u8)c)
			return (void *)(uintptr_t)p;
	for (; n >= WORD; n -= WORD, p += WORD)
		if (zero_byte(*(const word_t *)p ^ pattern))
			break;
	for (; n; n--, p++)
		if (*p == (u8)c)
			return (void *)(uintptr_t)p;
	return NULL;
}

void *memrchr(const void *s, int c, size_t n)
{
	const u8 *p = (const u8 *)s + n;

	while (n--)
		if (*--p == (u8)c)
			return (void *)(uintptr_t)p;
	return NULL;
}

void *memchr_inv(const void *s, int c, size_t n)
{
	const u8 *p = s;
	u64 pattern = (u8)c * ONES;

	for (; n && misalign(p); n--, p++)
		if (*p != (u8)c)
			return (void *)(uintptr_t)p;
	for (; n >= WORD; n -= WORD, p += WORD)
		if (*(const word_t *)p != pattern)
			break;
	for (; n; n--, p++)
		if (*p != (u8)c)
			return (void *)(uintptr_t)p;
	return NULL;
}

void *memmem(const void *hay, size_t hay_len, const void *needle, size_t needle_len)
{
	const u8 *p = hay, *last;

	if (needle_len == 0)
		return (void *)(uintptr_t)hay;
	if (hay_len < needle_len)
		return NULL;
	last = p + (hay_len - needle_len);
	for (; p <= last; p++) {
		p = memchr(p, *(const u8 *)needle, (size_t)(last - p) + 1);
		if (!p)
			return NULL;
		if (memcmp(p, needle, needle_len) == 0)
			return (void *)(uintptr_t)p;
	}
	return NULL;
}

__no_sanitize_address __no_loop_calls size_t strlen(const char *s)
{
	const char *p = s;
	u64 found;

	for (; misalign(p); p++)
		if (!*p)
			return (size_t)(p - s);
	while (!(found = zero_byte(*(const word_t *)p)))
		p += WORD;
	return (size_t)(p - s) + ctz64(found) / 8;
}

size_t strnlen(const char *s, size_t max)
{
	const char *end = memchr(s, 0, max);

	return end ? (size_t)(end - s) : max;
}

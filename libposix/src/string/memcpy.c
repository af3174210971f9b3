/*
 * memcpy.c - memcpy, mempcpy and memmove, eight words at a time. Where source and
 * destination are aligned differently, words are put together from two of the source:
 * a load that isn't aligned may trap into firmware and cost a hundred times as much.
 */
#include <stdint.h>
#include <string.h>

/* A word that may alias anything: the buffers have types of their own. */
typedef uint64_t __attribute__((may_alias)) word;

#define WORD   sizeof(word)
#define SMALL  16 /* shorter ones go byte by byte */
#define OFF(p) ((uintptr_t)(p) & (WORD - 1))

static inline void words_up(word *d, const word *s, size_t n)
{
	for (; n >= 8; n -= 8, d += 8, s += 8) {
		word a = s[0], b = s[1], c = s[2], e = s[3];
		word f = s[4], g = s[5], h = s[6], i = s[7];

		d[0] = a;
		d[1] = b;
		d[2] = c;
		d[3] = e;
		d[4] = f;
		d[5] = g;
		d[6] = h;
		d[7] = i;
	}
	while (n--)
		*d++ = *s++;
}

/* s is not aligned: its bytes are the upper ones of one word and the lower of the next. */
static inline void merge_up(word *d, const unsigned char *s, size_t n)
{
	unsigned int low = (unsigned int)OFF(s) * 8, high = 64 - low;
	const word *p = (const word *)(s - OFF(s));
	word have = *p++;

	for (; n >= 4; n -= 4, d += 4, p += 4) {
		word a = p[0], b = p[1], c = p[2], e = p[3];

		d[0] = have >> low | a << high;
		d[1] = a >> low | b << high;
		d[2] = b >> low | c << high;
		d[3] = c >> low | e << high;
		have = e;
	}
	while (n--) {
		word next = *p++;

		*d++ = have >> low | next << high;
		have = next;
	}
}

static inline void copy_up(unsigned char *d, const unsigned char *s, size_t n)
{
	if (n >= SMALL) {
		size_t words;

		while (OFF(d)) {
			*d++ = *s++;
			n--;
		}
		words = n / WORD;
		if (OFF(s))
			merge_up((word *)d, s, words);
		else
			words_up((word *)d, (const word *)s, words);
		d += words * WORD;
		s += words * WORD;
		n %= WORD;
	}
	while (n--)
		*d++ = *s++;
}

/* n bytes that end below d and s. */
static inline void bytes_down(unsigned char *d, const unsigned char *s, size_t n)
{
	unsigned char *end = d - n;

	while (d != end)
		*--d = *--s;
}

/* n words that end below d and s. */
static inline void words_down(word *d, const word *s, size_t n)
{
	for (word *end = d - n / 8 * 8; d != end;) {
		word a = s[-1], b = s[-2], c = s[-3], e = s[-4];
		word f = s[-5], g = s[-6], h = s[-7], i = s[-8];

		s -= 8;
		d -= 8;
		d[7] = a;
		d[6] = b;
		d[5] = c;
		d[4] = e;
		d[3] = f;
		d[2] = g;
		d[1] = h;
		d[0] = i;
	}
	if (n & 4) {
		word a = s[-1], b = s[-2], c = s[-3], e = s[-4];

		s -= 4;
		d -= 4;
		d[3] = a;
		d[2] = b;
		d[1] = c;
		d[0] = e;
	}
	for (word *end = d - n % 4; d != end;)
		*--d = *--s;
}

static void copy_down(unsigned char *d, const unsigned char *s, size_t n)
{
	d += n;
	s += n;
	if (n >= SMALL) {
		n -= OFF(d);
		bytes_down(d, s, OFF(d));
		s -= OFF(d);
		d -= OFF(d);
		if (OFF(s)) {
			unsigned int low = (unsigned int)OFF(s) * 8, high = 64 - low;
			const word *p = (const word *)(s - OFF(s));
			word have = *p;

			for (; n >= 4 * WORD; n -= 4 * WORD, s -= 4 * WORD) {
				word *q = (word *)(d -= 4 * WORD);
				word f = p[-1], g = p[-2], h = p[-3], i = p[-4];

				q[3] = f >> low | have << high;
				q[2] = g >> low | f << high;
				q[1] = h >> low | g << high;
				q[0] = i >> low | h << high;
				have = i;
				p -= 4;
			}
			for (; n >= WORD; n -= WORD, s -= WORD) {
				word next = *--p;

				d -= WORD;
				*(word *)d = next >> low | have << high;
				have = next;
			}
		} else {
			words_down((word *)d, (const word *)s, n / WORD);
			d -= n / WORD * WORD;
			s -= n / WORD * WORD;
			n %= WORD;
		}
	}
	bytes_down(d, s, n);
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

void *mempcpy(void *restrict dst, const void *restrict src, size_t n)
{
	return (char *)memcpy(dst, src, n) + n;
}

void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		memcpy(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

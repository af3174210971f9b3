/*
 * memcpy.c - memcpy, mempcpy and memmove. Words are moved when both sides
 * share their alignment; the rest goes byte by byte.
 */
#include <stdint.h>
#include <string.h>

/* A word that may alias anything: the buffers have types of their own. */
typedef uint64_t __attribute__((may_alias)) word;

#define WORD		 sizeof(word)
#define SAME_ALIGN(a, b) ((((uintptr_t)(a) ^ (uintptr_t)(b)) & (WORD - 1)) == 0)

static void copy_up(unsigned char *d, const unsigned char *s, size_t n)
{
	if (n >= 2 * WORD && SAME_ALIGN(d, s)) {
		while ((uintptr_t)d & (WORD - 1)) {
			*d++ = *s++;
			n--;
		}
		while (n >= 4 * WORD) {
			word a = ((const word *)s)[0], b = ((const word *)s)[1];
			word e = ((const word *)s)[2], f = ((const word *)s)[3];

			((word *)d)[0] = a;
			((word *)d)[1] = b;
			((word *)d)[2] = e;
			((word *)d)[3] = f;
			d += 4 * WORD;
			s += 4 * WORD;
			n -= 4 * WORD;
		}
		while (n >= WORD) {
			*(word *)d = *(const word *)s;
			d += WORD;
			s += WORD;
			n -= WORD;
		}
	}
	while (n--)
		*d++ = *s++;
}

static void copy_down(unsigned char *d, const unsigned char *s, size_t n)
{
	d += n;
	s += n;
	if (n >= 2 * WORD && SAME_ALIGN(d, s)) {
		while ((uintptr_t)d & (WORD - 1)) {
			*--d = *--s;
			n--;
		}
		while (n >= WORD) {
			d -= WORD;
			s -= WORD;
			*(word *)d = *(const word *)s;
			n -= WORD;
		}
	}
	while (n--)
		*--d = *--s;
}

void *memcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return dst;
}

void *mempcpy(void *restrict dst, const void *restrict src, size_t n)
{
	copy_up(dst, src, n);
	return (char *)dst + n;
}

void *memmove(void *dst, const void *src, size_t n)
{
	if ((uintptr_t)dst - (uintptr_t)src >= n)
		copy_up(dst, src, n);
	else
		copy_down(dst, src, n);
	return dst;
}

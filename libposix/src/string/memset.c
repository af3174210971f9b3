/*
 * memset.c - fill memory, eight words at a time once aligned; explicit_bzero, which no
 * compiler takes away.
 */
#include <stdint.h>
#include <string.h>
#include <strings.h>

typedef uint64_t __attribute__((may_alias)) word;

void *memset(void *dst, int c, size_t n)
{
	unsigned char *d = dst;
	word w = (unsigned char)c * 0x0101010101010101ul;

	if (n >= 16) {
		for (; (uintptr_t)d & (sizeof(w) - 1); n--)
			*d++ = (unsigned char)c;
		for (; n >= 8 * sizeof(w); n -= 8 * sizeof(w), d += 8 * sizeof(w)) {
			word *p = (word *)d;

			p[0] = w;
			p[1] = w;
			p[2] = w;
			p[3] = w;
			p[4] = w;
			p[5] = w;
			p[6] = w;
			p[7] = w;
		}
		for (; n >= sizeof(w); n -= sizeof(w), d += sizeof(w))
			*(word *)d = w;
	}
	while (n--)
		*d++ = (unsigned char)c;
	return dst;
}

void bzero(void *dst, size_t n)
{
	memset(dst, 0, n);
}

void explicit_bzero(void *dst, size_t n)
{
	memset(dst, 0, n);
	__asm__ volatile("" : : "r"(dst) : "memory");
}

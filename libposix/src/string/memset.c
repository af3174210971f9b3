/*
 * memset.c - fill memory, a word at a time once aligned.
 */
#include <stdint.h>
#include <string.h>

typedef uint64_t __attribute__((may_alias)) word;

void *memset(void *dst, int c, size_t n)
{
	unsigned char *d = dst;
	word w = (unsigned char)c * 0x0101010101010101ul;

	while (n && ((uintptr_t)d & (sizeof(w) - 1))) {
		*d++ = (unsigned char)c;
		n--;
	}
	while (n >= sizeof(w)) {
		*(word *)d = w;
		d += sizeof(w);
		n -= sizeof(w);
	}
	while (n--)
		*d++ = (unsigned char)c;
	return dst;
}

/* swab.c - swab(3): neighbouring bytes change places. */
#include <unistd.h>

void swab(const void *__restrict src, void *__restrict dst, ssize_t n)
{
	const char *from = src;
	char *to = dst;

	for (ssize_t i = 0; i + 1 < n; i += 2) {
		to[i] = from[i + 1];
		to[i + 1] = from[i];
	}
}

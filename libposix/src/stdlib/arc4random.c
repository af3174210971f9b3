/*
 * arc4random.c - random numbers nobody can guess (BSD arc4random(3)), from the kernel.
 */
#include <stdlib.h>
#include <sys/random.h>

void arc4random_buf(void *dst, size_t n)
{
	unsigned char *p = dst;

	while (n) {
		ssize_t got = getrandom(p, n < 256 ? n : 256, 0);

		if (got < 0)
			continue;
		p += got;
		n -= (size_t)got;
	}
}

unsigned int arc4random(void)
{
	unsigned int r;

	arc4random_buf(&r, sizeof(r));
	return r;
}

/* Below `bound`, each with the same chance: what is left of 2^32 by division is thrown away. */
unsigned int arc4random_uniform(unsigned int bound)
{
	unsigned int least, r;

	if (bound < 2)
		return 0;
	least = -bound % bound;
	do
		r = arc4random();
	while (r < least);
	return r % bound;
}

/*
 * sort.c - heap sort; see sort.h.
 */
#include "lib/sort.h"

#include <compiler.h>

static void swap_bytes(u8 *a, u8 *b, size_t n)
{
	for (; n; n--, a++, b++)
		swap(*a, *b);
}

/* Lets the element at `root` sink until neither child sorts after it. */
static void sift_down(u8 *base, size_t root, size_t count, size_t size, sort_cmp_fn cmp, void *arg)
{
	size_t child;

	while ((child = 2 * root + 1) < count) {
		if (child + 1 < count &&
		    cmp(base + child * size, base + (child + 1) * size, arg) < 0)
			child++;
		if (cmp(base + root * size, base + child * size, arg) >= 0)
			return;
		swap_bytes(base + root * size, base + child * size, size);
		root = child;
	}
}

void sort(void *base, size_t count, size_t size, sort_cmp_fn cmp, void *arg)
{
	for (size_t i = count / 2; i-- > 0;)
		sift_down(base, i, count, size, cmp, arg);
	while (count-- > 1) {
		swap_bytes(base, (u8 *)base + count * size, size);
		sift_down(base, 0, count, size, cmp, arg);
	}
}

/*
 * sort.c - qsort(3) as heap sort: in place, no recursion, n log n at worst;
 * bsearch(3).
 */
#include <stdlib.h>

typedef int compare_fn(const void *, const void *);

static void swap(char *a, char *b, size_t size)
{
	while (size--) {
		char t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

/* Let the element at `root` sink until both children are smaller. */
static void sift(char *base, size_t root, size_t count, size_t size, compare_fn *cmp)
{
	for (;;) {
		size_t child = 2 * root + 1;

		if (child >= count)
			return;
		if (child + 1 < count && cmp(base + child * size, base + (child + 1) * size) < 0)
			child++;
		if (cmp(base + root * size, base + child * size) >= 0)
			return;
		swap(base + root * size, base + child * size, size);
		root = child;
	}
}

void qsort(void *base, size_t count, size_t size, compare_fn *cmp)
{
	if (count < 2)
		return;
	for (size_t i = count / 2; i-- > 0;)
		sift(base, i, count, size, cmp);
	while (--count) {
		swap(base, (char *)base + count * size, size);
		sift(base, 0, count, size, cmp);
	}
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, compare_fn *cmp)
{
	const char *p = base;

	while (count) {
		const char *mid = p + count / 2 * size;
		int c = cmp(key, mid);

		if (!c)
			return (void *)mid;
		if (c > 0) {
			p = mid + size;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return NULL;
}

/*
 * sort.c - qsort, qsort_r and bsearch (C11 7.22.5). Quick sort with the median of three
 * as its pivot, short runs by insertion; where that goes too deep, heap sort, so that no
 * order of the input takes more than n log n. In place, no memory.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

typedef int compare_fn(const void *, const void *);
typedef int compare_arg_fn(const void *, const void *, void *);
typedef uint64_t __attribute__((may_alias)) word;

#define SHORT 12

struct sort {
	size_t size;
	compare_arg_fn *cmp;
	void *arg;
	int words; /* elements are whole aligned words */
};

static void swap(const struct sort *s, char *a, char *b)
{
	size_t n = s->size;

	if (s->words) {
		for (; n; n -= 8, a += 8, b += 8) {
			word t = *(word *)a;

			*(word *)a = *(word *)b;
			*(word *)b = t;
		}
		return;
	}
	while (n--) {
		char t = *a;

		*a++ = *b;
		*b++ = t;
	}
}

/* Let the element at `root` sink until both children are smaller. */
static void sift(const struct sort *s, char *base, size_t root, size_t count)
{
	for (;;) {
		size_t child = 2 * root + 1;

		if (child >= count)
			return;
		if (child + 1 < count &&
		    s->cmp(base + child * s->size, base + (child + 1) * s->size, s->arg) < 0)
			child++;
		if (s->cmp(base + root * s->size, base + child * s->size, s->arg) >= 0)
			return;
		swap(s, base + root * s->size, base + child * s->size);
		root = child;
	}
}

static void heap_sort(const struct sort *s, char *base, size_t count)
{
	for (size_t i = count / 2; i-- > 0;)
		sift(s, base, i, count);
	while (--count) {
		swap(s, base, base + count * s->size);
		sift(s, base, 0, count);
	}
}

static void insertion(const struct sort *s, char *base, size_t count)
{
	for (char *p = base + s->size; p < base + count * s->size; p += s->size)
		for (char *q = p; q > base && s->cmp(q - s->size, q, s->arg) > 0; q -= s->size)
			swap(s, q - s->size, q);
}

static void sort(const struct sort *s, char *base, size_t count, int depth)
{
	size_t size = s->size;

	while (count > SHORT) {
		char *mid = base + count / 2 * size, *last = base + (count - 1) * size;
		char *i = base, *j = last;
		size_t left;

		if (!depth--) {
			heap_sort(s, base, count);
			return;
		}
		/* The median of three to the front; the ends then stop both walks. */
		if (s->cmp(mid, base, s->arg) < 0)
			swap(s, mid, base);
		if (s->cmp(last, base, s->arg) < 0)
			swap(s, last, base);
		if (s->cmp(last, mid, s->arg) < 0)
			swap(s, last, mid);
		swap(s, base, mid);
		for (;;) {
			do
				i += size;
			while (i < last && s->cmp(i, base, s->arg) < 0);
			while (j > base && s->cmp(base, j, s->arg) < 0)
				j -= size;
			if (i >= j)
				break;
			swap(s, i, j);
			j -= size;
		}
		swap(s, base, j);
		left = (size_t)(j - base) / size;
		/* The shorter part by recursion, the longer by going on. */
		if (left < count - left - 1) {
			sort(s, base, left, depth);
			base = j + size;
			count -= left + 1;
		} else {
			sort(s, j + size, count - left - 1, depth);
			count = left;
		}
	}
	if (count > 1)
		insertion(s, base, count);
}

void qsort_r(void *base, size_t count, size_t size, compare_arg_fn *cmp, void *arg)
{
	struct sort s = { .size = size, .cmp = cmp, .arg = arg };

	if (count < 2 || !size)
		return;
	s.words = (((uintptr_t)base | size) & 7) == 0;
	sort(&s, base, count, 2 * (64 - __builtin_clzl(count)));
}

static int without_arg(const void *a, const void *b, void *fn)
{
	compare_fn *cmp;

	memcpy(&cmp, fn, sizeof(cmp));
	return cmp(a, b);
}

void qsort(void *base, size_t count, size_t size, compare_fn *cmp)
{
	qsort_r(base, count, size, without_arg, (void *)&cmp);
}

void *bsearch(const void *key, const void *base, size_t count, size_t size, compare_fn *cmp)
{
	const char *low = base;

	while (count) {
		const char *mid = low + count / 2 * size;
		int order = cmp(key, mid);

		if (!order)
			return (void *)mid;
		if (order > 0) {
			low = mid + size;
			count -= count / 2 + 1;
		} else {
			count /= 2;
		}
	}
	return NULL;
}

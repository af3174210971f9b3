/*
 * sort.h - heap sort: in place, no recursion, n log n at worst, not stable.
 */
#ifndef LIB_SORT_H
#define LIB_SORT_H

#include <types.h>

/* cmp is below, equal to or above 0 as *a sorts before, with or after *b. */
typedef int (*sort_cmp_fn)(const void *a, const void *b, void *arg);

void sort(void *base, size_t count, size_t size, sort_cmp_fn cmp, void *arg);

#endif

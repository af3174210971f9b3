/*
 * diffs.h - the shortest way from one list of lines to another.
 */
#ifndef USER_COMMON_DIFFS_H
#define USER_COMMON_DIFFS_H

#include <stdbool.h>

/*
 * Lines are numbers; equal ones are equal. Marks in `gone` and `new` those of a that b has not and those
 * of b that a has not (Myers, An O(ND) Difference Algorithm, 1986).
 */
void diff_lines(const int *a, int n, const int *b, int m, bool *gone, bool *new);

#endif

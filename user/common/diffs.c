/*
 * diffs.c - the shortest way from one list of lines to another, by its middle and then both halves.
 */
#include "diffs.h"
#include "common.h"

#include <stdlib.h>
#include <string.h>

struct search {
	const int *a, *b;
	bool *gone, *new;
	int *forward, *back; /* furthest x by diagonal */
	int zero;
};

/* The middle of the way: x, y of a point that both searches reach. */
static void middle(struct search *s, int afrom, int ato, int bfrom, int bto, int *mx, int *my)
{
	int n = ato - afrom, m = bto - bfrom, delta = n - m, most = (n + m + 1) / 2 + 1;
	int *f = s->forward + s->zero, *g = s->back + s->zero;

	f[1] = 0;
	g[1] = 0;
	for (int d = 0; d <= most; d++) {
		for (int k = -d; k <= d; k += 2) {
			int x = k == -d || (k != d && f[k - 1] < f[k + 1]) ? f[k + 1] :
									     f[k - 1] + 1,
			    y = x - k;
			int x0 = x;

			while (x < n && y < m && x >= 0 && y >= 0 &&
			       s->a[afrom + x] == s->b[bfrom + y]) {
				x++;
				y++;
			}
			f[k] = x;
			if (delta & 1 && k - delta >= -(d - 1) && k - delta <= d - 1 &&
			    x + g[-(k - delta)] >= n) {
				*mx = afrom + x0;
				*my = bfrom + x0 - k;
				if (*mx > ato || *my > bto || *my < bfrom)
					continue;
				return;
			}
		}
		for (int k = -d; k <= d; k += 2) {
			int x = k == -d || (k != d && g[k - 1] < g[k + 1]) ? g[k + 1] :
									     g[k - 1] + 1,
			    y = x - k;

			while (x < n && y < m && x >= 0 && y >= 0 &&
			       s->a[ato - 1 - x] == s->b[bto - 1 - y]) {
				x++;
				y++;
			}
			g[k] = x;
			if (!(delta & 1) && -(k - delta) >= -d && delta - k <= d &&
			    x + f[delta - k] >= n) {
				*mx = ato - x;
				*my = bto - y;
				if (*mx < afrom || *my < bfrom || *my > bto)
					continue;
				return;
			}
		}
	}
	*mx = ato;
	*my = bfrom;
}

static void compare(struct search *s, int afrom, int ato, int bfrom, int bto)
{
	int x, y;

	while (afrom < ato && bfrom < bto && s->a[afrom] == s->b[bfrom]) {
		afrom++;
		bfrom++;
	}
	while (afrom < ato && bfrom < bto && s->a[ato - 1] == s->b[bto - 1]) {
		ato--;
		bto--;
	}
	if (afrom == ato || bfrom == bto) {
		for (int i = afrom; i < ato; i++)
			s->gone[i] = true;
		for (int i = bfrom; i < bto; i++)
			s->new[i] = true;
		return;
	}
	middle(s, afrom, ato, bfrom, bto, &x, &y);
	if ((x == afrom && y == bfrom) || (x == ato && y == bto)) {
		/* no progress: one line by itself */
		s->gone[afrom] = true;
		compare(s, afrom + 1, ato, bfrom, bto);
		return;
	}
	compare(s, afrom, x, bfrom, y);
	compare(s, x, ato, y, bto);
}

void diff_lines(const int *a, int n, const int *b, int m, bool *gone, bool *new)
{
	struct search s = { .a = a, .b = b, .gone = gone, .new = new, .zero = n + m + 4 };
	size_t size = (size_t)(2 * s.zero + 4);

	s.forward = need(calloc(size, sizeof(int)));
	s.back = need(calloc(size, sizeof(int)));
	memset(gone, 0, (size_t)n * sizeof(*gone));
	memset(new, 0, (size_t)m * sizeof(*new));
	compare(&s, 0, n, 0, m);
	free(s.forward);
	free(s.back);
}

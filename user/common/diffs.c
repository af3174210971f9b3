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
static void middle(struct search *s, int alo, int ahi, int blo, int bhi, int *mx, int *my)
{
	int n = ahi - alo, m = bhi - blo, delta = n - m, most = (n + m + 1) / 2 + 1;
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
			       s->a[alo + x] == s->b[blo + y]) {
				x++;
				y++;
			}
			f[k] = x;
			if (delta & 1 && k - delta >= -(d - 1) && k - delta <= d - 1 &&
			    x + g[-(k - delta)] >= n) {
				*mx = alo + x0;
				*my = blo + x0 - k;
				if (*mx > ahi || *my > bhi || *my < blo)
					continue;
				return;
			}
		}
		for (int k = -d; k <= d; k += 2) {
			int x = k == -d || (k != d && g[k - 1] < g[k + 1]) ? g[k + 1] :
									     g[k - 1] + 1,
			    y = x - k;

			while (x < n && y < m && x >= 0 && y >= 0 &&
			       s->a[ahi - 1 - x] == s->b[bhi - 1 - y]) {
				x++;
				y++;
			}
			g[k] = x;
			if (!(delta & 1) && -(k - delta) >= -d && delta - k <= d &&
			    x + f[delta - k] >= n) {
				*mx = ahi - x;
				*my = bhi - y;
				if (*mx < alo || *my < blo || *my > bhi)
					continue;
				return;
			}
		}
	}
	*mx = ahi;
	*my = blo;
}

static void compare(struct search *s, int alo, int ahi, int blo, int bhi)
{
	int x, y;

	while (alo < ahi && blo < bhi && s->a[alo] == s->b[blo]) {
		alo++;
		blo++;
	}
	while (alo < ahi && blo < bhi && s->a[ahi - 1] == s->b[bhi - 1]) {
		ahi--;
		bhi--;
	}
	if (alo == ahi || blo == bhi) {
		for (int i = alo; i < ahi; i++)
			s->gone[i] = true;
		for (int i = blo; i < bhi; i++)
			s->new[i] = true;
		return;
	}
	middle(s, alo, ahi, blo, bhi, &x, &y);
	if ((x == alo && y == blo) || (x == ahi && y == bhi)) {
		/* no progress: one line by itself */
		s->gone[alo] = true;
		compare(s, alo + 1, ahi, blo, bhi);
		return;
	}
	compare(s, alo, x, blo, y);
	compare(s, x, ahi, y, bhi);
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

/*
 * globs.c - several patterns of names, of which one is enough.
 */
#include "common.h"

#include <fnmatch.h>
#include <stdlib.h>

void globs_add(struct globs *g, const char *glob)
{
	g->glob = need(realloc(g->glob, (g->n + 1) * sizeof(*g->glob)));
	g->glob[g->n++] = glob;
}

bool globs_match(const struct globs *g, const char *name, int flags)
{
	for (size_t i = 0; i < g->n; i++)
		if (!fnmatch(g->glob[i], name, flags))
			return true;
	return false;
}

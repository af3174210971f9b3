/*
 * fuzz_glob.c - libFuzzer: fnmatch beside the host's, and glob over a tree of ours (world.c): all that it finds
 * is there, sorted, and matches.
 */
#include "lp.h"

#include <fnmatch.h>

/* What POSIX leaves open: a bracket that doesn't end or holds classes, a backslash at the end. */
static int plain(const char *p)
{
	for (; *p; p++)
		if (*p == '[' || *p == '\\' || *p & 0x80)
			return 0;
	return 1;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char pattern[64], text[64];
	struct lp_glob g = { 0 };
	int flags, r, s;

	if (size < 3 || size > 110)
		return 0;
	lp_halves(data, size, pattern, sizeof(pattern), text, sizeof(text));
	flags = data[0] &
		(FNM_PATHNAME | FNM_NOESCAPE | FNM_PERIOD | FNM_LEADING_DIR | FNM_CASEFOLD);
	r = lp_fnmatch(pattern, text, flags);
	if (plain(pattern) && plain(text)) {
		s = fnmatch(pattern, text, flags);
		if (!r != !s)
			FAIL("fnmatch \"%s\" on \"%s\" (%d): %d, host %d", pattern, text, flags, r,
			     s);
	}
	/* Each star doubles the folders that are read. */
	int stars = 0;

	for (const char *p = pattern; *p; p++)
		stars += *p == '*' || *p == '{' || *p == ',';
	if (stars > 4)
		return 0;
	if (!lp_glob(pattern, (data[0] & 0x20 ? 0x400 : 0) | (data[0] & 0x40 ? 0x1000 : 0), NULL,
		     &g)) {
		if (!g.count || !g.paths || g.paths[g.count])
			FAIL("glob \"%s\": %zu names", pattern, g.count);
		for (size_t i = 0; i + 1 < g.count; i++)
			if (!(data[0] & 0x20) && strcmp(g.paths[i], g.paths[i + 1]) > 0)
				FAIL("glob \"%s\": %s before %s", pattern, g.paths[i],
				     g.paths[i + 1]);
	}
	lp_globfree(&g);
	return 0;
}

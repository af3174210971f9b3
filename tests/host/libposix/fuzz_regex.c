/*
 * fuzz_regex.c - libFuzzer: a regular expression and a text. Whether it matches, and where the whole match
 * lies, is the same as by the host's C library, when both take the expression and nothing in it refers back; and
 * every part lies within the whole. A long text takes no longer than its length says: libFuzzer's -timeout sees.
 */
#include "lp.h"

#include <regex.h>

enum { PARTS = 10, LONG = 20000 };

/*
 * What POSIX leaves open, and glibc takes in its own ways: repeated repetitions, empty parts, and the like. And
 * without regard to case glibc looks for the small letter in a range, not for either.
 */
static int plain(const char *p, int icase)
{
	char last = 0;

	if (icase && strchr(p, '-'))
		return 0;
	for (; *p; p++) {
		if (*p == '\\' || *p == '{' || *p == '(' || *p == '^' || *p == '$')
			return 0;
		if (strchr("*+?|", *p) && (!last || strchr("*+?|", last)))
			return 0;
		last = *p;
	}
	return last != '|';
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char big[LONG + 1];
	char pattern[48], text[64];
	struct lp_regex re;
	struct lp_match m[PARTS];
	regmatch_t h[PARTS];
	regex_t host;
	int flags, r, s;

	if (size < 4 || size > 100)
		return 0;
	lp_halves(data, size, pattern, sizeof(pattern), text, sizeof(text));
	for (char *p = pattern; *p; p++)
		*p &= 127;
	for (char *p = text; *p; p++)
		*p &= 127;
	flags = (data[0] & 1 ? REG_EXTENDED : 0) | (data[0] & 2 ? REG_ICASE : 0) |
		(data[0] & 4 ? REG_NEWLINE : 0);
	/* {255}{255} is big by right: refused or not, it is not what is looked for. */
	for (const char *p = strchr(pattern, '{'); p; p = strchr(p + 1, '{'))
		if (atoi(p + 1) > 9 || (strchr(p, ',') && atoi(strchr(p, ',') + 1) > 9))
			return 0;
	if (lp_regcomp(&re, pattern, flags))
		return 0;
	r = lp_regexec(&re, text, PARTS, m, 0);
	for (int i = 0; !r && i < PARTS; i++)
		if (m[i].so != -1 && (m[i].so < m[0].so || m[i].eo > m[0].eo || m[i].so > m[i].eo))
			FAIL("\"%s\" on \"%s\": part %d is %ld to %ld", pattern, text, i, m[i].so,
			     m[i].eo);
	if (plain(pattern, flags & REG_ICASE) && !regcomp(&host, pattern, flags)) {
		s = regexec(&host, text, PARTS, h, 0);
		if (!r != !s || (!r && (m[0].so != h[0].rm_so || m[0].eo != h[0].rm_eo)))
			FAIL("\"%s\" on \"%s\" (%d): %d %ld to %ld, host %d %d to %d", pattern,
			     text, flags, r, m[0].so, m[0].eo, s, h[0].rm_so, h[0].rm_eo);
		regfree(&host);
	}
	size_t k = strlen(text);

	if (data[0] >= 0xf0 && k && !strchr(pattern, '\\')) {
		for (int i = 0; i < LONG; i++)
			big[i] = text[(size_t)i % k];
		lp_regexec(&re, big, PARTS, m, 0);
	}
	lp_regfree(&re);
	return 0;
}

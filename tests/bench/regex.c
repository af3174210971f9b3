/*
 * What regexec costs as the text grows, with expressions that are the worst for who tries all ways: rows NAME-LENGTH, as
 * libc.c has them. With libposix only; for others some would not end.
 */
#include "bench.h"

#include <regex.h>

enum { MOST = 16384, TIMES = 3, PARTS = 8 };

static const struct {
	const char *name, *pattern;
	char fill, last; /* the text: all `fill`, but for its end */
} rows[] = {
	{ "nested", "(a*)*b", 'a', 'a' },
	{ "overlapping", "(a|aa)+$", 'a', 'c' },
	{ "options", "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaaaaab", 'a', 'c' },
	{ "stars", "x*a*a*a*a*a*a*b", 'a', 'c' },
	{ "anywhere", "(.*)(.*)(.*)(.*)c", 'a', 'c' },
	{ "rounds", "(a|b)*", 'a', 'a' },
	{ "long-rounds", "(a|a.*b|(aa)*c)*", 'a', 'c' },
	{ "nested-rounds", "((a|aa)*|b(a)*)*", 'a', 'a' },
	{ "counted", "(a{1,20}){1,20}b", 'a', 'c' },
};

int main(void)
{
	static char text[MOST + 1];
	static const int lengths[] = { MOST / 4, MOST };
	regmatch_t m[PARTS];

	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		for (int k = 0; k < 2; k++) {
			regex_t re;

			memset(text, rows[i].fill, MOST);
			text[lengths[k] - 1] = rows[i].last;
			text[lengths[k]] = 0;
			if (regcomp(&re, rows[i].pattern, REG_EXTENDED))
				return 1;
			printf("@@ %s-%d 1\n", rows[i].name, lengths[k]);
			fflush(stdout);
			for (int t = 0; t < TIMES; t++) {
				mark(1);
				regexec(&re, text, PARTS, m, 0);
				mark(2);
			}
			regfree(&re);
		}
	}
	return 0;
}

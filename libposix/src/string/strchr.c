/*
 * strchr.c - searching strings: single bytes, sets of bytes, substrings.
 */
#include "word.h"

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Where c is first, or the end. */
static inline const char *find(const char *s, int c)
{
	word all;

	for (; !ALIGNED(s); s++)
		if (*s == (char)c || !*s)
			return s;
	all = (unsigned char)c * ONES;
	while (!has_zero(*(const word *)s) && !has_zero(*(const word *)s ^ all))
		s += WORD;
	while (*s != (char)c && *s)
		s++;
	return s;
}

char *strchrnul(const char *s, int c)
{
	return (char *)find(s, c);
}

char *strchr(const char *s, int c)
{
	const char *p = find(s, c);

	return *p == (char)c ? (char *)p : NULL;
}

char *strrchr(const char *s, int c)
{
	return memrchr(s, c, strlen(s) + 1);
}

/* A bit for each byte value; the terminating zero is a member when asked. */
struct byteset {
	uint64_t bits[4];
};

static void byteset_fill(struct byteset *set, const char *bytes)
{
	memset(set, 0, sizeof(*set));
	for (; *bytes; bytes++)
		set->bits[(unsigned char)*bytes / 64] |= 1ul << ((unsigned char)*bytes % 64);
}

static int byteset_has(const struct byteset *set, char c)
{
	return (set->bits[(unsigned char)c / 64] >> ((unsigned char)c % 64)) & 1;
}

size_t strspn(const char *s, const char *accept)
{
	struct byteset set;
	size_t n = 0;

	byteset_fill(&set, accept);
	while (byteset_has(&set, s[n]))
		n++;
	return n;
}

size_t strcspn(const char *s, const char *reject)
{
	struct byteset set;
	size_t n = 0;

	byteset_fill(&set, reject);
	while (s[n] && !byteset_has(&set, s[n]))
		n++;
	return n;
}

char *strpbrk(const char *s, const char *accept)
{
	s += strcspn(s, accept);
	return *s ? (char *)s : NULL;
}

char *strtok_r(char *restrict s, const char *restrict delim, char **restrict save)
{
	char *tok;

	if (!s)
		s = *save;
	if (!s)
		return NULL;
	tok = s + strspn(s, delim);
	if (!*tok) {
		*save = NULL;
		return NULL;
	}
	*save = tok;
	strsep(save, delim);
	return tok;
}

char *strtok(char *restrict s, const char *restrict delim)
{
	static char *save;

	return strtok_r(s, delim, &save);
}

char *strsep(char **restrict s, const char *restrict delim)
{
	char *tok = *s, *end;

	if (!tok)
		return NULL;
	end = tok + strcspn(tok, delim);
	if (*end)
		*end++ = 0;
	else
		end = NULL;
	*s = end;
	return tok;
}

int ffsl(long i)
{
	return i ? __builtin_ctzl((unsigned long)i) + 1 : 0;
}

int ffs(int i)
{
	return ffsl((unsigned int)i);
}

int ffsll(long long i)
{
	return ffsl(i);
}

char *index(const char *s, int c)
{
	return strchr(s, c);
}

char *rindex(const char *s, int c)
{
	return strrchr(s, c);
}

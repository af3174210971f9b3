/*
 * fnmatch.c - does a name match a pattern of the shell (POSIX 2.14)? After a star the
 * rest is tried at each place, but only the last star seen need ever be tried again, so
 * the time is at most the product of both lengths.
 */
#include <ctype.h>
#include <fnmatch.h>
#include <limits.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#define BAD_BYTE 0x110000 /* and a byte: one that is no character */
#define LITERAL	 0x40000000 /* a flag: a backslash before a closing bracket is itself */

static int next_char(const char *s, const char **end)
{
	mbstate_t st = { 0 };
	wchar_t wc;
	size_t k;

	if ((unsigned char)*s < 128) {
		*end = s + 1;
		return (unsigned char)*s;
	}
	k = mbrtowc(&wc, s, MB_LEN_MAX, &st);
	if (k >= (size_t)-2) {
		*end = s + 1;
		return BAD_BYTE | (unsigned char)*s;
	}
	*end = s + k;
	return wc;
}

static int fold(int c, int flags)
{
	return flags & FNM_CASEFOLD && c < BAD_BYTE ? (int)towlower((wint_t)c) : c;
}

/* [:class:], [.x.] or [=x=] at p (behind its '['): where it ends, NULL when it is none. */
static const char *name_end(const char *p)
{
	char sign = *p;

	for (p++; *p; p++)
		if (p[0] == sign && p[1] == ']')
			return p + 2;
	return NULL;
}

static int in_class(const char *p, size_t n, int c, int flags)
{
	char name[16];
	wctype_t class;

	if (n >= sizeof(name))
		return 0;
	memcpy(name, p, n);
	name[n] = 0;
	class = wctype(name);
	if (iswctype((wint_t)c, class))
		return 1;
	return flags & FNM_CASEFOLD &&
	       (iswctype(towlower((wint_t)c), class) || iswctype(towupper((wint_t)c), class));
}

/* One end of a range: *p behind it. */
static int range_end(const char **p, int flags)
{
	const char *end;
	int c;

	if ((*p)[0] == '[' && ((*p)[1] == '.' || (*p)[1] == '=')) {
		const char *close = name_end(*p + 1);

		if (close) {
			c = next_char(*p + 2, &end);
			*p = close;
			return c;
		}
	}
	if (**p == '\\' && !(flags & FNM_NOESCAPE) && (*p)[1] &&
	    !((*p)[1] == ']' && flags & LITERAL))
		++*p;
	c = next_char(*p, &end);
	*p = end;
	return c;
}

/*
 * c and the set that begins behind [ at p: 1 in it, 0 not, -1 when there is no set. *end
 * is behind it.
 */
static int set_of(const char *p, int c, int flags, const char **end)
{
	int negated = *p == '!' || *p == '^', found = 0;
	const char *begin;

	p += negated;
	for (begin = p; *p != ']' || p == begin;) {
		int low, high;

		if (!*p || (*p == '/' && flags & FNM_PATHNAME))
			return -1;
		if (p[0] == '[' && p[1] == ':') {
			const char *close = name_end(p + 1);

			if (!close)
				return -1;
			found |= in_class(p + 2, (size_t)(close - p - 4), c, flags);
			p = close;
			continue;
		}
		low = high = range_end(&p, flags);
		if (*p == '-' && p[1] && p[1] != ']') {
			p++;
			high = range_end(&p, flags);
		}
		if (c >= low && c <= high)
			found = 1;
		if (flags & FNM_CASEFOLD) {
			int l = (int)towlower((wint_t)c), u = (int)towupper((wint_t)c);

			found |= (l >= low && l <= high) || (u >= low && u <= high);
		}
	}
	*end = p + 1;
	return found != negated;
}

/* The same; where no other bracket closes the set, one behind a backslash does. */
static int in_set(const char *p, int c, int flags, const char **end)
{
	int found = set_of(p, c, flags, end);

	return found < 0 && !(flags & FNM_NOESCAPE) ? set_of(p, c, flags | LITERAL, end) : found;
}

/* Is a dot here one that only a dot matches? */
static int leading_dot(const char *s, const char *start, int flags)
{
	return *s == '.' && flags & FNM_PERIOD &&
	       (s == start || (flags & FNM_PATHNAME && s[-1] == '/'));
}

/* The pattern's thing at p against the character at s: 1 and both moved on, or 0. */
static int match_one(const char **p, const char **s, const char *start, int flags)
{
	const char *s_end, *p_end;
	int c;

	if (!**s)
		return 0;
	c = next_char(*s, &s_end);
	if (**p == '?' || **p == '[') {
		int is = 1;

		if ((c == '/' && flags & FNM_PATHNAME) || leading_dot(*s, start, flags)) {
			if (**p == '?')
				return 0;
			is = 0;
		}
		if (**p == '?') {
			p_end = *p + 1;
		} else {
			int in = in_set(*p + 1, c, flags, &p_end);

			if (in < 0)
				goto literal;
			is &= in;
		}
		if (!is)
			return 0;
		*p = p_end;
		*s = s_end;
		return 1;
	}
literal:
	if (**p == '\\' && !(flags & FNM_NOESCAPE) && (*p)[1])
		++*p;
	if (fold(next_char(*p, &p_end), flags) != fold(c, flags))
		return 0;
	*p = p_end;
	*s = s_end;
	return 1;
}

int fnmatch(const char *p, const char *s, int flags)
{
	const char *start = s, *star_p = NULL, *star_s = NULL;

	for (;;) {
		const char *p_before = p;

		if (*p == '*') {
			while (*p == '*')
				p++;
			if (leading_dot(s, start, flags))
				return FNM_NOMATCH;
			star_p = p;
			star_s = s;
			continue;
		}
		if (!*p) {
			if (!*s || (*s == '/' && flags & FNM_LEADING_DIR))
				return 0;
		} else if (match_one(&p, &s, start, flags)) {
			continue;
		}
		p = p_before;
		/* The last star takes one more. */
		if (!star_p || !*star_s || (*star_s == '/' && flags & FNM_PATHNAME))
			return FNM_NOMATCH;
		next_char(star_s, &star_s);
		p = star_p;
		s = star_s;
	}
}

/*
 * wctype.c - classes and cases of wide characters (C11 7.30) by ranges of Unicode,
 * which unicode.py writes when the library is built.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

struct range {
	uint32_t first, last;
};

struct case_range {
	uint32_t first, last;
	int32_t distance;
	uint32_t step;
};

#include <unicode.h>

static int by_range(const void *key, const void *elem)
{
	uint32_t c = *(const uint32_t *)key;
	const struct range *r = elem;

	return c < r->first ? -1 : c > r->last;
}

static int in(wint_t c, const struct range *r, size_t n)
{
	return bsearch(&c, r, n, sizeof(*r), by_range) != NULL;
}

#define IN(c, table) in(c, table, sizeof(table) / sizeof(*(table)))

int iswdigit(wint_t c)
{
	return c - '0' < 10;
}

int iswxdigit(wint_t c)
{
	return c - '0' < 10 || (c | 32) - 'a' < 6;
}

int iswalpha(wint_t c)
{
	return c < 128 ? (c | 32) - 'a' < 26 : IN(c, alpha_ranges);
}

int iswalnum(wint_t c)
{
	return iswdigit(c) || iswalpha(c);
}

int iswblank(wint_t c)
{
	return c == ' ' || c == '\t' || (c > 127 && c != 0x2028 && c != 0x2029 && iswspace(c));
}

int iswspace(wint_t c)
{
	return c < 128 ? c == ' ' || c - '\t' < 5 : IN(c, space_ranges);
}

int iswcntrl(wint_t c)
{
	return c < 128 ? c < 32 || c == 127 : IN(c, cntrl_ranges);
}

int iswprint(wint_t c)
{
	return c < 128 ? c - 32 < 95 : IN(c, print_ranges);
}

int iswgraph(wint_t c)
{
	return !iswspace(c) && iswprint(c);
}

int iswpunct(wint_t c)
{
	return c < 128 ? iswgraph(c) && !iswalnum(c) : IN(c, punct_ranges);
}

static wint_t map(wint_t c, const struct case_range *r, size_t n)
{
	const struct case_range *found = bsearch(&c, r, n, sizeof(*r), by_range);

	if (!found || (c - found->first) % found->step)
		return c;
	return c + (wint_t)found->distance;
}

wint_t towlower(wint_t c)
{
	if (c < 128)
		return c - 'A' < 26 ? c + 32 : c;
	return map(c, to_lower, sizeof(to_lower) / sizeof(*to_lower));
}

wint_t towupper(wint_t c)
{
	if (c < 128)
		return c - 'a' < 26 ? c - 32 : c;
	return map(c, to_upper, sizeof(to_upper) / sizeof(*to_upper));
}

int iswlower(wint_t c)
{
	return towupper(c) != c || c == 0xdf;
}

int iswupper(wint_t c)
{
	return towlower(c) != c;
}

/* Columns on a terminal: 2 for East Asian wide ones, 0 for marks, -1 for controls. */
int wcwidth(wchar_t wc)
{
	wint_t c = (wint_t)wc;

	if (c < 128)
		return c - 32 < 95 ? 1 : c ? -1 : 0;
	if (IN(c, zero_width_ranges))
		return 0;
	if (IN(c, wide_ranges))
		return 2;
	return iswprint(c) ? 1 : -1;
}

int wcswidth(const wchar_t *s, size_t n)
{
	int total = 0;

	for (; n && *s; n--, s++) {
		int w = wcwidth(*s);

		if (w < 0)
			return -1;
		total += w;
	}
	return total;
}

static const struct class
{
	char name[8];
	int (*is)(wint_t c);
} classes[] = {
	{ "alnum", iswalnum }, { "alpha", iswalpha }, { "blank", iswblank },
	{ "cntrl", iswcntrl }, { "digit", iswdigit }, { "graph", iswgraph },
	{ "lower", iswlower }, { "print", iswprint }, { "punct", iswpunct },
	{ "space", iswspace }, { "upper", iswupper }, { "xdigit", iswxdigit },
};

#define CLASSES (sizeof(classes) / sizeof(*classes))

wctype_t wctype(const char *name)
{
	for (size_t i = 0; i < CLASSES; i++)
		if (!strcmp(name, classes[i].name))
			return i + 1;
	return 0;
}

int iswctype(wint_t c, wctype_t type)
{
	return type && type <= CLASSES ? classes[type - 1].is(c) : 0;
}

static const int translations[2];

wctrans_t wctrans(const char *name)
{
	if (!strcmp(name, "tolower"))
		return &translations[0];
	return strcmp(name, "toupper") ? NULL : &translations[1];
}

wint_t towctrans(wint_t c, wctrans_t trans)
{
	if (trans == &translations[0])
		return towlower(c);
	return trans == &translations[1] ? towupper(c) : c;
}

/*
 * strtod.c - floating point from strings (C11 7.22.1.3); internal/scan_float.c does it.
 */
#include "../internal/charsrc.h"

#include <limits.h>
#include <locale.h>
#include <stdlib.h>
#include <wchar.h>
#include <wctype.h>

static int space(int c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

static long double convert(const char *s, char **end, int bits)
{
	struct charsrc src = { .left = LONG_MAX };
	const char *p = s;
	long double value;
	long good;

	while (space(*p))
		p++;
	src.s = (const unsigned char *)p;
	good = __scan_float(&src, bits, &value);
	if (end)
		*end = (char *)(good ? p + good : s);
	return value;
}

static long double convert_wide(const wchar_t *s, wchar_t **end, int bits)
{
	struct charsrc src = { .left = LONG_MAX };
	const wchar_t *p = s;
	long double value;
	long good;

	while (iswspace((wint_t)*p))
		p++;
	src.ws = p;
	good = __scan_float(&src, bits, &value);
	if (end)
		*end = (wchar_t *)(good ? p + good : s);
	return value;
}

float strtof(const char *restrict s, char **restrict end)
{
	return (float)convert(s, end, 24);
}

double strtod(const char *restrict s, char **restrict end)
{
	return (double)convert(s, end, 53);
}

long double strtold(const char *restrict s, char **restrict end)
{
	return convert(s, end, 113);
}

double atof(const char *s)
{
	return strtod(s, NULL);
}

float strtof_l(const char *restrict s, char **restrict end, locale_t loc)
{
	(void)loc;
	return strtof(s, end);
}

double strtod_l(const char *restrict s, char **restrict end, locale_t loc)
{
	(void)loc;
	return strtod(s, end);
}

long double strtold_l(const char *restrict s, char **restrict end, locale_t loc)
{
	(void)loc;
	return strtold(s, end);
}

float wcstof(const wchar_t *restrict s, wchar_t **restrict end)
{
	return (float)convert_wide(s, end, 24);
}

double wcstod(const wchar_t *restrict s, wchar_t **restrict end)
{
	return (double)convert_wide(s, end, 53);
}

long double wcstold(const wchar_t *restrict s, wchar_t **restrict end)
{
	return convert_wide(s, end, 113);
}

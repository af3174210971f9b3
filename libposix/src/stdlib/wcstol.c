/*
 * wcstol.c - whole numbers from wide strings (C11 7.29.4.1.2).
 */
#include "../internal/charsrc.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <wchar.h>
#include <wctype.h>

static struct scanned_int convert(const wchar_t *s, wchar_t **end, int base)
{
	struct charsrc src = { .left = LONG_MAX };
	struct scanned_int n = { 0 };
	const wchar_t *p = s;
	long good = 0;

	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
	} else {
		while (iswspace((wint_t)*p))
			p++;
		src.ws = p;
		good = __scan_int(&src, base, &n);
	}
	if (end)
		*end = (wchar_t *)(good ? p + good : s);
	return n;
}

static long clamp(struct scanned_int n)
{
	uint64_t max = (uint64_t)LONG_MAX + (unsigned)n.negative;

	if (n.value > max) {
		errno = ERANGE;
		n.value = max;
	}
	return (long)(n.negative ? -n.value : n.value);
}

long wcstol(const wchar_t *restrict s, wchar_t **restrict end, int base)
{
	return clamp(convert(s, end, base));
}

unsigned long wcstoul(const wchar_t *restrict s, wchar_t **restrict end, int base)
{
	struct scanned_int n = convert(s, end, base);

	if (n.overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return n.negative ? -n.value : n.value;
}

long long wcstoll(const wchar_t *restrict s, wchar_t **restrict end, int base)
{
	return wcstol(s, end, base);
}

unsigned long long wcstoull(const wchar_t *restrict s, wchar_t **restrict end, int base)
{
	return wcstoul(s, end, base);
}

intmax_t wcstoimax(const wchar_t *restrict s, wchar_t **restrict end, int base)
{
	return wcstol(s, end, base);
}

uintmax_t wcstoumax(const wchar_t *restrict s, wchar_t **restrict end, int base)
{
	return wcstoul(s, end, base);
}

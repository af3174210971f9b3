/*
 * strtol.c - numbers from text: strtol(3) and its relatives. One function
 * reads sign, prefix and digits; the public ones clamp to their type.
 */
#include "../internal/charsrc.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

struct number {
	unsigned long magnitude;
	int negative;
	int overflow; /* magnitude did not fit 64 bits */
};

static int parse(const char *s, char **end, int base, struct number *n)
{
	const char *p = s;
	int any = 0;

	n->magnitude = 0;
	n->negative = n->overflow = 0;
	if (end)
		*end = (char *)s;
	if (base < 0 || base == 1 || base > 36) {
		errno = EINVAL;
		return 0;
	}
	while (isspace((unsigned char)*p))
		p++;
	if (*p == '+' || *p == '-')
		n->negative = *p++ == '-';
	if ((base == 0 || base == 16) && p[0] == '0' && (p[1] | 32) == 'x' && digit_of(p[2]) < 16) {
		p += 2;
		base = 16;
	}
	if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (; digit_of(*p) < base; p++) {
		any = 1;
		if (__builtin_mul_overflow(n->magnitude, (unsigned long)base, &n->magnitude) ||
		    __builtin_add_overflow(n->magnitude, (unsigned long)digit_of(*p),
					   &n->magnitude))
			n->overflow = 1;
	}
	if (any && end)
		*end = (char *)p;
	return any;
}

long strtol(const char *restrict s, char **restrict end, int base)
{
	struct number n;

	if (!parse(s, end, base, &n))
		return 0;
	if (n.negative) {
		if (n.overflow || n.magnitude > -(unsigned long)LONG_MIN) {
			errno = ERANGE;
			return LONG_MIN;
		}
		return (long)-n.magnitude;
	}
	if (n.overflow || n.magnitude > LONG_MAX) {
		errno = ERANGE;
		return LONG_MAX;
	}
	return (long)n.magnitude;
}

unsigned long strtoul(const char *restrict s, char **restrict end, int base)
{
	struct number n;

	if (!parse(s, end, base, &n))
		return 0;
	if (n.overflow) {
		errno = ERANGE;
		return ULONG_MAX;
	}
	return n.negative ? -n.magnitude : n.magnitude;
}

long long strtoll(const char *restrict s, char **restrict end, int base)
{
	return strtol(s, end, base);
}

unsigned long long strtoull(const char *restrict s, char **restrict end, int base)
{
	return strtoul(s, end, base);
}

intmax_t strtoimax(const char *restrict s, char **restrict end, int base)
{
	return strtol(s, end, base);
}

uintmax_t strtoumax(const char *restrict s, char **restrict end, int base)
{
	return strtoul(s, end, base);
}

int atoi(const char *s)
{
	return (int)strtol(s, NULL, 10);
}

long atol(const char *s)
{
	return strtol(s, NULL, 10);
}

long long atoll(const char *s)
{
	return strtol(s, NULL, 10);
}

long strtol_l(const char *restrict s, char **restrict end, int base, locale_t loc)
{
	(void)loc;
	return strtol(s, end, base);
}

unsigned long strtoul_l(const char *restrict s, char **restrict end, int base, locale_t loc)
{
	(void)loc;
	return strtoul(s, end, base);
}

long long strtoll_l(const char *restrict s, char **restrict end, int base, locale_t loc)
{
	(void)loc;
	return strtol(s, end, base);
}

unsigned long long strtoull_l(const char *restrict s, char **restrict end, int base, locale_t loc)
{
	(void)loc;
	return strtoul(s, end, base);
}

/* OpenBSD strtonum(3): the whole of s, within bounds, or 0 with *err telling why. */
long long strtonum(const char *s, long long min, long long max, const char **err)
{
	const char *why = NULL;
	int saved = errno;
	char *end;
	long long n;

	errno = 0;
	n = strtoll(s, &end, 10);
	if (min > max || end == s || *end) {
		why = "invalid";
		errno = EINVAL;
	} else if ((n == LLONG_MIN && errno == ERANGE) || n < min) {
		why = "too small";
		errno = ERANGE;
	} else if ((n == LLONG_MAX && errno == ERANGE) || n > max) {
		why = "too large";
		errno = ERANGE;
	} else {
		errno = saved;
	}
	if (err)
		*err = why;
	return why ? 0 : n;
}

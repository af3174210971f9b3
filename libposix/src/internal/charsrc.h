/*
 * charsrc.h - characters one by one, wherever they come from: a string, a wide
 * string, a stream. What reads numbers reads from this, so that strtod, wcstod,
 * fscanf and fwscanf agree.
 */
#ifndef LIBPOSIX_CHARSRC_H
#define LIBPOSIX_CHARSRC_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <wchar.h>

struct charsrc {
	const unsigned char *s; /* one of these three */
	const wchar_t *ws;
	FILE *f;
	int wide; /* units of f are wide characters */
	long left; /* how many more may be taken */
	long taken;
};

#define SRC_END (-1)

/* What the character c is worth as a digit: 0..35, 99 when it is none. */
static inline int digit_of(int c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'Z')
		return c - 'A' + 10;
	return 99;
}

/* The next unit, or SRC_END: nothing is left, of the source or of the field. */
int __src_get(struct charsrc *src);

/* Give back the unit that came last, c as __src_get gave it. */
void __src_unget(struct charsrc *src, int c);

/*
 * Read a number in base 0 or 2..36 with its sign: how many units of those taken
 * belong to it, 0 when there is none. *overflow: *value holds the largest instead.
 */
struct scanned_int {
	uint64_t value;
	int negative;
	int overflow;
};

long __scan_int(struct charsrc *src, int base, struct scanned_int *n);

/*
 * Read a floating-point number for a format with `bits` of precision (24, 53, 113);
 * returns as __scan_int. Sets errno to ERANGE where strtod does.
 */
long __scan_float(struct charsrc *src, int bits, long double *value);

#endif

/*
 * format.h - the engine of printf: where the text goes, and the pieces of which
 * the engine is made.
 */
#ifndef LIBPOSIX_FORMAT_H
#define LIBPOSIX_FORMAT_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <wchar.h>

/*
 * Bytes go to pos..end as long as there is room; what doesn't fit is handed to
 * spill, which may set another pos and end. A sink of wide characters has `wide`
 * set and room for nothing: spill then gets ASCII, each byte a character, and
 * spill_wide all else.
 */
struct sink {
	char *pos, *end;
	int (*spill)(struct sink *s, const char *bytes, size_t n); /* 0, or -1 with errno */
	int (*spill_wide)(struct sink *s, const wchar_t *chars, size_t n);
	size_t total; /* characters so far */
	int wide;
	int full; /* nothing more is kept: only count */
};

#define FMT_LEFT  1u
#define FMT_PLUS  2u
#define FMT_SPACE 4u
#define FMT_ALT	  8u
#define FMT_ZERO  16u
#define FMT_GROUP 32u

struct spec {
	unsigned int flags;
	int width; /* 0: none */
	int precision; /* -1: none */
	char length; /* h l j z t L, H for hh, 0 for none */
	char conv;
};

/* Bytes made, or -1 with errno. */
int __format(struct sink *s, const char *fmt, va_list ap);
int __wformat(struct sink *s, const wchar_t *fmt, va_list ap);

int __emit(struct sink *s, const char *bytes, size_t n);
int __pad(struct sink *s, char c, long n);

/* prefix and body in the field of sp: padded left, right, or by zeros between them. */
int __field(struct sink *s, const struct spec *sp, const char *prefix, size_t plen,
	    const char *body, size_t blen);

/* Conversions a A e E f F g G; %Lf and its like take a long double. */
int __format_double(struct sink *s, const struct spec *sp, double x);
int __format_long_double(struct sink *s, const struct spec *sp, long double x);

/*
 * x, a double that is a number and not 0, in decimal and to the nearest: value * 10^-behind. To `digits` digits, or when
 * that is 0 to `places` behind the point. False: they are too many, or lie too near to the middle between two.
 */
struct fp;
bool __short_float(const struct fp *x, int digits, long places, uint64_t *value, int *behind);

#endif

/*
 * ctype_tables.c - the classes and cases of the C locale's characters 0 to 255, as glibc's locale_t has them
 * and libstdc++ reads them (locale.h). Only a static program of C++ takes them along.
 */
#include "locale.h"

/* A class' bit: glibc has them in the order of the network. */
enum {
	UPPER = 1 << 8,
	LOWER = 1 << 9,
	ALPHA = 1 << 10,
	DIGIT = 1 << 11,
	XDIGIT = 1 << 12,
	SPACE = 1 << 13,
	PRINT = 1 << 14,
	GRAPH = 1 << 15,
	BLANK = 1 << 0,
	CNTRL = 1 << 1,
	PUNCT = 1 << 2,
	ALNUM = 1 << 3,
	SIGN = PRINT | GRAPH | PUNCT,
	LETTER = PRINT | GRAPH | ALNUM | ALPHA,
};

const unsigned short __ctype_classes[256] = {
	[0 ... 8] = CNTRL,
	['\t'] = CNTRL | SPACE | BLANK,
	['\n' ... '\r'] = CNTRL | SPACE,
	[14 ... 31] = CNTRL,
	[' '] = SPACE | PRINT | BLANK,
	['!' ... '/'] = SIGN,
	['0' ... '9'] = PRINT | GRAPH | ALNUM | DIGIT | XDIGIT,
	[':' ... '@'] = SIGN,
	['A' ... 'F'] = LETTER | UPPER | XDIGIT,
	['G' ... 'Z'] = LETTER | UPPER,
	['[' ... '`'] = SIGN,
	['a' ... 'f'] = LETTER | LOWER | XDIGIT,
	['g' ... 'z'] = LETTER | LOWER,
	['{' ... '~'] = SIGN,
	[127] = CNTRL,
};

#define TO_LOWER(c) ((c) >= 'A' && (c) <= 'Z' ? (c) + 32 : (c))
#define TO_UPPER(c) ((c) >= 'a' && (c) <= 'z' ? (c)-32 : (c))
#define FOUR(f, c)  f(c), f((c) + 1), f((c) + 2), f((c) + 3)
#define LINE(f, c)  FOUR(f, c), FOUR(f, (c) + 4), FOUR(f, (c) + 8), FOUR(f, (c) + 12)
#define PAGE(f, c)  LINE(f, c), LINE(f, (c) + 16), LINE(f, (c) + 32), LINE(f, (c) + 48)

const int __ctype_lower[256] = { PAGE(TO_LOWER, 0), PAGE(TO_LOWER, 64), PAGE(TO_LOWER, 128),
				 PAGE(TO_LOWER, 192) };
const int __ctype_upper[256] = { PAGE(TO_UPPER, 0), PAGE(TO_UPPER, 64), PAGE(TO_UPPER, 128),
				 PAGE(TO_UPPER, 192) };

/*
 * charsrc.c - characters one by one, and whole numbers made of them.
 */
#include "charsrc.h"
#include "../stdio/file.h"

#include <limits.h>

int __src_get(struct charsrc *src)
{
	int c;

	if (src->left <= 0)
		return SRC_END;
	if (src->s)
		c = *src->s ? *src->s++ : SRC_END;
	else if (src->ws)
		c = *src->ws ? (int)*src->ws++ : SRC_END;
	else if (src->wide)
		c = (int)__file_getwc(src->f);
	else
		c = file_getc(src->f);
	if (c == SRC_END)
		return SRC_END;
	src->left--;
	src->taken++;
	return c;
}

void __src_unget(struct charsrc *src, int c)
{
	if (c == SRC_END)
		return;
	src->left++;
	src->taken--;
	if (src->s)
		src->s--;
	else if (src->ws)
		src->ws--;
	else if (src->wide)
		__file_ungetwc((wint_t)c, src->f);
	else
		__file_unget(c, src->f);
}

long __scan_int(struct charsrc *src, int base, struct scanned_int *n)
{
	long good = 0;
	int c = __src_get(src);

	*n = (struct scanned_int){ 0 };
	if (c == '+' || c == '-') {
		n->negative = c == '-';
		c = __src_get(src);
	}
	if (c == '0' && (base == 0 || base == 16 || base == 2)) {
		int two;

		good = src->taken;
		c = __src_get(src);
		two = c == 'b' || c == 'B';
		if (((c == 'x' || c == 'X') && base != 2) || (two && base == 2)) {
			base = two ? 2 : 16;
			c = __src_get(src);
			if (digit_of(c) >= base) {
				__src_unget(src, c);
				return good;
			}
		} else if (!base) {
			base = 8;
		}
	}
	if (!base)
		base = 10;
	for (; digit_of(c) < base; c = __src_get(src)) {
		if (__builtin_mul_overflow(n->value, (uint64_t)base, &n->value) ||
		    __builtin_add_overflow(n->value, (uint64_t)digit_of(c), &n->value))
			n->overflow = 1;
		good = src->taken;
	}
	__src_unget(src, c);
	if (n->overflow)
		n->value = UINT64_MAX;
	return good;
}

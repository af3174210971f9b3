/*
 * float.c - doubles and 128-bit long doubles (IEEE 754 binary64, binary128) taken
 * apart. The bit before the point, which the formats leave out, is put in.
 */
#include "float.h"

#include <string.h>

void __fp_from_double(struct fp *fp, double x)
{
	uint64_t bits;
	int e;

	memcpy(&bits, &x, sizeof(bits));
	e = (int)(bits >> 52 & 0x7ff);
	fp->negative = (int)(bits >> 63);
	fp->m = bits & ((1ul << 52) - 1);
	fp->bits = 53;
	fp->kind = e != 0x7ff ? FP_IS_NUMBER : fp->m ? FP_IS_NAN : FP_IS_INF;
	if (e)
		fp->m |= 1ul << 52;
	fp->e = (e ? e : 1) - 1023 - 52;
}

void __fp_from_long_double(struct fp *fp, long double x)
{
	const unsigned __int128 one = 1;
	unsigned __int128 bits;
	int e;

	memcpy(&bits, &x, sizeof(bits));
	e = (int)(bits >> 112 & 0x7fff);
	fp->negative = (int)(bits >> 127);
	fp->m = bits & ((one << 112) - 1);
	fp->bits = 113;
	fp->kind = e != 0x7fff ? FP_IS_NUMBER : fp->m ? FP_IS_NAN : FP_IS_INF;
	if (e)
		fp->m |= one << 112;
	fp->e = (e ? e : 1) - 16383 - 112;
}

/*
 * narrow.c - operations whose result is rounded once to a narrower type (C23 7.12.14, F.10.12): fadd, dmull and their like.
 *
 * The operation is done in the wide type, toward zero, and what that lost is kept in the last bit ("rounding to odd"):
 * with two bits more than the narrow type has, rounding that again gives what rounding once would have given (Boldo and
 * Melquiond, "Emulation of a FMA and correctly rounded sums", 2008).
 */
#include <math.h>
#include <stdint.h>
#include <string.h>

struct modes {
	unsigned int rounding, flags;
};

/* Rounding is toward zero, and no flag is raised, from here on. */
static inline struct modes begin(void)
{
	struct modes m;

	__asm__ volatile("fsrmi %0, 1\n\tfsflagsi %1, 0" : "=r"(m.rounding), "=r"(m.flags));
	return m;
}

/* As before, but for the flags that were raised; was the result inexact? */
static inline int end(struct modes m)
{
	unsigned int now;

	__asm__ volatile("frflags %0\n\tfsrm %1" : "=&r"(now) : "r"(m.rounding));
	__asm__ volatile("fsflags %0" : : "r"(now | m.flags));
	return now & 1;
}

/* x is known, and needed, here. */
#define FENCE(x) __asm__ volatile("" : "+m"(x))

#define N	 float
#define W	 double
#define BITS	 uint64_t
#define NAME(op) f##op
#define WIDE(f)	 f
#include "narrow.h"

#define N	 float
#define W	 long double
#define BITS	 unsigned __int128
#define NAME(op) f##op##l
#define WIDE(f)	 f##l
#include "narrow.h"

#define N	 double
#define W	 long double
#define BITS	 unsigned __int128
#define NAME(op) d##op##l
#define WIDE(f)	 f##l
#include "narrow.h"

/*
 * Functions of C23's math.h that round once to a narrower type: fadd, dmull and their like; and what rounds once to long
 * double: fmal, sqrtl. In each rounding mode, with the flags.
 */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <stdio.h>

/* Sums, products and quotients of these lie between two numbers of a narrower type, very near to the middle, too. */
static const long double values[] = {
	0.0L,
	-0.0L,
	1.0L,
	-1.0L,
	3.0L,
	1.0L / 3,
	0x1p-24L,
	0x1p-53L,
	0x1p-54L,
	0x1.000001p0L,
	0x1.0000010000001p0L,
	0x1.00000100000000000001p0L,
	0x1.00000000000008p0L,
	0x1.000000000000080000000001p0L,
	-0x1.000002p0L,
	0x1.fffffep127L,
	0x1.ffffffp127L,
	0x1.fffffffffffff8p1023L,
	0x1p-149L,
	0x1p-150L,
	0x1.8p-150L,
	0x1p-1074L,
	0x1p-1075L,
	0x1p-16000L,
	0x1.23456789abcdef123456789abcdp77L,
	-0x1.edcba987654321p-33L,
	INFINITY,
	-INFINITY,
	NAN,
};
#define COUNT (int)(sizeof(values) / sizeof(values[0]))

static const int modes[] = { FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD };

static unsigned long sum;

/* Long lists: a sum of all bits and flags, and some of the values themselves. */
static void tell(long double r, int print)
{
	union {
		long double r;
		unsigned long bits[2];
	} u = { isnan(r) ? NAN : r };

	sum = (sum * 31 + u.bits[0]) * 31 + u.bits[1] + (unsigned long)fetestexcept(FE_ALL_EXCEPT);
	if (print)
		printf(" %.36Lg/%x", r, fetestexcept(FE_ALL_EXCEPT));
	feclearexcept(FE_ALL_EXCEPT);
}

#define CALL(expr)                                    \
	do {                                          \
		long double got;                      \
		feclearexcept(FE_ALL_EXCEPT);         \
		got = (long double)(expr);            \
		tell(got, (i * COUNT + k) % 37 == 0); \
	} while (0)

#define EACH(name, call)                                                                   \
	static void name(void)                                                             \
	{                                                                                  \
		for (int m = 0; m < 4; m++) {                                              \
			sum = 0;                                                           \
			printf(#name " %d:", m);                                           \
			for (int i = 0; i < COUNT; i++)                                    \
				for (int k = 0; k < COUNT; k++) {                          \
					volatile long double x = values[i], y = values[k]; \
					volatile double a = (double)x, b = (double)y;      \
					(void)a, (void)b, (void)y;                         \
					fesetround(modes[m]);                              \
					CALL(call);                                        \
					fesetround(FE_TONEAREST);                          \
				}                                                          \
			printf(" %lx\n", sum);                                             \
		}                                                                          \
	}
#define ALL(p, s, x, y)                               \
	EACH(p##add##s##_, p##add##s(x, y))           \
	EACH(p##sub##s##_, p##sub##s(x, y))           \
	EACH(p##mul##s##_, p##mul##s(x, y))           \
	EACH(p##div##s##_, p##div##s(x, y))           \
	EACH(p##fma##s##_, p##fma##s(x, y, -x))       \
	EACH(p##fma2##s##_, p##fma##s(x, y, 0x1p-60)) \
	EACH(p##sqrt##s##_, p##sqrt##s(x *y))
ALL(f, , a, b)
ALL(f, l, x, y)
ALL(d, l, x, y)
EACH(fmal_, fmal(x, y, -x))
EACH(fmal_near_, fmal(x, y, -(x *y)))
EACH(fmal_far_, fmal(x, y, 0x1p-120))
EACH(fmal_small_, fmal(x, 0x1.8p-16440L, y * 0x1.8p-16444L))
EACH(fmal_large_, fmal(x, 0x1p16383L, y * -0x1p16270L))
EACH(sqrtl_, sqrtl(x *y))
EACH(sqrtl_small_, sqrtl(x * 0x1p-16400L))

#define RUN(p, s)        \
	p##add##s##_();  \
	p##sub##s##_();  \
	p##mul##s##_();  \
	p##div##s##_();  \
	p##fma##s##_();  \
	p##fma2##s##_(); \
	p##sqrt##s##_()

int main(void)
{
	RUN(f, );
	RUN(f, l);
	RUN(d, l);
	fmal_();
	fmal_near_();
	fmal_far_();
	fmal_small_();
	fmal_large_();
	sqrtl_();
	sqrtl_small_();
	return 0;
}

/*
 * c23.h - what C23 (7.12, F.10) added to math.h, for one type: c23.c includes it for each. FRACTION is the number of the
 * type's bits that are fraction, BITS an unsigned type of its size.
 */

static BITS F(bits)(TYPE x)
{
	BITS b;

	memcpy(&b, &x, sizeof(b));
	return b;
}

static TYPE F(value)(BITS b)
{
	TYPE x;

	memcpy(&x, &b, sizeof(x));
	return x;
}

#define SIGN  ((BITS)1 << (8 * sizeof(BITS) - 1))
#define QUIET ((BITS)1 << (FRACTION - 1))
#define INF   (~SIGN >> FRACTION << FRACTION)

/* To the nearest, halves to the even one, whatever the mode; without the flag for it. */
TYPE F(roundeven)(TYPE x)
{
	const TYPE whole = (TYPE)((BITS)1 << FRACTION);
	unsigned int mode, flags;
	TYPE y = F(fabs)(x);

	if (!isless(y, whole))
		return x + (TYPE)0;
	__asm__ volatile("fsrmi %0, 0\n\tfrflags %1" : "=r"(mode), "=r"(flags));
	__asm__ volatile("" : "+m"(y));
	y += whole;
	__asm__ volatile("" : "+m"(y));
	y -= whole;
	__asm__ volatile("" : "+m"(y));
	__asm__ volatile("fsrm %0\n\tfsflags %1" : : "r"(mode), "r"(flags));
	return F(copysign)(y, x);
}

long F(llogb)(TYPE x)
{
	int e = F(ilogb)(x);

	return e == FP_ILOGB0	? FP_LLOGB0 :
	       isinf(x)		? FP_LLOGBNAN :
	       e == FP_ILOGBNAN ? FP_LLOGBNAN :
				  e;
}

TYPE F(nextup)(TYPE x)
{
	BITS b = F(bits)(x);

	if (isnan(x))
		return x + x;
	if (x == 0)
		return F(value)(1);
	if (b == INF)
		return x;
	return F(value)(b & SIGN ? b - 1 : b + 1);
}

TYPE F(nextdown)(TYPE x)
{
	return -F(nextup)(-x);
}

/* Of two numbers; of zeros the one whose sign says so. */
static TYPE F(larger)(TYPE x, TYPE y)
{
	return x > y || (x == y && signbit(y)) ? x : y;
}

static TYPE F(smaller)(TYPE x, TYPE y)
{
	return x < y || (x == y && signbit(x)) ? x : y;
}

static TYPE F(larger_mag)(TYPE x, TYPE y)
{
	TYPE a = F(fabs)(x), b = F(fabs)(y);

	return a > b ? x : a < b ? y : F(larger)(x, y);
}

static TYPE F(smaller_mag)(TYPE x, TYPE y)
{
	TYPE a = F(fabs)(x), b = F(fabs)(y);

	return a < b ? x : a > b ? y : F(smaller)(x, y);
}

/* A NaN counts, or (_num) only when there is nothing else; a signalling one raises `invalid` in either case. */
#define PICK(name, which)                                          \
	TYPE F(name)(TYPE x, TYPE y)                               \
	{                                                          \
		return isunordered(x, y) ? x + y : F(which)(x, y); \
	}                                                          \
	TYPE F(name##_num)(TYPE x, TYPE y)                         \
	{                                                          \
		TYPE sum;                                          \
                                                                   \
		if (!isunordered(x, y))                            \
			return F(which)(x, y);                     \
		sum = x + y;                                       \
		__asm__ volatile("" : : "m"(sum));                 \
		return isnan(x) ? isnan(y) ? sum : y : x;          \
	}
PICK(fmaximum, larger)
PICK(fminimum, smaller)
PICK(fmaximum_mag, larger_mag)
PICK(fminimum_mag, smaller_mag)

/* All our encodings are canonical: only a signalling NaN becomes quiet. */
int F(canonicalize)(TYPE *to, const TYPE *x)
{
	*to = isnan(*x) ? *x + *x : *x;
	return 0;
}

/* IEEE 754-2019 5.10: by the bits, with those below zero turned around. */
static int F(in_order)(BITS a, BITS b)
{
	a ^= a & SIGN ? ~SIGN : 0;
	b ^= b & SIGN ? ~SIGN : 0;
	return (a ^ SIGN) <= (b ^ SIGN);
}

int F(totalorder)(const TYPE *x, const TYPE *y)
{
	return F(in_order)(F(bits)(*x), F(bits)(*y));
}

int F(totalordermag)(const TYPE *x, const TYPE *y)
{
	return F(in_order)(F(bits)(*x) & ~SIGN, F(bits)(*y) & ~SIGN);
}

int F(__issignaling)(TYPE x)
{
	BITS b = F(bits)(x) & ~SIGN;

	return b > INF && !(b & QUIET);
}

static int F(payload)(TYPE *to, TYPE what, BITS kind)
{
	BITS b = 0;

	if (!(what >= 0 && what < (TYPE)QUIET) || signbit(what) || F(trunc)(what) != what)
		goto bad;
	b = (BITS)what;
	if (!b && !kind)
		goto bad;
	*to = F(value)(INF | kind | b);
	return 0;
bad:
	*to = 0;
	return 1;
}

int F(setpayload)(TYPE *to, TYPE what)
{
	return F(payload)(to, what, QUIET);
}

int F(setpayloadsig)(TYPE *to, TYPE what)
{
	return F(payload)(to, what, 0);
}

#undef SIGN
#undef QUIET
#undef INF
#undef PICK
#undef TYPE
#undef BITS
#undef F
#undef FRACTION

/*
 * narrow.h - narrow.c includes it for each pair of types: W, whose bits are BITS, the wide one, and N, the narrow one.
 * NAME(op) is the function's name, WIDE(f) that of W's f.
 */

static N NAME(narrow)(W r, int inexact)
{
	BITS b;

	memcpy(&b, &r, sizeof(b));
	b |= (BITS)inexact;
	memcpy(&r, &b, sizeof(b));
	return (N)r;
}

/* A zero that is exact has its sign by the rounding mode, so it is made again. */
#define OPERATION(op, parameters, fences, result) \
	N NAME(op) parameters                     \
	{                                         \
		struct modes m = begin();         \
		int inexact;                      \
		W r;                              \
                                                  \
		fences;                           \
		r = result;                       \
		FENCE(r);                         \
		inexact = end(m);                 \
		if (r == 0 && !inexact) {         \
			fences;                   \
			r = result;               \
		}                                 \
		return NAME(narrow)(r, inexact);  \
	}

OPERATION(add, (W x, W y), FENCE(x); FENCE(y), x + y)
OPERATION(sub, (W x, W y), FENCE(x); FENCE(y), x - y)
OPERATION(mul, (W x, W y), FENCE(x); FENCE(y), (x * y))
OPERATION(div, (W x, W y), FENCE(x); FENCE(y), x / y)
OPERATION(fma, (W x, W y, W z), FENCE(x); FENCE(y); FENCE(z), WIDE(__builtin_fma)(x, y, z))
OPERATION(sqrt, (W x), FENCE(x), WIDE(__builtin_sqrt)(x))

#undef OPERATION
#undef N
#undef W
#undef BITS
#undef NAME
#undef WIDE

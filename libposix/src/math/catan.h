/*
 * catan.h - the body of catan for one type, included by catan.c once each: no guard. TYPE, COMPLEX and NAME say
 * which; F names a function of math.h for it; beyond BIG 1 does not count beside a square, and below
 * SMALLEST_SQ a square is no more a normal number.
 */
COMPLEX NAME(COMPLEX z)
{
	TYPE x = F(creal)(z), y = F(cimag)(z), ax = F(fabs)(x), ay = F(fabs)(y), real, imaginary, h;

	if (isnan(x) || isnan(y)) {
		if (isnan(x) && (isinf(y) || y == 0))
			return MAKE(x, F(copysign)(0, y));
		if (isinf(x))
			return MAKE(F(copysign)(HALF_PI, x), F(copysign)(0, y));
		return MAKE(x + y, x + y);
	}
	if (ax > BIG || ay > BIG) {
		h = F(hypot)(x, y);
		imaginary = isinf(h) ? 0 : ay / h / h;
		real = HALF_PI;
		return MAKE(F(copysign)(real, x), F(copysign)(imaginary, y));
	}
	real = F(atan2)(2 * ax, (1 - ay) * (1 + ay) - ax * ax) / 2;
	if (ay == 1 && ax != 0 && ax < SMALLEST_SQ)
		imaginary = (LOG_TWO - F(log)(ax)) / 2;
	else
		imaginary = F(log1p)(4 * ay / (ax * ax + (1 - ay) * (1 - ay))) / 4;
	return MAKE(F(copysign)(real, x), F(copysign)(imaginary, y));
}

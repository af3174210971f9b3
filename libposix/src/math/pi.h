/*
 * pi.h - the functions of C23 whose angles are half turns (7.12.4, F.10.1), for one type: pi.c includes it for each.
 * FRACTION is the number of the type's bits that are fraction. pi.c has, for |r| <= 1/4, pi_sin, pi_cos and pi_tan of
 * the angle r and pi_cot, which is -1/pi_tan, and for arguments without a result of their own the angles pi_asin, ...
 */

/* |x| = n + k / 2 + r, n even, |r| <= 1/4, without an error. k, which is 0 to 3. */
static int F(quarters)(TYPE x, TYPE *r)
{
	TYPE t = F(fabs)(x);
	int k;

	*r = 0;
	if (t >= (TYPE)(2 * (unsigned __int128)1 << FRACTION)) /* they are all even */
		return 0;
	t = F(fmod)(t, 2);
	k = (int)(2 * t + (TYPE)0.5);
	*r = t - (TYPE)k / 2;
	return k & 3;
}

/* Of an infinity a NaN, and `invalid`. */
#define PI_DOMAIN(x)      \
	if (!isfinite(x)) \
	return x - x

TYPE F(sinpi)(TYPE x)
{
	TYPE r, y;
	int k;

	PI_DOMAIN(x);
	k = F(quarters)(x, &r);
	if (r == 0 && !(k & 1))
		return F(copysign)(0, x);
	y = k & 1 ? F(pi_cos)(r) : F(pi_sin)(r);
	return (k > 1) != (signbit(x) != 0) ? -y : y;
}

TYPE F(cospi)(TYPE x)
{
	TYPE r, y;
	int k;

	PI_DOMAIN(x);
	k = F(quarters)(x, &r);
	if (r == 0 && (k & 1))
		return 0;
	y = k & 1 ? F(pi_sin)(r) : F(pi_cos)(r);
	return k == 1 || k == 2 ? -y : y;
}

TYPE F(tanpi)(TYPE x)
{
	TYPE r, y;
	int k;

	PI_DOMAIN(x);
	k = F(quarters)(x, &r);
	if (r == 0)
		y = k == 0 ? (TYPE)0 : k == 2 ? -(TYPE)0 : (TYPE)(2 - k) / F(fabs)(r);
	else
		y = k & 1 ? F(pi_cot)(r) : F(pi_tan)(r);
	return signbit(x) ? -y : y;
}

TYPE F(asinpi)(TYPE x)
{
	if (x == 0)
		return x;
	return F(fabs)(x) == 1 ? x / 2 : F(pi_asin)(x);
}

TYPE F(acospi)(TYPE x)
{
	if (x == 0)
		return (TYPE)0.5;
	return F(fabs)(x) == 1 ? (TYPE)(x < 0) : F(pi_acos)(x);
}

TYPE F(atanpi)(TYPE x)
{
	if (x == 0)
		return x;
	if (isinf(x))
		return F(copysign)((TYPE)0.5, x);
	return F(fabs)(x) == 1 ? x / 4 : F(pi_atan)(x);
}

TYPE F(atan2pi)(TYPE y, TYPE x)
{
	TYPE angle;

	if (isunordered(x, y))
		return x + y;
	if (F(fabs)(x) == F(fabs)(y) && x != 0)
		angle = x > 0 ? (TYPE)0.25 : (TYPE)0.75;
	else if (y == 0 || isinf(x))
		angle = signbit(x) ? 1 : 0;
	else if (x == 0 || isinf(y))
		angle = (TYPE)0.5;
	else
		return F(pi_atan2)(y, x);
	return F(copysign)(angle, y);
}

#undef PI_DOMAIN
#undef TYPE
#undef F
#undef FRACTION

/* math.h and complex.h: what is exact, in each rounding mode; special values and the exceptions they raise; the rest
 * to eleven digits. */
#include <complex.h>
#include <fenv.h>
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

typedef double one_fn(double);
typedef float onef_fn(float);
typedef long double onel_fn(long double);
typedef double two_fn(double, double);
typedef double complex complex_fn(double complex);

#define ONE(name)                             \
	{                                     \
#name, name, name##f, name##l \
	}
static const struct {
	const char *name;
	one_fn *fn;
	onef_fn *single;
	onel_fn *extended;
} exact[] = { ONE(floor),     ONE(ceil), ONE(trunc), ONE(round), ONE(rint),
	      ONE(nearbyint), ONE(sqrt), ONE(fabs),  ONE(logb) },
  close[] = { ONE(sin),	  ONE(cos),  ONE(tan),	 ONE(asin),  ONE(acos),	  ONE(atan),
	      ONE(sinh),  ONE(cosh), ONE(tanh),	 ONE(asinh), ONE(acosh),  ONE(atanh),
	      ONE(exp),	  ONE(exp2), ONE(expm1), ONE(log),   ONE(log2),	  ONE(log10),
	      ONE(log1p), ONE(cbrt), ONE(erf),	 ONE(erfc),  ONE(tgamma), ONE(lgamma) };
static const struct {
	const char *name;
	two_fn *fn;
} exact2[] = { { "fmod", fmod },	 { "remainder", remainder },
	       { "copysign", copysign }, { "nextafter", nextafter },
	       { "fdim", fdim },	 { "fmax", fmax },
	       { "fmin", fmin } },
  close2[] = { { "pow", pow }, { "hypot", hypot }, { "atan2", atan2 } };
static const struct {
	const char *name;
	complex_fn *fn;
} complexes[] = { { "csqrt", csqrt },	{ "cexp", cexp },     { "clog", clog },
		  { "csin", csin },	{ "ccos", ccos },     { "ctan", ctan },
		  { "casin", casin },	{ "cacos", cacos },   { "catan", catan },
		  { "csinh", csinh },	{ "casinh", casinh }, { "cacosh", cacosh },
		  { "catanh", catanh }, { "ccosh", ccosh },   { "ctanh", ctanh },
		  { "conj", conj },	{ "cproj", cproj } };
static const double values[] = { 0.0,
				 -0.0,
				 0.5,
				 -0.5,
				 1.0,
				 -1.0,
				 1.5,
				 2.5,
				 -2.5,
				 3.7,
				 -3.7,
				 10.0,
				 1e-5,
				 1e15,
				 0x1p52 + 1,
				 0x1p-30,
				 123456.75,
				 1e22,
				 0x1p1023,
				 0x1p-1074,
				 0x1p63 + 4096,
				 0x1p64 + 8192,
				 -0x1.8p70,
				 0x1.23456789abcdep200,
				 4503599627370497.5,
				 0.49999999999999994,
				 INFINITY,
				 -INFINITY,
				 NAN };
static const int modes[] = { FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD };
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Not the sign of a NaN. */
static void show(double x, const char *format)
{
	if (isnan(x))
		printf(" nan");
	else if (fpclassify(x) == FP_SUBNORMAL) /* %a may begin with any digit */
		printf(" %.17g", x);
	else
		printf(format, x);
}

/* What a program may rely on: not whether a result is inexact, or underflows with it. */
static const char *raised(void)
{
	int f = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW);

	return f & FE_INVALID ? "v" : f & FE_DIVBYZERO ? "z" : f & FE_OVERFLOW ? "o" : "";
}

static void all_exact(void)
{
	for (size_t m = 0; m < 4; m++)
		for (size_t i = 0; i < COUNT(exact); i++) {
			printf("%s %zu:", exact[i].name, m);
			for (size_t v = 0; v < COUNT(values); v++) {
				double x;

				fesetround(modes[m]);
				feclearexcept(FE_ALL_EXCEPT);
				x = exact[i].fn(values[v]);
				fesetround(FE_TONEAREST);
				show(x, " %a");
				printf("%s", raised());
			}
			printf("\n%sf %zu:", exact[i].name, m);
			for (size_t v = 0; v < COUNT(values); v++) {
				float x;

				fesetround(modes[m]);
				x = exact[i].single((float)values[v]);
				fesetround(FE_TONEAREST);
				show((double)x, " %.9g");
			}
			printf("\n%sl %zu:", exact[i].name, m);
			for (size_t v = 0; v < COUNT(values); v++) {
				long double x;

				fesetround(modes[m]);
				x = exact[i].extended((long double)values[v] * 1.0009765625L);
				fesetround(FE_TONEAREST);
				printf(isnan(x) ? " nan" : " %.36Lg", x);
			}
			printf("\n");
		}
	for (size_t i = 0; i < COUNT(exact2); i++)
		for (size_t v = 0; v < COUNT(values); v++) {
			printf("%s %zu:", exact2[i].name, v);
			for (size_t w = 0; w < COUNT(values); w++)
				show(exact2[i].fn(values[v], values[w]), " %a");
			printf("\n");
		}
}

static void parts(void)
{
	for (size_t v = 0; v < COUNT(values); v++) {
		double x = values[v], whole;
		int e = 0, q = 0;

		show(frexp(x, &e), "%a");
		if (isfinite(x))
			printf(" %d", e);
		show(modf(x, &whole), " %a");
		show(whole, " %a");
		show(remquo(x, 3, &q), " %a");
		if (isfinite(x))
			printf(" %d", q & 7);
		printf(" %d", x == 0 || isnan(x) ? 0 : ilogb(x));
		show(scalbn(x, -3), " %a");
		show(ldexp(x, 60), " %a");
		show(fma(x, 3, -1), " %a");
		show(fma(x, x, -x), " %a");
		if (fabs(x) < 0x1p62)
			printf(" %ld %lld %ld", lrint(x), llround(x), lround(x));
		printf(" %d %d %d\n", fpclassify(x) == FP_SUBNORMAL, signbit(x) != 0 && !isnan(x),
		       isnormal(x));
	}
	printf("%d %d %d\n", ilogb(0) == FP_ILOGB0, ilogb(NAN) == FP_ILOGBNAN,
	       ilogb(INFINITY) == INT_MAX);
	printf("%a %La %a\n", nexttoward(1, 2.0L), nextafterl(1, 2), (double)nexttowardf(1, 0.0L));
	printf("%.33Lg %.33Lg\n", sqrtl(2), fmal(3, 5, 0.25L));
}

static void all_close(void)
{
	for (size_t i = 0; i < COUNT(close); i++) {
		printf("%s:", close[i].name);
		for (size_t v = 0; v < COUNT(values); v++) {
			feclearexcept(FE_ALL_EXCEPT);
			show(close[i].fn(values[v]), " %.11g");
			printf("%s", raised());
		}
		printf("\n%sf:", close[i].name);
		for (size_t v = 0; v < COUNT(values); v++)
			if (fabs(values[v]) < 1e15 || !isfinite(values[v]))
				show((double)close[i].single((float)values[v]), " %.4g");
		printf("\n");
	}
	for (size_t i = 0; i < COUNT(close2); i++)
		for (size_t v = 0; v < COUNT(values); v++) {
			printf("%s %zu:", close2[i].name, v);
			for (size_t w = 0; w < COUNT(values); w++) {
				feclearexcept(FE_ALL_EXCEPT);
				show(close2[i].fn(values[v], values[w]), " %.11g");
				printf("%s", raised());
			}
			printf("\n");
		}
}

static void all_complex(void)
{
	static const double some[] = { 0.0, 1.0, -0.75, 2.5 };

	for (size_t i = 0; i < COUNT(complexes); i++) {
		printf("%s:", complexes[i].name);
		for (size_t v = 0; v < COUNT(some); v++)
			for (size_t w = 1; w < COUNT(some); w++) {
				double complex z = complexes[i].fn(CMPLX(some[v], some[w]));

				printf(" %.9g,%.9g", creal(z) + 0.0, cimag(z) + 0.0);
			}
		printf("\n");
	}
	for (double y = -2; y <= 2; y += 0.5) {
		double complex z = catan(CMPLX(0.0, y));

		printf("%.9g,%.9g ", creal(z), cimag(z));
		z = catan(CMPLX(-0.0, y));
		printf("%.9g,%.9g ", creal(z), cimag(z));
		z = catan(CMPLX(1e-170, y));
		printf("%.9g,%.9g ", creal(z), cimag(z));
		z = catan(CMPLX(-1e200, y * 1e200));
		printf("%.9g,%.9g ", creal(z), cimag(z));
		z = catan(CMPLX(INFINITY, y));
		printf("%.9g,%.9g ", creal(z), cimag(z));
		z = catan(CMPLX(y, -INFINITY));
		printf("%.9g,%.9g\n", creal(z), cimag(z));
	}
	printf("%.7g %.30Lg\n", (double)crealf(catanf(CMPLXF(0, 3))), cimagl(catanl(CMPLXL(1, 3))));
	printf("%.9g %.9g %.9g\n", cabs(CMPLX(3, 4)), carg(CMPLX(-1, 0.0)),
	       creal(cpow(CMPLX(1, 2), 2)));
}

int main(void)
{
	all_exact();
	parts();
	all_close();
	all_complex();
	return 0;
}

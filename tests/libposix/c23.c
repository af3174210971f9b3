/* What came with C23 and its annexes: strfromd, bytes of UTF-8, and math.h's new functions, for three types. */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <limits.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uchar.h>
#include <wchar.h>

static void numbers(void)
{
	static const char *const formats[] = { "%g", "%.3f", "%e", "%.0A", "%a", "%.17G" };
	char buf[64];

	for (size_t i = 0; i < sizeof(formats) / sizeof(formats[0]); i++) {
		int n = strfromd(buf, sizeof(buf), formats[i], 1234.5678e-3);

		printf("%d %s ", n, buf);
		n = strfromf(buf, sizeof(buf), formats[i], -0.1f);
		printf("%d %s ", n, buf);
		n = strfroml(buf, sizeof(buf), i == 4 ? "%.2a" : formats[i], 1e100L / 3);
		printf("%d %.30s\n", n, buf);
	}
	printf("%d %s\n", strfromd(buf, 4, "%f", 3.14159), buf);
	printf("%d %d\n", strfromd(NULL, 0, "%f", 3.14159), strfromd(buf, 9, "%g", INFINITY));
	/* halves, and what lies next to them */
	for (int i = 1; i < 12; i++)
		printf("%.0f %.1e %.2g %.17g %.0e ", i * 0.5, i * 1.25, i * 10.5, i * 0.1,
		       i * 5e22);
	printf("\n%.15g %.16g %.17g %.3e %.0f %.5f\n", 5e-324, 1.7976931348623157e308, 0x1p-1022,
	       9.9996e-5, 0x1p62 + 1024, 1e-9);
	printf("%g %g %#g %#.3g %.1f %.10g %e\n", 1e5, 999999.5, 100000.0, 9.9951, 0.05, 1e15 + 0.3,
	       0.0);
}

static void utf8(void)
{
	static const char *const texts[] = { "a",
					     "\xc3\xa9",
					     "\xe2\x82\xac",
					     "\xf0\x9f\x98\x80",
					     "\xe0\x80\x80",
					     "\xed\xa0\x80",
					     "\xf4\x90\x80\x80",
					     "\xff",
					     "\xe2\x82" };

	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		const char *s = texts[i];
		size_t left = strlen(s), n;
		mbstate_t st = { 0 }, in = { 0 };
		char8_t c;
		char out[MB_LEN_MAX];

		printf("%zu bytes:", i);
		do {
			n = mbrtoc8(&c, s, left, &st);
			printf(" %zd", (ssize_t)n);
			if (n < (size_t)-3) {
				s += n;
				left -= n;
			}
			if (n < (size_t)-3 || n == (size_t)-3)
				printf(":%02x", c);
		} while ((n < (size_t)-3 || n == (size_t)-3) && (left || !mbsinit(&st)));
		printf(", back:");
		for (s = texts[i]; *s; s++) {
			n = c8rtomb(out, (unsigned char)*s, &in);
			printf(" %zd", (ssize_t)n);
			if (n == (size_t)-1)
				break;
		}
		printf("\n");
	}
	printf("%zd %zd\n", (ssize_t)mbrtoc8(NULL, NULL, 0, &(mbstate_t){ 0 }),
	       (ssize_t)c8rtomb(NULL, 'x', &(mbstate_t){ 0 }));
}

/* A C library that was linked statically may find no such locale; if it is there, this is how it must be. */
static void in_utf8(void)
{
	static const char text[] = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80";
	static const int reads[] = { 1, 2, -3, 3, -3, -3, 4, -3, -3, -3 },
			 writes[] = { 1, 0, 2, 0, 0, 3, 0, 0, 0, 4 };
	mbstate_t st = { 0 }, in = { 0 };
	const char *s = text;
	char out[8];
	char8_t c;
	int bad = 0;

	if (setlocale(LC_ALL, "C.UTF-8")) {
		for (int i = 0; i < 10; i++) {
			int n = (int)mbrtoc8(&c, s, sizeof(text), &st);

			bad += n != reads[i] || c != (char8_t)text[i] ||
			       (int)c8rtomb(out, c, &in) != writes[i];
			s += n > 0 ? n : 0;
		}
		bad += !mbsinit(&st) || memcmp(out, text + 6, 4);
		bad += (int)mbrtoc8(&c, "\xe2\x82", 2, &st) != -2 ||
		       (int)mbrtoc8(&c, "\xac", 1, &st) != 1 || c != 0xe2;
	}
	printf("bad %d\n", bad);
}

/* %a of a subnormal number is a matter of taste. */
static void show(long double x)
{
	printf(fabsl(x) < 0x1p-16382L ? " %.20Lg" : " %La", x);
}

static const long double values[] = { 0.0L,	      -0.0L,	 0.5L,	     1.5L,
				      2.5L,	      -2.5L,	 -0.3L,	     1e10L + 0.5L,
				      0x1p51L + 0.5L, -1.0L,	 0x1p30L,    3.0L,
				      -3.0L,	      0x1p-140L, 0x1p-1060L, 0x1.fffffep127L,
				      -1e300L };
#define COUNT	(sizeof(values) / sizeof(values[0]))

#define SHOW(x) show((long double)(x))
#define ALL(T, s)                                                                             \
	static void all##s(void)                                                              \
	{                                                                                     \
		T nan1 = __builtin_nan##s(""), inf = __builtin_inf##s(),                      \
		  sig = __builtin_nans##s(""), y;                                             \
                                                                                              \
		for (size_t i = 0; i < COUNT; i++) {                                          \
			T x = (T)values[i];                                                   \
                                                                                              \
			feclearexcept(FE_ALL_EXCEPT);                                         \
			SHOW(roundeven##s(x));                                                \
			printf(" flags %d", fetestexcept(FE_INEXACT | FE_INVALID));           \
			fesetround(FE_UPWARD);                                                \
			SHOW(roundeven##s(x));                                                \
			fesetround(FE_TONEAREST);                                             \
			SHOW(nextup##s(x));                                                   \
			SHOW(nextdown##s(x));                                                 \
			printf(" %ld %d %d %d\n", llogb##s(x), !!iszero(x), !!issubnormal(x), \
			       !!iscanonical(x));                                             \
			for (size_t k = 0; k < COUNT; k++) {                                  \
				T z = (T)values[k];                                           \
                                                                                              \
				SHOW(fmaximum##s(x, z));                                      \
				SHOW(fminimum_num##s(x, z));                                  \
				SHOW(fmaximum_mag##s(x, z));                                  \
				SHOW(fminimum_mag_num##s(x, z));                              \
				printf(" %d%d%d", !!totalorder##s(&x, &z),                    \
				       !!totalordermag##s(&x, &z), !!iseqsig(x, z));          \
			}                                                                     \
			printf("\n");                                                         \
		}                                                                             \
		printf("inf %ld %ld %ld", llogb##s(inf), llogb##s(nan1), llogb##s(0));        \
		SHOW(nextup##s(inf));                                                         \
		SHOW(nextdown##s(inf));                                                       \
		SHOW(nextup##s(-inf));                                                        \
		printf(" nan %d %d %d %d", isnan(fmaximum##s(nan1, 1)),                       \
		       isnan(fminimum##s(1, nan1)), isnan(fmaximum_num##s(nan1, 1)),          \
		       isnan(fminimum_num##s(nan1, nan1)));                                   \
		feclearexcept(FE_ALL_EXCEPT);                                                 \
		SHOW(fmaximum_num##s(nan1, 2));                                               \
		printf(" %d", fetestexcept(FE_INVALID));                                      \
		SHOW(fminimum_mag_num##s(2, sig));                                            \
		printf(" %d", !!fetestexcept(FE_INVALID));                                    \
		printf(" signalling %d %d %d", !!issignaling(sig), !!issignaling(nan1),       \
		       !!issignaling(inf));                                                   \
		printf(" canonical %d", canonicalize##s(&y, &sig));                           \
		printf(" %d %d", isnan(y), !!issignaling(y));                                 \
		printf(" payload %d", setpayload##s(&y, 123));                                \
		SHOW(getpayload##s(&y));                                                      \
		printf(" %d", setpayloadsig##s(&y, 77));                                      \
		printf(" %d", !!issignaling(y));                                              \
		SHOW(getpayload##s(&y));                                                      \
		printf(" %d", setpayload##s(&y, -1));                                         \
		SHOW(y);                                                                      \
		printf(" %d %d %d", setpayload##s(&y, (T)1.5), setpayload##s(&y, inf),        \
		       setpayloadsig##s(&y, 0));                                              \
		y = 1;                                                                        \
		SHOW(getpayload##s(&y));                                                      \
		printf(" order %d %d %d %d\n", totalorder##s(&nan1, &inf),                    \
		       totalorder##s(&inf, &nan1), totalorder##s(&sig, &nan1),                \
		       totalordermag##s(&nan1, &sig));                                        \
	}
ALL(float, f)
ALL(double, )
ALL(long double, l)

int main(void)
{
	numbers();
	utf8();
	in_utf8();
	allf();
	all();
	alll();
	return 0;
}

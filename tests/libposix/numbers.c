/*
 * numbers.c - numbers into text and back: printf, scanf, strtod, strtol and their wide
 * forms, in all the corners that have made libraries differ.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fenv.h>
#include <float.h>
#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

static const double doubles[] = {
	0.0,
	-0.0,
	1.0,
	-1.5,
	0.1,
	0.5,
	2.5,
	3.5,
	9.995,
	99.5,
	999999.5,
	123456789.125,
	1e15,
	1e16,
	1e21,
	1e22,
	1e23,
	1e100,
	1.7976931348623157e308,
	2.2250738585072014e-308,
	1.0 / 3,
	2.0 / 3,
	5e-5,
	0.0001,
	0.00012345,
	6.02214076e23,
	0x1.fffffffffffffp-1,
	8.5,
	7.5,
};

static const long double longs[] = {
	0.1L,	  1.0L / 3, 3.14159265358979323846264338327950288L, LDBL_MAX, LDBL_MIN, 1e4000L,
	1e-4000L, -2.5L,
};

static const char *const formats[] = {
	"%f",	 "%.0f",  "%.1f",  "%.3f",  "%e",    "%.0e",	"%.10e",    "%g",    "%.3g",
	"%.17g", "%#.9g", "%#.0f", "%+.2e", "% f",   "%015.2f", "%-15.2f|", "%20g|", "%G",
	"%a",	 "%.0a",  "%.3a",  "%A",    "%.25f", "%.40g",	"%E",
};

static void floats(void)
{
	for (size_t i = 0; i < sizeof(doubles) / sizeof(*doubles); i++)
		for (size_t k = 0; k < sizeof(formats) / sizeof(*formats); k++) {
			printf("%s: ", formats[k]);
			printf(formats[k], doubles[i]);
			putchar('\n');
		}
	for (size_t i = 0; i < sizeof(longs) / sizeof(*longs); i++)
		printf("%Lf %.30Le %.36Lg %La %.5Lf\n", longs[i], longs[i], longs[i], longs[i],
		       longs[i]);
	printf("%f %F %e %g %010f %-6f|%+f % F\n", 1 / 0.0, -1 / 0.0, 1 / 0.0,
	       0.0 / 0 > 1 ? 1.0 : __builtin_nan(""), 1 / 0.0, 1 / 0.0, 1 / 0.0, 1 / 0.0);
	printf("%.*f %*.*f %-*d| %*d\n", 3, 1.23456, 10, 2, 9.876, 6, 42, -6, 42);
}

static void integers(void)
{
	static const char *const f[] = { "%d",	 "%5d|",   "%-5d|", "%05d",   "%+d",	 "% d",
					 "%.3d", "%8.3d|", "%x",    "%#x",    "%#X",	 "%o",
					 "%#o",	 "%u",	   "%.0d|", "%#.0o|", "%08.3x|", "%-+7d|",
					 "%'d",	 "%hhd",   "%hd" };
	static const int v[] = { 0, 1, -1, 42, 255, -128, 65535, 100000, INT_MAX, INT_MIN };

	for (size_t i = 0; i < sizeof(f) / sizeof(*f); i++)
		for (size_t k = 0; k < sizeof(v) / sizeof(*v); k++) {
			printf("%s=", f[i]);
			printf(f[i], v[k]);
			putchar(' ');
		}
	printf("\n%ld %lld %jd %zd %td %lx %" PRId64 " %" PRIxMAX "\n", LONG_MIN, LLONG_MAX,
	       INTMAX_MIN, (size_t)77, (ptrdiff_t)-3, ULONG_MAX, INT64_MIN, UINTMAX_MAX);
	printf("%2$s %1$s %2$-5s| %3$*4$d|\n", "one", "two", 7, 5);
	printf("%c%c%c|%5c|%-5c|%s|%.2s|%10.3s|%-10s|%%|%p\n", 'a', 0x80 + 'b', 'c', 'd', 'e',
	       "str", "cut", "field", "left", (void *)0x1234);
	errno = ENOENT;
	printf("%m|%s|", (char *)NULL);
	printf("%ls|%.3ls|%lc|%S\n", L"wide", L"cut", (wint_t)L'x', L"big");
}

static void lengths(void)
{
	char buf[16];
	wchar_t w[16];
	int n = 0, k;

	printf("%d ", snprintf(buf, sizeof(buf), "%s", "longer than the room"));
	printf("%s ", buf);
	printf("%d ", snprintf(NULL, 0, "%1000d", 1));
	k = printf("%d%n", 12345, &n);
	printf(" %d %d ", k, n);
	printf("%d ", swprintf(w, 16, L"%d %ls %s", 7, L"ab", "cd"));
	printf("%ls ", w);
	printf("%d\n", swprintf(w, 4, L"%d", 123456));
}

static void from_text(void)
{
	static const char *const t[] = {
		"0",
		"1",
		"-1.5",
		".5",
		"5.",
		"+3e2",
		"1e",
		"1e+",
		"1e5x",
		"0x1.8p1",
		"0x",
		"0x.8",
		"0x1p-1022",
		"0x1p",
		"inf",
		"-infinity",
		"infinit",
		"nan",
		"nan(12)",
		"nan(1 2)",
		"inNaN",
		"nainf",
		"1e400",
		"-1e400",
		"1e-400",
		"2.4703282292062327e-324",
		"1.7976931348623159e308",
		"1.7976931348623158e308",
		"9007199254740993",
		"9007199254740992.99999999999999999999",
		"9007199254740993.00000000000000000001",
		"  12 ",
		"",
		" ",
		"-",
		"179769313486231580793728971405303415079934132710037826936173778980444968292764750946649017977587207096330286416692887910946555547851940402630657488671505820681908902000708383676273854845817711531764475730270069855571366959622842914819860834936475292719074168444365510704342711559699508093042880",
		"0.1e1",
		"123456789012345678901234567890",
		"1e23",
		"8.41e21",
		"1e-5000",
		"1e5000",
		"00012.5",
		"1.e2",
		"e5",
		"+-1",
	};

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++) {
		char *end, *endf, *endl;
		double d;
		float f;
		long double l;
		int e;

		errno = 0;
		d = strtod(t[i], &end);
		e = errno;
		f = strtof(t[i], &endf);
		l = strtold(t[i], &endl);
		printf("%.20s: %a %d %td | %a %td | %.30Lg %td\n", t[i], d, e, end - t[i], f,
		       endf - t[i], l, endl - t[i]);
	}
	/* More digits before the point than behind it, and many of both. */
	printf("%.17g %.17g %.17g\n",
	       strtod("133333330001111111111111111111111111111111111111111111111111.1333333333333333300300033333",
		      NULL),
	       strtod("11000666666666666666667.66666666666666666666666666666666666666000000000000000000010766666666666666"
		      "6666666666666699999999966666666660000000000000000000107315783672410057",
		      NULL),
	       strtod("99999999999999999999999999999999999999999999999999999999999999999999999999999999.9999999999999",
		      NULL));
	printf("%.20e %.20e %.20e\n", strtod("2.4703282292062328e-324", NULL),
	       strtod("2.2250738585072011e-308", NULL), 0x1.8p-1073);
	for (int mode = 0; mode < 4; mode++) {
		__asm__ volatile("fsrm %0" : : "r"(mode));
		printf("%d: %a %a %.3f %.0f %.2e\n", mode, strtod("0.1", NULL),
		       strtod("-0.3", NULL), 2.0005, 2.5, -1.005);
	}
	__asm__ volatile("fsrm zero");
}

static void integers_from_text(void)
{
	static const char *const t[] = { "0",
					 "12",
					 "-12",
					 "+7",
					 "0x1f",
					 "0X",
					 "0x",
					 "010",
					 "08",
					 "z",
					 "zz",
					 "  9",
					 "9 ",
					 "9223372036854775807",
					 "9223372036854775808",
					 "-9223372036854775809",
					 "18446744073709551615",
					 "18446744073709551616",
					 "-1",
					 "",
					 "-",
					 "0b11",
					 "1_000" };
	static const int bases[] = { 0, 2, 8, 10, 16, 36 };

	for (size_t i = 0; i < sizeof(t) / sizeof(*t); i++)
		for (size_t k = 0; k < 6; k++) {
			char *a, *b;
			long l;
			unsigned long u;
			int e;

			if (!strncmp(t[i], "0b", 2) && bases[k] != 10)
				continue;
			errno = 0;
			l = strtol(t[i], &a, bases[k]);
			e = errno;
			u = strtoul(t[i], &b, bases[k]);
			printf("%s/%d %ld %td %d %lu %td\n", t[i], bases[k], l, a - t[i], e, u,
			       b - t[i]);
		}
	printf("%ld %lu %f\n", wcstol(L" -42x", NULL, 10), wcstoul(L"0xff", NULL, 0),
	       wcstod(L"2.5e1", NULL));
}

static void scans(void)
{
	int a = -1, b = -1, n = -1, r;
	unsigned int u = 0;
	long l = 0;
	double d = 0;
	float f = 0;
	char s[32] = "", t[32] = "", c = 0, *m = NULL;
	wchar_t w[16] = L"";

	r = sscanf("12 0x1f -7 077", "%d %i %ld %o", &a, &b, &l, &u);
	printf("%d: %d %d %ld %u\n", r, a, b, l, u);
	r = sscanf("3.5e1abc", "%lf%3s%n", &d, s, &n);
	printf("%d: %g %s %d\n", r, d, s, n);
	r = sscanf("key = value # rest", "%31[a-z] = %31[^#]%c", s, t, &c);
	printf("%d: <%s> <%s> %c\n", r, s, t, c);
	r = sscanf("12345678", "%3d%2d%*1d%d", &a, &b, &n);
	printf("%d: %d %d %d\n", r, a, b, n);
	printf("%d %d %d %d\n", sscanf("", "%d", &a), sscanf("x", "%d", &a), sscanf("  ", "%c", &c),
	       sscanf("1 x", "%d %d", &a, &b));
	r = sscanf("allocated text", "%ms", &m);
	printf("%d %s\n", r, m);
	free(m);
	r = sscanf("wide", "%ls", w);
	printf("%d %ls\n", r, w);
	r = sscanf("50%off", "%d%%%3c", &a, s);
	s[3] = 0;
	printf("%d %d %s\n", r, a, s);
	r = sscanf("a]b-c", "%[]a]%[b-]%s", s, t, s + 8);
	printf("%d %s %s %s\n", r, s, t, s + 8);
	r = swscanf(L"7 word 2.5", L"%d %ls %lf", &a, w, &d);
	printf("%d %d %ls %g\n", r, a, w, d);
	r = sscanf("inf nan -0x1p3", "%lf %f %lf", &d, &f, &d);
	printf("%d %g\n", r, d);
	r = sscanf("5 6", "%2$d %1$d", &a, &b);
	printf("%d %d %d\n", r, a, b);
}

int main(void)
{
	floats();
	integers();
	lengths();
	from_text();
	integers_from_text();
	scans();
	return 0;
}

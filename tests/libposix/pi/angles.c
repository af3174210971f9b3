/* Lines `NAME X [Y]` become `VALUE FLAGS`: NAME is a function of angles in half turns, f, l or no letter behind it. */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ONE(name)                                                        \
	{                                                                \
#name, (void *)name, (void *)name##f, (void *)name##l, 0 \
	}

static const struct {
	const char *name;
	void *d, *f, *l;
	int two;
} functions[] = {
	ONE(sinpi),
	ONE(cospi),
	ONE(tanpi),
	ONE(asinpi),
	ONE(acospi),
	ONE(atanpi),
	{ "atan2pi", (void *)atan2pi, (void *)atan2pif, (void *)atan2pil, 1 },
};

int main(void)
{
	char name[20], a[100], b[100], line[300];

	while (fgets(line, sizeof(line), stdin)) {
		size_t i = 0, n;
		long double r;
		int flags;

		strcpy(b, "0");
		sscanf(line, "%19s %99s %99s", name, a, b);
		for (; strncmp(name, functions[i].name, n = strlen(functions[i].name)); i++)
			if (i + 1 == sizeof(functions) / sizeof(functions[0]))
				return 1;
		feclearexcept(FE_ALL_EXCEPT);
		if (name[n] == 'l') {
			long double x = strtold(a, NULL), y = strtold(b, NULL);

			feclearexcept(FE_ALL_EXCEPT);
			r = functions[i].two ?
				    ((long double (*)(long double, long double))functions[i].l)(x,
												y) :
				    ((long double (*)(long double))functions[i].l)(x);
		} else if (name[n] == 'f') {
			float x = strtof(a, NULL), y = strtof(b, NULL);

			feclearexcept(FE_ALL_EXCEPT);
			r = functions[i].two ? ((float (*)(float, float))functions[i].f)(x, y) :
					       ((float (*)(float))functions[i].f)(x);
		} else {
			double x = strtod(a, NULL), y = strtod(b, NULL);

			feclearexcept(FE_ALL_EXCEPT);
			r = functions[i].two ? ((double (*)(double, double))functions[i].d)(x, y) :
					       ((double (*)(double))functions[i].d)(x);
		}
		flags = fetestexcept(FE_INVALID | FE_DIVBYZERO | FE_OVERFLOW | FE_UNDERFLOW);
		printf("%La %s%s%s%s\n", r, flags & FE_INVALID ? "i" : "",
		       flags & FE_DIVBYZERO ? "z" : "", flags & FE_OVERFLOW ? "o" : "",
		       flags & FE_UNDERFLOW ? "u" : "");
	}
	return 0;
}

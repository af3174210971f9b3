/*
 * fuzz_strtod.c - libFuzzer: text to numbers, double, float and whole ones; libposix and the host's C library
 * must read the same number and stop at the same place. And what is printed with 17 digits comes back.
 */
#include "lp.h"

#include <errno.h>
#include <math.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[400], back[64], *a, *b;
	double x, y;
	float f, g;

	if (size < 2 || size >= sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	x = lp_strtod(text, &a);
	y = strtod(text, &b);
	if (a != b || (isnan(x) ? !isnan(y) : memcmp(&x, &y, sizeof(x))))
		FAIL("strtod \"%s\": %a and %td, host %a and %td", text, x, a - text, y, b - text);
	f = lp_strtof(text, &a);
	g = strtof(text, &b);
	if (a != b || (isnan(f) ? !isnan(g) : memcmp(&f, &g, sizeof(f))))
		FAIL("strtof \"%s\": %a, host %a", text, f, g);
	if (isfinite(x)) {
		lp_snprintf(back, sizeof(back), "%.17g", x);
		y = lp_strtod(back, NULL);
		if (memcmp(&x, &y, sizeof(x)))
			FAIL("%a is \"%s\", which is %a", x, back, y);
	}
	int base = data[0] % 38 == 1 ? 0 : data[0] % 38;
	long l, m;
	unsigned long u, v;

	l = lp_strtol(text, &a, base);
	m = strtol(text, &b, base);
	if (base <= 36 && (a != b || l != m))
		FAIL("strtol \"%s\" in base %d: %ld and %td, host %ld and %td", text, base, l,
		     a - text, m, b - text);
	u = lp_strtoul(text, &a, base);
	v = strtoul(text, &b, base);
	if (base <= 36 && (a != b || u != v))
		FAIL("strtoul \"%s\" in base %d: %lu, host %lu", text, base, u, v);
	return 0;
}

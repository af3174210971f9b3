/*
 * strverscmp.c - names with numbers in them, in the order a person expects (GNU
 * strverscmp(3)): runs of digits compare as numbers, unless one begins with 0, which
 * makes both fractions: 000 < 00 < 01 < 010 < 09 < 0 < 1 < 9 < 10.
 */
#include <ctype.h>
#include <string.h>

static int digit(char c)
{
	return isdigit((unsigned char)c);
}

int strverscmp(const char *a, const char *b)
{
	size_t i, start = 0, x, y;
	int zeros = 1;

	/* The first place that differs, and the run of digits it is in. */
	for (i = 0; a[i] == b[i]; i++) {
		if (!a[i])
			return 0;
		if (!digit(a[i])) {
			start = i + 1;
			zeros = 1;
		} else if (a[i] != '0') {
			zeros = 0;
		}
	}
	if (start < i ? a[start] != '0' : a[i] != '0' && b[i] != '0') {
		/* Whole numbers: the longer is greater. */
		for (x = i; digit(a[x]); x++)
			;
		for (y = i; digit(b[y]); y++)
			;
		if ((x > i || start < i) && (y > i || start < i) && x != y)
			return x < y ? -1 : 1;
	} else if (zeros && start < i && (digit(a[i]) || digit(b[i]))) {
		/* Only zeros so far: where they end the number is greater. */
		return (unsigned char)(a[i] - '0') - (unsigned char)(b[i] - '0');
	}
	return (unsigned char)a[i] - (unsigned char)b[i];
}

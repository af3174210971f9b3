/*
 * fuzz_scan.c - libFuzzer: sscanf of any text by one of some formats, beside the host's C library. Where we
 * mean to differ (docs/libposix.md): a number that can't go on is no number, "0x" and "1e" among them; %3c are
 * three characters or none.
 */
#include "lp.h"

#include <ctype.h>

static const char *const formats[] = {
	"%d",	   "%i",       "%u",	 "%x",	   "%o",       "%5d%3d",
	"%ld %lu", "%hhd,%hd", "%d%%%d", "%*d %d", " %d . %d", "%2x%2x%2x",
};
static const char *const words[] = {
	"%15s",	      "%c%c",  "%[a-z]", "%[^,],%[^,]", "%[]a]",
	"%5[0-9]%5s", "%s %s", "x%sy",	 "%*s %15s",	"%[a-]%s",
};
static const char *const reals[] = { "%lf", "%5lf%3lf", "%le,%lg" };

/* "0x" and "1e", "1e+": what glibc gives back and we do not. */
static int cut_short(const char *t)
{
	for (; *t; t++) {
		if (*t == '0' && tolower(t[1]) == 'x')
			return 1;
		if (tolower(*t) == 'e' || tolower(*t) == 'n' || tolower(*t) == 'i' ||
		    tolower(*t) == 'p')
			return 1;
	}
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	union {
		char text[4][128];
		double real[4];
		long whole[4];
	} a, b;
	char text[100];
	const char *fmt;
	int r, s;

	if (size < 2 || size > sizeof(text))
		return 0;
	memcpy(text, data + 1, size - 1);
	text[size - 1] = 0;
	memset(&a, 0, sizeof(a));
	memset(&b, 0, sizeof(b));
	if (data[0] < 100) {
		fmt = formats[data[0] % (sizeof(formats) / sizeof(*formats))];
		if (cut_short(text))
			return 0;
		r = lp_sscanf(text, fmt, &a.whole[0], &a.whole[1], &a.whole[2]);
		s = sscanf(text, fmt, &b.whole[0], &b.whole[1], &b.whole[2]);
	} else if (data[0] < 200) {
		fmt = words[data[0] % (sizeof(words) / sizeof(*words))];
		r = lp_sscanf(text, fmt, a.text[0], a.text[1]);
		s = sscanf(text, fmt, b.text[0], b.text[1]);
	} else {
		fmt = reals[data[0] % (sizeof(reals) / sizeof(*reals))];
		if (cut_short(text))
			return 0;
		r = lp_sscanf(text, fmt, &a.real[0], &a.real[1]);
		s = sscanf(text, fmt, &b.real[0], &b.real[1]);
	}
	if (r != s || memcmp(&a, &b, sizeof(a)))
		FAIL("\"%s\" by \"%s\": %d, host %d", text, fmt, r, s);
	return 0;
}

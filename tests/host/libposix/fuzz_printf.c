/*
 * fuzz_printf.c - libFuzzer: one conversion of printf, made of the input's bytes; libposix and the host's C
 * library must print the same. %a of a subnormal number is left out: ours begins with 1.
 */
#include "lp.h"

#include <float.h>
#include <math.h>

enum { ROOM = 3000 };

static char ours[ROOM], theirs[ROOM];

static void same(const char *fmt, int a, int b)
{
	if (a != b || (a >= 0 && a < ROOM && memcmp(ours, theirs, (size_t)a + 1)))
		FAIL("\"%s\": %d \"%s\", host %d \"%s\"", fmt, a, ours, b, theirs);
}

#define BOTH(...)                                            \
	same(fmt, lp_snprintf(ours, ROOM, fmt, __VA_ARGS__), \
	     snprintf(theirs, ROOM, fmt, __VA_ARGS__))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const char lengths[][3] = { "", "hh", "h", "l", "ll", "j", "z", "t" };
	char fmt[80], *p = fmt, text[64];
	uint64_t bits;
	double x;

	if (size < 14)
		return 0;
	memcpy(&bits, data, 8);
	memcpy(&x, data, 8);
	*p++ = '<';
	*p++ = '%';
	for (int i = 0; i < 5; i++)
		if (data[8] >> i & 1)
			*p++ = "-+ #0"[i];
	if (data[8] & 0x20)
		p += sprintf(p, "%u", data[9] % 200u);
	if (data[8] & 0x40)
		p += sprintf(p, ".%u", (data[10] | (data[8] & 0x80) * 4) % 1100u);
	if (data[11] % 4 == 0) {
		*p++ = "aAeEfFgG"[data[12] % 8];
		strcpy(p, ">");
		if ((data[12] % 8 > 1 || fpclassify(x) != FP_SUBNORMAL) && !isnan(x))
			BOTH(x);
	} else if (data[11] % 4 == 1) {
		size_t n = size - 14 < sizeof(text) - 1 ? size - 14 : sizeof(text) - 1;

		memcpy(text, data + 14, n);
		text[n] = 0;
		strcpy(p, "s>");
		BOTH(text);
	} else if (data[11] % 4 == 2 && data[12] % 8 == 0) {
		if (data[13] & 1) {
			strcpy(p, "c>");
			BOTH((int)bits);
		} else if (bits) {
			strcpy(fmt, "<%p>"); /* with flags it may be anything */
			BOTH((void *)bits);
		}
	} else {
		p = stpcpy(p, lengths[data[12] % 8]);
		*p++ = "diouxX"[data[13] % 6];
		strcpy(p, ">");
		BOTH(bits);
	}
	return 0;
}

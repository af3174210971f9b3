/*
 * test_lib_printf.c - the kernel's vsnprintf against libc's, over random formats.
 */
#include "tests/host/t.h"
#include "lib/printf.h"
#include "lib/string.h"

/* The formats are random: the compiler cannot check them. */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
#pragma GCC diagnostic ignored "-Wsuggest-attribute=format"

int libc_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

static void compare(size_t size, const char *fmt, ...)
{
	char ours[256], theirs[256];
	va_list ap;
	int a, b;

	memset(ours, 'x', sizeof(ours));
	memset(theirs, 'x', sizeof(theirs));
	va_start(ap, fmt);
	a = vsnprintf(ours, size, fmt, ap);
	va_end(ap);
	va_start(ap, fmt);
	b = libc_vsnprintf(theirs, size, fmt, ap);
	va_end(ap);
	ours[255] = 0;
	theirs[255] = 0;
	if (a != b || memcmp(ours, theirs, sizeof(ours)) != 0)
		FAIL("format \"%s\" size %zu: %d \"%s\", libc %d \"%s\"", fmt, size, a, ours, b,
		     theirs);
}

/* A conversion with random flags, width and precision, into fmt. */
static void random_spec(char *fmt, char conversion, const char *length)
{
	char *p = fmt;
	const char *flags = conversion == 's' || conversion == 'c' ? "-" : "-+ 0#";

	*p++ = '[';
	*p++ = '%';
	for (; *flags; flags++)
		if (t_below(3) == 0 && !(*flags == '#' && (conversion == 'd' || conversion == 'u')))
			*p++ = *flags;
	if (t_below(2))
		*p++ = (char)('1' + t_below(9));
	if (t_below(2))
		*p++ = (char)('0' + t_below(10));
	if (p[-1] == '%' || !isdigit_(p[-1]) || conversion != 'c')
		if (t_below(3) == 0 && conversion != 'c') {
			*p++ = '.';
			if (t_below(4))
				*p++ = (char)('0' + t_below(10));
		}
	while (*length)
		*p++ = *length++;
	*p++ = conversion;
	*p++ = ']';
	*p = 0;
}

static u64 random_value(void)
{
	static const u64 edges[] = { 0,
				     1,
				     7,
				     8,
				     9,
				     10,
				     127,
				     128,
				     255,
				     256,
				     32767,
				     32768,
				     65535,
				     0x7fffffff,
				     0x80000000,
				     0xffffffff,
				     0x100000000,
				     0x7fffffffffffffff,
				     0x8000000000000000,
				     ~0UL };
	u64 r = t_below(3);

	return r == 0 ? edges[t_below(ARRAY_SIZE(edges))] : r == 1 ? t_random() : t_below(100000);
}

static void numbers(void)
{
	static const char *const lengths[] = { "", "l", "ll", "z", "j", "t", "h", "hh" };
	char fmt[64];

	for (int i = 0; i < 200000 && !t.failed; i++) {
		const char *length = lengths[t_below(ARRAY_SIZE(lengths))];
		size_t size = t_below(4) ? 200 : t_below(20);

		random_spec(fmt, "diuoxX"[t_below(6)], length);
		if (*length == 0 || *length == 'h')
			compare(size, fmt, (int)random_value());
		else
			compare(size, fmt, random_value());
	}
}

static void texts(void)
{
	char fmt[64];

	for (int i = 0; i < 20000 && !t.failed; i++) {
		random_spec(fmt, 's', "");
		compare(200, fmt, &"the quick brown fox"[t_below(20)]);
		compare(t_below(12), fmt, "abcdefgh");
		random_spec(fmt, 'c', "");
		compare(200, fmt, (int)(1 + t_below(255)));
	}
	compare(200, "%*d|%-*d|%.*s|%.*d", 6, 42, 6, 42, 3, "abcdef", 4, 7);
	compare(200, "%*d|%.*s|%.*d", -6, 42, -1, "abcdef", -3, 7);
	compare(200, "%s %d%% %c", "a", 5, 0);
	compare(200, "plain");
	compare(200, "");
	compare(0, "%s", "nothing is written");
	compare(1, "%s", "x");
	compare(200, "%p", (void *)0x1234abcd);
	compare(200, "%20p|%-20p|", (void *)~0UL, (void *)1);
	compare(200, "%s", (char *)NULL);
	compare(200, "%05s|%3s", "ab", "abcdef");
}

/* A string given with its length may lack the NUL. */
static void bounded_string(void)
{
	char *raw = malloc(4), out[16];

	memcpy(raw, "wxyz", 4);
	CHECK_EQ(snprintf(out, sizeof(out), "%.4s", raw), 4);
	CHECK_STR(out, "wxyz");
	free(raw);
}

static void clipped(void)
{
	char out[6];

	CHECK_EQ(snprintf(out, sizeof(out), "%d", 1234567), 7);
	CHECK_STR(out, "12345");
	CHECK_EQ(scnprintf(out, sizeof(out), "%d", 1234567), 5);
	CHECK_EQ(scnprintf(out, sizeof(out), "%d", 12), 2);
	CHECK_EQ(scnprintf(out, 0, "%d", 12), 0);
	CHECK_EQ(scnprintf(out, 1, "%d", 12), 0);
}

static void odd_formats(void)
{
	char out[64];
	const char *volatile fmt = "%y|%"; /* volatile: the compiler would judge the formats */

	snprintf(out, sizeof(out), fmt);
	CHECK_STR(out, "%y|%");
	fmt = "%99999999999999999999d";
	CHECK(snprintf(out, sizeof(out), fmt, 1) > 63);
	CHECK_STR(out, "                                                               ");
}

int main(void)
{
	RUN(numbers);
	RUN(texts);
	RUN(bounded_string);
	RUN(clipped);
	RUN(odd_formats);
	return t_done();
}

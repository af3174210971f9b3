/*
 * test_lib_parse.c - numbers out of text.
 */
#include "tests/host/t.h"
#include "lib/parse.h"
#include "lib/printf.h"
#include "lib/string.h"

#include <uapi/errno.h>

#define UNTOUCHED 0x7777

static void whole_unsigned(void)
{
	static const struct {
		const char *text;
		unsigned int base;
		int err;
		u64 value;
	} cases[] = {
		{ "0", 10, 0, 0 },
		{ "18446744073709551615", 10, 0, U64_MAX },
		{ "18446744073709551616", 10, -ERANGE, 0 },
		{ "99999999999999999999999999", 0, -ERANGE, 0 },
		{ "0xffffffffffffffff", 0, 0, U64_MAX },
		{ "0x10000000000000000", 0, -ERANGE, 0 },
		{ "0x1F", 16, 0, 31 },
		{ "1f", 16, 0, 31 },
		{ "017", 0, 0, 15 },
		{ "017", 10, 0, 17 },
		{ "08", 0, -EINVAL, 0 },
		{ "0x", 0, -EINVAL, 0 },
		{ "12\n", 10, 0, 12 },
		{ "12\n\n", 10, -EINVAL, 0 },
		{ "", 10, -EINVAL, 0 },
		{ " 1", 10, -EINVAL, 0 },
		{ "-1", 10, -EINVAL, 0 },
		{ "12a", 10, -EINVAL, 0 },
		{ "zz", 36, 0, 1295 },
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		u64 x = UNTOUCHED;

		CHECK_EQ(parse_u64(cases[i].text, cases[i].base, &x), cases[i].err);
		CHECK_EQ(x, cases[i].err ? UNTOUCHED : cases[i].value);
	}
}

static void whole_signed(void)
{
	s64 x = UNTOUCHED;
	s32 y = UNTOUCHED;
	u32 z = UNTOUCHED;

	CHECK_EQ(parse_s64("-9223372036854775808", 10, &x), 0);
	CHECK_EQ(x, S64_MIN);
	CHECK_EQ(parse_s64("9223372036854775807", 10, &x), 0);
	CHECK_EQ(x, S64_MAX);
	CHECK_EQ(parse_s64("9223372036854775808", 10, &x), -ERANGE);
	CHECK_EQ(parse_s64("-9223372036854775809", 10, &x), -ERANGE);
	CHECK_EQ(parse_s64("+5", 10, &x), 0);
	CHECK_EQ(x, 5);
	CHECK_EQ(parse_s64("-", 10, &x), -EINVAL);
	CHECK_EQ(parse_s64("--1", 10, &x), -EINVAL);
	CHECK_EQ(parse_s32("-2147483648", 10, &y), 0);
	CHECK_EQ(y, S32_MIN);
	CHECK_EQ(parse_s32("2147483648", 10, &y), -ERANGE);
	CHECK_EQ(parse_u32("4294967295", 10, &z), 0);
	CHECK_EQ(z, U32_MAX);
	CHECK_EQ(parse_u32("4294967296", 10, &z), -ERANGE);
	CHECK_EQ(z, U32_MAX);
}

static void scanning(void)
{
	const char *s = "12:-34,rest";
	u64 x;
	s64 y;

	CHECK_EQ(scan_u64(&s, 10, &x), 0);
	CHECK(x == 12 && *s == ':');
	s++;
	CHECK_EQ(scan_s64(&s, 10, &y), 0);
	CHECK(y == -34 && *s == ',');
	CHECK_EQ(scan_u64(&s, 10, &x), -EINVAL);
	CHECK(*s == ',');
}

static void words(void)
{
	bool b = false;
	u64 x;

	CHECK(parse_bool("yes\n", &b) == 0 && b);
	CHECK(parse_bool("off", &b) == 0 && !b);
	CHECK(parse_bool("1", &b) == 0 && b);
	CHECK_EQ(parse_bool("maybe", &b), -EINVAL);
	CHECK_EQ(parse_bool("", &b), -EINVAL);
	CHECK(parse_size("64M", &x) == 0 && x == 64UL << 20);
	CHECK(parse_size("2g", &x) == 0 && x == 2UL << 30);
	CHECK(parse_size("4096", &x) == 0 && x == 4096);
	CHECK(parse_size("0x10k\n", &x) == 0 && x == 16384);
	CHECK_EQ(parse_size("1X", &x), -EINVAL);
	CHECK_EQ(parse_size("1KK", &x), -EINVAL);
	CHECK_EQ(parse_size("99999999999G", &x), -ERANGE);
}

/* As text with all its words, to be compared. */
static const char *words_of(const char *text)
{
	static char out[48];
	u8 a[16];
	int n = 0;

	if (parse_in6(text, a))
		return "no";
	for (int i = 0; i < 16; i += 2)
		n += snprintf(out + n, sizeof(out) - (size_t)n, "%s%x", i ? ":" : "",
			      a[i] << 8 | a[i + 1]);
	return out;
}

static void addresses(void)
{
	static const char *const pairs[][2] = {
		{ "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7:8" },
		{ "::", "0:0:0:0:0:0:0:0" },
		{ "::1", "0:0:0:0:0:0:0:1" },
		{ "fe80::", "fe80:0:0:0:0:0:0:0" },
		{ "2001:DB8::a:b", "2001:db8:0:0:0:0:a:b" },
		{ "1:2:3:4:5:6:7::", "1:2:3:4:5:6:7:0" },
		{ "::2:3:4:5:6:7:8", "0:2:3:4:5:6:7:8" },
		{ "", "no" },
		{ ":", "no" },
		{ ":1", "no" },
		{ "1:", "no" },
		{ "1::2::3", "no" },
		{ ":::", "no" },
		{ "1:2:3:4:5:6:7", "no" },
		{ "1:2:3:4:5:6:7:8:9", "no" },
		{ "1::2:3:4:5:6:7:8", "no" },
		{ "12345::", "no" },
		{ "0x1::", "no" },
		{ "g::", "no" },
		{ "1::2 ", "no" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (strcmp(words_of(pairs[i][0]), pairs[i][1]))
			FAIL("%s: %s", pairs[i][0], words_of(pairs[i][0]));
}

int main(void)
{
	RUN(whole_unsigned);
	RUN(whole_signed);
	RUN(scanning);
	RUN(words);
	RUN(addresses);
	return t_done();
}

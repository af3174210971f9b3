/*
 * parse.c - numbers out of text; see parse.h.
 */
#include "lib/parse.h"
#include "lib/string.h"

#include <uapi/errno.h>

/* The value of a digit in any base up to 36, or 255. */
static unsigned int digit_value(char c)
{
	if (isdigit_(c))
		return (unsigned int)(c - '0');
	if (isalpha_(c))
		return (unsigned int)(tolower_(c) - 'a' + 10);
	return 255;
}

int scan_u64(const char **s, unsigned int base, u64 *out)
{
	const char *p = *s, *digits;
	u64 x = 0;
	bool over = false;

	if ((base == 0 || base == 16) && p[0] == '0' && tolower_(p[1]) == 'x' &&
	    digit_value(p[2]) < 16) {
		base = 16;
		p += 2;
	}
	if (base == 0)
		base = *p == '0' ? 8 : 10;
	for (digits = p; digit_value(*p) < base; p++)
		over |= check_mul_overflow(x, (u64)base, &x) ||
			check_add_overflow(x, (u64)digit_value(*p), &x);
	if (p == digits)
		return -EINVAL;
	*s = p;
	if (over)
		return -ERANGE;
	*out = x;
	return 0;
}

int scan_s64(const char **s, unsigned int base, s64 *out)
{
	const char *p = *s;
	bool negative = *p == '-';
	u64 x;
	int err;

	if (*p == '-' || *p == '+')
		p++;
	err = scan_u64(&p, base, &x);
	if (err == -EINVAL)
		return err;
	*s = p;
	if (err)
		return err;
	if (x > (u64)S64_MAX + negative)
		return -ERANGE;
	*out = negative ? (s64)-x : (s64)x;
	return 0;
}

/* Whether nothing but one newline is left. */
static bool at_end(const char *p)
{
	return *p == 0 || (*p == '\n' && p[1] == 0);
}

int parse_u64(const char *s, unsigned int base, u64 *out)
{
	u64 x;
	int err = scan_u64(&s, base, &x);

	if (err == -EINVAL || !at_end(s))
		return -EINVAL;
	if (!err)
		*out = x;
	return err;
}

int parse_s64(const char *s, unsigned int base, s64 *out)
{
	s64 x;
	int err = scan_s64(&s, base, &x);

	if (err == -EINVAL || !at_end(s))
		return -EINVAL;
	if (!err)
		*out = x;
	return err;
}

int parse_u32(const char *s, unsigned int base, u32 *out)
{
	u64 x;
	int err = parse_u64(s, base, &x);

	if (err)
		return err;
	if (x > U32_MAX)
		return -ERANGE;
	*out = (u32)x;
	return 0;
}

int parse_s32(const char *s, unsigned int base, s32 *out)
{
	s64 x;
	int err = parse_s64(s, base, &x);

	if (err)
		return err;
	if (x < S32_MIN || x > S32_MAX)
		return -ERANGE;
	*out = (s32)x;
	return 0;
}

int parse_bool(const char *s, bool *out)
{
	static const char *const words[][2] = {
		{ "0", "1" }, { "n", "y" }, { "no", "yes" }, { "off", "on" }, { "false", "true" },
	};

	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		for (int value = 0; value < 2; value++) {
			size_t n = strlen(words[i][value]);

			if (strncmp(s, words[i][value], n) == 0 && at_end(s + n)) {
				*out = value;
				return 0;
			}
		}
	}
	return -EINVAL;
}

int parse_size(const char *s, u64 *out)
{
	static const char units[] = "KMGT";
	u64 x;
	unsigned int shift = 0;
	int err = scan_u64(&s, 0, &x);
	const char *unit;

	if (err == -EINVAL)
		return err;
	if (*s && (unit = strchr(units, toupper_(*s)))) {
		shift = 10 * (unsigned int)(unit - units + 1);
		s++;
	}
	if (!at_end(s))
		return -EINVAL;
	if (err || x > U64_MAX >> shift)
		return -ERANGE;
	*out = x << shift;
	return 0;
}

int parse_in6(const char *s, u8 addr[16])
{
	u16 word[8] = { 0 };
	int n = 0, gap = -1;

	if (s[0] == ':' && *++s != ':')
		return -EINVAL;
	while (*s && n < 8) {
		u64 v;

		if (*s == ':' && gap < 0) { /* the second of two */
			gap = n;
			s++;
			continue;
		}
		if ((s[0] == '0' && tolower_(s[1]) == 'x') || scan_u64(&s, 16, &v) || v > 0xffff)
			return -EINVAL;
		word[n++] = (u16)v;
		if (*s && *s++ != ':')
			return -EINVAL;
		if (s[-1] == ':' && !*s)
			return -EINVAL;
	}
	if (*s || (gap < 0) != (n == 8))
		return -EINVAL;
	if (gap >= 0) { /* what stands behind the gap goes to the end */
		memmove(&word[8 - (n - gap)], &word[gap], (size_t)(n - gap) * sizeof(word[0]));
		memset(&word[gap], 0, (size_t)(8 - n) * sizeof(word[0]));
	}
	for (int i = 0; i < 8; i++) {
		addr[2 * i] = (u8)(word[i] >> 8);
		addr[2 * i + 1] = (u8)word[i];
	}
	return 0;
}

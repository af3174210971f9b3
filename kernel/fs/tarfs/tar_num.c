/*
 * The numbers of TAR: octal and base-256 header fields (POSIX ustar; GNU tar's
 * manual, "Extensions"), pax's decimal numbers and times. No state.
 */
#include <types.h>
#include <uapi/errno.h>
#include "fs/tarfs/tar_impl.h"

/* Two's complement over the field's n * 8 - 1 low bits; bit 6 of the first byte is the sign. */
static int num_base256(const u8 *f, size_t n, s64 *out)
{
	bool negative = f[0] & 0x40;
	u64 v = negative ? ~(u64)0 : 0;

	for (size_t i = 0; i < n; i++) {
		u8 b = f[i];

		if (i == 0)
			b = negative ? b | 0x80 : b & 0x7f;
		if ((s64)v >> 55 != (negative ? -1 : 0))
			return -EOVERFLOW;
		v = v << 8 | b;
	}
	*out = (s64)v;
	return 0;
}

int tar_num(const u8 *f, size_t n, s64 *out)
{
	size_t i = 0;
	u64 v = 0;

	if (f[0] & 0x80)
		return num_base256(f, n, out);
	/* Some old tars overflowed the field before: one NUL, then the number. */
	if (f[0] == '\0')
		i++;
	while (i < n && f[i] == ' ')
		i++;
	for (; i < n && f[i] != ' ' && f[i] != '\0'; i++) {
		if (f[i] < '0' || f[i] > '7')
			return -EINVAL;
		v = v << 3 | (u64)(f[i] - '0');
	}
	*out = (s64)v;
	return 0;
}

int tar_num_size(const u8 *f, size_t n, u64 *out)
{
	s64 v;
	int err = tar_num(f, n, &v);

	if (err)
		return err;
	if (v < 0)
		return -EINVAL;
	*out = (u64)v;
	return 0;
}

static int to_id(s64 v, u32 *out)
{
	if (v < -(1LL << 31) || v > 0xffffffffLL)
		return -EOVERFLOW;
	*out = (u32)v;
	return 0;
}

int tar_num_id(const u8 *f, size_t n, u32 *out)
{
	s64 v;
	int err = tar_num(f, n, &v);

	return err ? err : to_id(v, out);
}

int tar_dec(const char *s, size_t n, s64 *out)
{
	bool negative = n > 0 && s[0] == '-';
	size_t i = negative;
	s64 v = 0;

	if (i == n)
		return -EINVAL;
	for (; i < n; i++) {
		int d = s[i] - '0';

		if (d < 0 || d > 9)
			return -EINVAL;
		if (v > (S64_MAX - d) / 10)
			return -EOVERFLOW;
		v = v * 10 + d;
	}
	*out = negative ? -v : v;
	return 0;
}

int tar_dec_time(const char *s, size_t n, struct tar_time *out)
{
	bool negative = n > 0 && s[0] == '-';
	bool more = false;
	u32 nsec = 0, unit = 100000000;
	size_t dot = 0;
	s64 sec = 0;

	while (dot < n && s[dot] != '.')
		dot++;
	if (dot > (size_t)negative || dot + 1 >= n) {
		int err = tar_dec(s, dot, &sec);

		if (err)
			return err;
	}
	for (size_t i = dot + 1; i < n; i++) {
		u32 d = (u32)(s[i] - '0');

		if (d > 9)
			return -EINVAL;
		if (unit == 0)
			more |= d != 0;
		nsec += d * unit;
		unit /= 10;
	}
	/* -1.25 is 0.75 after -2. */
	if (negative && (nsec || more)) {
		nsec += more;
		sec -= 1;
		nsec = 1000000000 - nsec;
	}
	out->sec = sec;
	out->nsec = nsec;
	return 0;
}

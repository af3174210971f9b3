/*
 * parse.h - numbers out of text, with range checks.
 *
 * parse_* take the whole string: digits of the base (0: C's prefixes 0x and 0
 * count), one '\n' at the end is allowed, nothing else.  -EINVAL: not a number;
 * -ERANGE: does not fit; *out is untouched then.  scan_* read a number at *s, move
 * *s behind it, and return 0, -EINVAL (no digit; *s unmoved) or -ERANGE.
 */
#ifndef LIB_PARSE_H
#define LIB_PARSE_H

#include <compiler.h>
#include <types.h>

int scan_u64(const char **s, unsigned int base, u64 *out);
int scan_s64(const char **s, unsigned int base, s64 *out);

int parse_u64(const char *s, unsigned int base, u64 *out);
int parse_s64(const char *s, unsigned int base, s64 *out);
int parse_u32(const char *s, unsigned int base, u32 *out);
int parse_s32(const char *s, unsigned int base, s32 *out);
/* 1 y yes on true, 0 n no off false. */
int parse_bool(const char *s, bool *out);
/* An IPv6 address as RFC 4291 2.2 writes it, without an IPv4 part. 0 or -EINVAL. */
int parse_in6(const char *s, u8 addr[16]);
/* A size with an optional suffix K M G T (powers of 1024). */
int parse_size(const char *s, u64 *out);

#endif

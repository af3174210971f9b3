/*
 * format.c - the engine of the printf family (C11 7.21.6.1): flags, width,
 * precision, the length modifiers, and d i u o x X c s p n % and m (the text
 * of errno). A conversion it does not know ends the call with EINVAL.
 */
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <string.h>

#define LEFT  1u
#define PLUS  2u
#define SPACE 4u
#define ALT   8u
#define ZERO  16u

struct spec {
	unsigned int flags;
	int width;
	int precision; /* -1: none given */
	char length; /* 0, 'h', 'H' for hh, 'l', 'z', 'j', 't' */
};

static int emit(struct sink *s, const char *bytes, size_t n)
{
	if (n > INT_MAX - s->total) {
		errno = EOVERFLOW;
		return -1;
	}
	s->total += n;
	return n ? s->put(s, bytes, n) : 0;
}

static int pad(struct sink *s, char c, int n)
{
	char run[32];

	if (n <= 0)
		return 0;
	memset(run, c, sizeof(run));
	for (; n > (int)sizeof(run); n -= (int)sizeof(run))
		if (emit(s, run, sizeof(run)))
			return -1;
	return emit(s, run, (size_t)n);
}

/* prefix, zeros, body; the whole brought to the width. */
static int field(struct sink *s, const struct spec *sp, const char *prefix, int zeros,
		 const char *body, size_t len)
{
	size_t plen = strlen(prefix);
	int fill = sp->width - (int)plen - zeros - (int)len;

	if (!(sp->flags & (LEFT | ZERO)) && pad(s, ' ', fill))
		return -1;
	if (emit(s, prefix, plen))
		return -1;
	if ((sp->flags & (LEFT | ZERO)) == ZERO && pad(s, '0', fill))
		return -1;
	if (pad(s, '0', zeros) || emit(s, body, len))
		return -1;
	return sp->flags & LEFT ? pad(s, ' ', fill) : 0;
}

static int integer(struct sink *s, struct spec *sp, uint64_t v, int negative, char conv)
{
	const char *digits = conv == 'X' ? "0123456789ABCDEF" : "0123456789abcdef";
	unsigned int base = conv == 'o' ? 8 : conv == 'x' || conv == 'X' || conv == 'p' ? 16 : 10;
	const char *prefix = "";
	char buf[24];
	size_t at = sizeof(buf);
	int zeros = 0;

	if (negative)
		prefix = "-";
	else if (conv == 'd' && (sp->flags & PLUS))
		prefix = "+";
	else if (conv == 'd' && (sp->flags & SPACE))
		prefix = " ";
	else if (conv == 'p' || ((sp->flags & ALT) && v && base == 16))
		prefix = conv == 'X' ? "0X" : "0x";

	for (uint64_t n = v; n; n /= base)
		buf[--at] = digits[n % base];
	if (sp->precision < 0 && at == sizeof(buf))
		buf[--at] = '0';
	if (sp->precision >= 0) {
		sp->flags &= ~ZERO;
		zeros = sp->precision - (int)(sizeof(buf) - at);
		if (zeros < 0)
			zeros = 0;
	}
	if (base == 8 && (sp->flags & ALT) && !zeros && (at == sizeof(buf) || buf[at] != '0'))
		zeros = 1;
	return field(s, sp, prefix, zeros, buf + at, sizeof(buf) - at);
}

static int string(struct sink *s, struct spec *sp, const char *str)
{
	size_t n;

	if (!str)
		str = "(null)";
	n = sp->precision < 0 ? strlen(str) : strnlen(str, (size_t)sp->precision);
	if (n > INT_MAX) {
		errno = EOVERFLOW;
		return -1;
	}
	sp->flags &= ~ZERO;
	return field(s, sp, "", 0, str, n);
}

/*
 * The argument of an integer conversion in the type its length names. va_list
 * is an array on some machines, hence the pointer to a structure.
 */
struct args {
	va_list ap;
};

static uint64_t unsigned_arg(struct args *a, char length)
{
	switch (length) {
	case 'H':
		return (unsigned char)va_arg(a->ap, unsigned int);
	case 'h':
		return (unsigned short)va_arg(a->ap, unsigned int);
	case 0:
		return va_arg(a->ap, unsigned int);
	default:
		return va_arg(a->ap, unsigned long);
	}
}

static int64_t signed_arg(struct args *a, char length)
{
	switch (length) {
	case 'H':
		return (signed char)va_arg(a->ap, int);
	case 'h':
		return (short)va_arg(a->ap, int);
	case 0:
		return va_arg(a->ap, int);
	default:
		return va_arg(a->ap, long);
	}
}

static void store_count(struct args *a, char length, size_t total)
{
	switch (length) {
	case 'H':
		*va_arg(a->ap, signed char *) = (signed char)total;
		break;
	case 'h':
		*va_arg(a->ap, short *) = (short)total;
		break;
	case 0:
		*va_arg(a->ap, int *) = (int)total;
		break;
	default:
		*va_arg(a->ap, long *) = (long)total;
	}
}

/* A decimal number, or `*` for one from the arguments; -1 when it is too large. */
static int number(const char **fmt, struct args *a, int *out)
{
	int n = 0;

	if (**fmt == '*') {
		(*fmt)++;
		*out = va_arg(a->ap, int);
		return 0;
	}
	for (; **fmt >= '0' && **fmt <= '9'; (*fmt)++) {
		if (__builtin_mul_overflow(n, 10, &n) ||
		    __builtin_add_overflow(n, **fmt - '0', &n)) {
			errno = EOVERFLOW;
			return -1;
		}
	}
	*out = n;
	return 0;
}

static unsigned int flag_of(char c)
{
	switch (c) {
	case '-':
		return LEFT;
	case '+':
		return PLUS;
	case ' ':
		return SPACE;
	case '#':
		return ALT;
	case '0':
		return ZERO;
	default:
		return 0;
	}
}

/* Flags, width, precision and length; leaves *fmt at the conversion letter. */
static int parse(const char **fmt, struct args *a, struct spec *sp)
{
	const char *p = *fmt;

	memset(sp, 0, sizeof(*sp));
	sp->precision = -1;
	for (; flag_of(*p); p++)
		sp->flags |= flag_of(*p);
	if (number(&p, a, &sp->width))
		return -1;
	if (sp->width < 0) {
		if (sp->width == INT_MIN) {
			errno = EOVERFLOW;
			return -1;
		}
		sp->flags |= LEFT;
		sp->width = -sp->width;
	}
	if (*p == '.') {
		p++;
		if (number(&p, a, &sp->precision))
			return -1;
		if (sp->precision < 0)
			sp->precision = -1;
	}
	if (*p && strchr("hlzjt", *p)) {
		sp->length = *p++;
		if (sp->length == 'h' && *p == 'h') {
			sp->length = 'H';
			p++;
		} else if (sp->length == 'l' && *p == 'l') {
			p++;
		}
	}
	*fmt = p;
	return 0;
}

static int convert(struct sink *s, struct spec *sp, char conv, struct args *a, int err)
{
	char c;
	int64_t v;

	switch (conv) {
	case 'd':
	case 'i':
		v = signed_arg(a, sp->length);
		return integer(s, sp, v < 0 ? -(uint64_t)v : (uint64_t)v, v < 0, 'd');
	case 'u':
	case 'o':
	case 'x':
	case 'X':
		return integer(s, sp, unsigned_arg(a, sp->length), 0, conv);
	case 'p':
		return integer(s, sp, (uint64_t)va_arg(a->ap, void *), 0, conv);
	case 'c':
		c = (char)va_arg(a->ap, int);
		sp->flags &= ~ZERO;
		return field(s, sp, "", 0, &c, 1);
	case 's':
		return string(s, sp, va_arg(a->ap, const char *));
	case 'm':
		return string(s, sp, strerror(err));
	case 'n':
		store_count(a, sp->length, s->total);
		return 0;
	case '%':
		return emit(s, "%", 1);
	default:
		errno = EINVAL;
		return -1;
	}
}

int __format(struct sink *s, const char *fmt, va_list ap)
{
	int err = errno;
	struct args a;
	int failed = 0;

	va_copy(a.ap, ap);
	s->total = 0;
	while (*fmt && !failed) {
		size_t plain = strcspn(fmt, "%");
		struct spec sp;

		failed = emit(s, fmt, plain);
		fmt += plain;
		if (!*fmt || failed)
			break;
		fmt++;
		failed = parse(&fmt, &a, &sp) || convert(s, &sp, *fmt, &a, err);
		if (!failed)
			fmt++;
	}
	va_end(a.ap);
	return failed ? -1 : (int)s->total;
}

/*
 * printf.c - formatted text; see printf.h. C99 7.19.6.1 without floating point.
 */
#include "lib/printf.h"
#include "lib/string.h"

/* A 64-bit number in octal has 22 digits. */
#define DIGITS_MAX 24
/* Digits of a width or a precision beyond this are ignored. */
#define FIELD_MAX 10000000

#define F_LEFT	  BIT(0)
#define F_PLUS	  BIT(1)
#define F_SPACE	  BIT(2)
#define F_ALT	  BIT(3)
#define F_ZERO	  BIT(4)
#define F_UPPER	  BIT(5)

struct spec {
	unsigned long flags;
	int width;
	int precision; /* -1: none given */
};

struct out {
	printf_put_fn put;
	void *arg;
	size_t total;
};

static void emit(struct out *o, const char *text, size_t n)
{
	if (n)
		o->put(o->arg, text, n);
	o->total += n;
}

static void pad(struct out *o, char c, long n)
{
	static const char spaces[16] = "                ";
	static const char zeros[16] = "0000000000000000";

	while (n > 0) {
		size_t run = min_t(size_t, n, sizeof(spaces));

		emit(o, c == '0' ? zeros : spaces, run);
		n -= (long)run;
	}
}

/* Prefix (sign, 0x), leading zeros, digits, in a field of the wanted width. */
static void emit_number(struct out *o, const struct spec *s, const char *prefix, const char *digits,
			size_t n)
{
	long plen = (long)strlen(prefix);
	long zeros = max_t(long, s->precision - (long)n, 0);
	long blanks;

	if (s->precision < 0 && (s->flags & (F_ZERO | F_LEFT)) == F_ZERO)
		zeros = max_t(long, s->width - plen - (long)n, 0);
	blanks = s->width - plen - zeros - (long)n;
	if (!(s->flags & F_LEFT))
		pad(o, ' ', blanks);
	emit(o, prefix, (size_t)plen);
	pad(o, '0', zeros);
	emit(o, digits, n);
	if (s->flags & F_LEFT)
		pad(o, ' ', blanks);
}

/* Digits of x, right-aligned in buf; returns where they begin. None for 0. */
static char *to_digits(char buf[DIGITS_MAX], u64 x, unsigned int base, bool upper)
{
	const char *set = upper ? "0123456789ABCDEF" : "0123456789abcdef";
	char *p = buf + DIGITS_MAX;

	for (; x; x /= base)
		*--p = set[x % base];
	return p;
}

static void format_unsigned(struct out *o, const struct spec *s, u64 x, unsigned int base,
			    const char *sign)
{
	char buf[DIGITS_MAX];
	char *p = to_digits(buf, x, base, s->flags & F_UPPER);
	const char *prefix = sign;

	if (!x && s->precision != 0)
		*--p = '0';
	if (s->flags & F_ALT) {
		if (base == 16 && x)
			prefix = s->flags & F_UPPER ? "0X" : "0x";
		else if (base == 8 && (p == buf + DIGITS_MAX || *p != '0') &&
			 s->precision <= buf + DIGITS_MAX - p)
			*--p = '0';
	}
	emit_number(o, s, prefix, p, (size_t)(buf + DIGITS_MAX - p));
}

static void format_signed(struct out *o, const struct spec *s, s64 x)
{
	const char *sign = x < 0 ? "-" : s->flags & F_PLUS ? "+" : s->flags & F_SPACE ? " " : "";

	format_unsigned(o, s, x < 0 ? -(u64)x : (u64)x, 10, sign);
}

static void format_string(struct out *o, const struct spec *s, const char *text)
{
	size_t n;

	if (!text)
		text = s->precision < 0 || s->precision >= 6 ? "(null)" : "";
	n = s->precision < 0 ? strlen(text) : strnlen(text, (size_t)s->precision);
	if (!(s->flags & F_LEFT))
		pad(o, ' ', s->width - (long)n);
	emit(o, text, n);
	if (s->flags & F_LEFT)
		pad(o, ' ', s->width - (long)n);
}

static const char *parse_flags(const char *p, struct spec *s)
{
	for (;; p++) {
		if (*p == '-')
			s->flags |= F_LEFT;
		else if (*p == '+')
			s->flags |= F_PLUS;
		else if (*p == ' ')
			s->flags |= F_SPACE;
		else if (*p == '#')
			s->flags |= F_ALT;
		else if (*p == '0')
			s->flags |= F_ZERO;
		else
			return p;
	}
}

static const char *parse_digits(const char *p, int *n)
{
	int x = 0;

	for (; isdigit_(*p); p++)
		if (x < FIELD_MAX)
			x = x * 10 + *p - '0';
	*n = x;
	return p;
}

/* The sizes of the length modifiers: hh 1, h 2, none 4, the others 8 bytes. */
static const char *parse_length(const char *p, unsigned int *size)
{
	*size = 4;
	switch (*p) {
	case 'h':
		*size = p[1] == 'h' ? 1 : 2;
		return p + 1 + (p[1] == 'h');
	case 'l':
		*size = 8;
		return p + 1 + (p[1] == 'l');
	case 'z':
	case 't':
	case 'j':
		*size = 8;
		return p + 1;
	default:
		return p;
	}
}

static s64 narrow_signed(s64 x, unsigned int size)
{
	return size == 1 ? (s8)x : size == 2 ? (s16)x : size == 4 ? (s32)x : x;
}

int vfprintf_sink(printf_put_fn put, void *arg, const char *fmt, va_list ap)
{
	struct out o = { put, arg, 0 };

	while (*fmt) {
		struct spec s = { 0, 0, -1 };
		const char *start = fmt, *p = strchrnul(fmt, '%');
		unsigned int size;
		char c;

		emit(&o, start, (size_t)(p - start));
		if (!*p)
			break;
		start = p;
		p = parse_flags(p + 1, &s);
		if (*p == '*') {
			s.width = va_arg(ap, int);
			p++;
			if (s.width < 0) {
				s.flags |= F_LEFT;
				s.width = s.width == S32_MIN ? S32_MAX : -s.width;
			}
		} else {
			p = parse_digits(p, &s.width);
		}
		if (*p == '.') {
			if (p[1] == '*') {
				s.precision = max(va_arg(ap, int), -1);
				p += 2;
			} else {
				p = parse_digits(p + 1, &s.precision);
			}
		}
		p = parse_length(p, &size);
		fmt = *p ? p + 1 : p;
		switch (*p) {
		case 'd':
		case 'i':
			format_signed(&o, &s,
				      size == 8 ? va_arg(ap, s64) :
						  narrow_signed(va_arg(ap, int), size));
			break;
		case 'X':
			s.flags |= F_UPPER;
			fallthrough;
		case 'x':
		case 'o':
		case 'u': {
			u64 x = size == 8 ? va_arg(ap, u64) : va_arg(ap, u32);

			x = size == 1 ? (u8)x : size == 2 ? (u16)x : x;
			format_unsigned(&o, &s, x, *p == 'u' ? 10 : *p == 'o' ? 8 : 16, "");
			break;
		}
		case 'p': {
			char buf[DIGITS_MAX];
			u64 x = (u64)(uintptr_t)va_arg(ap, void *);
			char *d = to_digits(buf, x, 16, false);

			if (!x)
				*--d = '0';
			emit_number(&o, &s, "0x", d, (size_t)(buf + DIGITS_MAX - d));
			break;
		}
		case 'c':
			c = (char)va_arg(ap, int);
			if (!(s.flags & F_LEFT))
				pad(&o, ' ', s.width - 1);
			emit(&o, &c, 1);
			if (s.flags & F_LEFT)
				pad(&o, ' ', s.width - 1);
			break;
		case 's':
			format_string(&o, &s, va_arg(ap, const char *));
			break;
		case '%':
			emit(&o, "%", 1);
			break;
		default:
			emit(&o, start, (size_t)(fmt - start));
			break;
		}
	}
	return (int)min_t(size_t, o.total, S32_MAX);
}

struct buffer {
	char *at;
	size_t room;
};

static void put_buffer(void *arg, const char *text, size_t n)
{
	struct buffer *b = arg;

	n = min(n, b->room);
	memcpy(b->at, text, n);
	b->at += n;
	b->room -= n;
}

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	struct buffer b = { buf, size ? size - 1 : 0 };
	int n = vfprintf_sink(put_buffer, &b, fmt, ap);

	if (size)
		*b.at = 0;
	return n;
}

int snprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	int n = vsnprintf(buf, size, fmt, ap);

	if (size == 0)
		return 0;
	return (size_t)n < size ? n : (int)(size - 1);
}

int scnprintf(char *buf, size_t size, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vscnprintf(buf, size, fmt, ap);
	va_end(ap);
	return n;
}

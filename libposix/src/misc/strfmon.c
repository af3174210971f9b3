/*
 * strfmon.c - amounts of money as text (POSIX strfmon). The locales have no currency and
 * no grouping; what is left are widths, precisions, filling and signs.
 */
#include <ctype.h>
#include <errno.h>
#include <monetary.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

struct spec {
	char fill;
	int parens, left, width, whole, fraction;
};

static const char *number(const char *p, int *out)
{
	for (*out = 0; isdigit((unsigned char)*p) && *out < 10000; p++)
		*out = *out * 10 + *p - '0';
	return p;
}

/* Behind the %: what there is, and the conversion's letter at the returned place. */
static const char *parse(const char *p, struct spec *sp)
{
	*sp = (struct spec){ .fill = ' ', .fraction = -1 };
	for (;; p++) {
		if (*p == '=' && p[1])
			sp->fill = *++p;
		else if (*p == '(')
			sp->parens = 1;
		else if (*p == '-')
			sp->left = 1;
		else if (!*p || !strchr("^!+", *p))
			break;
	}
	p = number(p, &sp->width);
	if (*p == '#')
		p = number(p + 1, &sp->whole);
	if (*p == '.')
		p = number(p + 1, &sp->fraction);
	return p;
}

/* The amount in text of `size`; its length, or -1 with E2BIG. */
static int amount(char *text, size_t size, const struct spec *sp, double x)
{
	char digits[400];
	int negative = x < 0, n, whole, fill, total;

	n = snprintf(digits, sizeof(digits), "%.*f", sp->fraction < 0 ? 2 : sp->fraction,
		     negative ? -x : x);
	if (n >= (int)sizeof(digits))
		n = (int)sizeof(digits) - 1;
	whole = (int)strcspn(digits, ".");
	fill = sp->whole > whole ? sp->whole - whole : 0;
	/* With #n positive amounts leave room for the sign that negative ones have. */
	total = snprintf(text, size, "%s%*s%s%s",
			 negative  ? sp->parens ? "(" : "-" :
			 sp->whole ? " " :
				     "",
			 fill, "", digits,
			 sp->parens && negative	 ? ")" :
			 sp->parens && sp->whole ? " " :
						   "");
	if (total >= (int)size) {
		errno = E2BIG;
		return -1;
	}
	for (int i = 0; i < fill; i++)
		text[(negative || sp->whole) + i] = sp->fill;
	return total;
}

static ssize_t format(char *dst, size_t size, const char *fmt, va_list ap)
{
	char text[512];
	size_t n = 0;

	for (; *fmt; fmt++) {
		struct spec sp;
		int len = 1, pad;

		text[0] = *fmt;
		sp = (struct spec){ 0 };
		if (*fmt == '%') {
			fmt = parse(fmt + 1, &sp);
			if (*fmt == 'i' || *fmt == 'n')
				len = amount(text, sizeof(text), &sp, va_arg(ap, double));
			else if (*fmt != '%') {
				errno = EINVAL;
				return -1;
			}
		}
		if (len < 0)
			return -1;
		pad = sp.width > len ? sp.width - len : 0;
		if (n + (size_t)len + (size_t)pad >= size) {
			errno = E2BIG;
			return -1;
		}
		if (!sp.left)
			memset(dst + n, ' ', (size_t)pad);
		memcpy(dst + n + (sp.left ? 0 : pad), text, (size_t)len);
		if (sp.left)
			memset(dst + n + len, ' ', (size_t)pad);
		n += (size_t)(len + pad);
	}
	if (n < size)
		dst[n] = 0;
	return (ssize_t)n;
}

ssize_t strfmon(char *restrict dst, size_t size, const char *restrict fmt, ...)
{
	va_list ap;
	ssize_t n;

	va_start(ap, fmt);
	n = format(dst, size, fmt, ap);
	va_end(ap);
	return n;
}

ssize_t strfmon_l(char *restrict dst, size_t size, locale_t loc, const char *restrict fmt, ...)
{
	va_list ap;
	ssize_t n;

	(void)loc;
	va_start(ap, fmt);
	n = format(dst, size, fmt, ap);
	va_end(ap);
	return n;
}

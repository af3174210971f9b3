/*
 * format.c - the engine of the printf family (C11 7.21.6.1, POSIX): flags, width,
 * precision, length modifiers, arguments by position (%n$), and the conversions;
 * those of floating point are in format_float.c. Wide formats go the same way: the
 * ASCII of them is parsed, and the characters between are copied from the original.
 */
#include "format.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#define ARGS_MAX 64 /* that %n$ may name */

union arg {
	uint64_t u;
	void *p;
	double d;
	long double ld;
};

enum kind { NONE, INT, LONG, PTR, DOUBLE, LDOUBLE };

struct args {
	va_list ap;
	int positional;
	union arg *at; /* those of a format with %n$, fetched in advance */
};

int __emit(struct sink *s, const char *bytes, size_t n)
{
	s->total += n;
	if (n <= (size_t)(s->end - s->pos)) {
		char *d = s->pos;

		s->pos += n;
		if (n > 24)
			memcpy(d, bytes, n);
		else
			while (n--)
				*d++ = *bytes++;
		return 0;
	}
	return s->full ? 0 : s->spill(s, bytes, n);
}

int __pad(struct sink *s, char c, long n)
{
	char run[64];

	if (n <= 0)
		return 0;
	if (n <= s->end - s->pos) {
		s->total += (size_t)n;
		memset(s->pos, c, (size_t)n);
		s->pos += n;
		return 0;
	}
	memset(run, c, sizeof(run));
	while (n > 0 && !s->full) {
		size_t k = n < (long)sizeof(run) ? (size_t)n : sizeof(run);

		if (__emit(s, run, k))
			return -1;
		n -= (long)k;
	}
	s->total += (size_t)n;
	return 0;
}

int __field(struct sink *s, const struct spec *sp, const char *prefix, size_t plen,
	    const char *body, size_t blen)
{
	long fill = sp->width - (long)(plen + blen);

	if (fill <= 0)
		return (plen && __emit(s, prefix, plen)) || __emit(s, body, blen) ? -1 : 0;
	if (!(sp->flags & (FMT_LEFT | FMT_ZERO)) && __pad(s, ' ', fill))
		return -1;
	if (plen && __emit(s, prefix, plen))
		return -1;
	if ((sp->flags & (FMT_LEFT | FMT_ZERO)) == FMT_ZERO && __pad(s, '0', fill))
		return -1;
	if (__emit(s, body, blen))
		return -1;
	return sp->flags & FMT_LEFT ? __pad(s, ' ', fill) : 0;
}

static int emit_wide(struct sink *s, const wchar_t *chars, size_t n)
{
	s->total += n;
	return s->full ? 0 : s->spill_wide(s, chars, n);
}

static char *digits(char *end, uint64_t v, unsigned int base, const char *set)
{
	if (base == 10) {
		for (; v >= 10; v /= 10)
			*--end = (char)('0' + v % 10);
		if (v)
			*--end = (char)('0' + v);
		return end;
	}
	for (; v; v /= base)
		*--end = set[v % base];
	return end;
}

static int integer(struct sink *s, struct spec *sp, uint64_t v, int negative)
{
	static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
	char buf[68];
	char *end = buf + sizeof(buf);
	char prefix[2];
	size_t plen = 0;
	unsigned int base = 10;
	char conv = sp->conv;
	long zeros;
	char *p;

	if (conv == 'o')
		base = 8;
	else if (conv == 'x' || conv == 'X' || conv == 'p')
		base = 16;
	else if (conv == 'b' || conv == 'B')
		base = 2;
	p = digits(end, v, base, conv == 'X' ? upper : lower);
	if (conv == 'd' || conv == 'i') {
		if (negative)
			prefix[plen++] = '-';
		else if (sp->flags & FMT_PLUS)
			prefix[plen++] = '+';
		else if (sp->flags & FMT_SPACE)
			prefix[plen++] = ' ';
	} else if (conv == 'p' || (sp->flags & FMT_ALT && (base == 16 || base == 2) && v)) {
		prefix[plen++] = '0';
		prefix[plen++] = conv == 'p' ? 'x' : conv;
	}
	if (sp->precision >= 0)
		sp->flags &= ~FMT_ZERO;
	else if (p == end)
		*--p = '0';
	if (conv == 'o' && sp->flags & FMT_ALT && sp->precision <= end - p &&
	    (p == end || *p != '0'))
		*--p = '0';
	zeros = sp->precision - (end - p);
	if (zeros <= 0)
		return __field(s, sp, prefix, plen, p, (size_t)(end - p));
	/* More zeros than the buffer has: the field by hand. */
	long fill = sp->width - (long)plen - zeros - (end - p);

	if (!(sp->flags & FMT_LEFT) && __pad(s, ' ', fill))
		return -1;
	if (__emit(s, prefix, plen) || __pad(s, '0', zeros) || __emit(s, p, (size_t)(end - p)))
		return -1;
	return sp->flags & FMT_LEFT ? __pad(s, ' ', fill) : 0;
}

/* How many bytes, and how many characters, the wide string takes at most `max` bytes of. */
static int measure_wide(const wchar_t *w, size_t max, size_t *bytes)
{
	mbstate_t st = { 0 };
	char mb[MB_LEN_MAX];

	*bytes = 0;
	while (*bytes < max && *w) {
		size_t k = wcrtomb(mb, *w++, &st);

		if (k == (size_t)-1)
			return -1;
		if (*bytes + k > max)
			break;
		*bytes += k;
	}
	return 0;
}

/* %ls into bytes. */
static int wide_string(struct sink *s, const struct spec *sp, const wchar_t *w)
{
	size_t max = sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision;
	mbstate_t st = { 0 };
	char mb[MB_LEN_MAX];
	size_t n, done = 0;
	long fill;

	if (measure_wide(w, max, &n))
		return -1;
	fill = sp->width - (long)n;
	if (!(sp->flags & FMT_LEFT) && __pad(s, ' ', fill))
		return -1;
	while (done < n) {
		size_t k = wcrtomb(mb, *w++, &st);

		if (__emit(s, mb, k))
			return -1;
		done += k;
	}
	return sp->flags & FMT_LEFT ? __pad(s, ' ', fill) : 0;
}

/* %s and %ls into wide characters: one of `w` and `mb` is given. */
static int string_wide(struct sink *s, const struct spec *sp, const wchar_t *w, const char *mb)
{
	size_t max = sp->precision < 0 ? SIZE_MAX : (size_t)sp->precision;
	mbstate_t st = { 0 };
	size_t n = 0;
	long fill;
	wchar_t wc;

	if (w) {
		n = wcsnlen(w, max);
	} else {
		for (const char *p = mb; n < max; n++) {
			size_t k = mbrtowc(&wc, p, MB_LEN_MAX, &st);

			if (!k)
				break;
			if (k >= (size_t)-2) {
				errno = EILSEQ;
				return -1;
			}
			p += k;
		}
	}
	fill = sp->width - (long)n;
	if (!(sp->flags & FMT_LEFT) && __pad(s, ' ', fill))
		return -1;
	st = (mbstate_t){ 0 };
	if (w && emit_wide(s, w, n))
		return -1;
	while (!w && n--) {
		mb += mbrtowc(&wc, mb, MB_LEN_MAX, &st);
		if (emit_wide(s, &wc, 1))
			return -1;
	}
	return sp->flags & FMT_LEFT ? __pad(s, ' ', fill) : 0;
}

static int string(struct sink *s, struct spec *sp, const char *str)
{
	size_t n;

	if (!str)
		str = sp->precision >= 0 && sp->precision < 6 ? "" : "(null)";
	sp->flags &= ~FMT_ZERO;
	if (s->wide)
		return string_wide(s, sp, NULL, str);
	n = sp->precision < 0 ? strlen(str) : strnlen(str, (size_t)sp->precision);
	return __field(s, sp, "", 0, str, n);
}

static int character(struct sink *s, struct spec *sp, uint64_t v)
{
	wchar_t w[2] = { (wchar_t)v, 0 };
	char c = (char)v;

	sp->flags &= ~FMT_ZERO;
	sp->precision = -1;
	if (!s->wide && sp->length != 'l')
		return __field(s, sp, "", 0, &c, 1);
	if (sp->length != 'l') {
		wint_t wc = btowc((unsigned char)c);

		w[0] = wc == WEOF ? (wchar_t)(unsigned char)c : (wchar_t)wc;
	}
	if (!w[0]) {
		/* A zero is a character here, where a string would end. */
		long fill = sp->width - 1;

		if (!(sp->flags & FMT_LEFT) && __pad(s, ' ', fill))
			return -1;
		if (s->wide ? emit_wide(s, w, 1) : __emit(s, "", 1))
			return -1;
		return sp->flags & FMT_LEFT ? __pad(s, ' ', fill) : 0;
	}
	return s->wide ? string_wide(s, sp, w, NULL) : wide_string(s, sp, w);
}

static void store_count(void *to, char length, size_t n)
{
	switch (length) {
	case 'H':
		*(signed char *)to = (signed char)n;
		break;
	case 'h':
		*(short *)to = (short)n;
		break;
	case 'l':
	case 'j':
	case 'z':
	case 't':
		*(long *)to = (long)n;
		break;
	default:
		*(int *)to = (int)n;
	}
}

/* What type a conversion takes; NONE: nothing, or none that we know. */
static enum kind kind_of(const struct spec *sp)
{
	switch (sp->conv) {
	case 'd':
	case 'i':
	case 'u':
	case 'o':
	case 'x':
	case 'X':
	case 'b':
	case 'B':
		return sp->length && strchr("ljzt", sp->length) ? LONG : INT;
	case 'c':
		return INT;
	case 'p':
	case 's':
	case 'n':
		return PTR;
	case 'a':
	case 'A':
	case 'e':
	case 'E':
	case 'f':
	case 'F':
	case 'g':
	case 'G':
		return sp->length == 'L' ? LDOUBLE : DOUBLE;
	default:
		return NONE;
	}
}

static void fetch(struct args *a, enum kind kind, union arg *to)
{
	switch (kind) {
	case INT:
		to->u = (uint64_t)(int64_t)va_arg(a->ap, int);
		break;
	case LONG:
		to->u = va_arg(a->ap, uint64_t);
		break;
	case PTR:
		to->p = va_arg(a->ap, void *);
		break;
	case DOUBLE:
		to->d = va_arg(a->ap, double);
		break;
	case LDOUBLE:
		to->ld = va_arg(a->ap, long double);
		break;
	default:
		break;
	}
}

static int is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Digits at *fmt; -1 when they exceed INT_MAX. */
static int number(const char **fmt)
{
	long n = 0;

	while (is_digit(**fmt)) {
		n = n * 10 + (*(*fmt)++ - '0');
		if (n > INT_MAX) {
			errno = EOVERFLOW;
			return -1;
		}
	}
	return (int)n;
}

/*
 * What stands behind a %. Positions are left in *which and star[0] (width) and
 * star[1] (precision), 0 for none and -1 for a * whose argument is the next one.
 */
static int parse(const char **fmt, struct spec *sp, int *which, int star[2])
{
	const char *p = *fmt, *q;
	int n;

	*sp = (struct spec){ .precision = -1 };
	*which = star[0] = star[1] = 0;
	for (q = p; is_digit(*q); q++)
		;
	if (*q == '$' && q > p) {
		*which = number(&p);
		p = q + 1;
	}
	for (;; p++) {
		static const char flags[] = "-+ #0'";
		const char *flag = *p ? strchr(flags, *p) : NULL;

		if (!flag)
			break;
		sp->flags |= 1u << (flag - flags);
	}
	for (int i = 0; i < 2; i++) {
		if (i && *p != '.')
			break;
		if (i)
			p++;
		if (*p == '*') {
			star[i] = -1;
			if (is_digit(*++p)) {
				star[i] = number(&p);
				if (*p++ != '$') {
					errno = EINVAL;
					return -1;
				}
			}
			continue;
		}
		if (i && *p == '-') {
			/* A negative precision is none. */
			p++;
			n = number(&p) < 0 ? INT_MIN : -1;
		} else {
			n = number(&p);
			if (n < 0)
				n = INT_MIN;
		}
		if (n == INT_MIN)
			return -1;
		if (i)
			sp->precision = n;
		else
			sp->width = n;
	}
	if (*p && strchr("hlLqjzt", *p)) {
		sp->length = *p++;
		if (sp->length == 'h' && *p == 'h') {
			sp->length = 'H';
			p++;
		} else if (sp->length == 'l' && *p == 'l') {
			p++;
		} else if (sp->length == 'q') {
			sp->length = 'l';
		}
	}
	sp->conv = *p;
	if (*p == 'C' || *p == 'S') {
		sp->conv = *p == 'C' ? 'c' : 's';
		sp->length = 'l';
	}
	if (sp->length == 'L' && *p && strchr("diouxXn", *p))
		sp->length = 'l';
	*fmt = *p ? p + 1 : p;
	return 0;
}

/* All arguments of a format that names them by position, in their order. */
static int collect(struct args *a, const char *fmt)
{
	enum kind kinds[ARGS_MAX] = { NONE };
	int last = 0;

	for (const char *p = strchr(fmt, '%'); p; p = strchr(p, '%')) {
		int places[3];
		struct spec sp;
		enum kind kind[3] = { NONE, INT, INT };

		p++;
		if (parse(&p, &sp, &places[0], &places[1]))
			return -1;
		kind[0] = kind_of(&sp);
		for (int i = 0; i < 3; i++) {
			if (!places[i])
				continue;
			if (places[i] < 0 || places[i] > ARGS_MAX) {
				errno = EINVAL;
				return -1;
			}
			kinds[places[i] - 1] = kind[i];
			if (places[i] > last)
				last = places[i];
		}
	}
	for (int i = 0; i < last; i++) {
		if (kinds[i] == NONE) {
			errno = EINVAL;
			return -1;
		}
		fetch(a, kinds[i], &a->at[i]);
	}
	return 0;
}

static void take(struct args *a, int place, enum kind kind, union arg *to)
{
	if (place > 0)
		*to = a->at[place - 1];
	else
		fetch(a, kind, to);
}

/* The value of an integer conversion at its length. */
static uint64_t narrow(uint64_t v, const struct spec *sp, int *negative)
{
	int is_signed = sp->conv == 'd' || sp->conv == 'i';

	*negative = 0;
	if (sp->length == 'H')
		v = is_signed ? (uint64_t)(int64_t)(signed char)v : (unsigned char)v;
	else if (sp->length == 'h')
		v = is_signed ? (uint64_t)(int64_t)(short)v : (unsigned short)v;
	else if (!sp->length && !is_signed)
		v = (unsigned int)v;
	if (is_signed && (int64_t)v < 0) {
		*negative = 1;
		return -v;
	}
	return v;
}

static int convert(struct sink *s, struct spec *sp, const union arg *v, int err)
{
	int negative = 0;
	uint64_t u;

	switch (sp->conv) {
	case 'd':
	case 'i':
	case 'u':
	case 'o':
	case 'x':
	case 'X':
	case 'b':
	case 'B':
		u = narrow(v->u, sp, &negative);
		return integer(s, sp, u, negative);
	case 'p':
		return integer(s, sp, (uint64_t)v->p, 0);
	case 'c':
		return character(s, sp, v->u);
	case 's':
		if (sp->length != 'l')
			return string(s, sp, v->p);
		sp->flags &= ~FMT_ZERO;
		return s->wide ? string_wide(s, sp, v->p ? v->p : L"(null)", NULL) :
				 wide_string(s, sp, v->p ? v->p : L"(null)");
	case 'm':
		return string(s, sp, strerror(err));
	case 'n':
		store_count(v->p, sp->length, s->total);
		return 0;
	case '%':
		return __emit(s, "%", 1);
	default:
		if (kind_of(sp) == DOUBLE)
			return __format_double(s, sp, v->d);
		if (kind_of(sp) == LDOUBLE)
			return __format_long_double(s, sp, v->ld);
		errno = EINVAL;
		return -1;
	}
}

/* One conversion, *fmt behind its %. */
static int conversion(struct sink *s, const char **fmt, struct args *a, int err)
{
	union arg v = { 0 };
	struct spec sp;
	int which, star[2];

	if (parse(fmt, &sp, &which, star))
		return -1;
	if (star[0]) {
		take(a, star[0], INT, &v);
		sp.width = (int)v.u;
		if (sp.width < 0) {
			sp.flags |= FMT_LEFT;
			if (sp.width == INT_MIN) {
				errno = EOVERFLOW;
				return -1;
			}
			sp.width = -sp.width;
		}
	}
	if (star[1]) {
		take(a, star[1], INT, &v);
		sp.precision = (int)v.u < 0 ? -1 : (int)v.u;
	}
	take(a, which, kind_of(&sp), &v);
	return convert(s, &sp, &v, err);
}

/* `wide` is the format that fmt is the ASCII of, or NULL. */
static int format(struct sink *s, const char *fmt, const wchar_t *wide, va_list ap)
{
	union arg at[1], *room = NULL;
	const char *start = fmt;
	int err = errno;
	struct args a = { .at = at };
	int failed = 0;

	va_copy(a.ap, ap);
	s->total = 0;
	for (const char *p = strchr(fmt, '%'); p && !a.positional; p = strchr(p, '%')) {
		for (p++; is_digit(*p); p++)
			;
		a.positional = *p == '$' && is_digit(p[-1]);
		if (!a.positional)
			break; /* either all name their place or none */
	}
	if (a.positional) {
		room = a.at = malloc(ARGS_MAX * sizeof(*room));
		failed = !room || collect(&a, fmt);
	}
	while (*fmt && !failed) {
		const char *p = fmt;

		while (*p && *p != '%')
			p++;
		if (p > fmt)
			failed = wide ? emit_wide(s, wide + (fmt - start), (size_t)(p - fmt)) :
					__emit(s, fmt, (size_t)(p - fmt));
		fmt = p;
		if (!*fmt || failed)
			break;
		fmt++;
		failed = conversion(s, &fmt, &a, err);
		if (s->total > INT_MAX) {
			errno = EOVERFLOW;
			failed = 1;
		}
	}
	va_end(a.ap);
	free(room);
	if (!failed && s->total > INT_MAX) {
		errno = EOVERFLOW;
		failed = 1;
	}
	if (failed)
		return -1;
	errno = err;
	return (int)s->total;
}

int __format(struct sink *s, const char *fmt, va_list ap)
{
	return format(s, fmt, NULL, ap);
}

int __wformat(struct sink *s, const wchar_t *fmt, va_list ap)
{
	size_t n = wcslen(fmt);
	char *ascii = malloc(n + 1);
	int made;

	if (!ascii)
		return -1;
	for (size_t i = 0; i <= n; i++)
		ascii[i] = (char)((unsigned int)fmt[i] < 128 ? fmt[i] : 1);
	made = format(s, ascii, fmt, ap);
	free(ascii);
	return made;
}

/*
 * scan.c - the engine of the scanf family (C11 7.21.6.2, POSIX): formats of bytes and
 * of wide characters, over strings and streams; arguments by position, %m to have
 * memory allocated, sets.
 */
#include "scan.h"
#include "file.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>
#include <wctype.h>

#define ARGS_MAX 64

/* A conversion specification. */
struct item {
	int suppress; /* '*' */
	int allocate; /* 'm' */
	int length; /* h l j z t L, H for hh */
	int conv;
	long width; /* 0: none */
	void *to;
};

struct scan {
	struct charsrc src;
	const char *fmt; /* one of these */
	const wchar_t *wfmt;
	int wide;
};

/* The format's unit k places on. */
static int fmt_at(const struct scan *s, long k)
{
	return s->wide ? (int)s->wfmt[k] : (unsigned char)s->fmt[k];
}

static void fmt_skip(struct scan *s, long k)
{
	if (s->wide)
		s->wfmt += k;
	else
		s->fmt += k;
}

static int space(const struct scan *s, int c)
{
	if (c == ' ' || (c >= '\t' && c <= '\r'))
		return 1;
	return s->wide && c > 127 && iswspace((wint_t)c);
}

static void skip_space(struct scan *s)
{
	int c;

	do
		c = __src_get(&s->src);
	while (space(s, c));
	__src_unget(&s->src, c);
}

static long number(struct scan *s)
{
	long n = 0;

	while (fmt_at(s, 0) >= '0' && fmt_at(s, 0) <= '9') {
		if (n < INT_MAX)
			n = n * 10 + fmt_at(s, 0) - '0';
		fmt_skip(s, 1);
	}
	return n;
}

/* Everything between % and the conversion's letter, which is left in conv. */
static void parse(struct scan *s, struct item *it, void *const *at, va_list *ap)
{
	int letter;
	long n;

	*it = (struct item){ 0 };
	n = number(s);
	if (n && fmt_at(s, 0) == '$') {
		fmt_skip(s, 1);
		it->to = n <= ARGS_MAX ? at[n - 1] : NULL;
		n = 0;
	}
	if (!n && fmt_at(s, 0) == '*') {
		it->suppress = 1;
		fmt_skip(s, 1);
	}
	if (fmt_at(s, 0) == '\'')
		fmt_skip(s, 1);
	it->width = n ? n : number(s);
	if (fmt_at(s, 0) == 'm') {
		it->allocate = 1;
		fmt_skip(s, 1);
	}
	letter = fmt_at(s, 0);
	if (letter && letter < 128 && strchr("hlLqjzt", letter)) {
		it->length = letter == 'q' ? 'l' : letter;
		fmt_skip(s, 1);
		if (letter == 'h' && fmt_at(s, 0) == 'h') {
			it->length = 'H';
			fmt_skip(s, 1);
		} else if (letter == 'l' && fmt_at(s, 0) == 'l') {
			fmt_skip(s, 1);
		}
	}
	it->conv = fmt_at(s, 0);
	if (it->conv)
		fmt_skip(s, 1);
	if (it->conv == 'C' || it->conv == 'S') {
		it->conv += 'c' - 'C';
		it->length = 'l';
	}
	if (!it->suppress && it->conv != '%' && !it->to)
		it->to = va_arg(*ap, void *);
}

static void store_int(const struct item *it, uint64_t v)
{
	switch (it->length) {
	case 'H':
		*(char *)it->to = (char)v;
		break;
	case 'h':
		*(short *)it->to = (short)v;
		break;
	case 0:
		*(int *)it->to = (int)v;
		break;
	default:
		*(long *)it->to = (long)v;
	}
}

/* 1, or 0 for a matching failure. */
static int scan_int(struct scan *s, const struct item *it)
{
	static const char letters[] = "diouxXp";
	static const unsigned char bases[] = { 10, 0, 8, 10, 16, 16, 16 };
	struct scanned_int n;
	long good;
	uint64_t v;

	good = __scan_int(&s->src, bases[strchr(letters, it->conv) - letters], &n);
	if (!good || good != s->src.taken)
		return 0;
	v = n.value;
	if ((it->conv == 'd' || it->conv == 'i') && v > (uint64_t)INT64_MAX + (unsigned)n.negative)
		v = (uint64_t)INT64_MAX + (unsigned)n.negative;
	else if (n.overflow)
		n.negative = 0;
	if (n.negative)
		v = -v;
	if (!it->suppress) {
		if (it->conv == 'p')
			*(void **)it->to = (void *)v;
		else
			store_int(it, v);
	}
	return 1;
}

static int scan_float(struct scan *s, const struct item *it)
{
	int bits = it->length == 'L' ? 113 : it->length == 'l' ? 53 : 24;
	long double v;
	long good = __scan_float(&s->src, bits, &v);

	if (!good || good != s->src.taken)
		return 0;
	if (it->suppress)
		return 1;
	if (bits == 113)
		*(long double *)it->to = v;
	else if (bits == 53)
		*(double *)it->to = (double)v;
	else
		*(float *)it->to = (float)v;
	return 1;
}

/* Where characters go: a caller's array, or one that grows. */
struct target {
	char *bytes;
	wchar_t *chars;
	size_t n, room;
	int wide, keep, grows;
	mbstate_t state;
};

/* Room for `more` units; 0 or -1. */
static int room_for(struct target *t, size_t more)
{
	size_t unit = t->wide ? sizeof(wchar_t) : 1, want = t->room ? t->room : 32;
	void *p;

	if (!t->grows || t->n + more <= t->room)
		return 0;
	while (want < t->n + more)
		want *= 2;
	p = realloc(t->wide ? (void *)t->chars : (void *)t->bytes, want * unit);
	if (!p)
		return -1;
	if (t->wide)
		t->chars = p;
	else
		t->bytes = p;
	t->room = want;
	return 0;
}

/* One unit of the source; -1 when it is no character, or memory is short. */
static int put_unit(struct scan *s, struct target *t, int c)
{
	char mb[MB_LEN_MAX];
	char byte = (char)c;
	wchar_t wc = (wchar_t)c;
	size_t k;

	if (!t->keep)
		return 0;
	if (s->wide == t->wide) {
		if (room_for(t, 1))
			return -1;
		if (t->wide)
			t->chars[t->n++] = wc;
		else
			t->bytes[t->n++] = byte;
		return 0;
	}
	if (t->wide) {
		k = mbrtowc(&wc, &byte, 1, &t->state);
		if (k == (size_t)-2)
			return 0;
		if (k == (size_t)-1 || room_for(t, 1))
			return -1;
		t->chars[t->n++] = wc;
		return 0;
	}
	k = wcrtomb(mb, wc, &t->state);
	if (k == (size_t)-1 || room_for(t, k))
		return -1;
	memcpy(t->bytes + t->n, mb, k);
	t->n += k;
	return 0;
}

/* The set that begins behind [: is c of it? Returns the units the set takes, ] too. */
static long in_set(const struct scan *s, int c, int *is)
{
	long k = 0, first;
	int invert = fmt_at(s, 0) == '^';

	k += invert;
	*is = 0;
	for (first = k; fmt_at(s, k) && (fmt_at(s, k) != ']' || k == first); k++) {
		int low = fmt_at(s, k), high = low;

		if (fmt_at(s, k + 1) == '-' && fmt_at(s, k + 2) && fmt_at(s, k + 2) != ']') {
			high = fmt_at(s, k + 2);
			k += 2;
		}
		if (c >= low && c <= high)
			*is = 1;
	}
	*is ^= invert;
	return k + 1;
}

/* %s %c %[: 1, 0 for a matching failure, -1 when nothing could be read or kept. */
static int scan_chars(struct scan *s, const struct item *it)
{
	struct target t = { .wide = it->length == 'l',
			    .keep = !it->suppress,
			    .grows = it->allocate };
	long count = 0, set = 0;
	int c, is;

	if (!it->suppress && !it->allocate) {
		t.bytes = it->to;
		t.chars = it->to;
	}
	if (it->conv == 'c')
		s->src.left = it->width ? it->width : 1;
	else
		s->src.left = it->width ? it->width : LONG_MAX;
	if (it->conv == '[')
		set = in_set(s, 0, &is);
	for (;;) {
		c = __src_get(&s->src);
		is = c != SRC_END;
		if (is && it->conv == 's')
			is = !space(s, c);
		else if (is && it->conv == '[')
			in_set(s, c, &is);
		if (!is)
			break;
		count++;
		if (put_unit(s, &t, c)) {
			if (it->allocate)
				free(t.wide ? (void *)t.chars : (void *)t.bytes);
			return -1;
		}
	}
	__src_unget(&s->src, c);
	if (it->conv == '[')
		fmt_skip(s, set);
	if (!count || (it->conv == 'c' && count < (it->width ? it->width : 1))) {
		if (it->allocate)
			free(t.wide ? (void *)t.chars : (void *)t.bytes);
		return c == SRC_END && !count ? -1 : 0;
	}
	if (it->conv != 'c' && t.keep) {
		if (room_for(&t, 1)) {
			free(t.wide ? (void *)t.chars : (void *)t.bytes);
			return -1;
		}
		if (t.wide)
			t.chars[t.n] = 0;
		else
			t.bytes[t.n] = 0;
	}
	if (it->allocate && t.keep)
		*(void **)it->to = t.wide ? (void *)t.chars : (void *)t.bytes;
	return 1;
}

/* 1 done, 0 matching failure, -1 input failure. */
static int convert(struct scan *s, const struct item *it, long total)
{
	int c;

	if (it->conv == 'n') {
		if (!it->suppress)
			store_int(it, (uint64_t)total);
		return 1;
	}
	s->src.taken = 0;
	s->src.left = LONG_MAX;
	if (it->conv != 'c' && it->conv != '[') {
		skip_space(s);
		total += s->src.taken;
	}
	if (it->conv == '%') {
		c = __src_get(&s->src);
		if (c == '%')
			return 1;
		__src_unget(&s->src, c);
		return c == SRC_END ? -1 : 0;
	}
	if (it->conv == 'c' || it->conv == 's' || it->conv == '[')
		return scan_chars(s, it);
	/* The end of the input is one thing, what isn't a number another. */
	c = __src_get(&s->src);
	__src_unget(&s->src, c);
	if (c == SRC_END)
		return -1;
	s->src.taken = 0;
	s->src.left = it->width ? it->width : LONG_MAX;
	if (it->conv && it->conv < 128 && strchr("diouxXp", it->conv))
		return scan_int(s, it);
	if (it->conv && it->conv < 128 && strchr("aAeEfFgG", it->conv))
		return scan_float(s, it);
	return 0;
}

static int scan(struct scan *s, va_list ap)
{
	void *at[ARGS_MAX] = { NULL };
	int assigned = 0, status = 1, positional;
	long total = 0, pos;
	va_list args;
	struct item it;

	va_copy(args, ap);
	/* With %n$ all arguments are pointers, so they need no types to be fetched. */
	for (pos = 0; fmt_at(s, pos) && fmt_at(s, pos) != '%'; pos++)
		;
	for (pos += fmt_at(s, pos) != 0; fmt_at(s, pos) >= '0' && fmt_at(s, pos) <= '9'; pos++)
		;
	positional = fmt_at(s, pos) == '$';
	for (int i = 0; positional && i < 9; i++)
		at[i] = va_arg(args, void *);
	while (fmt_at(s, 0) && status > 0) {
		int c = fmt_at(s, 0);

		s->src.left = LONG_MAX;
		s->src.taken = 0;
		if (space(s, c)) {
			fmt_skip(s, 1);
			skip_space(s);
			total += s->src.taken;
			continue;
		}
		if (c != '%') {
			int got = __src_get(&s->src);

			if (got != c) {
				__src_unget(&s->src, got);
				status = got == SRC_END ? -1 : 0;
				break;
			}
			fmt_skip(s, 1);
			total++;
			continue;
		}
		fmt_skip(s, 1);
		parse(s, &it, at, &args);
		/* White space before a conversion is counted too. */
		if (it.conv != 'c' && it.conv != '[' && it.conv != 'n') {
			skip_space(s);
			total += s->src.taken;
		}
		status = convert(s, &it, total);
		total += it.conv == 'n' ? 0 : s->src.taken;
		if (status > 0 && !it.suppress && it.conv != '%' && it.conv != 'n')
			assigned++;
	}
	va_end(args);
	return status < 0 && !assigned ? EOF : assigned;
}

int __scan(struct charsrc *src, const char *fmt, va_list ap)
{
	struct scan s = { .src = *src, .fmt = fmt };

	return scan(&s, ap);
}

int __wscan(struct charsrc *src, const wchar_t *fmt, va_list ap)
{
	struct scan s = { .src = *src, .wfmt = fmt, .wide = 1 };

	return scan(&s, ap);
}

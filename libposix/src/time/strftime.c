/*
 * strftime.c - dates as text (POSIX strftime): all conversions, with flags (0 + of POSIX,
 * _ - ^ # of GNU) and widths; wcsftime.
 */
#include "civil.h"

#include <ctype.h>
#include <langinfo.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct out {
	char *dst;
	size_t size, n;
	int full;
};

struct spec {
	char pad; /* '0', '_' or '-', 0 for the conversion's own */
	int plus, upper, swap;
	long width; /* 0: the conversion's own */
};

static void put(struct out *o, const char *s, size_t n)
{
	if (n >= o->size - o->n) {
		o->full = 1;
		return;
	}
	memcpy(o->dst + o->n, s, n);
	o->n += n;
}

static void put_text(struct out *o, const struct spec *sp, const char *s)
{
	size_t n = strlen(s), begin;

	for (long k = (long)n; k < sp->width && !o->full; k++)
		put(o, sp->pad == '0' ? "0" : " ", 1);
	begin = o->n;
	put(o, s, n);
	for (size_t i = begin; i < o->n; i++) {
		unsigned char c = (unsigned char)o->dst[i];

		if (sp->upper)
			o->dst[i] = (char)toupper(c);
		else if (sp->swap)
			o->dst[i] = (char)(isupper(c) ? tolower(c) : toupper(c));
	}
}

static void put_number(struct out *o, const struct spec *sp, long v, int width, char pad)
{
	char text[32];
	long want = sp->width ? sp->width : width;
	int n;

	if (sp->pad)
		pad = sp->pad;
	if (sp->pad == '-' && !sp->width)
		want = 0;
	n = snprintf(text, sizeof(text), "%ld", v < 0 ? -v : v);
	if (v < 0) {
		if (pad != '_')
			put(o, "-", 1);
		want--;
	}
	for (long k = n; k < want && !o->full; k++)
		put(o, pad == '_' ? " " : "0", 1);
	if (v < 0 && pad == '_')
		put(o, "-", 1);
	put(o, text, (size_t)n);
}

/*
 * Years and centuries, at least `width` digits. With +, and for years without it when
 * nothing else is asked for, a longer number has its sign.
 */
static void put_year(struct out *o, const struct spec *sp, long v, int width, int is_year)
{
	struct spec plain = *sp;
	int plus = sp->plus || (is_year && !sp->width && !sp->pad);
	long limit = 1;

	for (int i = 0; i < width; i++)
		limit *= 10;
	if (plus && v >= 0 && (v >= limit || sp->width > width)) {
		put(o, "+", 1);
		if (plain.width)
			plain.width--;
	}
	put_number(o, &plain, v, width, '0');
}

/* ISO 8601: week 1 has the year's first Thursday. */
static long iso_year(const struct tm *tm, int *week)
{
	long year = tm->tm_year + 1900l;
	int day = (tm->tm_wday + 6) % 7; /* Monday is 0 */
	int w = (tm->tm_yday - day + 10) / 7;

	if (w < 1) {
		int days = 365 + __leap(year - 1);

		year--;
		w = (tm->tm_yday + days - day + 10) / 7;
	} else if (w == 53) {
		int days = 365 + __leap(year);

		/* Its Thursday may lie in the next year. */
		if (tm->tm_yday - day + 3 >= days) {
			w = 1;
			year++;
		}
	}
	*week = w;
	return year;
}

static const char *word(const struct tm *tm, char conv)
{
	static const char none[] = "?";
	unsigned int day = (unsigned int)tm->tm_wday, month = (unsigned int)tm->tm_mon;

	switch (conv) {
	case 'a':
		return day < 7 ? nl_langinfo(ABDAY_1 + (int)day) : none;
	case 'A':
		return day < 7 ? nl_langinfo(DAY_1 + (int)day) : none;
	case 'B':
		return month < 12 ? nl_langinfo(MON_1 + (int)month) : none;
	case 'p':
		return tm->tm_hour < 12 ? "AM" : "PM";
	case 'P':
		return tm->tm_hour < 12 ? "am" : "pm";
	case 'Z':
		if (tm->tm_isdst < 0)
			return "";
		return tm->tm_zone ? tm->tm_zone : tzname[tm->tm_isdst > 0];
	default:
		return month < 12 ? nl_langinfo(ABMON_1 + (int)month) : none;
	}
}

static void format(struct out *o, const char *fmt, const struct tm *tm);

/* A conversion that is short for others. */
static void compose(struct out *o, const struct spec *sp, const char *fmt, const struct tm *tm)
{
	char text[128];
	struct out inner = { .dst = text, .size = sizeof(text) };

	format(&inner, fmt, tm);
	text[inner.n] = 0;
	put_text(o, sp, text);
}

static void put_offset(struct out *o, const struct spec *sp, const struct tm *tm)
{
	long off = tm->tm_gmtoff, a = off < 0 ? -off : off;
	struct spec rest = *sp;

	if (tm->tm_isdst < 0)
		return;
	put(o, off < 0 ? "-" : "+", 1);
	rest.width = sp->width ? sp->width - 1 : 0;
	put_number(o, &rest, a / 3600 * 100 + a / 60 % 60, 4, '0');
}

static void convert(struct out *o, struct spec *sp, char conv, const struct tm *tm)
{
	long year = tm->tm_year + 1900l;
	struct tm copy;
	int week;

	switch (conv) {
	case 'a':
	case 'A':
	case 'b':
	case 'B':
	case 'h':
	case 'P':
		put_text(o, sp, word(tm, conv));
		return;
	case 'p':
	case 'Z':
		/* "%#p" and "%#Z" are in small letters. */
		put_text(o, sp, word(tm, conv));
		return;
	case 'c':
		compose(o, sp, "%a %b %e %H:%M:%S %Y", tm);
		return;
	case 'C':
		put_year(o, sp, __floor_div(year, 100), 2, 0);
		return;
	case 'd':
		put_number(o, sp, tm->tm_mday, 2, '0');
		return;
	case 'D':
	case 'x':
		compose(o, sp, "%m/%d/%y", tm);
		return;
	case 'e':
		put_number(o, sp, tm->tm_mday, 2, '_');
		return;
	case 'F': {
		/* A width is of the whole, month and day taking six of it. */
		struct spec y = *sp;

		y.width = sp->width > 7 ? sp->width - 6 : !!sp->width;
		put_year(o, &y, year, 4, 1);
		*sp = (struct spec){ 0 };
		compose(o, sp, "-%m-%d", tm);
		return;
	}
	case 'g':
		put_number(o, sp, ((iso_year(tm, &week) % 100) + 100) % 100, 2, '0');
		return;
	case 'G':
		put_year(o, sp, iso_year(tm, &week), 4, 1);
		return;
	case 'H':
		put_number(o, sp, tm->tm_hour, 2, '0');
		return;
	case 'k':
		put_number(o, sp, tm->tm_hour, 2, '_');
		return;
	case 'I':
	case 'l':
		put_number(o, sp, (tm->tm_hour + 11) % 12 + 1, 2, conv == 'l' ? '_' : '0');
		return;
	case 'j':
		put_number(o, sp, tm->tm_yday + 1, 3, '0');
		return;
	case 'm':
		put_number(o, sp, tm->tm_mon + 1, 2, '0');
		return;
	case 'M':
		put_number(o, sp, tm->tm_min, 2, '0');
		return;
	case 'n':
		put(o, "\n", 1);
		return;
	case 'r':
		compose(o, sp, "%I:%M:%S %p", tm);
		return;
	case 'R':
		compose(o, sp, "%H:%M", tm);
		return;
	case 's':
		copy = *tm;
		put_number(o, sp, copy.tm_zone ? __seconds(tm) - tm->tm_gmtoff : mktime(&copy), 1,
			   '0');
		return;
	case 'S':
		put_number(o, sp, tm->tm_sec, 2, '0');
		return;
	case 't':
		put(o, "\t", 1);
		return;
	case 'T':
	case 'X':
		compose(o, sp, "%H:%M:%S", tm);
		return;
	case 'u':
		put_number(o, sp, (tm->tm_wday + 6) % 7 + 1, 1, '0');
		return;
	case 'U':
		put_number(o, sp, (tm->tm_yday + 7 - tm->tm_wday) / 7, 2, '0');
		return;
	case 'V':
		iso_year(tm, &week);
		put_number(o, sp, week, 2, '0');
		return;
	case 'w':
		put_number(o, sp, tm->tm_wday, 1, '0');
		return;
	case 'W':
		put_number(o, sp, (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7, 2, '0');
		return;
	case 'y':
		put_number(o, sp, ((year % 100) + 100) % 100, 2, '0');
		return;
	case 'Y':
		put_year(o, sp, year, 4, 1);
		return;
	case 'z':
		put_offset(o, sp, tm);
		return;
	case '+':
		compose(o, sp, "%a %b %e %H:%M:%S %Z %Y", tm);
		return;
	case '%':
		put(o, "%", 1);
		return;
	default:
		o->full = 1;
	}
}

static void format(struct out *o, const char *fmt, const struct tm *tm)
{
	for (; *fmt && !o->full; fmt++) {
		struct spec sp = { 0 };

		if (*fmt != '%') {
			put(o, fmt, 1);
			continue;
		}
		for (fmt++; *fmt && strchr("0_-+^#", *fmt); fmt++) {
			if (*fmt == '+')
				sp.plus = 1;
			else if (*fmt == '^')
				sp.upper = 1;
			else if (*fmt == '#')
				sp.swap = 1;
			else
				sp.pad = *fmt;
		}
		while (isdigit((unsigned char)*fmt) && sp.width < 100000)
			sp.width = sp.width * 10 + *fmt++ - '0';
		if (*fmt == 'E' || *fmt == 'O')
			fmt++;
		if (!*fmt)
			break;
		convert(o, &sp, *fmt, tm);
	}
}

/* 0 when the text and its closing zero don't fit, or a conversion is unknown. */
size_t strftime(char *restrict dst, size_t size, const char *restrict fmt,
		const struct tm *restrict tm)
{
	struct out o = { .dst = dst, .size = size };

	if (!size)
		return 0;
	format(&o, fmt, tm);
	dst[o.full && o.n == size ? size - 1 : o.n] = 0;
	return o.full ? 0 : o.n;
}

size_t strftime_l(char *restrict dst, size_t size, const char *restrict fmt,
		  const struct tm *restrict tm, locale_t loc)
{
	(void)loc;
	return strftime(dst, size, fmt, tm);
}

size_t wcsftime(wchar_t *restrict dst, size_t n, const wchar_t *restrict fmt,
		const struct tm *restrict tm)
{
	size_t bytes = 4 * n, fmt_bytes = 4 * wcslen(fmt) + 1;
	char *room = malloc(bytes + fmt_bytes), *narrow = room + bytes;
	size_t done = 0;

	if (!room)
		return 0;
	if (wcstombs(narrow, fmt, fmt_bytes) != (size_t)-1 && strftime(room, bytes, narrow, tm)) {
		done = mbstowcs(dst, room, n);
		if (done >= n)
			done = 0;
	}
	free(room);
	return done;
}

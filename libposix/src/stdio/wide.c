/*
 * wide.c - wide characters in streams (C11 7.29.3): the bytes of the stream are the
 * multibyte characters of the locale that was in force when it became wide.
 */
#include "file.h"
#include "../locale/locale.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

static struct __locale_struct stream_utf8 = { .utf8 = { 1 }, .fixed = 1 };
static struct __locale_struct stream_bytes = { .fixed = 1 };

/* The stream's encoding rules until the returned one is put back. */
static struct __locale_struct *enter(FILE *f)
{
	struct __locale_struct *old = __thread_locale;

	if (f->wide <= 0) {
		f->wide = 1;
		f->utf8 = __utf8();
	}
	__thread_locale = f->utf8 ? &stream_utf8 : &stream_bytes;
	return old;
}

int fwide(FILE *f, int mode)
{
	file_lock(f);
	if (mode && !f->wide) {
		f->wide = mode > 0 ? 1 : -1;
		f->utf8 = __utf8();
	}
	mode = f->wide;
	file_unlock(f);
	return mode;
}

static wint_t get_wide(FILE *f)
{
	wchar_t wc;
	int first = 1;

	for (;;) {
		size_t have = (size_t)(f->rend - f->rpos), k;

		if (!have) {
			if (__file_fill(f)) {
				if (!first && !(f->flags & F_ERR)) {
					/* The file ends within a character. */
					f->flags |= F_ERR;
					errno = EILSEQ;
					f->state = (mbstate_t){ 0 };
				}
				return WEOF;
			}
			continue;
		}
		k = mbrtowc(&wc, (char *)f->rpos, have, &f->state);
		if (k == (size_t)-1) {
			/* What doesn't belong to it stays for the next reader. */
			f->rpos += first;
			f->flags |= F_ERR;
			return WEOF;
		}
		if (k == (size_t)-2) {
			f->rpos = f->rend;
			first = 0;
			continue;
		}
		f->rpos += k ? k : 1;
		return (wint_t)wc;
	}
}

wint_t __file_getwc(FILE *f)
{
	struct __locale_struct *old = enter(f);
	wint_t c = get_wide(f);

	__thread_locale = old;
	return c;
}

wint_t __file_putwc(wchar_t c, FILE *f)
{
	struct __locale_struct *old = enter(f);
	char mb[MB_LEN_MAX];
	size_t k = 1;

	if ((unsigned int)c < 0x80) {
		if (file_putc(c, f) == EOF)
			c = (wchar_t)WEOF;
	} else {
		k = wcrtomb(mb, c, NULL);
		if (k == (size_t)-1) {
			f->flags |= F_ERR;
			c = (wchar_t)WEOF;
		} else if (__file_write(f, mb, k) != k) {
			c = (wchar_t)WEOF;
		}
	}
	__thread_locale = old;
	return (wint_t)c;
}

wint_t __file_ungetwc(wint_t c, FILE *f)
{
	struct __locale_struct *old = enter(f);
	char mb[MB_LEN_MAX];
	size_t k = c == WEOF ? (size_t)-1 : wcrtomb(mb, (wchar_t)c, NULL);

	__thread_locale = old;
	if (k == (size_t)-1)
		return WEOF;
	while (k)
		if (__file_unget((unsigned char)mb[--k], f) == EOF)
			return WEOF;
	return c;
}

wint_t fgetwc_unlocked(FILE *f)
{
	return __file_getwc(f);
}

wint_t getwc_unlocked(FILE *f)
{
	return __file_getwc(f);
}

wint_t getwchar_unlocked(void)
{
	return __file_getwc(stdin);
}

wint_t fgetwc(FILE *f)
{
	wint_t c;

	file_lock(f);
	c = __file_getwc(f);
	file_unlock(f);
	return c;
}

wint_t getwc(FILE *f)
{
	return fgetwc(f);
}

wint_t getwchar(void)
{
	return fgetwc(stdin);
}

wint_t ungetwc(wint_t c, FILE *f)
{
	file_lock(f);
	c = __file_ungetwc(c, f);
	file_unlock(f);
	return c;
}

wchar_t *fgetws_unlocked(wchar_t *dst, int n, FILE *f)
{
	wchar_t *p = dst;

	if (n < 1)
		return NULL;
	while (--n) {
		wint_t c = __file_getwc(f);

		if (c == WEOF) {
			if (p == dst || f->flags & F_ERR)
				return NULL;
			break;
		}
		*p++ = (wchar_t)c;
		if (c == '\n')
			break;
	}
	*p = 0;
	return dst;
}

wchar_t *fgetws(wchar_t *restrict dst, int n, FILE *restrict f)
{
	wchar_t *line;

	file_lock(f);
	line = fgetws_unlocked(dst, n, f);
	file_unlock(f);
	return line;
}

wint_t fputwc_unlocked(wchar_t c, FILE *f)
{
	return __file_putwc(c, f);
}

wint_t putwc_unlocked(wchar_t c, FILE *f)
{
	return __file_putwc(c, f);
}

wint_t putwchar_unlocked(wchar_t c)
{
	return __file_putwc(c, stdout);
}

wint_t fputwc(wchar_t c, FILE *f)
{
	wint_t done;

	file_lock(f);
	done = __file_putwc(c, f);
	file_unlock(f);
	return done;
}

wint_t putwc(wchar_t c, FILE *f)
{
	return fputwc(c, f);
}

wint_t putwchar(wchar_t c)
{
	return fputwc(c, stdout);
}

int fputws_unlocked(const wchar_t *s, FILE *f)
{
	for (; *s; s++)
		if (__file_putwc(*s, f) == WEOF)
			return -1;
	return 0;
}

int fputws(const wchar_t *restrict s, FILE *restrict f)
{
	int err;

	file_lock(f);
	err = fputws_unlocked(s, f);
	file_unlock(f);
	return err;
}

/*
 * line.c - the line that is edited, in UTF-8: what is shown of it, the keys that are typed, changes.
 *
 * The line is shown again from its first row whenever it changes; rows are counted by the width of
 * what is shown, so long lines and wide characters come out right.
 */
#include "edit.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

char *edit_killed;

/* ---- what is shown ----------------------------------------------------------------------- */

size_t edit_char_length(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 1;
	return n;
}

int edit_char_width(const char *s)
{
	size_t n = edit_char_length(s);
	unsigned char c = (unsigned char)*s;
	wchar_t w;
	int width;

	if (c < 32)
		return 2;
	if (n == 1)
		return 1;
	w = (wchar_t)(c & (0xff >> (n + 1)));
	for (size_t i = 1; i < n; i++)
		w = w << 6 | (s[i] & 0x3f);
	width = wcwidth(w);
	return width < 0 ? 1 : width;
}

/* The columns of a prompt's last line; escape sequences take none. */
int edit_prompt_width(const char *s)
{
	int n = 0;

	while (*s) {
		if (*s == '\n' || *s == '\r') {
			n = 0;
			s++;
		} else if (*s == '\033') {
			s++;
			if (*s == '[')
				for (s++; *s && !isalpha((unsigned char)*s); s++)
					continue;
			s += *s != 0;
		} else {
			n += (unsigned char)*s < 32 ? 0 : edit_char_width(s);
			s += edit_char_length(s);
		}
	}
	return n;
}

static void put_all(const struct str *b)
{
	const char *s = b->s;
	size_t n = b->n;

	while (n) {
		ssize_t w = write(2, s, n);

		if (w < 0 && errno != EINTR)
			return;
		if (w > 0) {
			s += w;
			n -= (size_t)w;
		}
	}
}

static void put_number(struct str *b, const char *before, int n, char after)
{
	char text[24];

	if (n <= 0)
		return;
	snprintf(text, sizeof(text), "%s%d%c", before, n, after);
	str_put(b, text);
}

/* Show prompt and line anew, with the cursor in its place. */
void edit_show(struct editor *e)
{
	struct str out = { 0 };
	int column = edit_prompt_width(e->prompt), row, end_row, cursor_row = 0, cursor_column = 0;
	const char *newline = strrchr(e->prompt, '\n');

	put_number(&out, "\033[", e->row, 'A');
	str_add(&out, '\r');
	if (e->prompt == e->prompted && column < e->width) {
		put_number(&out, "\033[", column, 'C');
		str_put(&out, "\033[J");
	} else {
		str_put(&out, "\033[J");
		str_put(&out, newline ? newline + 1 : e->prompt);
		e->prompted = e->prompt;
	}
	row = column / e->width;
	column %= e->width;
	for (size_t i = 0;; i += edit_char_length(e->line.s + i)) {
		int w;

		if (i == e->at) {
			cursor_row = row;
			cursor_column = column;
		}
		if (i >= e->line.n)
			break;
		w = edit_char_width(e->line.s + i);
		if (column + w > e->width) {
			row++;
			column = 0;
			if (i == e->at) {
				cursor_row = row;
				cursor_column = 0;
			}
		}
		if ((unsigned char)e->line.s[i] < 32) {
			str_add(&out, '^');
			str_add(&out, (char)(e->line.s[i] + '@'));
		} else {
			for (size_t k = 0; k < edit_char_length(e->line.s + i); k++)
				str_add(&out, e->line.s[i + k]);
		}
		column += w;
		if (column == e->width) {
			row++;
			column = 0;
			/* the cursor goes to the next row only with the next character */
			if (i + edit_char_length(e->line.s + i) >= e->line.n)
				str_put(&out, "\r\n");
		}
	}
	end_row = row;
	if (e->at < e->line.n) {
		put_number(&out, "\033[", end_row - cursor_row, 'A');
		str_add(&out, '\r');
		put_number(&out, "\033[", cursor_column, 'C');
	}
	put_all(&out);
	free(out.s);
	e->row = cursor_row;
}

/* ---- keys -------------------------------------------------------------------------------- */

int edit_read_key(void)
{
	unsigned char c;
	ssize_t n;

	for (;;) {
		n = read(0, &c, 1);
		if (n == 1)
			return c;
		if (n == 0 || errno != EINTR)
			return -1;
		if (got_interrupt)
			return KEY_CTRL('C');
		if (trap_pending)
			return KEY_NONE;
	}
}

int edit_read_escape(void)
{
	switch (edit_read_key()) {
	case 'b':
		return KEY_WORD_LEFT;
	case 'f':
		return KEY_WORD_RIGHT;
	case 'd':
		return KEY_KILL_WORD;
	case 127:
	case KEY_CTRL('H'):
		return KEY_CTRL('W');
	case '[':
	case 'O':
		return edit_read_cursor_key();
	default:
		return KEY_NONE;
	}
}

int edit_read_cursor_key(void)
{
	int c, number = 0, modifier = 0;

	for (c = edit_read_key(); c == ';' || isdigit(c); c = edit_read_key()) {
		if (c == ';') {
			modifier = number;
			number = 0;
		} else {
			number = number * 10 + c - '0';
		}
	}
	if (modifier && number == 5 && (c == 'C' || c == 'D'))
		return c == 'C' ? KEY_WORD_RIGHT : KEY_WORD_LEFT;
	switch (c) {
	case 'A':
		return KEY_UP;
	case 'B':
		return KEY_DOWN;
	case 'C':
		return KEY_RIGHT;
	case 'D':
		return KEY_LEFT;
	case 'H':
		return KEY_HOME;
	case 'F':
		return KEY_END;
	case '~':
		return number == 3		  ? KEY_DELETE :
		       number == 1 || number == 7 ? KEY_HOME :
		       number == 4 || number == 8 ? KEY_END :
						    KEY_NONE;
	default:
		return KEY_NONE;
	}
}

/* ---- changes ----------------------------------------------------------------------------- */

void edit_insert(struct editor *e, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		str_add(&e->line, ' ');
	memmove(e->line.s + e->at + n, e->line.s + e->at, e->line.n - n - e->at);
	memcpy(e->line.s + e->at, s, n);
	e->at += n;
	str_end(&e->line);
}

void edit_cut(struct editor *e, size_t from, size_t to, bool keep)
{
	if (keep && from < to) {
		free(edit_killed);
		edit_killed = copy_n(e->line.s + from, to - from);
	}
	memmove(e->line.s + from, e->line.s + to, e->line.n - to);
	e->line.n -= to - from;
	e->at = from;
	str_end(&e->line);
}

size_t edit_left(const struct editor *e, size_t at)
{
	while (at > 0 && ((unsigned char)e->line.s[--at] & 0xc0) == 0x80)
		continue;
	return at;
}

size_t edit_right(const struct editor *e, size_t at)
{
	return at < e->line.n ? at + edit_char_length(e->line.s + at) : at;
}

void edit_set(struct editor *e, const char *text)
{
	e->line.n = 0;
	str_put(&e->line, text);
	str_end(&e->line);
	e->at = e->line.n;
}

/*
 * vi_move.c - where vi's commands lead: motions within the line, lines of the history, patterns.
 */
#include "vi.h"

#include <ctype.h>
#include <fnmatch.h>
#include <stdlib.h>
#include <string.h>

static char find_command, find_text[8]; /* of the last f F t T, for ; and , */
static struct str pattern; /* of the last / or ? */
static char pattern_way;

/* ---- places ------------------------------------------------------------------------------ */

size_t vi_last(const struct editor *e)
{
	return edit_left(e, e->line.n);
}

int vi_kind(const struct editor *e, size_t at, bool big)
{
	unsigned char c = (unsigned char)e->line.s[at];

	if (isspace(c))
		return 0;
	return big || isalnum(c) || c == '_' || c >= 128 ? 1 : 2;
}

static size_t next_word(const struct editor *e, size_t at, bool big)
{
	int kind;

	if (at >= e->line.n)
		return at;
	kind = vi_kind(e, at, big);
	while (kind && at < e->line.n && vi_kind(e, at, big) == kind)
		at = edit_right(e, at);
	while (at < e->line.n && !vi_kind(e, at, big))
		at = edit_right(e, at);
	return at;
}

size_t vi_word_end(const struct editor *e, size_t at, bool big)
{
	size_t next;
	int kind;

	at = edit_right(e, at);
	while (at < e->line.n && !vi_kind(e, at, big))
		at = edit_right(e, at);
	if (at >= e->line.n)
		return vi_last(e);
	kind = vi_kind(e, at, big);
	while ((next = edit_right(e, at)) < e->line.n && vi_kind(e, next, big) == kind)
		at = next;
	return at;
}

static size_t word_begin(const struct editor *e, size_t at, bool big)
{
	int kind;

	do {
		if (!at)
			return 0;
		at = edit_left(e, at);
	} while (!vi_kind(e, at, big));
	kind = vi_kind(e, at, big);
	while (at && vi_kind(e, edit_left(e, at), big) == kind)
		at = edit_left(e, at);
	return at;
}

/* f F t T: the count'th such character from the cursor on; -1: there is none. */
static long find_char(const struct editor *e, char command, const char *text, long count)
{
	bool forward = islower((unsigned char)command);
	size_t at = e->at, n = strlen(text);

	do {
		do {
			if (forward ? at >= vi_last(e) : !at)
				return -1;
			at = forward ? edit_right(e, at) : edit_left(e, at);
		} while (e->line.n - at < n || memcmp(e->line.s + at, text, n));
	} while (--count > 0);
	if (tolower((unsigned char)command) == 't')
		at = forward ? edit_left(e, at) : edit_right(e, at);
	return (long)at;
}

static char other_way(char c)
{
	return (char)(islower((unsigned char)c) ? toupper((unsigned char)c) :
						  tolower((unsigned char)c));
}

bool vi_motion(struct editor *e, int c, long count, bool counted, struct motion *m)
{
	bool big = c == 'W' || c == 'E' || c == 'B';
	size_t at = e->at;
	long found;

	m->inclusive = false;
	switch (c) {
	case ' ':
	case 'l':
		for (; count > 0 && at < e->line.n; count--)
			at = edit_right(e, at);
		break;
	case 'h':
	case 127:
	case KEY_CTRL('H'):
		if (!at)
			return false;
		for (; count > 0; count--)
			at = edit_left(e, at);
		break;
	case 'w':
	case 'W':
		for (; count > 0; count--)
			at = next_word(e, at, big);
		break;
	case 'e':
	case 'E':
		for (; count > 0; count--)
			at = vi_word_end(e, at, big);
		m->inclusive = true;
		break;
	case 'b':
	case 'B':
		if (!at)
			return false;
		for (; count > 0; count--)
			at = word_begin(e, at, big);
		break;
	case '0':
		at = 0;
		break;
	case '^':
		for (at = 0; at < vi_last(e) && !vi_kind(e, at, true);)
			at++;
		break;
	case '$':
		at = vi_last(e);
		m->inclusive = true;
		break;
	case '|':
		at = 0;
		for (count = counted ? count : 1; count > 1 && at < vi_last(e); count--)
			at = edit_right(e, at);
		break;
	case 'f':
	case 'F':
	case 't':
	case 'T':
		if (!vi_next_char(find_text))
			return false;
		find_command = (char)c;
		found = find_char(e, find_command, find_text, count);
		if (found < 0)
			return false;
		at = (size_t)found;
		m->inclusive = islower(c);
		break;
	case ';':
	case ',': {
		char command = c == ';' ? find_command : other_way(find_command);

		found = find_command ? find_char(e, command, find_text, count) : -1;
		if (found < 0)
			return false;
		at = (size_t)found;
		m->inclusive = islower((unsigned char)command);
		break;
	}
	default:
		return false;
	}
	m->to = at;
	return true;
}

/* ---- history ----------------------------------------------------------------------------- */

static void go_to(struct editor *e, size_t line)
{
	while (e->shown != line)
		edit_recall(e, e->shown > line);
	e->at = 0;
}

static bool matches(size_t i)
{
	bool anchored = pattern.s[0] == '^';
	struct str glob = { 0 };
	bool hit;

	if (!anchored)
		str_add(&glob, '*');
	str_put(&glob, pattern.s + anchored);
	str_add(&glob, '*');
	str_end(&glob);
	hit = !fnmatch(glob.s, history_line(i), 0);
	free(glob.s);
	return hit;
}

static bool search_again(struct editor *e, char way)
{
	size_t i = e->shown;

	if (!pattern.n)
		return false;
	if (way == '/') {
		while (i-- > 0) {
			if (matches(i)) {
				go_to(e, i);
				return true;
			}
		}
	} else {
		while (++i < history_size()) {
			if (matches(i)) {
				go_to(e, i);
				return true;
			}
		}
	}
	return false;
}

/* / and ?: the pattern is typed where the line stands. */
static bool search_typed(struct editor *e, char way)
{
	const char head[2] = { way, 0 }, *prompt = e->prompt;
	struct str line = e->line, typed = { 0 };
	size_t at = e->at;
	int c;

	e->line = (struct str){ 0 };
	str_end(&e->line);
	e->at = 0;
	e->prompt = head;
	e->prompted = NULL;
	for (;;) {
		edit_show(e);
		c = vi_next_key();
		if (c == KEY_CTRL('V'))
			c = vi_next_key();
		else if (c == '\r' || c == '\n' || c == ESC || c < 0 || c == KEY_CTRL('C'))
			break;
		else if ((c == 127 || c == KEY_CTRL('H')) && !e->line.n)
			break;
		if (c == 127 || c == KEY_CTRL('H')) {
			edit_cut(e, edit_left(e, e->at), e->at, false);
		} else if (c < 256) {
			char byte = (char)c;

			edit_insert(e, &byte, 1);
		}
	}
	typed = e->line;
	e->line = line;
	e->at = at;
	e->prompt = prompt;
	e->prompted = NULL;
	if (c != '\r' && c != '\n') {
		free(typed.s);
		return true;
	}
	if (typed.n) {
		pattern.n = 0;
		str_put(&pattern, typed.s);
		str_end(&pattern);
	}
	free(typed.s);
	pattern_way = way;
	return search_again(e, way);
}

bool vi_move_in_history(struct editor *e, int c, long count, bool counted)
{
	size_t n = (size_t)count;

	if (c == 'G') {
		long i = counted ? history_find(n) : 0;

		if (i < 0 || !history_size())
			return false;
		go_to(e, (size_t)i);
	} else if (c == 'k' || c == '-' || c == KEY_UP || c == KEY_CTRL('P')) {
		if (n > e->shown)
			return false;
		go_to(e, e->shown - n);
	} else {
		if (n > history_size() - e->shown)
			return false;
		go_to(e, e->shown + n);
	}
	return true;
}

bool vi_search(struct editor *e, char c)
{
	if (c == '/' || c == '?')
		return search_typed(e, c);
	return search_again(e, (c == 'n') == (pattern_way == '/') ? '/' : '?');
}

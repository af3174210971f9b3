/*
 * buffer.c - the lines of ed: an array of pointers to texts that never change. What u brings back is
 * another array; a text lives as long as one of them has it.
 */
#include "common/common.h"
#include "ed.h"

#include <stdlib.h>
#include <string.h>

struct buffer {
	struct line **lines; /* [0] is not used */
	long last, dot;
	bool changed;
};

static struct line **lines;
static size_t room;
static struct buffer before; /* the last change */
static bool has_before, begun;

long last, dot;
bool changed;

struct line *line_new(const char *text, size_t n)
{
	struct line *l = need(malloc(sizeof(*l) + n + 1));

	l->refs = 1;
	l->n = n;
	memcpy(l->text, text, n);
	l->text[n] = 0;
	return l;
}

void line_drop(struct line *l)
{
	if (l && !--l->refs)
		free(l);
}

struct line *line_at(long n)
{
	return lines[n];
}

long line_find(const struct line *l)
{
	/* Most often it is not far behind the current one. */
	for (long i = dot + 1; l && i <= last; i++)
		if (lines[i] == l)
			return i;
	for (long i = dot; l && i > 0; i--)
		if (lines[i] == l)
			return i;
	return 0;
}

/* ---- undo -------------------------------------------------------------------------------- */

void undo_begin(void)
{
	begun = false;
}

/* Before each change: the first of a command keeps what was. */
static void touch(void)
{
	if (!begun) {
		for (long i = 1; has_before && i <= before.last; i++)
			line_drop(before.lines[i]);
		before.lines =
			need(realloc(before.lines, (size_t)(last + 1) * sizeof(*before.lines)));
		for (long i = 1; i <= last; i++) {
			before.lines[i] = lines[i];
			lines[i]->refs++;
		}
		before.last = last;
		before.dot = dot;
		before.changed = changed;
		has_before = begun = true;
	}
	changed = true;
}

void undo(void)
{
	struct buffer now = { lines, last, dot, changed };

	if (!has_before)
		fail("Nothing to undo");
	lines = before.lines;
	last = before.last;
	dot = before.dot;
	changed = before.changed;
	room = (size_t)last + 1;
	before = now;
	before.changed = true;
}

/* ---- changes ----------------------------------------------------------------------------- */

static void make_room(void)
{
	if ((size_t)last + 2 <= room)
		return;
	room = room * 2 + 64;
	lines = need(realloc(lines, room * sizeof(struct line *)));
}

void buffer_insert(long after, struct line *l)
{
	touch();
	make_room();
	memmove(lines + after + 2, lines + after + 1, (size_t)(last - after) * sizeof(*lines));
	lines[after + 1] = l;
	last++;
}

void buffer_delete(long from, long to)
{
	touch();
	for (long i = from; i <= to; i++)
		line_drop(lines[i]);
	memmove(lines + from, lines + to + 1, (size_t)(last - to) * sizeof(*lines));
	last -= to - from + 1;
}

static void reverse(long from, long to)
{
	for (; from < to; from++, to--) {
		struct line *l = lines[from];

		lines[from] = lines[to];
		lines[to] = l;
	}
}

void buffer_move(long from, long to, long after)
{
	long n = to - from + 1;

	touch();
	if (after > to) {
		reverse(from, to);
		reverse(to + 1, after);
		reverse(from, after);
	} else if (after < from - 1) {
		reverse(after + 1, from - 1);
		reverse(from, to);
		reverse(after + 1, after + n + (from - 1 - after));
	}
}

void buffer_replace(long n, struct line *l)
{
	touch();
	line_drop(lines[n]);
	lines[n] = l;
}

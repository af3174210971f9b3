/*
 * vi.c - the keys of vi (XCU sh, "Command Line Editing (vi-mode)").
 *
 * A line begins in insert mode; ESC goes to command mode. A terminal's cursor keys begin with ESC too: what they
 * send is told from an ESC that was typed by the [ or O behind it, which command mode has no other use for.
 */
#include "vi.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

enum vi_mode { INSERTING, REPLACING, COMMAND };

static enum vi_mode mode;
static bool escaped; /* the last key was the ESC that ended an insertion, */
static enum vi_mode left_mode; /* made in this mode */
static size_t left_at; /* with the cursor here */

static char *before_change, *first_text; /* what u and U bring back */
static size_t before_at;
static size_t first_shown; /* the line of the history that first_text is of */
static struct str replaced; /* R: the text it began with, */
static size_t replaced_from; /* and where */

/* Keys of the last change, for `.`: recorded while it is typed. */
static struct str recording, last_change;
static long last_count;
static bool recording_on;
/* Keys that come before those that are typed: of `.` and of @. */
static struct str queue;
static size_t queue_at;
static bool replaying, fed; /* fed: the key came from the queue */

/* ---- keys -------------------------------------------------------------------------------- */

int vi_next_key(void)
{
	int c;

	if (queue_at < queue.n) {
		c = (unsigned char)queue.s[queue_at++];
	} else {
		while ((c = edit_read_key()) == KEY_NONE)
			trap_run();
	}
	if (recording_on && !replaying && c >= 0 && c < 256)
		str_add(&recording, (char)c);
	return c;
}

bool vi_next_char(char text[8])
{
	int c = vi_next_key(), more;
	size_t n = 0;

	if (c == KEY_CTRL('V'))
		c = vi_next_key();
	else if (c == ESC)
		return false;
	if (c < 0 || c > 255)
		return false;
	text[n++] = (char)c;
	for (more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : c >= 0xc0 ? 1 : 0; more > 0; more--)
		text[n++] = (char)vi_next_key();
	text[n] = 0;
	return true;
}

static void bell(void)
{
	fputc('\a', stderr);
}

/* ---- changes ----------------------------------------------------------------------------- */

static void keep_for_undo(const struct editor *e)
{
	free(before_change);
	before_change = copy(e->line.s);
	before_at = e->at;
}

static void begin_insert(enum vi_mode how)
{
	mode = how;
}

static void begin_replace(const struct editor *e)
{
	replaced.n = 0;
	str_put(&replaced, e->line.s + e->at);
	str_end(&replaced);
	replaced_from = e->at;
	mode = REPLACING;
}

/* Backspace in R: what was there comes back. */
static void replace_back(struct editor *e)
{
	size_t at = edit_left(e, e->at), nth = 0, old = 0, n;

	if (e->at <= replaced_from)
		return;
	for (size_t i = replaced_from; i < at; i += edit_char_length(e->line.s + i))
		nth++;
	while (nth-- && old < replaced.n)
		old += edit_char_length(replaced.s + old);
	edit_cut(e, at, e->at, false);
	n = old < replaced.n ? edit_char_length(replaced.s + old) : 0;
	edit_insert(e, replaced.s + old, n);
	e->at = at;
}

static void put_back(struct editor *e, bool after, long count)
{
	if (!edit_killed || !*edit_killed)
		return;
	if (after)
		e->at = edit_right(e, e->at);
	while (count-- > 0)
		edit_insert(e, edit_killed, strlen(edit_killed));
	e->at = edit_left(e, e->at);
}

static void yank(const struct editor *e, size_t from, size_t to)
{
	free(edit_killed);
	edit_killed = copy_n(e->line.s + from, to - from);
}

/* d, c or y with a motion, which is read here. */
static bool operate(struct editor *e, int op, long count, bool counted)
{
	struct motion m;
	size_t from = e->at, to;
	int c = vi_next_key();
	long more = 0;

	if (c >= '1' && c <= '9') {
		for (; c >= '0' && c <= '9' && more < 100000; c = vi_next_key())
			more = more * 10 + c - '0';
		count *= more;
		counted = true;
	}
	if (c == op) {
		from = 0;
		to = e->line.n;
	} else {
		/* cw on a word leaves the blanks behind it */
		if (op == 'c' && (c == 'w' || c == 'W') && e->at < e->line.n &&
		    vi_kind(e, e->at, false)) {
			bool big = c == 'W';
			size_t next = edit_right(e, e->at);

			if (next >= e->line.n || vi_kind(e, next, big) != vi_kind(e, e->at, big))
				count--;
			m = (struct motion){ e->at, true };
			for (; count > 0; count--)
				m.to = vi_word_end(e, m.to, big);
		} else if (!vi_motion(e, c, count, counted, &m)) {
			return false;
		}
		if (m.to < from) {
			to = from;
			from = m.to;
		} else {
			to = m.to;
		}
		if (m.inclusive)
			to = edit_right(e, to);
	}
	if (op == 'y') {
		yank(e, from, to);
		e->at = from;
		return true;
	}
	keep_for_undo(e);
	edit_cut(e, from, to, true);
	if (op == 'c')
		begin_insert(INSERTING);
	return true;
}

static void toggle_case(struct editor *e, long count)
{
	for (; count > 0 && e->at < e->line.n; count--) {
		unsigned char c = (unsigned char)e->line.s[e->at];

		if (c < 128)
			e->line.s[e->at] = (char)(islower(c) ? toupper(c) : tolower(c));
		e->at = edit_right(e, e->at);
	}
}

static bool replace_chars(struct editor *e, long count)
{
	size_t end = e->at;
	char text[8];

	if (!vi_next_char(text))
		return false;
	for (long i = 0; i < count; i++) {
		if (end >= e->line.n)
			return false;
		end = edit_right(e, end);
	}
	keep_for_undo(e);
	edit_cut(e, e->at, end, false);
	for (long i = 0; i < count; i++)
		edit_insert(e, text, strlen(text));
	e->at = edit_left(e, e->at);
	return true;
}

/* _: a word of the line before, the last or the count'th. */
static bool append_word(struct editor *e, long count, bool counted)
{
	const char *line = history_size() ? history_line(history_size() - 1) : "", *word = NULL;
	size_t n = 0;

	for (long i = 1; *(line += strspn(line, " \t")); i++) {
		word = line;
		n = strcspn(line, " \t");
		line += n;
		if (counted && i == count)
			break;
		if (counted && !*line)
			return false;
	}
	if (!word)
		return false;
	keep_for_undo(e);
	e->at = edit_right(e, e->at);
	edit_insert(e, " ", 1);
	edit_insert(e, word, n);
	begin_insert(INSERTING);
	return true;
}

/* ---- expansion --------------------------------------------------------------------------- */

/* = \ *: what the word at the cursor may become: listed, as far as it is one, all. */
static void expand(struct editor *e, int c)
{
	size_t start, at = e->at;
	char **list;
	int n;

	while (e->at < e->line.n && !isspace((unsigned char)e->line.s[e->at]))
		e->at++;
	if (c == '\\') {
		keep_for_undo(e);
		edit_complete(e, false);
		begin_insert(INSERTING);
		return;
	}
	n = complete(e->line.s, e->at, &start, &list);
	if (!n) {
		bell();
		e->at = at;
	} else if (c == '=') {
		edit_list(e, list, n);
		e->at = at;
	} else {
		keep_for_undo(e);
		edit_cut(e, start, e->at, false);
		for (int i = 0; i < n; i++) {
			edit_insert(e, list[i], strlen(list[i]));
			edit_insert(e, " ", 1);
		}
		begin_insert(INSERTING);
	}
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

/* v: the line goes to an editor, by way of fc. */
static int edit_outside(struct editor *e, long count, bool counted)
{
	const char *editor = var_get("VISUAL");
	char command[300];
	size_t number;

	if (!editor || !*editor)
		editor = var_get("EDITOR");
	if (counted) {
		if (history_find((size_t)count) < 0)
			return 0;
		number = (size_t)count;
	} else {
		history_add(e->line.s);
		if (!history_size())
			return 0;
		for (number = 1; history_find(number) != (long)history_size() - 1;)
			number++;
	}
	if (snprintf(command, sizeof(command), "fc -e '%.200s' %zu",
		     editor && *editor ? editor : "vi", number) >= (int)sizeof(command))
		return 0;
	/* fc takes the last line of the history for itself */
	history_add(command);
	edit_set(e, command);
	e->unkept = true;
	return 1;
}

/* ---- commands ---------------------------------------------------------------------------- */

static int run_keys(struct editor *e, const char *keys, size_t n, bool again)
{
	struct str outer = queue;
	size_t outer_at = queue_at;
	bool outer_replaying = replaying;
	int done = 0, c, before = 0;

	queue = (struct str){ 0 };
	for (size_t i = 0; i < n; i++)
		str_add(&queue, keys[i]);
	queue_at = 0;
	replaying |= again;
	while (!done && queue_at < queue.n) {
		c = vi_next_key();
		fed = true;
		done = vi_key(e, c, before);
		before = c;
	}
	escaped = false;
	replaying = outer_replaying;
	free(queue.s);
	queue = outer;
	queue_at = outer_at;
	return done;
}

/* @x: the alias _x as if it were typed. */
static int run_alias(struct editor *e)
{
	static int depth;
	char text[8], name[10] = "_";
	struct alias *a;
	char *keys;
	int done;

	if (!vi_next_char(text))
		return 0;
	strcat(name, text);
	a = alias_find(name);
	if (!a || depth > 20) {
		bell();
		return 0;
	}
	keys = copy(a->value);
	depth++;
	done = run_keys(e, keys, strlen(keys), false);
	depth--;
	free(keys);
	return done;
}

static int repeat(struct editor *e, long count, bool counted)
{
	struct str keys = { 0 };
	char number[24];
	int done;

	if (!last_change.n || replaying)
		return 0;
	if (counted)
		last_count = count;
	if (last_count) {
		snprintf(number, sizeof(number), "%ld", last_count);
		str_put(&keys, number);
	}
	for (size_t i = 0; i < last_change.n; i++)
		str_add(&keys, last_change.s[i]);
	done = run_keys(e, keys.s, keys.n, true);
	free(keys.s);
	return done;
}

static void undo(struct editor *e)
{
	char *text = before_change;
	size_t at = before_at;

	if (!text)
		return;
	before_change = copy(e->line.s);
	before_at = e->at;
	edit_set(e, text);
	e->at = at;
	free(text);
}

static void change_begins(const struct editor *e)
{
	if (first_text && first_shown == e->shown)
		return;
	free(first_text);
	first_text = copy(e->line.s);
	first_shown = e->shown;
}

/* The change is done: `.` makes it again. */
static void change_ends(long count)
{
	if (replaying || !recording_on)
		return;
	free(last_change.s);
	last_change = recording;
	recording = (struct str){ 0 };
	last_count = count;
	recording_on = false;
}

static long change_count; /* of a change that goes on as an insertion; 0: none was typed */

static void clamp(struct editor *e)
{
	if (mode == COMMAND && e->at > vi_last(e))
		e->at = vi_last(e);
}

/* x X D d C ... Those of them that may be repeated; false: it failed. */
static bool change(struct editor *e, int c, long count, bool counted)
{
	size_t at = e->at, end = e->at;

	switch (c) {
	case 'c':
	case 'd':
		return operate(e, c, count, counted);
	case 'r':
		return replace_chars(e, count);
	case '_':
		return append_word(e, count, counted);
	default:
		break;
	}
	keep_for_undo(e);
	switch (c) {
	case 'x':
		if (!e->line.n)
			return false;
		for (; count > 0; count--)
			end = edit_right(e, end);
		edit_cut(e, at, end, true);
		break;
	case 'X':
		if (!at)
			return false;
		for (; count > 0; count--)
			at = edit_left(e, at);
		edit_cut(e, at, end, true);
		break;
	case 'D':
		edit_cut(e, at, e->line.n, true);
		break;
	case 'C':
		edit_cut(e, at, e->line.n, true);
		begin_insert(INSERTING);
		break;
	case 'S':
		edit_cut(e, 0, e->line.n, true);
		begin_insert(INSERTING);
		break;
	case '~':
		toggle_case(e, count);
		break;
	case 'p':
	case 'P':
		put_back(e, c == 'p', count);
		break;
	case 'R':
		begin_replace(e);
		break;
	default: /* a A i I */
		if (c == 'a')
			e->at = edit_right(e, e->at);
		else if (c == 'A')
			e->at = e->line.n;
		else if (c == 'I')
			for (e->at = 0; e->at < e->line.n && !vi_kind(e, e->at, true);)
				e->at++;
		begin_insert(INSERTING);
		break;
	}
	return true;
}

static int command(struct editor *e, int c)
{
	bool counted = false, ok = true;
	long count = 0;
	struct motion m;
	int done = 0;

	while ((c >= '1' && c <= '9') || (c == '0' && counted)) {
		if (count < 100000)
			count = count * 10 + c - '0';
		counted = true;
		c = vi_next_key();
	}
	if (!counted)
		count = 1;
	if (c > 0 && c < 128 && strchr("cdrxXDCS~pPRaAiI_", c)) {
		change_begins(e);
		if (!replaying) {
			recording_on = true;
			recording.n = 0;
			str_add(&recording, (char)c);
		}
		change_count = counted ? count : 0;
		ok = change(e, c, count, counted);
		if (!ok)
			recording_on &= replaying;
		else if (mode == COMMAND)
			change_ends(change_count);
		if (!ok)
			bell();
		return 0;
	}
	switch (c) {
	case '\r':
	case '\n':
		e->at = e->line.n;
		return 1;
	case KEY_CTRL('C'):
		return -2;
	case KEY_CTRL('D'):
		return e->line.n ? 0 : -1;
	case KEY_CTRL('L'):
	case KEY_CTRL('R'):
		return edit_emacs_key(e, KEY_CTRL('L'), 0);
	case '#':
		e->at = 0;
		edit_insert(e, "#", 1);
		return 1;
	case '=':
	case '\\':
	case '*':
		expand(e, c);
		break;
	case '@':
		done = run_alias(e);
		break;
	case '.':
		done = repeat(e, count, counted);
		break;
	case 'v':
		return edit_outside(e, count, counted);
	case 'y':
		ok = operate(e, c, count, counted);
		break;
	case 'Y':
		yank(e, e->at, e->line.n);
		break;
	case 'u':
		undo(e);
		break;
	case 'U':
		if (first_text && first_shown == e->shown) {
			keep_for_undo(e);
			edit_set(e, first_text);
			e->at = 0;
		}
		break;
	case 'k':
	case 'j':
	case '-':
	case '+':
	case 'G':
	case KEY_UP:
	case KEY_DOWN:
	case KEY_CTRL('P'):
	case KEY_CTRL('N'):
		ok = vi_move_in_history(e, c, count, counted);
		break;
	case '/':
	case '?':
	case 'n':
	case 'N':
		ok = vi_search(e, (char)c);
		break;
	case KEY_LEFT:
		e->at = edit_left(e, e->at);
		break;
	case KEY_RIGHT:
		e->at = edit_right(e, e->at);
		break;
	case KEY_HOME:
		e->at = 0;
		break;
	case KEY_END:
		e->at = e->line.n;
		break;
	default:
		ok = vi_motion(e, c, count, counted, &m);
		if (ok)
			e->at = m.to;
		break;
	}
	if (!ok)
		bell();
	return done;
}

/* ---- insertion --------------------------------------------------------------------------- */

static void type_byte(struct editor *e, int c)
{
	char byte = (char)c;

	if (mode == REPLACING && e->at < e->line.n && (c & 0xc0) != 0x80)
		edit_cut(e, e->at, edit_right(e, e->at), false);
	edit_insert(e, &byte, 1);
}

static int insertion(struct editor *e, int c, int before)
{
	switch (c) {
	case ESC:
		left_mode = mode;
		left_at = e->at;
		escaped = true;
		mode = COMMAND;
		e->at = edit_left(e, e->at);
		change_ends(change_count);
		return 0;
	case KEY_CTRL('V'):
		c = vi_next_key();
		if (c >= 0 && c < 256)
			type_byte(e, c);
		return 0;
	case 127:
	case KEY_CTRL('H'):
		if (mode == REPLACING)
			replace_back(e);
		else
			edit_emacs_key(e, c, before);
		return 0;
	case '\t':
	case '\r':
	case '\n':
	case KEY_CTRL('C'):
	case KEY_CTRL('D'):
	case KEY_CTRL('U'):
	case KEY_CTRL('W'):
		return edit_emacs_key(e, c, before);
	default:
		if (c > 255)
			return edit_emacs_key(e, c, before);
		type_byte(e, c);
		return 0;
	}
}

void vi_start(struct editor *e)
{
	mode = INSERTING;
	escaped = recording_on = replaying = false;
	change_count = 0;
	free(before_change);
	before_change = copy(e->line.s);
	before_at = 0;
	free(first_text);
	first_text = NULL;
}

int vi_key(struct editor *e, int c, int before)
{
	bool cursor_key = escaped && (c == '[' || c == 'O'), was_fed = fed;
	int done;

	escaped = fed = false;
	if (cursor_key) {
		mode = left_mode;
		e->at = left_at;
		c = edit_read_cursor_key();
		if (c == KEY_NONE)
			return 0;
	}
	if (mode != COMMAND) {
		if (recording_on && !replaying && !was_fed && c >= 0 && c < 256)
			str_add(&recording, (char)c);
		return insertion(e, c, before);
	}
	if (c == ESC) {
		left_mode = COMMAND;
		left_at = e->at;
		escaped = true;
		return 0;
	}
	done = command(e, c);
	clamp(e);
	return done;
}

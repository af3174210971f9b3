/*
 * edit.c - a line typed at a terminal: the keys of emacs, history, completion, in UTF-8.
 *
 * The line is shown again from its first row whenever it changes; rows are counted by the width of
 * what is shown, so long lines and wide characters come out right.
 */
#include "sh.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>
#include <wchar.h>

#define KEY_CTRL(c) ((c)&31)

enum {
	KEY_UP = 1000,
	KEY_DOWN,
	KEY_LEFT,
	KEY_RIGHT,
	KEY_HOME,
	KEY_END,
	KEY_DELETE,
	KEY_WORD_LEFT,
	KEY_WORD_RIGHT,
	KEY_KILL_WORD,
	KEY_NONE
};

struct editor {
	const char *prompt, *prompted; /* prompted: what stands on the screen */
	struct str line;
	size_t at;
	int row; /* of the cursor, below the first */
	int width;
	size_t shown; /* in the history; its count is the new line */
	char *kept; /* the new line, while another is shown */
};

static struct termios cooked;
static char **history;
static size_t history_count, history_saved;
static char *killed;

/* ---- history ----------------------------------------------------------------------------- */

#define HISTORY_MAX 1000

void history_add(const char *line)
{
	size_t n = strlen(line);

	while (n && (line[n - 1] == '\n' || line[n - 1] == ' '))
		n--;
	if (!n || (history_count && strlen(history[history_count - 1]) == n &&
		   !strncmp(history[history_count - 1], line, n)))
		return;
	if (history_count == HISTORY_MAX) {
		free(history[0]);
		memmove(history, history + 1, (HISTORY_MAX - 1) * sizeof(*history));
		history_count--;
		history_saved -= history_saved > 0;
	}
	history = grow(history, (history_count + 1) * sizeof(*history));
	history[history_count++] = copy_n(line, n);
}

static FILE *history_file(const char *mode)
{
	const char *name = var_get("HISTFILE"), *home = var_get("HOME");
	char path[1024];

	if (name)
		return *name ? fopen(name, mode) : NULL;
	if (!home || snprintf(path, sizeof(path), "%s/.sh_history", home) >= (int)sizeof(path))
		return NULL;
	return fopen(path, mode);
}

void history_load(void)
{
	FILE *f = history_file("re");
	char *line = NULL;
	size_t room = 0;

	if (!f)
		return;
	while (getline(&line, &room, f) > 0)
		history_add(line);
	free(line);
	fclose(f);
	history_saved = history_count;
}

void history_save(void)
{
	FILE *f = history_saved < history_count ? history_file("ae") : NULL;

	if (!f)
		return;
	for (size_t i = history_saved; i < history_count; i++)
		fprintf(f, "%s\n", history[i]);
	fclose(f);
	history_saved = history_count;
}

int builtin_history(int argc, char **argv)
{
	size_t n = argc > 1 ? (size_t)atoi(argv[1]) : history_count;

	for (size_t i = n < history_count ? history_count - n : 0; i < history_count; i++)
		printf("%5zu  %s\n", i + 1, history[i]);
	return 0;
}

/* A line by number, by one from the end, or by how it begins. */
static size_t history_index(const char *word, size_t fallback)
{
	long n;

	if (!word)
		return fallback;
	n = strtol(word, NULL, 10);
	if (n > 0)
		return (size_t)n > history_count ? history_count - 1 : (size_t)n - 1;
	if (n < 0)
		return (size_t)-n >= history_count ? 0 : history_count - 1 - (size_t)-n;
	for (size_t i = history_count - 1; i-- > 0;)
		if (!strncmp(history[i], word, strlen(word)))
			return i;
	fail(1, "fc: no such line: %s", word);
}

static int fc_list(const char *first, const char *last, bool numbers, bool backwards)
{
	size_t from, to;

	if (history_count < 2)
		return 0;
	from = history_index(first, history_count > 17 ? history_count - 17 : 0);
	to = history_index(last, history_count - 2);
	for (size_t i = backwards ? to : from;; backwards ? i-- : i++) {
		if (numbers)
			printf("%zu", i + 1);
		printf("\t%s\n", history[i]);
		if (i == (backwards ? from : to))
			return 0;
	}
}

int builtin_fc(int argc, char **argv)
{
	bool show = false, again = false, numbers = true, backwards = false;
	struct opts o = { 0 };
	char *line, *eq = NULL;
	size_t i;
	int c;

	while ((c = opt_next(&o, argc, argv, "lnrse:"))) {
		switch (c) {
		case 'l':
			show = true;
			break;
		case 'n':
			numbers = false;
			break;
		case 'r':
			backwards = true;
			break;
		case 's':
			again = true;
			break;
		case 'e':
			again = !strcmp(o.arg, "-");
			break;
		default:
			return 2;
		}
	}
	if (show)
		return fc_list(o.at < argc ? argv[o.at] : NULL,
			       o.at + 1 < argc ? argv[o.at + 1] : NULL, numbers, backwards);
	if (!again)
		fail(2, "fc: lines are listed (-l) or run again (-s)");
	if (o.at < argc)
		eq = strchr(argv[o.at], '=');
	if (history_count < 2)
		return 1;
	i = history_index(eq	      ? (o.at + 1 < argc ? argv[o.at + 1] : NULL) :
			  o.at < argc ? argv[o.at] :
					NULL,
			  history_count - 2);
	line = temp_copy(history[i]);
	if (eq) {
		char *hit, *new;

		*eq = 0;
		hit = strstr(line, argv[o.at]);
		if (hit) {
			new = temp_get(strlen(line) + strlen(eq + 1) + 1);
			memcpy(new, line, (size_t)(hit - line));
			strcpy(stpcpy(new + (hit - line), eq + 1), hit + strlen(argv[o.at]));
			line = new;
		}
	}
	puts(line);
	fflush(stdout);
	history_add(line);
	return eval_string(line, 0);
}

/* ---- what is shown ----------------------------------------------------------------------- */

static size_t char_length(const char *s)
{
	unsigned char c = (unsigned char)*s;
	size_t n = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;

	for (size_t i = 1; i < n; i++)
		if (((unsigned char)s[i] & 0xc0) != 0x80)
			return 1;
	return n;
}

static int char_width(const char *s)
{
	size_t n = char_length(s);
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
static int prompt_width(const char *s)
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
			n += (unsigned char)*s < 32 ? 0 : char_width(s);
			s += char_length(s);
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
static void show(struct editor *e)
{
	struct str out = { 0 };
	int column = prompt_width(e->prompt), row, end_row, cursor_row = 0, cursor_column = 0;
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
	for (size_t i = 0;; i += char_length(e->line.s + i)) {
		int w;

		if (i == e->at) {
			cursor_row = row;
			cursor_column = column;
		}
		if (i >= e->line.n)
			break;
		w = char_width(e->line.s + i);
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
			for (size_t k = 0; k < char_length(e->line.s + i); k++)
				str_add(&out, e->line.s[i + k]);
		}
		column += w;
		if (column == e->width) {
			row++;
			column = 0;
			/* the cursor goes to the next row only with the next character */
			if (i + char_length(e->line.s + i) >= e->line.n)
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

static int read_key(void)
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

static int read_escape(void)
{
	int c = read_key(), number = 0, modifier = 0;

	switch (c) {
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
		break;
	default:
		return KEY_NONE;
	}
	for (c = read_key(); c == ';' || isdigit(c); c = read_key()) {
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

static void insert(struct editor *e, const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		str_add(&e->line, ' ');
	memmove(e->line.s + e->at + n, e->line.s + e->at, e->line.n - n - e->at);
	memcpy(e->line.s + e->at, s, n);
	e->at += n;
	str_end(&e->line);
}

static void cut(struct editor *e, size_t from, size_t to, bool keep)
{
	if (keep && from < to) {
		free(killed);
		killed = copy_n(e->line.s + from, to - from);
	}
	memmove(e->line.s + from, e->line.s + to, e->line.n - to);
	e->line.n -= to - from;
	e->at = from;
	str_end(&e->line);
}

static size_t left_of(const struct editor *e, size_t at)
{
	while (at > 0 && ((unsigned char)e->line.s[--at] & 0xc0) == 0x80)
		continue;
	return at;
}

static size_t right_of(const struct editor *e, size_t at)
{
	return at < e->line.n ? at + char_length(e->line.s + at) : at;
}

static bool wordy(char c)
{
	return isalnum((unsigned char)c) || c == '_' || (unsigned char)c >= 128;
}

static size_t word_left(const struct editor *e)
{
	size_t at = e->at;

	while (at && !wordy(e->line.s[at - 1]))
		at--;
	while (at && wordy(e->line.s[at - 1]))
		at--;
	return at;
}

static size_t word_right(const struct editor *e)
{
	size_t at = e->at;

	while (at < e->line.n && !wordy(e->line.s[at]))
		at++;
	while (at < e->line.n && wordy(e->line.s[at]))
		at++;
	return at;
}

static size_t blank_left(const struct editor *e)
{
	size_t at = e->at;

	while (at && e->line.s[at - 1] == ' ')
		at--;
	while (at && e->line.s[at - 1] != ' ')
		at--;
	return at;
}

static void set_line(struct editor *e, const char *text)
{
	e->line.n = 0;
	str_put(&e->line, text);
	str_end(&e->line);
	e->at = e->line.n;
}

static void recall(struct editor *e, bool up)
{
	if (up ? !e->shown : e->shown == history_count)
		return;
	if (e->shown == history_count) {
		free(e->kept);
		e->kept = copy(e->line.s);
	}
	e->shown += up ? -1ul : 1;
	set_line(e, e->shown == history_count ? e->kept : history[e->shown]);
}

/* ^R: lines that hold what is typed, from the newest on. */
static int search(struct editor *e)
{
	const char *prompt = e->prompt;
	struct str want = { 0 };
	size_t at = history_count;
	char head[160];
	int c;

	str_end(&want);
	for (;;) {
		snprintf(head, sizeof(head), "(search)'%s': ", want.s);
		e->prompt = head;
		e->prompted = NULL;
		show(e);
		c = read_key();
		if (c == KEY_CTRL('R')) {
			at = at ? at - 1 : 0;
		} else if (c == 127 || c == KEY_CTRL('H')) {
			want.n -= want.n > 0;
			at = history_count;
		} else if (c >= 32 && c < 256 && c != 127) {
			str_add(&want, (char)c);
			at = at < history_count ? at + 1 : at;
		} else {
			break;
		}
		str_end(&want);
		for (size_t i = at; i-- > 0;) {
			char *hit = strstr(history[i], want.s);

			if (!hit)
				continue;
			at = i;
			set_line(e, history[i]);
			e->at = (size_t)(hit - history[i]);
			e->shown = i;
			break;
		}
	}
	free(want.s);
	e->prompt = prompt;
	e->prompted = NULL;
	return c == KEY_CTRL('G') ? KEY_NONE : c;
}

/* ---- completion -------------------------------------------------------------------------- */

static void list_columns(struct editor *e, char **list, int n)
{
	int widest = 0, columns, rows;

	for (int i = 0; i < n; i++)
		if ((int)strlen(list[i]) > widest)
			widest = (int)strlen(list[i]);
	columns = e->width / (widest + 2);
	columns = columns < 1 ? 1 : columns;
	rows = (n + columns - 1) / columns;
	fputs("\r\n", stderr);
	for (int r = 0; r < rows; r++) {
		for (int i = r; i < n; i += rows)
			fprintf(stderr, i + rows < n ? "%-*s" : "%.0d%s",
				i + rows < n ? widest + 2 : 0, list[i]);
		fputs("\r\n", stderr);
	}
	e->row = 0;
	e->prompted = NULL;
}

static void tab(struct editor *e, bool again)
{
	size_t start, common;
	char **list;
	int n = complete(e->line.s, e->at, &start, &list);

	if (!n)
		return;
	common = strlen(list[0]);
	for (int i = 1; i < n; i++) {
		size_t k = 0;

		while (k < common && list[i][k] == list[0][k])
			k++;
		common = k;
	}
	while (common && common < strlen(list[0]) &&
	       ((unsigned char)list[0][common] & 0xc0) == 0x80)
		common--;
	if (common > e->at - start || n == 1) {
		cut(e, start, e->at, false);
		insert(e, list[0], common);
		if (n == 1 && common && list[0][common - 1] != '/')
			insert(e, " ", 1);
	} else if (again) {
		list_columns(e, list, n);
	}
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

/* ---- the line ---------------------------------------------------------------------------- */

/* One key; whether the line is done: 1, its end: -1, abandoned: -2. */
static int act(struct editor *e, int c, int before)
{
	char byte = (char)c;

	switch (c) {
	case '\r':
	case '\n':
		e->at = e->line.n;
		return 1;
	case KEY_CTRL('C'):
		return -2;
	case KEY_CTRL('D'):
		if (!e->line.n)
			return -1;
		cut(e, e->at, right_of(e, e->at), false);
		break;
	case KEY_DELETE:
		cut(e, e->at, right_of(e, e->at), false);
		break;
	case 127:
	case KEY_CTRL('H'):
		cut(e, left_of(e, e->at), e->at, false);
		break;
	case KEY_CTRL('A'):
	case KEY_HOME:
		e->at = 0;
		break;
	case KEY_CTRL('E'):
	case KEY_END:
		e->at = e->line.n;
		break;
	case KEY_CTRL('B'):
	case KEY_LEFT:
		e->at = left_of(e, e->at);
		break;
	case KEY_CTRL('F'):
	case KEY_RIGHT:
		e->at = right_of(e, e->at);
		break;
	case KEY_WORD_LEFT:
		e->at = word_left(e);
		break;
	case KEY_WORD_RIGHT:
		e->at = word_right(e);
		break;
	case KEY_KILL_WORD: {
		size_t from = e->at;

		cut(e, from, word_right(e), true);
		break;
	}
	case KEY_CTRL('P'):
	case KEY_UP:
		recall(e, true);
		break;
	case KEY_CTRL('N'):
	case KEY_DOWN:
		recall(e, false);
		break;
	case KEY_CTRL('U'):
		cut(e, 0, e->at, true);
		break;
	case KEY_CTRL('K'): {
		size_t at = e->at;

		cut(e, at, e->line.n, true);
		break;
	}
	case KEY_CTRL('W'):
		cut(e, blank_left(e), e->at, true);
		break;
	case KEY_CTRL('Y'):
		if (killed)
			insert(e, killed, strlen(killed));
		break;
	case KEY_CTRL('T'):
		if (e->at && e->line.n > 1) {
			size_t end = e->at == e->line.n ? e->at : right_of(e, e->at);
			size_t mid = left_of(e, end), from = left_of(e, mid);
			char *one = copy_n(e->line.s + from, mid - from);

			cut(e, from, mid, false);
			e->at = from + (end - mid);
			insert(e, one, strlen(one));
			free(one);
		}
		break;
	case KEY_CTRL('L'):
		fputs("\033[H\033[2J", stderr);
		e->row = 0;
		e->prompted = NULL;
		break;
	case KEY_CTRL('R'):
		c = search(e);
		return c == KEY_NONE ? 0 : act(e, c == 27 ? read_escape() : c, 0);
	case '\t':
		tab(e, before == '\t');
		break;
	default:
		if (c >= 32 && c < 256)
			insert(e, &byte, 1);
		break;
	}
	return 0;
}

static bool more_typed(void)
{
	struct pollfd p = { .fd = 0, .events = POLLIN };

	return poll(&p, 1, 0) > 0;
}

/* A character added behind the line needs no more than itself. */
static bool show_last(struct editor *e, size_t before)
{
	int column = prompt_width(e->prompt);

	if (e->line.n != before + 1 || e->at != e->line.n || (signed char)e->line.s[before] < 32)
		return false;
	for (size_t i = 0; i < e->line.n; i += char_length(e->line.s + i))
		column += char_width(e->line.s + i);
	if (column >= e->width)
		return false;
	return write(2, e->line.s + before, 1) == 1;
}

static int edit(struct editor *e)
{
	bool stale = false;

	int c, before = 0, done;
	bool was_end;
	size_t had;

	show(e);
	for (;;) {
		c = read_key();
		if (c < 0)
			return -1;
		if (c == 27)
			c = read_escape();
		if (c == KEY_NONE && trap_pending) {
			trap_run();
			continue;
		}
		had = e->line.n;
		was_end = e->at == had;
		done = act(e, c, before);
		before = c;
		/* the rest of a character comes at once */
		if (c >= 0xc0 && c < 256)
			for (int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1; more > 0; more--)
				act(e, read_key(), 0);
		if (done == 1 || done == -2)
			e->at = e->line.n;
		if (done == -1)
			return done;
		if (!done && more_typed()) {
			stale = true;
			continue;
		}
		if (stale || done || !was_end || !show_last(e, had))
			show(e);
		stale = false;
		if (done)
			return done;
	}
}

static char *plain_line(const char *prompt)
{
	char *line = NULL;
	struct str out = { 0 };
	char c;

	(void)line;
	fputs(prompt, stderr);
	fflush(stderr);
	while (read(0, &c, 1) == 1) {
		str_add(&out, c);
		if (c == '\n')
			break;
	}
	if (!out.n)
		return NULL;
	str_end(&out);
	return out.s;
}

char *edit_line(const char *prompt)
{
	struct editor e = { .prompt = prompt, .shown = history_count, .width = 80 };
	const char *newline = strrchr(prompt, '\n');
	struct winsize size;
	struct termios raw;
	int done;

	fflush(stdout);
	if (!isatty(0) || tcgetattr(0, &cooked))
		return plain_line(prompt);
	raw = cooked;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN);
	raw.c_iflag &= ~(tcflag_t)(ICRNL | INLCR | IXON);
	raw.c_cc[VMIN] = 1;
	raw.c_cc[VTIME] = 0;
	tcsetattr(0, TCSADRAIN, &raw);
	if (!ioctl(0, TIOCGWINSZ, &size) && size.ws_col)
		e.width = size.ws_col;
	if (newline)
		fprintf(stderr, "%.*s", (int)(newline + 1 - prompt), prompt);
	str_end(&e.line);
	done = edit(&e);
	tcsetattr(0, TCSADRAIN, &cooked);
	free(e.kept);
	if (done == -2) {
		free(e.line.s);
		fputs("^C", stderr);
		got_interrupt = 0;
		raise_error(130);
	}
	if (done < 0) {
		free(e.line.s);
		return NULL;
	}
	fputc('\n', stderr);
	if (!options[O_NOLOG])
		history_add(e.line.s);
	str_add(&e.line, '\n');
	str_end(&e.line);
	return e.line.s;
}

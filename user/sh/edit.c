/*
 * edit.c - a line typed at a terminal: the keys of emacs, history, completion.
 */
#include "edit.h"

#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios cooked;

/* ---- places in the line ------------------------------------------------------------------ */

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

void edit_recall(struct editor *e, bool up)
{
	if (up ? !e->shown : e->shown == history_size())
		return;
	if (e->shown == history_size()) {
		free(e->kept);
		e->kept = copy(e->line.s);
	}
	e->shown += up ? -1ul : 1;
	edit_set(e, e->shown == history_size() ? e->kept : history_line(e->shown));
}

/* ^R: lines that hold what is typed, from the newest on. */
static int search(struct editor *e)
{
	const char *prompt = e->prompt;
	struct str want = { 0 };
	size_t at = history_size();
	char head[160];
	int c;

	str_end(&want);
	for (;;) {
		snprintf(head, sizeof(head), "(search)'%s': ", want.s);
		e->prompt = head;
		e->prompted = NULL;
		edit_show(e);
		c = edit_read_key();
		if (c == KEY_CTRL('R')) {
			at = at ? at - 1 : 0;
		} else if (c == 127 || c == KEY_CTRL('H')) {
			want.n -= want.n > 0;
			at = history_size();
		} else if (c >= 32 && c < 256 && c != 127) {
			str_add(&want, (char)c);
			at = at < history_size() ? at + 1 : at;
		} else {
			break;
		}
		str_end(&want);
		for (size_t i = at; i-- > 0;) {
			char *hit = strstr(history_line(i), want.s);

			if (!hit)
				continue;
			at = i;
			edit_set(e, history_line(i));
			e->at = (size_t)(hit - history_line(i));
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

void edit_list(struct editor *e, char **list, int n)
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

void edit_complete(struct editor *e, bool again)
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
		edit_cut(e, start, e->at, false);
		edit_insert(e, list[0], common);
		if (n == 1 && common && list[0][common - 1] != '/')
			edit_insert(e, " ", 1);
	} else if (again) {
		edit_list(e, list, n);
	}
	for (int i = 0; i < n; i++)
		free(list[i]);
	free(list);
}

/* ---- the line ---------------------------------------------------------------------------- */

int edit_emacs_key(struct editor *e, int c, int before)
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
		edit_cut(e, e->at, edit_right(e, e->at), false);
		break;
	case KEY_DELETE:
		edit_cut(e, e->at, edit_right(e, e->at), false);
		break;
	case 127:
	case KEY_CTRL('H'):
		edit_cut(e, edit_left(e, e->at), e->at, false);
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
		e->at = edit_left(e, e->at);
		break;
	case KEY_CTRL('F'):
	case KEY_RIGHT:
		e->at = edit_right(e, e->at);
		break;
	case KEY_WORD_LEFT:
		e->at = word_left(e);
		break;
	case KEY_WORD_RIGHT:
		e->at = word_right(e);
		break;
	case KEY_KILL_WORD: {
		size_t from = e->at;

		edit_cut(e, from, word_right(e), true);
		break;
	}
	case KEY_CTRL('P'):
	case KEY_UP:
		edit_recall(e, true);
		break;
	case KEY_CTRL('N'):
	case KEY_DOWN:
		edit_recall(e, false);
		break;
	case KEY_CTRL('U'):
		edit_cut(e, 0, e->at, true);
		break;
	case KEY_CTRL('K'): {
		size_t at = e->at;

		edit_cut(e, at, e->line.n, true);
		break;
	}
	case KEY_CTRL('W'):
		edit_cut(e, blank_left(e), e->at, true);
		break;
	case KEY_CTRL('Y'):
		if (edit_killed)
			edit_insert(e, edit_killed, strlen(edit_killed));
		break;
	case KEY_CTRL('T'):
		if (e->at && e->line.n > 1) {
			size_t end = e->at == e->line.n ? e->at : edit_right(e, e->at);
			size_t mid = edit_left(e, end), from = edit_left(e, mid);
			char *one = copy_n(e->line.s + from, mid - from);

			edit_cut(e, from, mid, false);
			e->at = from + (end - mid);
			edit_insert(e, one, strlen(one));
			free(one);
		}
		break;
	case KEY_CTRL('V'):
		c = edit_read_key();
		byte = (char)c;
		if (c > 0 && c < 256)
			edit_insert(e, &byte, 1);
		break;
	case KEY_CTRL('L'):
		fputs("\033[H\033[2J", stderr);
		e->row = 0;
		e->prompted = NULL;
		break;
	case KEY_CTRL('R'):
		c = search(e);
		return c == KEY_NONE ? 0 : edit_emacs_key(e, c == 27 ? edit_read_escape() : c, 0);
	case '\t':
		edit_complete(e, before == '\t');
		break;
	default:
		if (c >= 32 && c < 256)
			edit_insert(e, &byte, 1);
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
	int column = edit_prompt_width(e->prompt);

	if (e->line.n != before + 1 || e->at != e->line.n || (signed char)e->line.s[before] < 32)
		return false;
	for (size_t i = 0; i < e->line.n; i += edit_char_length(e->line.s + i))
		column += edit_char_width(e->line.s + i);
	if (column >= e->width)
		return false;
	return write(2, e->line.s + before, 1) == 1;
}

/* What the terminal has for a key of its own (stty erase), as the key that it stands for. */
static int own_key(int c)
{
	static const struct {
		int which, key;
	} own[] = {
		{ VERASE, 127 },	 { VKILL, KEY_CTRL('U') },   { VINTR, KEY_CTRL('C') },
		{ VEOF, KEY_CTRL('D') }, { VWERASE, KEY_CTRL('W') },
	};

	for (size_t i = 0; c > 0 && i < sizeof(own) / sizeof(own[0]); i++)
		if (c == cooked.c_cc[own[i].which])
			return own[i].key;
	return c;
}

static int one_key(struct editor *e, int c, int before)
{
	return options[O_VI] ? vi_key(e, c, before) : edit_emacs_key(e, c, before);
}

static int edit(struct editor *e)
{
	bool stale = false;

	int c, before = 0, done;
	bool was_end;
	size_t had;

	if (options[O_VI])
		vi_start(e);
	edit_show(e);
	for (;;) {
		c = edit_read_key();
		if (c < 0)
			return -1;
		if (c == KEY_NONE && trap_pending) {
			trap_run();
			continue;
		}
		c = own_key(c);
		if (c == 27 && !options[O_VI])
			c = edit_read_escape();
		had = e->line.n;
		was_end = e->at == had;
		done = one_key(e, c, before);
		before = c;
		/* the rest of a character comes at once */
		if (c >= 0xc0 && c < 256)
			for (int more = c >= 0xf0 ? 3 : c >= 0xe0 ? 2 : 1; more > 0; more--)
				one_key(e, edit_read_key(), 0);
		if (done == 1 || done == -2)
			e->at = e->line.n;
		if (done == -1)
			return done;
		if (!done && more_typed()) {
			stale = true;
			continue;
		}
		if (stale || done || !was_end || !show_last(e, had))
			edit_show(e);
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
	struct editor e = { .prompt = prompt, .shown = history_size(), .width = 80 };
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
	if (!options[O_NOLOG] && !e.unkept)
		history_add(e.line.s);
	str_add(&e.line, '\n');
	str_end(&e.line);
	return e.line.s;
}

/*
 * edit.h - the parts of the line editor: the line and how it is shown (line.c), the keys of emacs (edit.c) and of
 * vi (vi.c), lines typed before (history.c).
 */
#ifndef USER_SH_EDIT_H
#define USER_SH_EDIT_H

#include "sh.h"

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
	bool unkept; /* the line is not to be a line of the history */
};

extern char *edit_killed; /* what was cut last, or NULL */

/* ---- line.c ---- */

size_t edit_char_length(const char *s); /* bytes of the character that begins there */
int edit_char_width(const char *s); /* its columns */
int edit_prompt_width(const char *s); /* columns of a prompt's last line */
void edit_show(struct editor *e); /* prompt and line anew, with the cursor in its place */
int edit_read_key(void); /* a byte, KEY_NONE for a trap to run, -1 at the end */
int edit_read_escape(void); /* the key that the bytes behind an ESC mean */
int edit_read_cursor_key(void); /* the same, behind ESC [ or ESC O */
void edit_insert(struct editor *e, const char *s, size_t n); /* before the cursor */
void edit_cut(struct editor *e, size_t from, size_t to, bool keep); /* keep: in edit_killed */
size_t edit_left(const struct editor *e, size_t at); /* the character before */
size_t edit_right(const struct editor *e, size_t at);
void edit_set(struct editor *e, const char *text); /* another line, with the cursor behind it */

/* ---- edit.c ---- */

int edit_emacs_key(struct editor *e, int c,
		   int before); /* 1: the line is done, -1: its end, -2: abandoned */
void edit_recall(struct editor *e, bool up);
void edit_complete(struct editor *e, bool again);
void edit_list(struct editor *e, char **list, int n);

/* ---- vi.c ---- */

void vi_start(struct editor *e);
int vi_key(struct editor *e, int c, int before); /* as edit_emacs_key() */

/* ---- history.c ---- */

size_t history_size(void);
const char *history_line(size_t i); /* 0 is the oldest */
long history_find(size_t number); /* the index of the line that `history` shows so, or -1 */

#endif

/*
 * vi.h - the parts of vi's keys: commands and insertion (vi.c), where they lead (vi_move.c).
 */
#ifndef USER_SH_VI_H
#define USER_SH_VI_H

#include "edit.h"

#define ESC 27

/* ---- vi.c ---- */

int vi_next_key(void); /* typed, or of what is repeated; -1 at the end */
bool vi_next_char(char text[8]); /* a whole character; false: ESC, or the end */

/* ---- vi_move.c ---- */

struct motion {
	size_t to;
	bool inclusive; /* the character there is part of what a command takes */
};

/* Where a motion leads; false when it is none, or leads nowhere. */
bool vi_motion(struct editor *e, int c, long count, bool counted, struct motion *m);
size_t vi_last(const struct editor *e); /* the last character */
/* 0: a blank, 1: of a word, 2: another character; with big, all that is no blank is of a word. */
int vi_kind(const struct editor *e, size_t at, bool big);
size_t vi_word_end(const struct editor *e, size_t at,
		   bool big); /* the last character of this word, or of the next */
bool vi_move_in_history(struct editor *e, int c, long count,
			bool counted); /* k j + - G; false: there is no such line */
bool vi_search(struct editor *e, char c); /* / ? n N; false: not found */

#endif

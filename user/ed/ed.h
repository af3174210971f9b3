/*
 * ed.h - the parts of ed: the buffer of lines (buffer.c), patterns (match.c), what is
 * typed and addresses (input.c), files (files.c), commands (main.c).
 */
#ifndef USER_ED_H
#define USER_ED_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>

/* Ends the command: a "?" for the person, the text for those who asked for it with h or H. */
_Noreturn void fail(const char *why);
/* Whether an interrupt was typed; commands that take long ask. */
void check_interrupt(void);

/* ---- buffer.c: lines are numbered from 1 ---- */

struct line {
	unsigned refs; /* the buffer's, that of what u brings back, of marks */
	size_t n;
	char text[]; /* and a NUL */
};

extern long last, dot; /* the last line; the current one */
extern bool changed; /* since it was written */

struct line *line_new(const char *text, size_t n);
void line_drop(struct line *l);
struct line *line_at(long n);
long line_find(const struct line *l); /* its number; 0: it is not in the buffer */
/* What follows is one change, which u takes back; before the first change of a command. */
void undo_begin(void);
void undo(void);
/* Changes; the reference passes to the buffer. dot is the caller's to set. */
void buffer_insert(long after, struct line *l);
void buffer_delete(long from, long to);
void buffer_move(long from, long to, long after);
void buffer_replace(long n, struct line *l);

/* ---- input.c: a command is read from where `at` points ---- */

enum { PRINT = 1, NUMBER = 2, LIST = 4 };

extern const char *at;
extern char *typed; /* the last line that was typed */
extern bool
	in_global; /* `at` is in the list of g, where a line ends with a backslash and a newline */
extern long first, second; /* the addresses; how many there were */
extern int addresses;
extern struct line *marks[26];
extern int show; /* PRINT...: the current line, when the command is done */

/* A line behind the first `used` bytes of `typed`; false at the end. */
bool read_typed(size_t used);
void blanks(void);
bool line_end(void); /* if the line ends here: goes behind it */
void command_end(void); /* what may stand behind most commands, and the end of the line */
long number(void);
bool address(long *out); /* false when there is none here */
void read_addresses(void);
/* The addresses of a command on lines that are there; these if none were given. */
void lines_given(long from, long to);
void no_address(void);
/* SIGHUP and SIGINT are seen by check_interrupt. */
void catch_signals(void);

/* ---- files.c ---- */

extern char *file_name;
extern const char *shell_command; /* the last one */
extern bool silent; /* -s */

void shell_text(void); /* a command for the shell, read to the end of the line */
const char *
name_given(bool keep); /* a file's name likewise, kept if it is the first; NULL: a command */
void read_file(const char *name, long after);
void do_e(bool force);
void do_w(bool append);
/* Before what would lose changes: fails, once. */
extern bool warned;
void warn_changed(void);

/* ---- match.c ---- */

/* A pattern between two delimiters, or up to the end of the line. An empty one is the last that was used. */
const regex_t *pattern_read(void);
/* This one is needed longer than until the next is read. */
void pattern_hold(const regex_t *re);
/* Whether a line has it. */
bool pattern_match(const regex_t *re, const struct line *l);
/* What s does: how often, and with what. */
struct replacement {
	const regex_t *re;
	char *text; /* as typed */
	long nth;
	bool all;
};
/* The line with the replacement made, in new memory of *n bytes; NULL when nothing matches. */
char *substitute(const struct replacement *r, const struct line *l, size_t *n);
#endif

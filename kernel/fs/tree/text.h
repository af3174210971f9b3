/*
 * A text that grows as it is written: what a file of /proc or /sys shows. One
 * owner, no lock. Running out of memory is remembered and told once, by
 * text_error; what is written after it goes nowhere.
 */
#ifndef FS_TREE_TEXT_H
#define FS_TREE_TEXT_H

#include <compiler.h>
#include <types.h>
#include "lib/string.h"

struct text {
	char *buf; /* heap, or NULL while nothing is in it */
	size_t len, size;
	bool failed;
};

void text_put(struct text *t, const void *p, size_t n);
void text_printf(struct text *t, const char *fmt, ...) __printf(2, 3);
/* s with the bytes that are in `set` (and the backslash) written as \ooo, as mounts and maps do. */
void text_escape(struct text *t, const char *s, const char *set);
/* A bitmap of n bits as "0-3,5" and as hexadecimal words of 32 bits, the highest first. */
void text_bit_list(struct text *t, u64 bits);
void text_bit_mask(struct text *t, u64 bits, unsigned n);
/* Blanks up to column col of the line that began at `start`. */
void text_pad(struct text *t, size_t start, size_t col);
/* Room for n more bytes, to be filled by the caller, who then adds to len. NULL: no memory. */
char *text_room(struct text *t, size_t n);
void text_free(struct text *t);

static inline void text_puts(struct text *t, const char *s)
{
	text_put(t, s, strlen(s));
}

static inline void text_reset(struct text *t)
{
	t->len = 0;
	t->failed = false;
}
#endif

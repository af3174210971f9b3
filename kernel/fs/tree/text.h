/*
 * A text that grows as it is written: what a file of /proc or /sys shows. One
 * owner, no lock. Running out of memory is remembered in `failed`; what is written
 * after it goes nowhere.
 *
 * A long text is shown in parts. Who writes one that may be long begins with the item
 * that `next` says, 0 at the start, and at text_enough stops, with `next` set to where
 * it goes on. What the number means is the writer's affair; items that come or go
 * between two parts may be seen or not.
 */
#ifndef FS_TREE_TEXT_H
#define FS_TREE_TEXT_H

#include <compiler.h>
#include <types.h>
#include "lib/string.h"

struct text {
	char *buf; /* heap, or NULL while nothing is in it */
	size_t len, size;
	u64 next; /* before show: where to begin; after it: where to go on, 0 when all is told */
	bool failed;
};

#define TEXT_PART (24UL << 10) /* bytes of a part, and what the last item has more */
static inline bool text_enough(const struct text *t)
{
	return t->len >= TEXT_PART || t->failed;
}

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

/* Where to begin, when the text is to go on at `next`. */
static inline u64 text_begin(struct text *t)
{
	u64 at = t->next;

	t->next = 0;
	return at;
}
#endif

/*
 * locale.h - a locale from inside: for each category whether it is C.UTF-8 or C.
 * Only LC_CTYPE makes a difference: the encoding of characters.
 *
 * In the C locale a byte above 127 is a character of its own, which no wide
 * character of Unicode is: 0xdf00 and the byte (POSIX.1-2024 6.2: every byte
 * is a character there).
 */
#ifndef LIBPOSIX_LOCALE_H
#define LIBPOSIX_LOCALE_H

#include <locale.h>

#define BYTE_CHAR(b)	 (0xdf00 | (b))
#define IS_BYTE_CHAR(wc) ((unsigned int)(wc)-0xdf80 < 0x80)

struct __locale {
	unsigned char utf8[LC_ALL];
	unsigned char fixed; /* not from the heap */
};

extern struct __locale __global_locale;
extern __thread struct __locale *__thread_locale; /* NULL: the global one */

static inline struct __locale *__locale_now(void)
{
	return __thread_locale ? __thread_locale : &__global_locale;
}

/* Is text UTF-8 for this thread? */
static inline int __utf8(void)
{
	return __locale_now()->utf8[LC_CTYPE];
}

#endif

/*
 * locale.h - a locale from inside: for each category whether it is C.UTF-8 or C.
 * Only LC_CTYPE makes a difference: the encoding of characters.
 *
 * In the C locale a byte above 127 is a character of its own, which no wide
 * character of Unicode is: 0xdf00 and the byte (POSIX.1-2024 6.2: every byte
 * is a character there).
 *
 * A compiler's libstdc++ that was made for glibc reads tables of classes and cases out of a locale_t, at the
 * places that glibc's has them; its class ctype<char> is made of them (docs/sdk.md).
 */
#ifndef LIBPOSIX_LOCALE_H
#define LIBPOSIX_LOCALE_H

#include <locale.h>
#include <stddef.h>

#define BYTE_CHAR(b)	 (0xdf00 | (b))
#define IS_BYTE_CHAR(wc) ((unsigned int)(wc)-0xdf80 < 0x80)

struct __locale_struct {
	unsigned char utf8[LC_ALL];
	unsigned char fixed; /* not from the heap */
	unsigned char room[13 * sizeof(void *) - LC_ALL - 1];
	/* by character from -128 to 255; NULL in a static program without libstdc++ */
	const unsigned short *classes;
	const int *lower, *upper;
};

_Static_assert(offsetof(struct __locale_struct, classes) == 104, "where libstdc++ reads it");

/* ctype_tables.c: what is there for character 0 */
extern const unsigned short __ctype_classes[] __attribute__((__weak__));
extern const int __ctype_lower[] __attribute__((__weak__));
extern const int __ctype_upper[] __attribute__((__weak__));

#define LOCALE_TABLES .classes = __ctype_classes, .lower = __ctype_lower, .upper = __ctype_upper

extern struct __locale_struct __global_locale;
extern __thread struct __locale_struct *__thread_locale; /* NULL: the global one */

static inline struct __locale_struct *__locale_now(void)
{
	return __thread_locale ? __thread_locale : &__global_locale;
}

/* Is text UTF-8 for this thread? */
static inline int __utf8(void)
{
	return __locale_now()->utf8[LC_CTYPE];
}

#endif

/*
 * pack.h - lists of names and addresses put into the buffer that a caller of a
 * *_r function gave.
 */
#ifndef LIBPOSIX_PACK_H
#define LIBPOSIX_PACK_H

#include <stddef.h>

struct pack {
	char *at;
	size_t room;
	int full; /* something didn't fit */
};

void *__pack_bytes(struct pack *p, const void *data, size_t n, size_t align);
char *__pack_text(struct pack *p, const char *text);

/* A list of pointers with a NULL at its end. */
char **__pack_list(struct pack *p, size_t count);

#endif

/*
 * fields.h - files of lines with fields between colons: /etc/passwd and its kin.
 */
#ifndef LIBPOSIX_FIELDS_H
#define LIBPOSIX_FIELDS_H

#include <stddef.h>
#include <stdio.h>

/* Cuts the line at the colons; the last of `most` fields keeps the rest. How many there are. */
int __fields(char *line, char **fields, int most);

/* A number from 0 to 2^32-1 and nothing else: 1. */
int __field_number(const char *text, unsigned int *out);

/*
 * Reads lines of f into buf until parse(line, entry, rest, room) likes one: 1 (and where the line
 * is), 0: the end, -1: errno (ERANGE: buf is too small). parse gets what is left of buf.
 */
int __read_entry(FILE *f, char *buf, size_t size,
		 int (*parse)(char *line, void *entry, char *rest, size_t room), void *entry);

/* The same for who has no buffer: *buf is had from malloc and grows. */
int __read_entry_grow(FILE *f, char **buf, size_t *size,
		      int (*parse)(char *line, void *entry, char *rest, size_t room), void *entry);

#endif

/*
 * deflate.h - compressed data: DEFLATE (RFC 1951) in gzip files (RFC 1952), from one stream to another.
 */
#ifndef USER_COMMON_DEFLATE_H
#define USER_COMMON_DEFLATE_H

#include <stdint.h>
#include <stdio.h>

/* A gzip file. 0, or -1 when the output can't be written. */
int gzip_write(FILE *in, FILE *out, int level, const char *name, uint32_t mtime);

/* All members of a gzip file. NULL, or what is wrong with it. */
const char *gzip_read(FILE *in, FILE *out);

#endif

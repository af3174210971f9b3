/*
 * tar.h - what tar's files share: headers, members, options. make.c writes archives, headers.c reads what they are
 * made of, read.c lists and unpacks them.
 */
#ifndef USER_TAR_H
#define USER_TAR_H

#include "common/common.h"

#include <stdbool.h>
#include <stdio.h>
#include <sys/stat.h>

struct header {
	char name[100], mode[8], uid[8], gid[8], size[12], mtime[12], sum[8], type, link[100],
		magic[6], version[2], uname[32], gname[32], major[8], minor[8], prefix[155],
		pad[12];
};

_Static_assert(sizeof(struct header) == 512, "a tar header is a block");

struct member {
	char *name, *link;
	struct stat st;
	char type;
	char uname[33], gname[33];
};

extern FILE *archive;
extern bool verbose, keep, now_time, out_stdout, follow, numeric, same_owner, recurse;
extern int strip, status;
extern mode_t mask; /* what modes lose */
extern unsigned long long written; /* how long the archive is */
bool excluded(const char *name);

void make(char **files); /* what they name, and what is in them, to the archive */
void read_all(bool listing, char **files); /* list or unpack; no files: all */

/* The next member; false at the end. Its name and link are the caller's to free. */
bool next(struct member *m);
/* Its data to a descriptor, or past it (-1). */
void data_to(const struct member *m, int fd);

#endif

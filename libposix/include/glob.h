/*
 * glob.h - file names that match a pattern (POSIX).
 */
#ifndef _GLOB_H
#define _GLOB_H

#include <features.h>

#define __want_size_t
#include <bits/alltypes.h>

struct stat;
struct dirent;

typedef struct {
	size_t gl_pathc;
	char **gl_pathv;
	size_t gl_offs;
	int gl_flags;
	void (*gl_closedir)(void *);
	void *(*gl_readdir)(void *);
	void *(*gl_opendir)(const char *);
	int (*gl_lstat)(const char *, void *);
	int (*gl_stat)(const char *, void *);
} glob_t;

#define GLOB_ERR      0x01
#define GLOB_MARK     0x02
#define GLOB_NOSORT   0x04
#define GLOB_DOOFFS   0x08
#define GLOB_NOCHECK  0x10
#define GLOB_APPEND   0x20
#define GLOB_NOESCAPE 0x40
#define GLOB_PERIOD   0x80
#if __MISC_VISIBLE
#define GLOB_BRACE	 0x400
#define GLOB_NOMAGIC	 0x800
#define GLOB_TILDE	 0x1000
#define GLOB_ONLYDIR	 0x2000
#define GLOB_TILDE_CHECK 0x4000
#endif

#define GLOB_NOSPACE 1
#define GLOB_ABORTED 2
#define GLOB_NOMATCH 3
#define GLOB_NOSYS   4

__BEGIN_DECLS

int glob(const char *__restrict __pattern, int __flags,
	 int (*__err)(const char *__path, int __errno), glob_t *__restrict __g);
void globfree(glob_t *__g);

__END_DECLS

#endif

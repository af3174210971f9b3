/*
 * ftw.h - a walk through a tree of files (POSIX XSI).
 */
#ifndef _FTW_H
#define _FTW_H

#include <features.h>

#include <sys/stat.h>

#define FTW_F	0
#define FTW_D	1
#define FTW_DNR 2
#define FTW_NS	3
#if __XSI_VISIBLE
#define FTW_SL	  4
#define FTW_DP	  5
#define FTW_SLN	  6

#define FTW_PHYS  1
#define FTW_MOUNT 2
#define FTW_CHDIR 4
#define FTW_DEPTH 8
#endif
#if __MISC_VISIBLE
#define FTW_ACTIONRETVAL  16

#define FTW_CONTINUE	  0
#define FTW_STOP	  1
#define FTW_SKIP_SUBTREE  2
#define FTW_SKIP_SIBLINGS 3
#endif

#if __XSI_VISIBLE
struct FTW {
	int base;
	int level;
};
#endif

__BEGIN_DECLS

int ftw(const char *__path, int (*__fn)(const char *, const struct stat *, int), int __fds);
#if __XSI_VISIBLE
int nftw(const char *__path, int (*__fn)(const char *, const struct stat *, int, struct FTW *),
	 int __fds, int __flags);
#endif

__END_DECLS

#endif

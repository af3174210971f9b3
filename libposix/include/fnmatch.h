/*
 * fnmatch.h - does a name match a pattern (POSIX).
 */
#ifndef _FNMATCH_H
#define _FNMATCH_H

#include <features.h>

#define FNM_PATHNAME 1
#define FNM_NOESCAPE 2
#define FNM_PERIOD   4
#if __XSI_VISIBLE
#define FNM_LEADING_DIR 8
#define FNM_CASEFOLD	16
#endif
#define FNM_IGNORECASE FNM_CASEFOLD
#if __XSI_VISIBLE
#define FNM_FILE_NAME FNM_PATHNAME
#define FNM_EXTMATCH  32
#endif

#define FNM_NOMATCH 1

__BEGIN_DECLS

int fnmatch(const char *__pattern, const char *__name, int __flags);

__END_DECLS

#endif

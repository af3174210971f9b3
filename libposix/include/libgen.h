/*
 * libgen.h - parts of a path (POSIX XSI). Both may change what they are given.
 */
#ifndef _LIBGEN_H
#define _LIBGEN_H

#include <features.h>

__BEGIN_DECLS

char *basename(char *__path);
char *dirname(char *__path);

__END_DECLS

#endif

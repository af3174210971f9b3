/*
 * ulimit.h - the size of a file and the number of descriptors (POSIX XSI; getrlimit(2) has all).
 */
#ifndef _ULIMIT_H
#define _ULIMIT_H

#include <features.h>

#define UL_GETFSIZE  1
#define UL_SETFSIZE  2
#define __UL_OPENMAX 4

__BEGIN_DECLS

long ulimit(int __what, ...);

__END_DECLS

#endif

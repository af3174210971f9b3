/*
 * bits/os_defines.h - what Debian's libstdc++ asks of the C library, answered for libposix: it stands
 * before the one for glibc. The names with underscores are glibc's for POSIX's locale functions.
 */
#ifndef _GLIBCXX_OS_DEFINES
#define _GLIBCXX_OS_DEFINES 1

#include <locale.h>

#define __NO_CTYPE		    1
#define _GLIBCXX_HAVE_FLOAT128_MATH 0
#define __GLIBC_PREREQ(a, b)	    0
#define __GLIBC__		    0

#define __locale_t		    locale_t
#define __uselocale		    uselocale
#define _GLIBCXX_NATIVE_THREAD_ID   pthread_self()

#endif

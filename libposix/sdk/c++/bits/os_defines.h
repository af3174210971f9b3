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

/* threads are in the library itself: without this a static program's std::mutex would do nothing */
#define _GLIBCXX_GTHREAD_USE_WEAK 0

#define __locale_t		  locale_t
#define __uselocale		  uselocale
#define _GLIBCXX_NATIVE_THREAD_ID pthread_self()

/* the bits of a class in the tables of ctype<char> (libposix/src/locale/ctype_tables.c) */
enum {
	_ISupper = 1 << 8,
	_ISlower = 1 << 9,
	_ISalpha = 1 << 10,
	_ISdigit = 1 << 11,
	_ISxdigit = 1 << 12,
	_ISspace = 1 << 13,
	_ISprint = 1 << 14,
	_ISgraph = 1 << 15,
	_ISblank = 1 << 0,
	_IScntrl = 1 << 1,
	_ISpunct = 1 << 2,
	_ISalnum = 1 << 3,
};

#if __cplusplus <= 201103L
/* <cstdio> of C++11 names it; it is not in the library */
extern "C" char *gets(char *) __attribute__((__error__("gets is not in this library: use fgets")));
#endif

#endif

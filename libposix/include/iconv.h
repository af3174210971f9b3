/*
 * iconv.h - conversion between encodings (POSIX): UTF-8, UTF-16, UTF-32, UCS-2,
 * ISO-8859-1, ASCII.
 */
#ifndef _ICONV_H
#define _ICONV_H

#include <features.h>

#define __want_size_t
#include <bits/alltypes.h>

typedef void *iconv_t;

__BEGIN_DECLS

iconv_t iconv_open(const char *__to, const char *__from);
size_t iconv(iconv_t __cd, char **__restrict __in, size_t *__restrict __inleft,
	     char **__restrict __out, size_t *__restrict __outleft);
int iconv_close(iconv_t __cd);

__END_DECLS

#endif

/*
 * monetary.h - amounts of money as text (POSIX).
 */
#ifndef _MONETARY_H
#define _MONETARY_H

#include <features.h>

#define __want_size_t
#define __want_ssize_t
#define __want_locale_t
#include <bits/alltypes.h>

__BEGIN_DECLS

ssize_t strfmon(char *__restrict __dst, size_t __size, const char *__restrict __fmt, ...);
ssize_t strfmon_l(char *__restrict __dst, size_t __size, locale_t __loc,
		  const char *__restrict __fmt, ...);

__END_DECLS

#endif

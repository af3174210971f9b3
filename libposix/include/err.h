/*
 * err.h - messages that begin with the program's name (BSD err(3)). The forms
 * without x add the text of errno, those with c that of a number given.
 */
#ifndef _ERR_H
#define _ERR_H

#include <features.h>

#define __want_va_list
#include <bits/alltypes.h>

__BEGIN_DECLS

__NORETURN void err(int __status, const char *__fmt, ...) __PRINTF(2, 3);
__NORETURN void errx(int __status, const char *__fmt, ...) __PRINTF(2, 3);
__NORETURN void errc(int __status, int __code, const char *__fmt, ...) __PRINTF(3, 4);
__NORETURN void verr(int __status, const char *__fmt, va_list __ap) __PRINTF(2, 0);
__NORETURN void verrx(int __status, const char *__fmt, va_list __ap) __PRINTF(2, 0);
__NORETURN void verrc(int __status, int __code, const char *__fmt, va_list __ap) __PRINTF(3, 0);
void warn(const char *__fmt, ...) __PRINTF(1, 2);
void warnx(const char *__fmt, ...) __PRINTF(1, 2);
void warnc(int __code, const char *__fmt, ...) __PRINTF(2, 3);
void vwarn(const char *__fmt, va_list __ap) __PRINTF(1, 0);
void vwarnc(int __code, const char *__fmt, va_list __ap) __PRINTF(2, 0);
void vwarnx(const char *__fmt, va_list __ap) __PRINTF(1, 0);

__END_DECLS

#endif

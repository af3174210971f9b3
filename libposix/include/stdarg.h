/*
 * stdarg.h - arguments of varying number and type (C11 7.16).
 */
#ifndef _STDARG_H
#define _STDARG_H

#include <features.h>

#define __want_va_list
#include <bits/alltypes.h>

#define va_start(ap, last) __builtin_va_start(ap, last)
#define va_arg(ap, type)   __builtin_va_arg(ap, type)
#define va_end(ap)	   __builtin_va_end(ap)
#define va_copy(to, from)  __builtin_va_copy(to, from)
#ifndef __GNUC_VA_LIST
#define __GNUC_VA_LIST
typedef __builtin_va_list __gnuc_va_list;
#endif

#endif

/*
 * scan.h - the engine of scanf.
 */
#ifndef LIBPOSIX_SCAN_H
#define LIBPOSIX_SCAN_H

#include "../internal/charsrc.h"

#include <stdarg.h>

/* Conversions assigned, or EOF when the input ends before the first. */
int __scan(struct charsrc *src, const char *fmt, va_list ap);
int __wscan(struct charsrc *src, const wchar_t *fmt, va_list ap);

#endif

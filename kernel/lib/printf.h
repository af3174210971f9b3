/*
 * printf.h - formatted text into a buffer.
 *
 * Conversions: d i u o x X c s p %; flags - + space # 0; width and precision, also
 * as *; lengths hh h l ll z t j.  %p prints 0x and the address in hexadecimal
 * ((nil) for NULL is written 0x0).  No floating point.  As C99 says, the result
 * is the length of the whole text, without the NUL, even when size is smaller;
 * the buffer is always ended with NUL unless size is 0.  scnprintf and vscnprintf
 * return what is in the buffer.  An unknown conversion is copied as it stands.
 */
#ifndef LIB_PRINTF_H
#define LIB_PRINTF_H

#include <compiler.h>
#include <types.h>

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int snprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);
int vscnprintf(char *buf, size_t size, const char *fmt, va_list ap) __printf(3, 0);
int scnprintf(char *buf, size_t size, const char *fmt, ...) __printf(3, 4);

/* The same engine with a sink: put is called with each run of bytes. Length as above. */
typedef void (*printf_put_fn)(void *arg, const char *text, size_t n);
int vfprintf_sink(printf_put_fn put, void *arg, const char *fmt, va_list ap) __printf(3, 0);

#endif

/*
 * error.c - what went wrong, for dlerror(3) and for who starts a program; and memory, whose lack is
 * one of those things. Each thread has its own text.
 */
#include "object.h"

#include "../src/stdlib/malloc.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static __thread char text[256];
static __thread unsigned char pending;

int __dl_fail(const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	vsnprintf(text, sizeof(text), format, ap);
	va_end(ap);
	pending = 1;
	return -1;
}

const char *__dl_error(void)
{
	if (!pending)
		return NULL;
	pending = 0;
	return text;
}

int __dl_failed(void)
{
	return pending;
}

/* From the library's own heap: the program's malloc may be another, and may not work yet. */
void *__dl_alloc(size_t size)
{
	int zero;
	void *p = __heap_alloc(size, ALIGN, &zero);

	if (!p)
		__dl_fail("out of memory");
	else if (!zero)
		memset(p, 0, size);
	return p;
}

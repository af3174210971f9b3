/*
 * libc_printf.c - libc's own vsnprintf under a name that shim/rename.h leaves alone.
 */
#undef vsnprintf

#include <compiler.h>
#include <types.h>

int vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);
int libc_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap);

int libc_vsnprintf(char *buf, size_t size, const char *fmt, va_list ap)
{
	return vsnprintf(buf, size, fmt, ap);
}

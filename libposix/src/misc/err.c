/*
 * err.c - messages on stderr that begin with the program's name (err(3)), and
 * perror(3), assert(3).
 */
#include <stdarg.h>
#include <assert.h>
#include <err.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *name(void)
{
	return program_invocation_short_name;
}

static void message(int with_errno, int code, const char *fmt, va_list ap)
{
	char text[512] = "";

	if (fmt)
		vsnprintf(text, sizeof(text), fmt, ap);
	fprintf(stderr, "%s: %s%s%s\n", name(), text, fmt && with_errno ? ": " : "",
		with_errno ? strerror(code) : "");
}

void vwarn(const char *fmt, va_list ap)
{
	message(1, errno, fmt, ap);
}

void vwarnx(const char *fmt, va_list ap)
{
	message(0, 0, fmt, ap);
}

void warnc(int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(1, code, fmt, ap);
	va_end(ap);
}

void vwarnc(int code, const char *fmt, va_list ap)
{
	message(1, code, fmt, ap);
}

void warn(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarn(fmt, ap);
	va_end(ap);
}

void warnx(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vwarnx(fmt, ap);
	va_end(ap);
}

_Noreturn void verr(int status, const char *fmt, va_list ap)
{
	vwarn(fmt, ap);
	exit(status);
}

_Noreturn void verrx(int status, const char *fmt, va_list ap)
{
	vwarnx(fmt, ap);
	exit(status);
}

_Noreturn void verrc(int status, int code, const char *fmt, va_list ap)
{
	vwarnc(code, fmt, ap);
	exit(status);
}

_Noreturn void err(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verr(status, fmt, ap);
}

_Noreturn void errc(int status, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verrc(status, code, fmt, ap);
}

_Noreturn void errx(int status, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	verrx(status, fmt, ap);
}

void perror(const char *what)
{
	const char *text = strerror(errno);

	if (what && *what)
		fprintf(stderr, "%s: %s\n", what, text);
	else
		fprintf(stderr, "%s\n", text);
}

_Noreturn void __assert_fail(const char *cond, const char *file, int line, const char *func)
{
	fprintf(stderr, "%s: %s:%d: %s: assertion failed: %s\n", name(), file, line, func, cond);
	abort();
}

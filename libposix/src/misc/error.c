/*
 * error.c - messages of GNU programs (error(3)).
 */
#include <errno.h>
#include <error.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void (*error_print_progname)(void);
unsigned int error_message_count;
int error_one_per_line;

static void message(int status, int err, const char *where, unsigned int line, const char *fmt,
		    va_list ap)
{
	fflush(stdout);
	if (error_print_progname)
		error_print_progname();
	else
		fprintf(stderr, where ? "%s:" : "%s: ", program_invocation_name);
	if (where)
		fprintf(stderr, "%s:%u: ", where, line);
	vfprintf(stderr, fmt, ap);
	if (err)
		fprintf(stderr, ": %s", strerror(err));
	fputc('\n', stderr);
	error_message_count++;
	if (status)
		exit(status);
}

void error(int status, int err, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	message(status, err, NULL, 0, fmt, ap);
	va_end(ap);
}

void error_at_line(int status, int err, const char *file, unsigned int line, const char *fmt, ...)
{
	static const char *last_file;
	static unsigned int last_line;
	va_list ap;

	if (error_one_per_line && last_file && line == last_line && !strcmp(file, last_file))
		return;
	last_file = file;
	last_line = line;
	va_start(ap, fmt);
	message(status, err, file, line, fmt, ap);
	va_end(ap);
}

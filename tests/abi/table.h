/*
 * What the programs share that try many combinations of arguments: a line of words, one for each combination,
 * that goes out whole, since a console is slow.
 */
#ifndef ABI_TABLE_H
#define ABI_TABLE_H

#include "abi.h"

static char table_line[8192];
static size_t table_used;

/* A word of the line. */
__attribute__((format(printf, 1, 2))) static inline void word(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	table_used += vsnprintf(table_line + table_used, sizeof(table_line) - table_used, fmt, ap);
	va_end(ap);
	if (table_used >= sizeof(table_line))
		table_used = sizeof(table_line) - 1;
}

static inline void end_line(void)
{
	table_line[table_used] = 0;
	for (size_t at = 0; at < table_used; at += 4000)
		say("%.4000s", table_line + at);
	say("\n");
	table_used = 0;
}

/* What a call answered: the error's name without its E, or the number. */
static inline const char *outcome(long r)
{
	static char text[4][24];
	static int turn;
	char *t = text[turn++ & 3];

	if (r == -1)
		return ename(errno) + 1;
	snprintf(t, 24, "%ld", r);
	return t;
}

#endif

/*
 * input.c - lines that are typed, and what stands at the beginning and end of a command.
 */
#include "common/common.h"
#include "ed.h"

#include <ctype.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

const char *at;
char *typed;
bool in_global;
long first, second;
int addresses, show;
struct line *marks[26];
static size_t typed_room;
static volatile sig_atomic_t interrupted, hung_up;

/* ---- signals ----------------------------------------------------------------------------- */

static void on_signal(int sig)
{
	if (sig == SIGHUP)
		hung_up = 1;
	else
		interrupted = 1;
}

static void save_all(void)
{
	const char *home = getenv("HOME");
	FILE *f = fopen("ed.hup", "w");

	if (!f && home)
		f = fopen(path_join(home, "ed.hup"), "w");
	for (long i = 1; f && i <= last; i++)
		fprintf(f, "%s\n", line_at(i)->text);
	if (f)
		fclose(f);
}

void check_interrupt(void)
{
	if (hung_up) {
		if (changed)
			save_all();
		exit(1);
	}
	if (interrupted) {
		interrupted = 0;
		putchar('\n');
		fail("Interrupt");
	}
}

void catch_signals(void)
{
	struct sigaction act = { .sa_handler = on_signal };

	sigaction(SIGINT, &act, NULL);
	sigaction(SIGHUP, &act, NULL);
	signal(SIGQUIT, SIG_IGN);
}

/* ---- lines ------------------------------------------------------------------------------- */

/* A line behind the first `used` bytes of `typed`; false at the end. */
bool read_typed(size_t used)
{
	int c = 0;

	fflush(stdout);
	do {
		if (used + 2 > typed_room)
			typed = need(realloc(typed, typed_room = typed_room * 2 + 256));
		c = getchar();
		if (c == EOF && ferror(stdin)) {
			clearerr(stdin);
			check_interrupt();
			continue;
		}
		if (c == EOF)
			break;
		typed[used++] = (char)c;
	} while (c != '\n');
	if (c == EOF && (!used || typed[used - 1] == '\n'))
		return false;
	if (c == EOF)
		typed[used++] = '\n';
	typed[used] = 0;
	return true;
}

void blanks(void)
{
	while (*at == ' ' || *at == '\t')
		at++;
}

/* Behind the end of the line, if it ends here. */
bool line_end(void)
{
	if (in_global && at[0] == '\\' && at[1] == '\n')
		at++;
	if (*at && *at != '\n')
		return false;
	at += *at == '\n';
	return true;
}

/* What may stand behind most commands, and the end of the line. */
void command_end(void)
{
	for (;; at++) {
		blanks();
		if (*at == 'p')
			show |= PRINT;
		else if (*at == 'n')
			show |= NUMBER;
		else if (*at == 'l')
			show |= LIST;
		else
			break;
	}
	if (!line_end())
		fail("Invalid command suffix");
}

/* ---- addresses --------------------------------------------------------------------------- */

static long search_line(const regex_t *re, bool down)
{
	long i = dot;

	do {
		i = down ? (i < last ? i + 1 : 0) : (i > 0 ? i - 1 : last);
		check_interrupt();
		if (i && pattern_match(re, line_at(i)))
			return i;
	} while (i != dot);
	fail("No match");
}

long number(void)
{
	char *end;
	long n;

	errno = 0;
	n = strtol(at, &end, 10);
	at = end;
	if (errno || n > 1L << 40)
		fail("Invalid address");
	return n;
}

/* An address with what is added to it; false when there is none here. */
bool address(long *out)
{
	bool found = true;
	char c;

	blanks();
	c = *at;
	*out = dot;
	if (isdigit((unsigned char)c)) {
		*out = number();
	} else if (c == '.' || c == '$') {
		at++;
		*out = c == '$' ? last : dot;
	} else if (c == '/' || c == '?') {
		*out = search_line(pattern_read(), c == '/');
	} else if (c == '\'') {
		if (!islower((unsigned char)at[1]))
			fail("Invalid mark character");
		*out = line_find(marks[at[1] - 'a']);
		if (!*out)
			fail("Invalid address");
		at += 2;
	} else {
		found = c == '+' || c == '-';
	}
	for (; found; blanks()) {
		blanks();
		if (isdigit((unsigned char)*at)) {
			*out += number();
		} else if (*at == '+' || *at == '-') {
			long sign = *at++ == '+' ? 1 : -1;

			*out += sign * (isdigit((unsigned char)*at) ? number() : 1);
		} else {
			break;
		}
	}
	if (found && (*out < 0 || *out > last))
		fail("Invalid address");
	return found;
}

void read_addresses(void)
{
	bool omitted = false, has;
	char between = 0;
	long n;

	addresses = 0;
	first = second = dot;
	for (;;) {
		has = address(&n);
		if (has) {
			first = addresses ? second : n;
			second = n;
			addresses += addresses < 2;
		}
		blanks();
		if (*at != ',' && *at != ';' && (*at != '%' || addresses))
			break;
		between = *at++;
		if (!addresses) {
			second = between == ';' ? dot : 1;
			addresses = 1;
			omitted = true;
		}
		if (between == ';')
			dot = second;
	}
	if (between && !has) {
		first = second;
		second = omitted ? last : second;
		addresses = 2;
	}
}

/* The addresses of a command on lines that are there; these if none were given. */
void lines_given(long from, long to)
{
	if (!addresses) {
		first = from;
		second = to;
	}
	if (first < 1 || first > second || second > last)
		fail("Invalid address");
}

void no_address(void)
{
	if (addresses)
		fail("Unexpected address");
}

/*
 * ed - the line editor (XCU ed), with W, wq and # of GNU's.
 *
 * An error jumps back to the loop in main.
 */
#include "common/common.h"
#include "ed.h"

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char help[] =
	"usage: ed [-s] [-p PROMPT] [FILE]\n"
	"Edit a text by commands, a line each: [ADDRESS[,ADDRESS]]LETTER[what it needs].\n"
	"  -p  write this before a command is read\n"
	"  -s  be silent about the bytes read and written\n"
	"addresses: N . $ 'MARK /PATTERN/ ?PATTERN? +N -N, and , for all lines\n"
	"  a i c    take lines up to one with a dot alone: behind, before, in place of those\n"
	"  d j m t  delete, join, move, copy\n"
	"  s/PATTERN/TEXT/[g|N]   put the text in the place of what matches\n"
	"  g/PATTERN/COMMANDS  v  for the lines that match, that do not; G V ask for each\n"
	"  p n l = k              print, with numbers, unambiguously; the line's number; mark\n"
	"  e E r w f              edit another file, read, write, the file's name; !COMMAND\n"
	"  u                      take the last change back\n"
	"  h H P                  say what was wrong, always do so, prompt\n"
	"  q Q                    quit; even if the text was changed\n";

#define COLUMNS 72
static bool verbose, prompting, regular;
static const char *prompt = "*", *trouble;
static struct replacement last_s;
static jmp_buf loop;

void fail(const char *why)
{
	trouble = why;
	longjmp(loop, 1);
}

/* Lines to put in behind `after`, up to a dot. */
static void take_text(long after)
{
	for (;;) {
		const char *s;
		size_t n;

		if (in_global) {
			if (!*at)
				break;
			s = at;
			n = strcspn(at, "\n");
			at += n + (at[n] == '\n');
			if (n && s[n] == '\n' && *at && s[n - 1] == '\\')
				n--;
		} else {
			if (!read_typed(0))
				break;
			s = typed;
			n = strlen(typed) - 1;
		}
		if (n == 1 && *s == '.')
			break;
		buffer_insert(after, line_new(s, n));
		dot = ++after;
	}
}

/* ---- output ------------------------------------------------------------------------------ */

static void list_line(const struct line *l)
{
	static const char from[] = "\\\a\b\f\r\t\v$", to[] = "\\abfrtv$";
	int column = 0;

	for (size_t i = 0; i < l->n; i++) {
		unsigned char c = (unsigned char)l->text[i];
		const char *hit = c ? strchr(from, c) : NULL;
		char word[8];
		int n;

		if (hit)
			n = snprintf(word, sizeof(word), "\\%c", to[hit - from]);
		else
			n = snprintf(word, sizeof(word), c < 32 || c > 126 ? "\\%03o" : "%c", c);
		if (column + n > COLUMNS) {
			fputs("\\\n", stdout);
			column = 0;
		}
		fputs(word, stdout);
		column += n;
	}
	fputs("$\n", stdout);
}

static void print_lines(long from, long to, int how)
{
	for (long i = from; i <= to; i++) {
		const struct line *l = line_at(i);

		check_interrupt();
		if (how & NUMBER)
			printf("%ld\t", i);
		if (how & LIST) {
			list_line(l);
		} else {
			fwrite(l->text, 1, l->n, stdout);
			putchar('\n');
		}
	}
	dot = to;
}

/* ---- commands ---------------------------------------------------------------------------- */

/* The end of the text that s puts in; further lines are typed when it goes on. */
static void read_replacement(char delimiter)
{
	size_t start = (size_t)(at - typed), n = 0;
	char *text;

	for (const char *s = at; *s && *s != '\n' && *s != delimiter; s++) {
		if (*s != '\\' || !s[1])
			continue;
		s++;
		if (*s == '\n' && !s[1] && !in_global) {
			size_t end = (size_t)(s - typed);

			if (!read_typed(strlen(typed)))
				fail("Unexpected end-of-file");
			at = typed + start;
			s = typed + end;
		}
	}
	while (at[n] && at[n] != '\n' && at[n] != delimiter)
		n += at[n] == '\\' && at[n + 1] ? 2 : 1;
	text = need(strndup(at, n));
	at += n;
	if (!strcmp(text, "%")) {
		free(text);
		if (!last_s.text)
			fail("No previous substitution");
		return;
	}
	free(last_s.text);
	last_s.text = text;
}

static void read_s(void)
{
	char delimiter = *at;

	last_s.re = pattern_read();
	pattern_hold(last_s.re);
	if (at[-1] != delimiter)
		fail("Missing pattern delimiter");
	read_replacement(delimiter);
	last_s.nth = 1;
	last_s.all = false;
	if (*at != delimiter) {
		show |= PRINT;
		return;
	}
	for (at++;; at++) {
		if (*at == 'g') {
			last_s.all = true;
		} else if (isdigit((unsigned char)*at)) {
			last_s.nth = number();
			at--;
			if (last_s.nth < 1)
				fail("Invalid command suffix");
		} else {
			break;
		}
	}
}

static void do_s(void)
{
	long from, to, done = 0;

	if (*at != '\n' && *at != '\\' && !isalnum((unsigned char)*at))
		read_s();
	else if (!last_s.re)
		fail("No previous substitution");
	command_end();
	lines_given(dot, dot);
	from = first;
	to = second;
	for (long i = from; i <= to; i++) {
		size_t n, used = 0, part;
		char *text = substitute(&last_s, line_at(i), &n);

		check_interrupt();
		if (!text)
			continue;
		for (;; used += part + 1) {
			const char *end = memchr(text + used, '\n', n - used);

			part = end ? (size_t)(end - text) - used : n - used;
			if (!used) {
				buffer_replace(i, line_new(text, part));
			} else {
				buffer_insert(i++, line_new(text + used, part));
				to++;
			}
			if (!end)
				break;
		}
		free(text);
		dot = done = i;
	}
	if (!done && !in_global)
		fail("No match");
}

static void do_join(void)
{
	struct line *joined;
	size_t n = 0;
	char *text;

	command_end();
	if (!addresses)
		second = (first = dot) + 1;
	lines_given(first, second);
	if (first == second)
		return;
	for (long i = first; i <= second; i++)
		n += line_at(i)->n;
	text = need(malloc(n + 1));
	n = 0;
	for (long i = first; i <= second; i++) {
		memcpy(text + n, line_at(i)->text, line_at(i)->n);
		n += line_at(i)->n;
	}
	joined = line_new(text, n);
	free(text);
	buffer_delete(first, second);
	buffer_insert(first - 1, joined);
	dot = first;
}

/* m and t: where to. */
static void do_carry(bool move)
{
	long to, from, end;

	lines_given(dot, dot);
	from = first;
	end = second;
	if (!address(&to))
		to = dot;
	command_end();
	if (move && to >= from && to < end)
		fail("Invalid destination");
	if (move) {
		buffer_move(from, end, to);
		dot = to < from ? to + end - from + 1 : to;
		return;
	}
	dot = to + end - from + 1;
	for (long i = from, k = to; i <= end; i++) {
		struct line *l = line_at(i > to ? i + (k - to) : i);

		buffer_insert(k++, line_new(l->text, l->n));
	}
}

static void do_command(void);

/* The commands for one line of g. */
static void run_list(const char *list)
{
	for (at = list; *at;) {
		read_addresses();
		do_command();
		if (show)
			print_lines(dot, dot, show);
	}
}

/* The commands of G for the line that is shown; NULL: none. */
static const char *ask_list(char **previous)
{
	print_lines(dot, dot, PRINT);
	if (!read_typed(0))
		fail("Unexpected end-of-file");
	if (!strcmp(typed, "\n"))
		return NULL;
	if (strcmp(typed, "&\n")) {
		free(*previous);
		*previous = need(strdup(typed));
	} else if (!*previous) {
		fail("No previous command");
	}
	return *previous;
}

/* The commands of g: the rest of the line, and those that follow a backslash. */
static char *read_list(void)
{
	size_t offset = (size_t)(at - typed), n = strlen(typed);

	while (n >= 2 && typed[n - 2] == '\\' && read_typed(n))
		n = strlen(typed);
	return need(strdup(typed[offset] == '\n' ? "p\n" : typed + offset));
}

/* g, v, G, V: first which lines, then the commands for those that are still there. */
static void do_global(bool wanted, bool ask)
{
	const char *list = NULL;
	char *previous = NULL;
	struct line **chosen;
	const regex_t *re;
	size_t n = 0;

	if (in_global)
		fail("Cannot nest global commands");
	lines_given(1, last);
	re = pattern_read();
	chosen = need(calloc((size_t)(second - first) + 1, sizeof(struct line *)));
	for (long i = first; i <= second; i++) {
		if (pattern_match(re, line_at(i)) == wanted) {
			chosen[n++] = line_at(i);
			line_at(i)->refs++;
		}
	}
	if (ask)
		command_end();
	else
		list = previous = read_list();
	in_global = true;
	for (size_t i = 0; i < n; i++) {
		long where = line_find(chosen[i]);

		line_drop(chosen[i]);
		check_interrupt();
		if (!where)
			continue;
		dot = where;
		if (ask)
			list = ask_list(&previous);
		if (list)
			run_list(list);
	}
	in_global = false;
	free(chosen);
	free(previous);
	at = "";
	show = 0;
}

static void do_mark(void)
{
	struct line **mark;

	if (!islower((unsigned char)*at))
		fail("Invalid mark character");
	mark = &marks[*at++ - 'a'];
	command_end();
	lines_given(dot, dot);
	line_drop(*mark);
	*mark = line_at(second);
	(*mark)->refs++;
}

/* a, i and c. */
static void do_text(char c)
{
	command_end();
	if (c == 'c') {
		if (addresses && !first)
			first = 1;
		if (addresses && !second)
			second = 1;
		lines_given(dot, dot);
		buffer_delete(first, second);
		second = first - 1;
		dot = first <= last ? first : last;
	} else if (c == 'i' && second) {
		second--;
	}
	take_text(second);
	if (c != 'c' && second && dot < 1)
		dot = second;
}

static void do_delete(void)
{
	command_end();
	lines_given(dot, dot);
	buffer_delete(first, second);
	dot = first <= last ? first : last;
}

static void do_print(char c)
{
	show |= c == 'n' ? NUMBER : c == 'l' ? LIST : PRINT;
	command_end();
	lines_given(dot, dot);
	print_lines(first, second, show);
	show = 0;
}

static void do_quit(bool force)
{
	no_address();
	command_end();
	if (!force)
		warn_changed();
	exit(finish(trouble != NULL));
}

/* f, h, H, P, !, =, u and the empty command. */
static void do_small(char c)
{
	switch (c) {
	case 'f':
		no_address();
		if (!name_given(true))
			fail("Invalid redirection");
		puts(file_name);
		break;
	case 'h':
	case 'H':
		no_address();
		command_end();
		verbose ^= c == 'H';
		if (trouble && (c == 'h' || verbose))
			puts(trouble);
		break;
	case 'P':
		no_address();
		command_end();
		prompting = !prompting;
		break;
	case '!':
		no_address();
		shell_text();
		fflush(stdout);
		if (system(shell_command) == -1)
			fail("Cannot run shell process");
		if (!silent)
			puts("!");
		break;
	case '=':
		command_end();
		printf("%ld\n", addresses ? second : last);
		break;
	case 'u':
		no_address();
		command_end();
		if (in_global)
			fail("Cannot undo in a global command");
		undo();
		break;
	case '#':
		at += strcspn(at, "\n");
		line_end();
		break;
	default:
		if (!addresses)
			second = dot + 1;
		if (second < 1 || second > last)
			fail("Invalid address");
		print_lines(second, second, PRINT);
	}
}

/* The command behind its addresses. */
static void do_command(void)
{
	char c;
	const char *name;

	show = 0;
	if (line_end()) {
		do_small('\n');
		return;
	}
	c = *at++;
	switch (c) {
	case 'a':
	case 'i':
	case 'c':
		do_text(c);
		break;
	case 'd':
		do_delete();
		break;
	case 'e':
	case 'E':
		do_e(c == 'E');
		break;
	case 'g':
	case 'v':
	case 'G':
	case 'V':
		do_global(tolower((unsigned char)c) == 'g', isupper((unsigned char)c));
		break;
	case 'j':
		do_join();
		break;
	case 'k':
		do_mark();
		break;
	case 'l':
	case 'n':
	case 'p':
		do_print(c);
		break;
	case 'm':
	case 't':
		do_carry(c == 'm');
		break;
	case 'q':
	case 'Q':
		do_quit(c == 'Q');
		break;
	case 'r':
		name = name_given(false);
		read_file(name, addresses ? second : last);
		break;
	case 's':
		do_s();
		break;
	case 'w':
	case 'W':
		do_w(c == 'W');
		break;
	default:
		if (!strchr("fhHP!=u#", c))
			fail("Unknown command");
		do_small(c);
	}
}

/* One command line; false at the end of input. */
static bool one_command(void)
{
	bool was_warned;

	check_interrupt();
	if (prompting)
		fputs(prompt, stdout);
	if (!read_typed(0)) {
		warn_changed();
		return false;
	}
	was_warned = warned;
	at = typed;
	undo_begin();
	read_addresses();
	do_command();
	if (show && last)
		print_lines(dot, dot, show);
	if (was_warned)
		warned = false;
	return true;
}

static void options(int argc, char **argv)
{
	static const char *letters = "p:s";
	int opt;

	while ((opt = getopt(argc, argv, letters)) != -1) {
		switch (opt) {
		case 'p':
			prompt = optarg;
			prompting = true;
			break;
		case 's':
			silent = true;
			break;
		default:
			usage(help, 1);
		}
	}
	if (optind < argc && !strcmp(argv[optind], "-")) {
		silent = true;
		optind++;
	}
	if (argc - optind > 1)
		usage(help, 1);
}

int main(int argc, char **argv)
{
	struct stat st;

	help_option(argc, argv, help);
	options(argc, argv);
	catch_signals();
	regular = !fstat(0, &st) && S_ISREG(st.st_mode);
	if (setjmp(loop)) {
		in_global = false;
		puts("?");
		if (verbose && trouble)
			puts(trouble);
		fflush(stdout);
		if (feof(stdin))
			return 2;
		if (regular)
			return finish(1);
	} else if (optind < argc) {
		file_name = need(strdup(argv[optind]));
		if (access(file_name, F_OK)) {
			fprintf(stderr, "%s: %s\n", file_name, strerror(errno));
		} else {
			read_file(file_name, 0);
			changed = false;
		}
	}
	while (one_command())
		continue;
	return finish(trouble != NULL);
}

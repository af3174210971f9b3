/*
 * run.c - the lines of the files, and the script on each.
 */
#include "sed.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static regex_t *last_re;
static struct text pattern, hold, appended;
static bool missing_newline;
static long line_number;
static int exit_status;

/* ---- input ------------------------------------------------------------------------------- */

static char **files;
static FILE *input, *edited;
static const char *input_name;
static char *edited_path;

static FILE *out(void)
{
	return edited ? edited : stdout;
}

static void close_current(void)
{
	if (edited) {
		if (suffix) {
			char *old = need(malloc(strlen(input_name) + strlen(suffix) + 1));

			strcpy(stpcpy(old, input_name), suffix);
			rename(input_name, old);
			free(old);
		}
		if (fclose(edited) || rename(edited_path, input_name))
			err(4, "%s", input_name);
		free(edited_path);
		edited = NULL;
	}
	if (input)
		close_input(input);
	input = NULL;
}

static bool open_next(void)
{
	while (*files) {
		const char *name = *files++;
		struct stat st;

		input = open_input(name);
		if (!input) {
			exit_status = 2;
			continue;
		}
		input_name = name;
		if (!in_place || input == stdin)
			return true;
		edited_path = need(malloc(strlen(name) + 12));
		sprintf(edited_path, "%s.sedXXXXXX", name);
		{
			int fd = mkstemp(edited_path);

			edited = fd < 0 ? NULL : fdopen(fd, "w");
			if (!edited)
				err(4, "couldn't open temporary file %s", edited_path);
			if (!fstat(fileno(input), &st)) {
				fchmod(fd, st.st_mode & 07777);
				if (fchown(fd, st.st_uid, st.st_gid))
					fchmod(fd, st.st_mode & 0777);
			}
		}
		line_number = separate ? 0 : line_number;
		return true;
	}
	return false;
}

/* Whether nothing comes behind the current line. */
static bool at_last(void)
{
	for (;;) {
		int c = input ? getc(input) : EOF;

		if (c != EOF) {
			ungetc(c, input);
			return false;
		}
		if (separate || !*files)
			return true;
		/* the current file stays open while a line of it is worked on */
		close_current();
		if (!open_next())
			return true;
	}
}

static bool next_line(struct text *t)
{
	static char *line;
	static size_t line_room;
	ssize_t n;

	for (;;) {
		if (!input && !open_next())
			return false;
		n = getdelim(&line, &line_room, end, input);
		if (n > 0)
			break;
		close_current();
	}
	missing_newline = line[n - 1] != end;
	if (!missing_newline)
		n--;
	put(t, line, (size_t)n);
	line_number++;
	return true;
}

/* ---- running ----------------------------------------------------------------------------- */

static void print(const char *s, size_t n, FILE *f)
{
	fwrite(s, 1, n, f);
	if (!missing_newline || !at_last())
		putc(end, f);
}

static void flush_appended(void)
{
	if (appended.n) {
		if (missing_newline && !at_last())
			putc(end, out());
		fwrite(appended.s, 1, appended.n, out());
	}
	appended.n = 0;
}

/* In the n bytes at s, of which some may be NUL. */
static bool match(regex_t *re, const char *s, size_t n, regmatch_t *m, int flags)
{
	if (!re)
		re = last_re;
	if (!re)
		bad("no previous regular expression");
	last_re = re;
	m[0] = (regmatch_t){ 0, (regoff_t)n };
	return !regexec(re, s, 10, m, flags | REG_STARTEND);
}

static bool matches(const struct address *a)
{
	regmatch_t m[10];

	switch (a->kind) {
	case A_LINE:
		return line_number == a->n;
	case A_LAST:
		return at_last();
	case A_RE:
		return match(a->re, pattern.s, pattern.n, m, 0);
	case A_STEP:
		return a->step > 0 ? line_number >= a->n && (line_number - a->n) % a->step == 0 :
				     line_number == a->n;
	default:
		return false;
	}
}

static bool selected(struct command *c)
{
	if (c->from.kind == A_NONE)
		return true;
	if (c->to.kind == A_NONE)
		return matches(&c->from);
	if (!c->in_range) {
		/* 0,/RE/ may end on the first line */
		bool zero = c->from.kind == A_LINE && !c->from.n && line_number == 1;

		if (!zero && !matches(&c->from))
			return false;
		c->in_range = true;
		if (c->to.kind == A_LINE)
			c->range_end = c->to.n;
		else if (c->to.kind == A_PLUS)
			c->range_end = line_number + c->to.n;
		else if (c->to.kind == A_MULTIPLE)
			c->range_end = c->to.n > 0 ?
					       (line_number + c->to.n - 1) / c->to.n * c->to.n :
					       line_number;
		if (c->to.kind != A_RE && c->to.kind != A_LAST)
			c->in_range = c->range_end > line_number;
		else if (zero && matches(&c->to))
			c->in_range = false;
		else if (c->to.kind == A_LAST && at_last())
			c->in_range = false;
		return true;
	}
	if (c->to.kind == A_RE || c->to.kind == A_LAST) {
		c->in_range = !matches(&c->to);
		return true;
	}
	if (line_number >= c->range_end)
		c->in_range = false;
	return line_number <= c->range_end;
}

/* \U \L \u \l \E, which hold for what is put behind. */
struct cases {
	char all, one;
};

static void put_cased(struct text *t, const char *s, size_t n, struct cases *k)
{
	for (size_t i = 0; i < n; i++) {
		char how = k->one ? k->one : k->all, c = s[i];

		k->one = 0;
		if (how == 'u' || how == 'U')
			c = (char)toupper((unsigned char)c);
		else if (how == 'l' || how == 'L')
			c = (char)tolower((unsigned char)c);
		put(t, &c, 1);
	}
}

static void put_replacement(struct text *t, const char *r, const char *s, const regmatch_t *m)
{
	struct cases k = { 0 };

	for (; *r; r++) {
		int group = -1;
		char c;

		if (*r == '&') {
			group = 0;
		} else if (*r == '\\' && r[1]) {
			r++;
			if (isdigit((unsigned char)*r)) {
				group = *r - '0';
			} else if (strchr("ULE", *r)) {
				k.all = *r == 'E' ? 0 : *r;
				continue;
			} else if (*r == 'u' || *r == 'l') {
				k.one = *r;
				continue;
			} else {
				c = *r == 'n' ? '\n' : *r == 't' ? '\t' : *r;
				put_cased(t, &c, 1, &k);
				continue;
			}
		}
		if (group < 0)
			put_cased(t, r, 1, &k);
		else if (m[group].rm_so >= 0)
			put_cased(t, s + m[group].rm_so, (size_t)(m[group].rm_eo - m[group].rm_so),
				  &k);
	}
}

static bool substitute(struct command *c)
{
	static struct text result;
	const char *s = pattern.s, *last = s + pattern.n;
	regmatch_t m[10];
	int n = 0, flags = 0;
	bool done = false, after_match = false;
	struct text t;

	result.n = 0;
	put(&result, "", 0);
	while (match(c->re, s, (size_t)(last - s), m, flags)) {
		bool empty = m[0].rm_so == m[0].rm_eo;

		/* an empty match right behind another is none */
		if (!(empty && after_match && !m[0].rm_so))
			n++;
		else
			goto copy;
		put(&result, s, (size_t)m[0].rm_so);
		if (n >= c->nth && (c->global || n == c->nth)) {
			put_replacement(&result, c->text, s, m);
			done = true;
		} else {
			put(&result, s + m[0].rm_so, (size_t)(m[0].rm_eo - m[0].rm_so));
		}
		s += m[0].rm_eo;
		after_match = true;
		flags = REG_NOTBOL;
		if (done && !c->global)
			break;
		if (!empty) {
			if (s == last)
				break;
			continue;
		}
copy:
		if (s == last)
			break;
		put(&result, s++, 1);
		after_match = false;
		flags = REG_NOTBOL;
	}
	if (!done)
		return false;
	put(&result, s, (size_t)(last - s));
	t = pattern;
	pattern = result;
	result = t;
	return true;
}

static void list(int width)
{
	static const char codes[] = "\\\a\b\f\r\t\v", letters[] = "\\abfrtv";
	int column = 0;

	for (size_t i = 0; i < pattern.n; i++) {
		char c = pattern.s[i], text[8];
		const char *found = c ? strchr(codes, c) : NULL;

		if (c == '\n')
			strcpy(text, "\\n");
		else if (found)
			snprintf(text, sizeof(text), "\\%c", letters[found - codes]);
		else if (!isprint((unsigned char)c))
			snprintf(text, sizeof(text), "\\%03o", (unsigned char)c);
		else
			snprintf(text, sizeof(text), "%c", c);
		if (width > 1 && column + (int)strlen(text) > width - 1) {
			fputs("\\\n", out());
			column = 0;
		}
		fputs(text, out());
		column += (int)strlen(text);
	}
	fputs("$\n", out());
}

static void append_file(const char *path)
{
	FILE *f = strcmp(path, "/dev/stdin") ? fopen(path, "re") : stdin;
	char buf[4096];
	size_t n;

	if (!f)
		return;
	while ((n = fread(buf, 1, sizeof(buf), f)))
		put(&appended, buf, n);
	if (f != stdin)
		fclose(f);
}

/* The script on the pattern space. 0: the cycle ends as usual; 'd' without printing; 'D' begin anew; q, Q. */
static int cycle(void)
{
	bool changed = false;

	for (size_t i = 0; i < count; i++) {
		struct command *c = &script[i];

		if (c->name == '}' || c->name == ':')
			continue;
		if (selected(c) == c->negated) {
			if (c->name == '{')
				i = (size_t)(c->target - script);
			continue;
		}
		switch (c->name) {
		case '=':
			fprintf(out(), "%ld\n", line_number);
			break;
		case 'a':
			put(&appended, c->text, strlen(c->text));
			break;
		case 'i':
			fputs(c->text, out());
			break;
		case 'c':
			if (c->to.kind == A_NONE || c->negated || !c->in_range)
				fputs(c->text, out());
			return 'd';
		case 'b':
			if (!c->target)
				return 0;
			i = (size_t)(c->target - script);
			break;
		case 't':
		case 'T':
			if (changed == (c->name == 't')) {
				changed = false;
				if (!c->target)
					return 0;
				i = (size_t)(c->target - script);
			}
			changed = false;
			break;
		case 'd':
			return 'd';
		case 'D': {
			char *newline = memchr(pattern.s, '\n', pattern.n);

			if (!newline)
				return 'd';
			pattern.n -= (size_t)(newline + 1 - pattern.s);
			memmove(pattern.s, newline + 1, pattern.n + 1);
			return 'D';
		}
		case 'g':
			set(&pattern, hold.s, hold.n);
			break;
		case 'G':
			put(&pattern, "\n", 1);
			put(&pattern, hold.s, hold.n);
			break;
		case 'h':
			set(&hold, pattern.s, pattern.n);
			break;
		case 'H':
			put(&hold, "\n", 1);
			put(&hold, pattern.s, pattern.n);
			break;
		case 'x': {
			struct text t = pattern;

			pattern = hold;
			hold = t;
			break;
		}
		case 'l':
			list(c->nth ? c->nth : 70);
			break;
		case 'n':
			if (at_last())
				return 'q';
			if (!quiet)
				print(pattern.s, pattern.n, out());
			flush_appended();
			pattern.n = 0;
			next_line(&pattern);
			break;
		case 'N':
			/* without a next line GNU prints what there is */
			if (at_last())
				return 'q';
			flush_appended();
			put(&pattern, "\n", 1);
			next_line(&pattern);
			break;
		case 'p':
			print(pattern.s, pattern.n, out());
			break;
		case 'P': {
			char *newline = memchr(pattern.s, '\n', pattern.n);

			fwrite(pattern.s, 1, newline ? (size_t)(newline - pattern.s) : pattern.n,
			       out());
			putc('\n', out());
			break;
		}
		case 'q':
		case 'Q':
			exit_status = c->nth;
			return c->name;
		case 'r':
			append_file(c->text);
			break;
		case 's':
			if (!substitute(c))
				break;
			changed = true;
			if (c->print)
				print(pattern.s, pattern.n, out());
			if (c->out)
				print(pattern.s, pattern.n, c->out->f);
			break;
		case 'w':
			print(pattern.s, pattern.n, c->out->f);
			fflush(c->out->f);
			break;
		case 'y':
			for (size_t k = 0; k < pattern.n; k++)
				pattern.s[k] = (char)c->map[(unsigned char)pattern.s[k]];
			break;
		default:
			break;
		}
	}
	return 0;
}

int run(char **named)
{
	bool again = false;

	files = named;
	put(&hold, "", 0);
	put(&appended, "", 0);
	for (;;) {
		int how;

		if (!again) {
			pattern.n = 0;
			if (!next_line(&pattern))
				break;
		}
		how = cycle();
		again = how == 'D';
		if (!quiet && how != 'd' && how != 'D' && how != 'Q')
			print(pattern.s, pattern.n, out());
		if (how != 'Q')
			flush_appended();
		if (how == 'q' || how == 'Q') {
			/* the rest of a file that is edited stays as it is */
			if (edited) {
				int c;

				while ((c = getc(input)) != EOF)
					putc(c, edited);
			}
			break;
		}
	}
	close_current();
	return exit_status;
}

/*
 * grep - lines that match a pattern (XCU grep).
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: grep [-EFGivwxclLqsnbHhorRzZa] [-m COUNT] [-A|-B|-C LINES] [-e PATTERN | -f FILE]... [PATTERN] [FILE...]\n"
	"Print the lines that have the pattern in them. The status is 1 if there are none, 2 after an error.\n"
	"  -E, -F      extended expressions; plain texts\n"
	"  -i -v -w -x  any case; lines without it; whole words; whole lines\n"
	"  -c -l -L -q  only count; names of files with it, without it; nothing\n"
	"  -n -b -H -h  with line number, offset; with or without the file's name\n"
	"  -o          only what matches\n"
	"  -m COUNT    stop after so many;  -A -B -C  that many lines behind, before, around\n"
	"  -r          folders and all in them (--include=GLOB, --exclude=GLOB, --exclude-dir=GLOB)\n"
	"  -z, -Z      lines end with NUL; names do;  -a  all files are text\n"
	"  -s          no messages about files;  --color[=always]  show what matches\n";
static const char long_names[] =
	"color=\1:: colour=\1:: include=\2: exclude=\3: exclude-dir=\4: extended-regexp=E "
	"fixed-strings=F basic-regexp=G ignore-case=i invert-match=v quiet=q silent=q count=c "
	"line-number=n recursive=r dereference-recursive=R only-matching=o text=a regexp=e "
	"file=f word-regexp=w line-regexp=x files-with-matches=l files-without-match=L "
	"max-count=m byte-offset=b with-filename=H no-filename=h no-messages=s "
	"after-context=A before-context=B context=C null=Z null-data=z line-buffered=\5 binary=U";

static struct pattern {
	const char *text;
	regex_t re;
} * patterns;
static size_t count;
static bool extended, fixed, fold, invert, words, whole, only_count, names, names_without, quiet,
	silent, numbers, offsets, only_match, recursive, color, text_only;
static int with_name = -1;
static long most = -1, after, before_lines;
static char end = '\n';
static char name_end = ':'; /* -Z: NUL */
static struct globs include, exclude, exclude_dir;
static bool shown; /* lines, of some file */
static int status = 1;

static void add(const char *text)
{
	/* each line is a pattern */
	for (;;) {
		size_t n = strcspn(text, "\n");

		patterns = need(realloc(patterns, (count + 1) * sizeof(*patterns)));
		patterns[count++].text = need(strndup(text, n));
		if (!text[n])
			return;
		text += n + 1;
	}
}

static void add_file(const char *path)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t n;
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!f)
		err(2, "%s", path);
	while ((n = getline(&line, &room, f)) > 0) {
		if (line[n - 1] == '\n')
			line[n - 1] = 0;
		add(line);
	}
	free(line);
	if (f != stdin)
		fclose(f);
}

static void compile(void)
{
	for (size_t i = 0; i < count; i++) {
		int bad;

		if (fixed)
			continue;
		bad = regcomp(&patterns[i].re, patterns[i].text,
			      (extended ? REG_EXTENDED : 0) | (fold ? REG_ICASE : 0));
		if (bad) {
			char why[100];

			regerror(bad, &patterns[i].re, why, sizeof(why));
			errx(2, "%s", why);
		}
	}
}

static const char *find_text(const char *line, const char *text)
{
	if (!fold)
		return strstr(line, text);
	for (;; line++) {
		size_t i = 0;

		while (text[i] &&
		       tolower((unsigned char)line[i]) == tolower((unsigned char)text[i]))
			i++;
		if (!text[i])
			return line;
		if (!*line)
			return NULL;
	}
}

static bool wordy(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

/* One pattern's match at or behind `from`. */
static bool match_one(const struct pattern *p, const char *line, size_t from, size_t *start,
		      size_t *stop)
{
	size_t n = strlen(line);

	while (from <= n) {
		if (fixed) {
			const char *hit = find_text(line + from, p->text);

			if (!hit)
				return false;
			*start = (size_t)(hit - line);
			*stop = *start + strlen(p->text);
		} else {
			regmatch_t m;

			if (regexec(&p->re, line + from, 1, &m, from ? REG_NOTBOL : 0))
				return false;
			*start = from + (size_t)m.rm_so;
			*stop = from + (size_t)m.rm_eo;
		}
		if (whole) {
			if (!*start && *stop == n)
				return true;
		} else if (!words) {
			return true;
		}
		/* a shorter match at the same place may do */
		for (size_t e = *stop; words && e > *start; e--) {
			char *piece;
			bool good = (!*start || !wordy(line[*start - 1])) && !wordy(line[e]);

			if (!good)
				continue;
			if (e == *stop)
				return true;
			if (fixed)
				break;
			piece = need(strndup(line + *start, e - *start));
			{
				regmatch_t m;

				good = !regexec(&p->re, piece, 1, &m, *start ? REG_NOTBOL : 0) &&
				       !m.rm_so && (size_t)m.rm_eo == e - *start;
			}
			free(piece);
			if (good) {
				*stop = e;
				return true;
			}
		}
		if (words && *start == *stop && (!*start || !wordy(line[*start - 1])) &&
		    !wordy(line[*stop]))
			return true;
		if (whole && !fixed) {
			/* leftmost is not whole: anchored once more */
			return false;
		}
		from = *start + 1;
	}
	return false;
}

/* The leftmost, and of those the longest. */
static bool match(const char *line, size_t from, size_t *start, size_t *stop)
{
	bool any = false;

	for (size_t i = 0; i < count; i++) {
		size_t a, b;

		if (!match_one(&patterns[i], line, from, &a, &b))
			continue;
		if (!any || a < *start || (a == *start && b > *stop)) {
			*start = a;
			*stop = b;
		}
		any = true;
		if (!only_match && !color)
			return true;
	}
	return any;
}

static void prefix(const char *name, long line, unsigned long long at, char mark)
{
	const char *on = color ? "\033[36m\033[K" : "", *off = color ? "\033[m\033[K" : "";

	if (with_name > 0 && !name_end)
		printf("%s%s%s%c", color ? "\033[35m\033[K" : "", name, off, 0);
	else if (with_name > 0)
		printf("%s%s%s%s%c%s", color ? "\033[35m\033[K" : "", name, off, on, mark, off);
	if (numbers)
		printf("%s%ld%s%s%c%s", color ? "\033[32m\033[K" : "", line, off, on, mark, off);
	if (offsets)
		printf("%llu%c", at, mark);
}

static void show(const char *name, long line, unsigned long long at, const char *text, size_t n,
		 bool matched)
{
	size_t from = 0, a, b;

	if (only_match) {
		while (matched && !invert && from <= n && match(text, from, &a, &b)) {
			if (b > a) {
				prefix(name, line, at + a, ':');
				printf("%s%.*s%s%c", color ? "\033[01;31m\033[K" : "", (int)(b - a),
				       text + a, color ? "\033[m\033[K" : "", end);
			}
			from = b > a ? b : b + 1;
		}
		return;
	}
	prefix(name, line, at, matched ? ':' : '-');
	while (color && matched && !invert && from <= n && match(text, from, &a, &b)) {
		fwrite(text + from, 1, a - from, stdout);
		if (b == a) {
			if (a < n)
				putchar(text[a]);
			from = a + 1;
			continue;
		}
		printf("\033[01;31m\033[K%.*s\033[m\033[K", (int)(b - a), text + a);
		from = b;
	}
	if (from < n)
		fwrite(text + from, 1, n - from, stdout);
	putchar(end);
}

struct kept {
	char *text;
	size_t n;
	unsigned long long at;
};

static void search(FILE *f, const char *name)
{
	struct kept *kept = before_lines ? need(calloc((size_t)before_lines, sizeof(*kept))) : NULL;
	long line = 0, found = 0, behind = 0, held = 0, last_shown = 0;
	unsigned long long at = 0;
	char *text = NULL;
	size_t room = 0, a, b;
	bool binary = false;
	ssize_t n;

	while (most != 0 && (n = getdelim(&text, &room, end, f)) > 0) {
		unsigned long long here = at;
		size_t len = (size_t)n;
		bool hit;

		at += len;
		line++;
		if (text[len - 1] == end)
			text[--len] = 0;
		if (end && !text_only && memchr(text, 0, len))
			binary = true;
		hit = match(text, 0, &a, &b) != invert;
		if (hit) {
			found++;
			if (status == 1)
				status = 0;
			if (quiet)
				exit(0);
			if (names || names_without)
				break;
		}
		if (!only_count && hit && binary) {
			fflush(stdout);
			warnx("%s: binary file matches", name);
			break;
		}
		if (only_count) {
			;
		} else if (hit) {
			if ((after || before_lines) &&
			    (last_shown ? last_shown < line - held - 1 : shown))
				puts("--");
			shown = true;
			for (long i = 0; i < held; i++) {
				show(name, line - held + i, kept[i].at, kept[i].text, kept[i].n,
				     false);
				free(kept[i].text);
			}
			held = 0;
			show(name, line, here, text, len, true);
			last_shown = line;
			behind = after;
		} else if (behind > 0) {
			show(name, line, here, text, len, false);
			last_shown = line;
			behind--;
		} else if (before_lines) {
			if (held == before_lines) {
				free(kept[0].text);
				memmove(kept, kept + 1, (size_t)(held - 1) * sizeof(*kept));
				held--;
			}
			kept[held].text = need(strdup(text));
			kept[held].n = len;
			kept[held++].at = here;
		}
		if (most > 0 && found >= most) {
			/* what belongs behind the last one */
			while (behind-- > 0 && (n = getdelim(&text, &room, end, f)) > 0) {
				len = (size_t)n - (text[n - 1] == end);
				text[len] = 0;
				if (match(text, 0, &a, &b) != invert)
					break;
				show(name, ++line, at, text, len, false);
				at += (size_t)n;
			}
			break;
		}
	}
	if (only_count) {
		if (with_name > 0)
			printf("%s%c", name, name_end);
		printf("%ld\n", found);
	}
	if (names ? found > 0 : names_without && !found)
		printf("%s%c", name, name_end ? '\n' : 0);
	if (names_without)
		status = found ? status : 0;
	for (long i = 0; i < held; i++)
		free(kept[i].text);
	free(kept);
	free(text);
}

static void file(const char *path)
{
	FILE *f = strcmp(path, "-") ? fopen(path, "re") : stdin;

	if (!f) {
		if (!silent)
			warn("%s", path);
		status = 2;
		return;
	}
	search(f, f == stdin ? "(standard input)" : path);
	close_input(f);
}

static void visit(struct walk *w, enum walk_event event)
{
	if (event == WALK_ERROR) {
		if (!silent)
			warn("%s", w->path);
		status = 2;
	}
	if (event == WALK_FOLDER && w->depth && globs_match(&exclude_dir, w->name, 0))
		w->skip = true;
	if (event != WALK_FILE || (!S_ISREG(w->st.st_mode) && w->depth))
		return;
	if (w->depth && ((include.n && !globs_match(&include, w->name, 0)) ||
			 globs_match(&exclude, w->name, 0)))
		return;
	file(!strncmp(w->path, "./", 2) && w->arg ? w->path + 2 : w->path);
}

int main(int argc, char **argv)
{
	bool from_file = false;
	int opt;
	const char *name = base_name(argv[0]);

	help_option(argc, argv, help);
	extended = !strcmp(name, "egrep");
	fixed = !strcmp(name, "fgrep");
	while ((opt = option(argc, argv, "EFGiyvwxclLqsnbHhorRzZaIUm:A:B:C:e:f:0123456789",
			     long_names)) != -1) {
		switch (opt) {
		case 'E':
			extended = true;
			break;
		case 'F':
			fixed = true;
			break;
		case 'G':
			extended = fixed = false;
			break;
		case 'i':
		case 'y':
			fold = true;
			break;
		case 'v':
			invert = true;
			break;
		case 'w':
			words = true;
			break;
		case 'x':
			whole = true;
			break;
		case 'c':
			only_count = true;
			break;
		case 'l':
			names = true;
			break;
		case 'L':
			names_without = true;
			break;
		case 'q':
			quiet = true;
			break;
		case 's':
			silent = true;
			break;
		case 'n':
			numbers = true;
			break;
		case 'b':
			offsets = true;
			break;
		case 'H':
		case 'h':
			with_name = opt == 'H';
			break;
		case 'o':
			only_match = true;
			break;
		case 'r':
		case 'R':
			recursive = true;
			break;
		case 'z':
			end = 0;
			break;
		case 'a':
			text_only = true;
			break;
		case 'Z':
			name_end = 0;
			break;
		case 'I':
		case 'U':
		case 5:
			break;
		case 4:
			globs_add(&exclude_dir, optarg);
			break;
		case 'm':
			most = (long)number_arg(optarg, 0, 1l << 40, false);
			break;
		case 'A':
			after = (long)number_arg(optarg, 0, 1 << 20, false);
			break;
		case 'B':
			before_lines = (long)number_arg(optarg, 0, 1 << 20, false);
			break;
		case 'C':
			after = before_lines = (long)number_arg(optarg, 0, 1 << 20, false);
			break;
		case 'e':
			add(optarg);
			break;
		case 'f':
			add_file(optarg);
			from_file = true; /* maybe of no pattern: then no line matches */
			break;
		case 1:
			color = !optarg || strcmp(optarg, "never");
			if (color && (!optarg || strcmp(optarg, "always")) && !isatty(1))
				color = false;
			break;
		case 2:
			globs_add(&include, optarg);
			break;
		case 3:
			globs_add(&exclude, optarg);
			break;
		default:
			if (opt >= '0' && opt <= '9') {
				after = before_lines = after * 10 + opt - '0';
				break;
			}
			usage(help, 2);
		}
	}
	if (!patterns && !from_file) {
		if (optind == argc)
			usage(help, 2);
		add(argv[optind++]);
	}
	/* whole lines: the expression itself says so, else the leftmost match hides a longer one */
	if (whole && !fixed) {
		for (size_t i = 0; i < count; i++) {
			char *s = need(malloc(strlen(patterns[i].text) + 12));

			sprintf(s, extended ? "^(%s)$" : "^\\(%s\\)$", patterns[i].text);
			patterns[i].text = s;
		}
	}
	compile();
	if (with_name < 0)
		with_name = argc - optind > 1 || recursive;
	if (optind == argc) {
		if (recursive)
			walk(".", WALK_FOLLOW_FIRST, visit, need(strdup("")));
		else
			file("-");
	}
	for (int i = optind; i < argc; i++) {
		struct stat st;

		if (recursive) {
			walk(argv[i], WALK_FOLLOW_FIRST, visit, NULL);
		} else if (!stat(argv[i], &st) && S_ISDIR(st.st_mode)) {
			if (!silent)
				fprintf(stderr, "grep: %s: Is a directory\n", argv[i]);
		} else {
			file(argv[i]);
		}
	}
	return finish(status);
}

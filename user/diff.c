/*
 * diff - what is different between two files or trees (XCU diff).
 */
#include "common/common.h"
#include "common/diffs.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: diff [-u | -U LINES | -e] [-r] [-N] [-q] [-s] [-b] [-w] [-i] [-B] [-a] [-L LABEL] FILE FILE\n"
	"Print how the second file differs from the first; the status is 1 then, 2 for trouble.\n"
	"  -u, -U  with lines around (3);  -e  as a script for ed\n"
	"  -r      folders below, too;  -N  files that are not there are empty\n"
	"  -q, -s  only whether they differ; also when they do not\n"
	"  -b, -w, -i  no matter how many blanks, any blanks, the case\n";

struct text {
	char **line;
	int *id;
	bool *changed;
	int n;
	bool open_end; /* no newline behind the last */
	char *data;
	const char *name;
};

static int context = -1;
static bool script, below, absent, brief, same_too, blanks, no_blanks, fold, as_text;
static const char *labels[2];
static int label_count;
static const char *options = "";

/* ---- lines as numbers --------------------------------------------------------------------- */

static struct known {
	unsigned int hash;
	char *key;
	int next;
} * known;
static int known_count, table[65536];

static char *key_of(const char *s)
{
	char *out = need(malloc(strlen(s) + 1)), *p = out;

	for (; *s; s++) {
		if (isspace((unsigned char)*s) && (blanks || no_blanks)) {
			while (isspace((unsigned char)s[1]))
				s++;
			if (!no_blanks && s[1])
				*p++ = ' ';
			continue;
		}
		*p++ = fold ? (char)tolower((unsigned char)*s) : *s;
	}
	*p = 0;
	return out;
}

static int number_of(const char *s, bool open_end)
{
	char *key = key_of(s);
	unsigned int h = 5381 + open_end;
	int i;

	for (const char *p = key; *p; p++)
		h = h * 33 + (unsigned char)*p;
	for (i = table[h & 65535]; i; i = known[i].next) {
		if (known[i].hash == h && !strcmp(known[i].key, key)) {
			free(key);
			return i;
		}
	}
	if (!(known_count & (known_count - 1)) || !known_count)
		known = need(realloc(known, (size_t)(known_count * 2 + 2) * sizeof(*known)));
	i = ++known_count;
	known = need(realloc(known, (size_t)(known_count + 1) * sizeof(*known)));
	known[i] = (struct known){ h, key, table[h & 65535] };
	table[h & 65535] = i;
	return i;
}

static void forget(void)
{
	for (int i = 1; i <= known_count; i++)
		free(known[i].key);
	free(known);
	known = NULL;
	known_count = 0;
	memset(table, 0, sizeof(table));
}

static size_t read_all(const char *name, char **data)
{
	FILE *f = strcmp(name, "-") ? fopen(name, "re") : stdin;
	size_t n = 0, room = 0, got;

	*data = NULL;
	if (!f && absent && errno == ENOENT) {
		*data = need(calloc(1, 1));
		return 0;
	}
	if (!f)
		err(2, "%s", name);
	do {
		if (n + 1 >= room)
			*data = need(realloc(*data, room = room * 2 + 65536));
		got = fread(*data + n, 1, room - n - 1, f);
		n += got;
	} while (got);
	(*data)[n] = 0;
	if (f != stdin)
		fclose(f);
	return n;
}

static void split(struct text *t, size_t size)
{
	char *s = t->data, *end = t->data + size;
	int room = 0;

	while (s < end) {
		char *newline = memchr(s, '\n', (size_t)(end - s));

		if (t->n == room) {
			room = room * 2 + 64;
			t->line = need(realloc(t->line, (size_t)room * sizeof(*t->line)));
			t->id = need(realloc(t->id, (size_t)room * sizeof(*t->id)));
		}
		if (newline)
			*newline = 0;
		else
			t->open_end = true;
		t->line[t->n] = s;
		t->id[t->n++] = number_of(s, !newline);
		s = newline ? newline + 1 : end;
	}
	t->changed = need(calloc((size_t)t->n + 1, sizeof(*t->changed)));
}

/* ---- output ------------------------------------------------------------------------------ */

static void put(const struct text *t, int i, const char *mark)
{
	printf("%s%s\n", mark, t->line[i]);
	if (i == t->n - 1 && t->open_end)
		puts("\\ No newline at end of file");
}

/* The next change at or behind i, j: [i, *ie) of a and [j, *je) of b; false when there is none. */
static bool next_change(const struct text *a, const struct text *b, int *i, int *j, int *ie,
			int *je)
{
	while (*i < a->n && *j < b->n && !a->changed[*i] && !b->changed[*j]) {
		++*i;
		++*j;
	}
	*ie = *i;
	*je = *j;
	while (*ie < a->n && a->changed[*ie])
		++*ie;
	while (*je < b->n && b->changed[*je])
		++*je;
	return *ie > *i || *je > *j;
}

static void range(int from, int to)
{
	if (to - from > 1)
		printf("%d,%d", from + 1, to);
	else
		printf("%d", to - from ? to : from);
}

static void normal(const struct text *a, const struct text *b)
{
	for (int i = 0, j = 0, ie, je; next_change(a, b, &i, &j, &ie, &je); i = ie, j = je) {
		range(i, ie);
		putchar(ie == i ? 'a' : je == j ? 'd' : 'c');
		range(j, je);
		putchar('\n');
		for (int k = i; k < ie; k++)
			put(a, k, "< ");
		if (ie > i && je > j)
			puts("---");
		for (int k = j; k < je; k++)
			put(b, k, "> ");
	}
}

/* From the end on, so that numbers before stay right. */
static void ed_script(const struct text *a, const struct text *b)
{
	int(*all)[4] = NULL, n = 0;

	for (int i = 0, j = 0, ie, je; next_change(a, b, &i, &j, &ie, &je); i = ie, j = je) {
		all = need(realloc(all, (size_t)(n + 1) * sizeof(*all)));
		memcpy(all[n++], (int[4]){ i, ie, j, je }, sizeof(*all));
	}
	while (n--) {
		int i = all[n][0], ie = all[n][1], j = all[n][2], je = all[n][3];

		range(i, ie);
		puts(ie == i ? "a" : je == j ? "d" : "c");
		for (int k = j; k < je; k++)
			puts(b->line[k]);
		if (je > j)
			puts(".");
	}
	free(all);
}

static void put_label(const char *mark, const char *name, const char *label)
{
	char when[64];
	struct stat st;
	struct tm tm;

	if (label) {
		printf("%s %s\n", mark, label);
		return;
	}
	if (strcmp(name, "-") ? stat(name, &st) : fstat(0, &st)) {
		st.st_mtim.tv_sec = 0;
		st.st_mtim.tv_nsec = 0;
	}
	localtime_r(&st.st_mtim.tv_sec, &tm);
	strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s %s\t%s.%09ld ", mark, name, when, st.st_mtim.tv_nsec);
	strftime(when, sizeof(when), "%z", &tm);
	puts(when);
}

static void unified_range(char mark, int from, int n)
{
	if (n == 1)
		printf("%c%d", mark, from + 1);
	else
		printf("%c%d,%d", mark, n ? from + 1 : from, n);
}

static void unified(const struct text *a, const struct text *b)
{
	int i = 0, j = 0, ie, je;
	bool more = next_change(a, b, &i, &j, &ie, &je);

	put_label("---", a->name, labels[0]);
	put_label("+++", b->name, labels[1]);
	while (more) {
		int afrom = i > context ? i - context : 0, bfrom = j - (i - afrom), ato, bto, x = i,
		    y = j;
		int lasti = ie, lastj = je;

		/* changes with no more than twice the lines around between them go together */
		for (;;) {
			i = ie;
			j = je;
			more = next_change(a, b, &i, &j, &ie, &je);
			if (!more || i - lasti > 2 * context)
				break;
			lasti = ie;
			lastj = je;
		}
		ato = lasti + context < a->n ? lasti + context : a->n;
		bto = lastj + (ato - lasti);
		fputs("@@ ", stdout);
		unified_range('-', afrom, ato - afrom);
		putchar(' ');
		unified_range('+', bfrom, bto - bfrom);
		puts(" @@");
		x = afrom;
		y = bfrom;
		while (x < ato || y < bto) {
			if (x < ato && a->changed[x])
				put(a, x++, "-");
			else if (y < bto && b->changed[y])
				put(b, y++, "+");
			else {
				put(a, x++, " ");
				y++;
			}
		}
	}
}

/* ---- files and folders -------------------------------------------------------------------- */

static int files(const char *x, const char *y, bool title)
{
	struct text a = { .name = x }, b = { .name = y };
	size_t n = read_all(x, &a.data), m = read_all(y, &b.data);
	bool equal = n == m && !memcmp(a.data, b.data, n), any = false;

	if (!equal && !as_text &&
	    (memchr(a.data, 0, n < 4096 ? n : 4096) || memchr(b.data, 0, m < 4096 ? m : 4096))) {
		printf("Binary files %s and %s differ\n", x, y);
		free(a.data);
		free(b.data);
		return 1;
	}
	if (!equal) {
		split(&a, n);
		split(&b, m);
		diff_lines(a.id, a.n, b.id, b.n, a.changed, b.changed);
		for (int i = 0; i < a.n; i++)
			any |= a.changed[i];
		for (int i = 0; i < b.n; i++)
			any |= b.changed[i];
	}
	if (!any) {
		if (same_too)
			printf("Files %s and %s are identical\n", x, y);
	} else if (brief) {
		printf("Files %s and %s differ\n", x, y);
	} else {
		if (title)
			printf("diff%s %s %s\n", options, x, y);
		if (script)
			ed_script(&a, &b);
		else if (context >= 0)
			unified(&a, &b);
		else
			normal(&a, &b);
	}
	forget();
	free(a.line);
	free(b.line);
	free(a.id);
	free(b.id);
	free(a.changed);
	free(b.changed);
	free(a.data);
	free(b.data);
	return any;
}

static int plain(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static int folders(const char *x, const char *y)
{
	struct dirent **a, **b;
	int n = scandir(x, &a, plain, alphasort), m = scandir(y, &b, plain, alphasort), status = 0,
	    i = 0, j = 0;

	if (n < 0 || m < 0) {
		warn("%s", n < 0 ? x : y);
		return 2;
	}
	while (i < n || j < m) {
		int c = i == n ? 1 : j == m ? -1 : strcoll(a[i]->d_name, b[j]->d_name), one = 0;
		const char *name = c <= 0 ? a[i]->d_name : b[j]->d_name;
		char *p = path_join(x, name), *q = path_join(y, name);
		struct stat s, t;

		if (c && !absent) {
			printf("Only in %s: %s\n", c < 0 ? x : y, name);
			one = 1;
		} else {
			memset(&s, 0, sizeof(s));
			memset(&t, 0, sizeof(t));
			if (stat(p, &s))
				s.st_mode = 0;
			if (stat(q, &t))
				t.st_mode = 0;
			if (S_ISDIR(s.st_mode) && S_ISDIR(t.st_mode)) {
				if (below)
					one = folders(p, q);
				else
					printf("Common subdirectories: %s and %s\n", p, q);
			} else if (S_ISDIR(s.st_mode) || S_ISDIR(t.st_mode)) {
				printf("File %s is a %s while file %s is a %s\n", p,
				       S_ISDIR(s.st_mode) ? "directory" : "regular file", q,
				       S_ISDIR(t.st_mode) ? "directory" : "regular file");
				one = 1;
			} else {
				one = files(p, q, true);
			}
		}
		status = one > status ? one : status;
		free(p);
		free(q);
		if (c <= 0)
			free(a[i++]);
		if (c >= 0)
			free(b[j++]);
	}
	free(a);
	free(b);
	return status;
}

int main(int argc, char **argv)
{
	static const struct option longs[] = { { "unified", optional_argument, NULL, 1 },
					       { "brief", no_argument, NULL, 'q' },
					       { "recursive", no_argument, NULL, 'r' },
					       { "label", required_argument, NULL, 'L' },
					       { "new-file", no_argument, NULL, 'N' },
					       { "ignore-all-space", no_argument, NULL, 'w' },
					       { NULL, 0, NULL, 0 } };
	struct stat a, b;
	char *joined = NULL, given[256] = "";
	const char *x, *y;
	int opt, status;

	help_option(argc, argv, help);
	while ((opt = getopt_long(argc, argv, "uU:erNqsbwiBatdL:", longs, NULL)) != -1) {
		if (opt > 1 && strlen(given) < 200) {
			sprintf(given + strlen(given), " -%c", opt);
			if (opt == 'U')
				snprintf(given + strlen(given), 32, "%.30s", optarg);
		}
		switch (opt) {
		case 'u':
			context = 3;
			break;
		case 'U':
			context = (int)number_arg(optarg, 0, 1 << 20, false);
			break;
		case 1:
			context = optarg ? (int)number_arg(optarg, 0, 1 << 20, false) : 3;
			break;
		case 'e':
			script = true;
			break;
		case 'r':
			below = true;
			break;
		case 'N':
			absent = true;
			break;
		case 'q':
			brief = true;
			break;
		case 's':
			same_too = true;
			break;
		case 'b':
			blanks = true;
			break;
		case 'w':
			no_blanks = true;
			break;
		case 'i':
			fold = true;
			break;
		case 'a':
			as_text = true;
			break;
		case 'L':
			if (label_count < 2)
				labels[label_count++] = optarg;
			break;
		case 'B':
		case 't':
		case 'd':
			break;
		default:
			usage(help, 2);
		}
	}
	options = given;
	if (argc - optind != 2)
		usage(help, 2);
	x = argv[optind];
	y = argv[optind + 1];
	if ((strcmp(x, "-") ? stat(x, &a) : fstat(0, &a)) && !absent)
		err(2, "%s", x);
	if ((strcmp(y, "-") ? stat(y, &b) : fstat(0, &b)) && !absent)
		err(2, "%s", y);
	if (S_ISDIR(a.st_mode) && S_ISDIR(b.st_mode))
		return finish(folders(x, y));
	if (S_ISDIR(a.st_mode))
		x = joined = path_join(x, base_name(y));
	else if (S_ISDIR(b.st_mode))
		y = joined = path_join(y, base_name(x));
	status = files(x, y, false);
	free(joined);
	return finish(status);
}

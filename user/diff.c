/*
 * diff - what is different between two files or trees (XCU diff).
 */
#include "common/common.h"
#include "common/diffs.h"

#include <ctype.h>
#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static const char help[] =
	"usage: diff [-u | -U LINES | -c | -C LINES | -e] [-r] [-x GLOB] [-N] [-q] [-s] [-b] [-w] [-i] [-B] [-a] [-L LABEL] FILE FILE\n"
	"Print how the second file differs from the first; the status is 1 then, 2 for trouble.\n"
	"  -u, -U  with lines around (3);  -c, -C  likewise, the old form;  -e  as a script for ed\n"
	"  -r      folders below, too;  -N  files that are not there are empty;  -x  but for such names\n"
	"  -q, -s  only whether they differ; also when they do not\n"
	"  -b, -w, -i  no matter how many blanks, any blanks, the case\n";
static const char names[] =
	"unified=\1:: brief=q recursive=r label=L new-file=N ignore-all-space=w "
	"ignore-space-change=b ignore-case=i ignore-blank-lines=B text=a ed=e "
	"report-identical-files=s context=\2:: minimal=d exclude=x normal=\3";

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
static bool old_form, script, below, absent, brief, same_too, blanks, no_blanks, fold, as_text;
static const char *labels[2];
static int label_count;
static struct globs left_out; /* -x: names that are not compared */
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

/* A hunk: lines from..to of both. */
struct hunk {
	int afrom, ato, bfrom, bto;
};

static void unified(const struct text *a, const struct text *b, const struct hunk *h)
{
	int x = h->afrom, y = h->bfrom;

	fputs("@@ ", stdout);
	unified_range('-', h->afrom, h->ato - h->afrom);
	putchar(' ');
	unified_range('+', h->bfrom, h->bto - h->bfrom);
	puts(" @@");
	while (x < h->ato || y < h->bto) {
		if (x < h->ato && a->changed[x])
			put(a, x++, "-");
		else if (y < h->bto && b->changed[y])
			put(b, y++, "+");
		else {
			put(a, x++, " ");
			y++;
		}
	}
}

/* One side of a hunk, if anything changed there; what both sides changed has a "!". */
static void context_side(const struct text *t, int from, int to, const struct text *other,
			 int otherfrom, int otherto, const char *frame, const char *mark)
{
	bool any = false;

	printf("%.3s ", frame);
	range(from, to);
	printf(" %s\n", frame);
	for (int i = from; i < to; i++)
		any |= t->changed[i];
	for (int i = from, j = otherfrom; any && i < to;) {
		bool both;

		if (!t->changed[i] && !(j < otherto && other->changed[j])) {
			put(t, i++, "  ");
			j++;
			continue;
		}
		both = t->changed[i] && j < otherto && other->changed[j];
		while (j < otherto && other->changed[j])
			j++;
		while (i < to && t->changed[i])
			put(t, i++, both ? "! " : mark);
	}
}

static void contextual(const struct text *a, const struct text *b, const struct hunk *h)
{
	puts("***************");
	context_side(a, h->afrom, h->ato, b, h->bfrom, h->bto, "****", "- ");
	context_side(b, h->bfrom, h->bto, a, h->afrom, h->ato, "----", "+ ");
}

/* With lines around: changes with no more than twice those between them go together. */
static void hunks(const struct text *a, const struct text *b)
{
	int i = 0, j = 0, ie, je;
	bool more = next_change(a, b, &i, &j, &ie, &je);

	put_label(old_form ? "***" : "---", a->name, labels[0]);
	put_label(old_form ? "---" : "+++", b->name, labels[1]);
	while (more) {
		struct hunk h = { .afrom = i > context ? i - context : 0 };
		int lasti = ie, lastj = je;

		h.bfrom = j - (i - h.afrom);
		for (;;) {
			i = ie;
			j = je;
			more = next_change(a, b, &i, &j, &ie, &je);
			if (!more || i - lasti > 2 * context)
				break;
			lasti = ie;
			lastj = je;
		}
		h.ato = lasti + context < a->n ? lasti + context : a->n;
		h.bto = lastj + (h.ato - lasti);
		(old_form ? contextual : unified)(a, b, &h);
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
			hunks(&a, &b);
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

		if (globs_match(&left_out, name, 0)) {
			;
		} else if (c && !absent) {
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
	struct stat a, b;
	char *joined = NULL, given[256] = "";
	const char *x, *y;
	int opt, status;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "uU:cC:erNqsbwiBatdx:L:", names)) != -1) {
		switch (opt) {
		case 'u':
			context = 3;
			break;
		case 'U':
			context = (int)number_arg(optarg, 0, 1 << 20, false);
			break;
		case 'c':
			context = 3;
			old_form = true;
			break;
		case 'C':
		case 2:
			context = optarg ? (int)number_arg(optarg, 0, 1 << 20, false) : 3;
			old_form = true;
			break;
		case 3:
			context = -1;
			break;
		case 'x':
			globs_add(&left_out, optarg);
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
	for (int i = 1; i < optind && strlen(given) + strlen(argv[i]) + 2 < sizeof(given); i++)
		sprintf(given + strlen(given), " %s", argv[i]);
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

/*
 * sort - lines in order (XCU sort). What does not fit in memory's share goes to temporary files that are
 * merged.
 */
#include "common/common.h"

#include <ctype.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: sort [-bdfghiMnrRVcCmsuz] [-k KEY]... [-t CHARACTER] [-o FILE] [-S SIZE] [-T FOLDER] [FILE...]\n"
	"Print the lines of the files in order.\n"
	"  -n, -g, -h  as numbers, as floating numbers, as sizes for people;  -M  as months;  -V  as versions;  -R  shuffled\n"
	"  -r, -f      the other way round; no matter the case\n"
	"  -b, -d, -i  no leading blanks; only blanks, letters, digits; only what prints\n"
	"  -k F[.C][OPTIONS][,F[.C][OPTIONS]]  by that part of lines;  -t  what is between fields\n"
	"  -u, -s      one of those that are equal; no last comparison of all\n"
	"  -c, -C, -m  only check (silently), only merge sorted files;  -z  lines end with NUL\n";
static const char long_names[] =
	"ignore-leading-blanks=b dictionary-order=d ignore-case=f general-numeric-sort=g "
	"human-numeric-sort=h ignore-nonprinting=i month-sort=M numeric-sort=n random-sort=R "
	"version-sort=V reverse=r check=\2:: merge=m output=o stable=s buffer-size=S "
	"field-separator=t temporary-directory=T unique=u zero-terminated=z key=k "
	"parallel=\1:";

struct order {
	bool blanks, dictionary, fold, print, reverse;
	char kind; /* 0 or one of n g h M V R */
};

struct key {
	long from, from_char, to, to_char; /* to 0: the line's end */
	bool from_blanks, to_blanks, own;
	struct order how;
} * keys;

static size_t key_count;
static struct order global;
static int separator = -1;
static char end = '\n';
static bool unique, stable;

struct line {
	char *s;
	size_t n;
};

struct lines {
	struct line *v;
	size_t n, room, bytes;
};

/* ---- keys -------------------------------------------------------------------------------- */

static const char *field(const struct line *l, long n)
{
	const char *s = l->s, *stop = l->s + l->n;

	while (--n > 0 && s < stop) {
		if (separator >= 0) {
			while (s < stop && *s != (char)separator)
				s++;
			s += s < stop;
		} else {
			while (s < stop && isblank((unsigned char)*s))
				s++;
			while (s < stop && !isblank((unsigned char)*s))
				s++;
		}
	}
	return s;
}

static const char *skip_blanks(const char *s, const char *stop)
{
	while (s < stop && isblank((unsigned char)*s))
		s++;
	return s;
}

static void part(const struct line *l, const struct key *k, const char **from, const char **to)
{
	const char *stop = l->s + l->n;

	*from = field(l, k->from);
	if (k->from_blanks)
		*from = skip_blanks(*from, stop);
	*from = stop - *from < k->from_char - 1 ? stop : *from + k->from_char - 1;
	*to = stop;
	if (!k->to)
		return;
	*to = field(l, k->to);
	if (k->to_char) {
		if (k->to_blanks)
			*to = skip_blanks(*to, stop);
		*to = stop - *to < k->to_char ? stop : *to + k->to_char;
	} else if (separator >= 0) {
		while (*to < stop && **to != (char)separator)
			++*to;
	} else {
		*to = skip_blanks(*to, stop);
		while (*to < stop && !isblank((unsigned char)**to))
			++*to;
	}
	if (*to < *from)
		*to = *from;
}

/* ---- comparing --------------------------------------------------------------------------- */

static int sign(int c)
{
	return (c > 0) - (c < 0);
}

/* Decimal numbers of any length. */
static int compare_numbers(const char *a, const char *aend, const char *b, const char *bend)
{
	bool am, bm;
	const char *x, *y;
	int c = 0;

	a = skip_blanks(a, aend);
	b = skip_blanks(b, bend);
	am = a < aend && *a == '-';
	bm = b < bend && *b == '-';
	a += am;
	b += bm;
	while (a < aend && *a == '0')
		a++;
	while (b < bend && *b == '0')
		b++;
	for (x = a; x < aend && isdigit((unsigned char)*x); x++)
		continue;
	for (y = b; y < bend && isdigit((unsigned char)*y); y++)
		continue;
	if (x - a != y - b)
		c = x - a > y - b ? 1 : -1;
	else if (x > a)
		c = sign(memcmp(a, b, (size_t)(x - a)));
	{
		bool azero = x == a, bzero = y == b;

		if (x < aend && *x == '.')
			x++;
		else
			x = aend;
		if (y < bend && *y == '.')
			y++;
		else
			y = bend;
		while (!c || azero || bzero) {
			int p = x < aend && isdigit((unsigned char)*x) ? *x++ - '0' : -1;
			int q = y < bend && isdigit((unsigned char)*y) ? *y++ - '0' : -1;

			if (p < 0 && q < 0)
				break;
			azero &= p <= 0;
			bzero &= q <= 0;
			if (!c)
				c = sign((p < 0 ? 0 : p) - (q < 0 ? 0 : q));
		}
		/* there is no minus zero */
		am &= !azero;
		bm &= !bzero;
	}
	if (am != bm)
		return am ? -1 : 1;
	return am ? -c : c;
}

static double real(const char *s, const char *stop, bool *any)
{
	char text[128], *rest;
	size_t n = (size_t)(stop - s) < sizeof(text) - 1 ? (size_t)(stop - s) : sizeof(text) - 1;
	double v;

	memcpy(text, s, n);
	text[n] = 0;
	v = strtod(text, &rest);
	*any = rest != text;
	return v;
}

/* A number for a text, another one in each run: what is equal stays together. */
static double shuffled(const char *s, const char *stop)
{
	static unsigned long long seed;
	unsigned long long h;

	while (!seed)
		arc4random_buf(&seed, sizeof(seed));
	h = seed;
	for (; s < stop; s++)
		h = (h ^ (unsigned char)*s) * 0x100000001b3 + (h >> 29);
	return (double)((h ^ h >> 31) * 0x9e3779b97f4a7c15 >> 12);
}

static double human(const char *s, const char *stop)
{
	static const char letters[] = "KMGTPEZY";
	char text[128], *rest;
	size_t n = (size_t)(stop - s) < sizeof(text) - 1 ? (size_t)(stop - s) : sizeof(text) - 1;
	const char *unit;
	double v;

	memcpy(text, s, n);
	text[n] = 0;
	v = strtod(text, &rest);
	unit = *rest ? strchr(letters, *rest == 'k' ? 'K' : *rest) : NULL;
	for (; unit && unit >= letters; unit--)
		v *= 1024;
	return v;
}

static int month(const char *s, const char *stop)
{
	static const char names[] = "JANFEBMARAPRMAYJUNJULAUGSEPOCTNOVDEC";

	s = skip_blanks(s, stop);
	for (int i = 0; i < 12 && stop - s >= 3; i++)
		if (toupper((unsigned char)s[0]) == names[i * 3] &&
		    toupper((unsigned char)s[1]) == names[i * 3 + 1] &&
		    toupper((unsigned char)s[2]) == names[i * 3 + 2])
			return i + 1;
	return 0;
}

/* Digits as numbers, the rest as letters before others. */
static int compare_versions(const char *a, const char *aend, const char *b, const char *bend)
{
	while (a < aend || b < bend) {
		const char *x, *y;
		int c;

		while ((a < aend && !isdigit((unsigned char)*a)) ||
		       (b < bend && !isdigit((unsigned char)*b))) {
			int p = a < aend && !isdigit((unsigned char)*a) ? (unsigned char)*a : 0;
			int q = b < bend && !isdigit((unsigned char)*b) ? (unsigned char)*b : 0;

			p = p == '~' ? -1 : p && !isalpha(p) ? p + 256 : p;
			q = q == '~' ? -1 : q && !isalpha(q) ? q + 256 : q;
			if (p != q)
				return p < q ? -1 : 1;
			a++;
			b++;
		}
		for (x = a; x < aend && isdigit((unsigned char)*x); x++)
			continue;
		for (y = b; y < bend && isdigit((unsigned char)*y); y++)
			continue;
		c = compare_numbers(a, x, b, y);
		if (c)
			return c;
		a = x;
		b = y;
	}
	return 0;
}

static bool left_out(char c, const struct order *how)
{
	return (how->dictionary && !isalnum((unsigned char)c) && !isblank((unsigned char)c)) ||
	       (how->print && !isprint((unsigned char)c));
}

static int compare_texts(const char *a, const char *aend, const char *b, const char *bend,
			 const struct order *how)
{
	if (!how->fold && !how->dictionary && !how->print) {
		size_t x = (size_t)(aend - a), y = (size_t)(bend - b);
		int c = memcmp(a, b, x < y ? x : y);

		return c ? c : (x > y) - (x < y);
	}
	for (;; a++, b++) {
		int p, q;

		while (a < aend && left_out(*a, how))
			a++;
		while (b < bend && left_out(*b, how))
			b++;
		if (a >= aend || b >= bend)
			return (a < aend) - (b < bend);
		p = (unsigned char)*a;
		q = (unsigned char)*b;
		if (how->fold) {
			p = toupper(p);
			q = toupper(q);
		}
		if (p != q)
			return p - q;
	}
}

static int compare_parts(const char *a, const char *aend, const char *b, const char *bend,
			 const struct order *how)
{
	bool any_a, any_b;
	double x, y;
	int c;

	if (how->blanks) {
		a = skip_blanks(a, aend);
		b = skip_blanks(b, bend);
	}
	switch (how->kind) {
	case 'n':
		c = compare_numbers(a, aend, b, bend);
		break;
	case 'g':
		x = real(a, aend, &any_a);
		y = real(b, bend, &any_b);
		c = any_a != any_b ? (any_a ? 1 : -1) : (x > y) - (x < y);
		break;
	case 'h':
		x = human(a, aend);
		y = human(b, bend);
		c = (x > y) - (x < y);
		break;
	case 'M':
		c = month(a, aend) - month(b, bend);
		break;
	case 'V':
		c = compare_versions(a, aend, b, bend);
		break;
	case 'R':
		x = shuffled(a, aend);
		y = shuffled(b, bend);
		c = (x > y) - (x < y);
		break;
	default:
		c = compare_texts(a, aend, b, bend, how);
		break;
	}
	return how->reverse ? -c : c;
}

static int compare_keys(const struct line *a, const struct line *b)
{
	if (!key_count)
		return compare_parts(a->s, a->s + a->n, b->s, b->s + b->n, &global);
	for (size_t i = 0; i < key_count; i++) {
		const char *x, *xend, *y, *yend;
		int c;

		part(a, &keys[i], &x, &xend);
		part(b, &keys[i], &y, &yend);
		c = compare_parts(x, xend, y, yend, &keys[i].how);
		if (c)
			return c;
	}
	return 0;
}

static int compare(const void *va, const void *vb)
{
	const struct line *a = va, *b = vb;
	static const struct order plain;
	int c = compare_keys(a, b);

	if (c || unique || stable)
		return c;
	c = compare_texts(a->s, a->s + a->n, b->s, b->s + b->n, &plain);
	return global.reverse ? -c : c;
}

/* Merge sort: lines that are equal keep their order. */
static void order_lines(struct line *v, size_t n, struct line *room)
{
	size_t half = n / 2, i = 0, j = half, k = 0;

	if (n < 2)
		return;
	order_lines(v, half, room);
	order_lines(v + half, n - half, room);
	memcpy(room, v, half * sizeof(*v));
	while (i < half && j < n)
		v[k++] = compare(&room[i], &v[j]) <= 0 ? room[i++] : v[j++];
	while (i < half)
		v[k++] = room[i++];
}

/* ---- files ------------------------------------------------------------------------------- */

static size_t memory = 16 << 20;
static FILE **runs;
static size_t run_count;
static const char *folder = "/tmp";

static bool read_line(FILE *f, struct line *l)
{
	size_t room = 0;
	ssize_t n;

	l->s = NULL;
	n = getdelim(&l->s, &room, end, f);
	if (n <= 0) {
		free(l->s);
		return false;
	}
	if (l->s[n - 1] == end)
		n--;
	l->n = (size_t)n;
	return true;
}

static void put_line(const struct line *l, FILE *out)
{
	fwrite(l->s, 1, l->n, out);
	putc(end, out);
}

static void put_lines(struct lines *all, FILE *out)
{
	struct line *room = need(malloc((all->n / 2 + 1) * sizeof(*room)));

	order_lines(all->v, all->n, room);
	free(room);
	for (size_t i = 0; i < all->n; i++) {
		if (unique && i && !compare_keys(&all->v[i - 1], &all->v[i])) {
			/* the first of them stays */
			free(all->v[i].s);
			all->v[i] = all->v[i - 1];
			all->v[i - 1].s = NULL;
			continue;
		}
		put_line(&all->v[i], out);
		if (i)
			free(all->v[i - 1].s);
	}
	if (all->n)
		free(all->v[all->n - 1].s);
	all->n = all->bytes = 0;
}

static FILE *temporary(void)
{
	char *path = path_join(folder, "sort.XXXXXX");
	int fd = mkstemp(path);
	FILE *f = fd < 0 ? NULL : fdopen(fd, "w+");

	if (!f)
		err(2, "%s", path);
	unlink(path);
	free(path);
	return f;
}

static void spill(struct lines *all)
{
	FILE *f = temporary();

	put_lines(all, f);
	runs = need(realloc(runs, (run_count + 1) * sizeof(FILE *)));
	runs[run_count++] = f;
}

static void merge(FILE *out)
{
	struct line *heads = need(calloc(run_count, sizeof(*heads))), before = { 0 };

	for (size_t i = 0; i < run_count; i++)
		if (!read_line(runs[i], &heads[i]))
			heads[i].s = NULL;
	for (;;) {
		size_t best = run_count;

		for (size_t i = 0; i < run_count; i++)
			if (heads[i].s &&
			    (best == run_count || compare(&heads[i], &heads[best]) < 0))
				best = i;
		if (best == run_count)
			break;
		if (!unique || !before.s || compare_keys(&before, &heads[best])) {
			put_line(&heads[best], out);
			free(before.s);
			before = heads[best];
		} else {
			free(heads[best].s);
		}
		if (!read_line(runs[best], &heads[best]))
			heads[best].s = NULL;
	}
	free(before.s);
	free(heads);
}

static int check(FILE *f, const char *name, bool silent)
{
	struct line before = { 0 }, l;
	long number = 0;

	while (read_line(f, &l)) {
		int c = before.s ? compare(&before, &l) : -1;

		number++;
		if (c > 0 || (unique && !c)) {
			if (!silent)
				fprintf(stderr, "sort: %s:%ld: disorder: %s\n", name, number, l.s);
			return 1;
		}
		free(before.s);
		before = l;
	}
	free(before.s);
	return 0;
}

/* ---- options ----------------------------------------------------------------------------- */

static bool set_order(struct order *how, int c)
{
	switch (c) {
	case 'b':
		how->blanks = true;
		return true;
	case 'd':
		how->dictionary = true;
		return true;
	case 'f':
		how->fold = true;
		return true;
	case 'i':
		how->print = true;
		return true;
	case 'r':
		how->reverse = true;
		return true;
	case 'n':
	case 'g':
	case 'h':
	case 'M':
	case 'V':
	case 'R':
		how->kind = (char)c;
		return true;
	default:
		return false;
	}
}

static const char *key_end(const char *s, struct key *k, bool *blanks)
{
	for (; *s && *s != ','; s++) {
		if (*s == 'b') {
			*blanks = true;
			k->own = true;
		} else if (set_order(&k->how, *s)) {
			k->own = true;
		} else {
			errx(2, "%s: no key", s);
		}
	}
	return s;
}

static void add_key(const char *text)
{
	struct key k = { .from_char = 1 };
	char *s;

	k.from = strtol(text, &s, 10);
	if (*s == '.')
		k.from_char = strtol(s + 1, &s, 10);
	if (k.from < 1 || k.from_char < 1)
		errx(2, "%s: fields and characters count from 1", text);
	s = (char *)key_end(s, &k, &k.from_blanks);
	if (*s == ',') {
		k.to = strtol(s + 1, &s, 10);
		if (k.to < 1)
			errx(2, "%s: fields count from 1", text);
		if (*s == '.')
			k.to_char = strtol(s + 1, &s, 10);
		s = (char *)key_end(s, &k, &k.to_blanks);
	}
	if (*s)
		errx(2, "%s: no key", text);
	keys = need(realloc(keys, (key_count + 1) * sizeof(*keys)));
	keys[key_count++] = k;
}

int main(int argc, char **argv)
{
	const char *out = NULL;
	int opt, checking = 0, status = 0;
	bool only_merge = false;
	struct lines all = { 0 };
	struct line l;

	help_option(argc, argv, help);
	if (getenv("TMPDIR"))
		folder = getenv("TMPDIR");
	while ((opt = option(argc, argv, "bdfghiMnrRVcCmsuzk:t:o:S:T:", long_names)) != -1) {
		if (set_order(&global, opt))
			continue;
		switch (opt) {
		case 'c':
		case 'C':
			checking = opt;
			break;
		case 'm':
			only_merge = true;
			break;
		case 's':
			stable = true;
			break;
		case 'u':
			unique = true;
			break;
		case 'z':
			end = 0;
			break;
		case 'k':
			add_key(optarg);
			break;
		case 't':
			separator = !strcmp(optarg, "\\0") ? 0 : (unsigned char)*optarg;
			break;
		case 'o':
			out = optarg;
			break;
		case 'S':
			memory = (size_t)number_arg(optarg, 1024, 1ll << 40, true);
			break;
		case 'T':
			folder = optarg;
			break;
		case 1:
			break;
		case 2:
			checking = !optarg || *optarg == 'd' ? 'c' : 'C';
			break;
		default:
			usage(help, 2);
		}
	}
	for (size_t i = 0; i < key_count; i++) {
		if (!keys[i].own) {
			keys[i].how = global;
			keys[i].from_blanks = keys[i].to_blanks = global.blanks;
		}
		/* leading blanks are no digits */
		keys[i].how.blanks = keys[i].how.blanks && !keys[i].own;
	}
	if (optind == argc)
		argv[--optind] = (char *)"-";
	for (int i = optind; i < argc; i++) {
		FILE *f = open_input(argv[i]);

		if (!f)
			return 2;
		if (checking)
			return check(f, argv[i], checking == 'C');
		if (only_merge) {
			runs = need(realloc(runs, (run_count + 1) * sizeof(FILE *)));
			runs[run_count++] = f;
			continue;
		}
		while (read_line(f, &l)) {
			if (all.n == all.room)
				all.v = need(realloc(all.v, (all.room = all.room * 2 + 256) *
								    sizeof(*all.v)));
			all.v[all.n++] = l;
			all.bytes += l.n + 64;
			if (all.bytes > memory)
				spill(&all);
		}
		close_input(f);
	}
	if (run_count && all.n)
		spill(&all);
	if (out && !freopen(out, "w", stdout))
		err(2, "%s", out);
	for (size_t i = 0; i < run_count && !only_merge; i++)
		rewind(runs[i]);
	if (run_count)
		merge(stdout);
	else
		put_lines(&all, stdout);
	free(all.v);
	return finish(status);
}

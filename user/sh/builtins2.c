/*
 * builtins2.c - read, getopts, umask, ulimit: the shell's commands with more to them.
 */
#include "common/mode.h"
#include "sh.h"

#include <ctype.h>
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* ---- read -------------------------------------------------------------------------------- */

/* A byte from standard input; -1 at its end or after an error, -2 when a trapped signal came. */
static int read_byte(void)
{
	unsigned char c;
	ssize_t n;

	for (;;) {
		n = read(0, &c, 1);
		if (n == 1)
			return c;
		if (n < 0 && errno == EINTR) {
			if (trap_signal_pending() || got_interrupt)
				return -2;
			continue;
		}
		return -1;
	}
}

struct line {
	struct str text,
		quoted; /* a mark for each character that a backslash took the meaning of */
};

static int read_line(struct line *l, bool raw, int delimiter)
{
	int c;

	for (;;) {
		c = read_byte();
		if (c < 0)
			return c == -2 ? 128 + 2 : 1;
		if (c == delimiter)
			return 0;
		if (!c)
			continue;
		if (c == '\\' && !raw) {
			c = read_byte();
			if (c < 0)
				return 1;
			if (c == '\n') {
				if (options[O_INTERACTIVE] && isatty(0))
					fputs(expand_prompt("PS2", "> "), stderr);
				continue;
			}
			str_add(&l->text, (char)c);
			str_add(&l->quoted, 1);
			continue;
		}
		str_add(&l->text, (char)c);
		str_add(&l->quoted, 0);
	}
}

static bool in_ifs(const struct line *l, size_t i, const char *ifs, int blank)
{
	char c = l->text.s[i];

	if (l->quoted.s[i] || !strchr(ifs, c))
		return false;
	return blank < 0 || (c == ' ' || c == '\t' || c == '\n') == (blank > 0);
}

static bool set_piece(const struct line *l, size_t from, size_t to, const char *name)
{
	char *value = temp_get(to - from + 1);

	if (to > from)
		memcpy(value, l->text.s + from, to - from);
	return var_set(name, value, 0);
}

/* XCU 2.6.5, but the last name takes the rest of the line. */
static bool assign_fields(const struct line *l, int argc, char **argv)
{
	const char *ifs = var_get("IFS");
	size_t i = 0, n = l->text.n, from, to;

	if (!ifs)
		ifs = " \t\n";
	while (i < n && in_ifs(l, i, ifs, 1))
		i++;
	for (int k = 0; k < argc - 1; k++) {
		from = i;
		while (i < n && !in_ifs(l, i, ifs, -1))
			i++;
		if (!set_piece(l, from, i, argv[k]))
			return false;
		while (i < n && in_ifs(l, i, ifs, 1))
			i++;
		if (i < n && in_ifs(l, i, ifs, 0)) {
			i++;
			while (i < n && in_ifs(l, i, ifs, 1))
				i++;
		}
	}
	to = n;
	while (to > i && in_ifs(l, to - 1, ifs, 1))
		to--;
	/* one delimiter at the end of the only field left is none of its text */
	if (to > i && in_ifs(l, to - 1, ifs, 0)) {
		size_t k = i;

		while (k < to - 1 && !in_ifs(l, k, ifs, -1))
			k++;
		if (k == to - 1)
			to--;
		else {
			size_t back = to - 1;

			while (back > k && in_ifs(l, back - 1, ifs, 1))
				back--;
			if (back == k)
				to = k;
		}
	}
	return set_piece(l, i, to, argv[argc - 1]);
}

int builtin_read(int argc, char **argv)
{
	static char *reply[] = { (char *)"REPLY" };
	struct opts o = { 0 };
	struct line l = { 0 };
	bool raw = false;
	const char *prompt = NULL;
	int delimiter = '\n', c, st, seconds = -1;

	while ((c = opt_next(&o, argc, argv, "rp:d:t:"))) {
		switch (c) {
		case 'r':
			raw = true;
			break;
		case 'p':
			prompt = o.arg;
			break;
		case 'd':
			delimiter = (unsigned char)o.arg[0];
			break;
		case 't':
			seconds = atoi(o.arg);
			break;
		default:
			return 2;
		}
	}
	for (int i = o.at; i < argc; i++)
		if (!is_name(argv[i], strlen(argv[i])))
			fail(2, "read: %s: bad variable name", argv[i]);
	if (prompt && isatty(0)) {
		fputs(prompt, stderr);
		fflush(stderr);
	}
	fflush(stdout);
	in_give_back();
	if (seconds >= 0) {
		struct pollfd p = { .fd = 0, .events = POLLIN };

		if (poll(&p, 1, seconds * 1000) <= 0)
			return 1;
	}
	st = read_line(&l, raw, delimiter);
	if (st < 128) {
		if (o.at == argc && !assign_fields(&l, 1, reply))
			st = 2;
		else if (o.at < argc && !assign_fields(&l, argc - o.at, argv + o.at))
			st = 2;
	}
	free(l.text.s);
	free(l.quoted.s);
	return st;
}

/* ---- getopts ----------------------------------------------------------------------------- */

static int inside; /* how far into a word of several letters */

void getopts_reset(void)
{
	inside = 0;
}

static bool set_index(int i)
{
	char text[16];
	int keep = inside;
	bool ok;

	snprintf(text, sizeof(text), "%d", i);
	ok = var_set("OPTIND", text, 0);
	inside = keep;
	return ok;
}

int builtin_getopts(int argc, char **argv)
{
	const char *letters, *found, *w, *ind = var_get("OPTIND");
	char letter[2] = "?", **list;
	int i = ind ? atoi(ind) : 1, n;
	bool silent;

	if (argc < 3)
		fail(2, "Usage: getopts optstring var [arg...]");
	letters = argv[1];
	silent = *letters == ':';
	list = argc > 3 ? argv + 3 : params.v;
	n = argc > 3 ? argc - 3 : params.n;
	if (i < 1)
		i = 1;
	if (i - 1 >= n || !inside) {
		w = i - 1 < n ? list[i - 1] : NULL;
		if (!w || w[0] != '-' || !w[1] || !strcmp(w, "--")) {
			if (w && !strcmp(w, "--"))
				i++;
			inside = 0;
			set_index(i);
			var_unset("OPTARG");
			var_set(argv[2], "?", 0);
			return 1;
		}
		inside = 1;
	}
	w = list[i - 1];
	letter[0] = w[inside++];
	found = letter[0] == ':' ? NULL : strchr(letters, letter[0]);
	if (!w[inside]) {
		i++;
		inside = 0;
	}
	if (!found) {
		if (silent) {
			var_set("OPTARG", letter, 0);
		} else {
			fprintf(stderr, "%s: Illegal option -%c\n", arg0, letter[0]);
			var_unset("OPTARG");
		}
		letter[0] = '?';
	} else if (found[1] == ':') {
		if (inside) {
			var_set("OPTARG", w + inside, 0);
			i++;
			inside = 0;
		} else if (i - 1 < n) {
			var_set("OPTARG", list[i - 1], 0);
			i++;
		} else if (silent) {
			var_set("OPTARG", letter, 0);
			letter[0] = ':';
		} else {
			fprintf(stderr, "%s: No arg for -%c option\n", arg0, letter[0]);
			var_unset("OPTARG");
			letter[0] = '?';
		}
	} else {
		var_unset("OPTARG");
	}
	set_index(i);
	if (!var_set(argv[2], letter, 0))
		return 2;
	return 0;
}

/* ---- umask, ulimit ----------------------------------------------------------------------- */

int builtin_umask(int argc, char **argv)
{
	struct opts o = { 0 };
	bool letters = false;
	mode_t mask = umask(0), mode;
	int c;

	umask(mask);
	while ((c = opt_next(&o, argc, argv, "S"))) {
		if (c == '?')
			return 2;
		letters = true;
	}
	if (o.at >= argc) {
		if (!letters) {
			printf("%04o\n", mask);
			return 0;
		}
		for (int i = 6; i >= 0; i -= 3) {
			mode_t m = ~mask >> i & 7;

			printf("%c=%s%s%s%c", "ogu"[i / 3], m & 4 ? "r" : "", m & 2 ? "w" : "",
			       m & 1 ? "x" : "", i ? ',' : '\n');
		}
		return 0;
	}
	if (isdigit((unsigned char)argv[o.at][0])) {
		char *end;

		mode = (mode_t)strtoul(argv[o.at], &end, 8);
		if (*end || mode > 0777)
			fail(2, "umask: Illegal number: %s", argv[o.at]);
		umask(mode);
		return 0;
	}
	if (!mode_parse(argv[o.at], 0777 & ~mask, false, 0, &mode))
		fail(2, "umask: Illegal mode: %s", argv[o.at]);
	umask(~mode & 0777);
	return 0;
}

static const struct limit {
	char letter;
	int which;
	rlim_t unit;
	const char *name;
} limits[] = {
	{ 't', RLIMIT_CPU, 1, "time(seconds)" },
	{ 'f', RLIMIT_FSIZE, 512, "file(blocks)" },
	{ 'd', RLIMIT_DATA, 1024, "data(kbytes)" },
	{ 's', RLIMIT_STACK, 1024, "stack(kbytes)" },
	{ 'c', RLIMIT_CORE, 512, "coredump(blocks)" },
	{ 'm', RLIMIT_RSS, 1024, "memory(kbytes)" },
	{ 'l', RLIMIT_MEMLOCK, 1024, "locked memory(kbytes)" },
	{ 'p', RLIMIT_NPROC, 1, "process" },
	{ 'n', RLIMIT_NOFILE, 1, "nofiles" },
	{ 'v', RLIMIT_AS, 1024, "vmemory(kbytes)" },
	{ 'w', RLIMIT_LOCKS, 1, "locks" },
	{ 'r', RLIMIT_RTPRIO, 1, "rtprio" },
};

#define LIMITS (sizeof(limits) / sizeof(limits[0]))

static void show_limit(const struct limit *l, bool hard, bool named)
{
	struct rlimit r;
	rlim_t v;

	getrlimit((__typeof__(RLIMIT_CPU))l->which, &r);
	v = hard ? r.rlim_max : r.rlim_cur;
	if (named)
		printf("%-20s ", l->name);
	if (v == RLIM_INFINITY)
		puts("unlimited");
	else
		printf("%llu\n", (unsigned long long)(v / l->unit));
}

int builtin_ulimit(int argc, char **argv)
{
	const struct limit *l = &limits[1];
	bool hard = false, soft = false, all = false;
	struct opts o = { 0 };
	struct rlimit r;
	rlim_t v;
	int c;

	while ((c = opt_next(&o, argc, argv, "HSatfdscmlpnvwr"))) {
		if (c == '?')
			return 2;
		hard |= c == 'H';
		soft |= c == 'S';
		all |= c == 'a';
		for (size_t i = 0; i < LIMITS; i++)
			if (limits[i].letter == c)
				l = &limits[i];
	}
	if (all) {
		for (size_t i = 0; i < LIMITS; i++)
			show_limit(&limits[i], hard, true);
		return 0;
	}
	if (o.at >= argc) {
		show_limit(l, hard, false);
		return 0;
	}
	getrlimit((__typeof__(RLIMIT_CPU))l->which, &r);
	if (!strcmp(argv[o.at], "unlimited")) {
		v = RLIM_INFINITY;
	} else {
		char *end;

		v = strtoul(argv[o.at], &end, 10) * l->unit;
		if (*end || end == argv[o.at])
			fail(2, "ulimit: bad number: %s", argv[o.at]);
	}
	if (hard || !soft)
		r.rlim_max = v;
	if (soft || !hard)
		r.rlim_cur = v;
	if (setrlimit((__typeof__(RLIMIT_CPU))l->which, &r))
		fail(2, "ulimit: error setting limit: %s", strerror(errno));
	return 0;
}

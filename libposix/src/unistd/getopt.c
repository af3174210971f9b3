/*
 * getopt.c - options of a command: getopt (POSIX), getopt_long and getopt_long_only
 * (GNU). Operands may stand between options, and are moved behind them, unless the
 * option string begins with + or POSIXLY_CORRECT is set; with - each operand is the
 * argument of an option 1. A leading ':' (behind those) silences the messages.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1;
int opterr = 1;
int optopt;
int optreset;

static int cluster; /* where in argv[optind] the next short option is; 0: at its start */
static int first, last; /* operands passed over: argv[first..last) */

/* Move the operands passed over behind the options since then. */
static void exchange(char **argv)
{
	int operands = last - first, options = optind - last;

	for (int i = 0; i < options && operands; i++) {
		char *option = argv[last + i];

		memmove(argv + first + i + 1, argv + first + i, (size_t)operands * sizeof(*argv));
		argv[first + i] = option;
	}
	first += options;
	last = optind;
}

struct style {
	const char *opts;
	int in_order; /* '+': stop, '-': option 1, 0: move */
	int quiet;
};

static struct style style_of(const char *opts)
{
	struct style st = { .opts = opts };

	if (*opts == '+' || *opts == '-')
		st.in_order = *st.opts++;
	else if (getenv("POSIXLY_CORRECT"))
		st.in_order = '+';
	st.quiet = *st.opts == ':' || !opterr;
	return st;
}

/*
 * To the argument that is to be looked at: 1 an option, 2 an operand as option 1 (in
 * optarg), -1 the end.
 */
static int advance(int argc, char **argv, const struct style *st)
{
	if (!optind || optreset) {
		optind = 1;
		cluster = optreset = first = last = 0;
	}
	if (first > optind || last > optind || !last)
		first = last = optind;
	if (last != optind)
		exchange(argv);
	if (!st->in_order) {
		if (first == last)
			first = optind;
		while (optind < argc && (argv[optind][0] != '-' || !argv[optind][1]))
			optind++;
		last = optind;
	}
	if (optind < argc && !strcmp(argv[optind], "--")) {
		optind++;
		if (first == last)
			first = last = optind;
		else
			exchange(argv);
		if (first != last)
			optind = first;
		/* All that follows are operands, those passed over the first of them. */
		first = last = argc;
		return -1;
	}
	if (optind >= argc) {
		if (first != last)
			optind = first;
		first = last = 0;
		return -1;
	}
	if (argv[optind][0] != '-' || !argv[optind][1]) {
		if (st->in_order == '+')
			return -1;
		optarg = argv[optind++];
		return 2;
	}
	return 1;
}

static int short_option(int argc, char **argv, const struct style *st)
{
	const char *arg = argv[optind], *known;
	char c = arg[cluster++];

	optopt = (unsigned char)c;
	known = c == ':' || c == ';' ? NULL : strchr(st->opts, c);
	if (!arg[cluster]) {
		optind++;
		cluster = 0;
	}
	if (!known) {
		if (!st->quiet)
			fprintf(stderr, "%s: invalid option -- '%c'\n", argv[0], c);
		return '?';
	}
	if (known[1] != ':')
		return c;
	if (cluster) {
		optarg = (char *)arg + cluster;
		cluster = 0;
		optind++;
	} else if (known[2] != ':') {
		if (optind >= argc) {
			if (!st->quiet)
				fprintf(stderr, "%s: option requires an argument -- '%c'\n",
					argv[0], c);
			return *st->opts == ':' ? ':' : '?';
		}
		optarg = argv[optind++];
	}
	return (unsigned char)c;
}

/* The option that `name` is, or begins if it begins only one; *many: it begins several. */
static const struct option *find_long(const struct option *longs, const char *name, size_t len,
				      int *many)
{
	const struct option *found = NULL;

	*many = 0;
	for (; longs->name; longs++) {
		if (strncmp(longs->name, name, len))
			continue;
		if (!longs->name[len]) {
			*many = 0;
			return longs;
		}
		if (found && (found->has_arg != longs->has_arg || found->flag != longs->flag ||
			      found->val != longs->val))
			*many = 1;
		found = longs;
	}
	return *many ? NULL : found;
}

static int long_option(int argc, char **argv, const struct style *st, const struct option *longs,
		       int *index, int dashes)
{
	const char *arg = argv[optind] + dashes, *eq = strchrnul(arg, '=');
	int many, len = (int)(eq - arg);
	const struct option *o = find_long(longs, arg, (size_t)len, &many);

	if (!o && dashes == 1 && strchr(st->opts, *arg) && !many)
		return -2;
	optind++;
	optopt = 0;
	if (!o) {
		if (!st->quiet)
			fprintf(stderr,
				many ? "%s: option '%.*s' is ambiguous\n" :
				       "%s: unrecognized option '%.*s'\n",
				argv[0], len + dashes, arg - dashes);
		return '?';
	}
	if (*eq) {
		if (o->has_arg == no_argument) {
			optopt = o->val;
			if (!st->quiet)
				fprintf(stderr, "%s: option '%.*s%s' doesn't allow an argument\n",
					argv[0], dashes, "--", o->name);
			return '?';
		}
		optarg = (char *)eq + 1;
	} else if (o->has_arg == required_argument) {
		if (optind >= argc) {
			optopt = o->val;
			if (!st->quiet)
				fprintf(stderr, "%s: option '%.*s%s' requires an argument\n",
					argv[0], dashes, "--", o->name);
			return *st->opts == ':' ? ':' : '?';
		}
		optarg = argv[optind++];
	}
	if (index)
		*index = (int)(o - longs);
	if (!o->flag)
		return o->val;
	*o->flag = o->val;
	return 0;
}

static int next(int argc, char **argv, const char *opts, const struct option *longs, int *index,
		int only)
{
	struct style st = style_of(opts);

	optarg = NULL;
	if (!optind || optreset)
		cluster = 0;
	if (!cluster) {
		int kind = advance(argc, argv, &st);

		if (kind < 0)
			return -1;
		if (kind == 2)
			return 1;
		if (longs && (argv[optind][1] == '-' || only)) {
			int dashes = argv[optind][1] == '-' ? 2 : 1;
			int got;

			if (dashes == 2 || argv[optind][2] || !strchr(st.opts, argv[optind][1])) {
				got = long_option(argc, argv, &st, longs, index, dashes);
				if (got != -2)
					return got;
			}
		}
		cluster = 1;
	}
	return short_option(argc, argv, &st);
}

int getopt(int argc, char *const argv[], const char *opts)
{
	return next(argc, (char **)argv, opts, NULL, NULL, 0);
}

int getopt_long(int argc, char *const argv[], const char *opts, const struct option *longs,
		int *index)
{
	return next(argc, (char **)argv, opts, longs, index, 0);
}

int getopt_long_only(int argc, char *const argv[], const char *opts, const struct option *longs,
		     int *index)
{
	return next(argc, (char **)argv, opts, longs, index, 1);
}

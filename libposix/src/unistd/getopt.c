/*
 * getopt.c - getopt(3) and getopt_long(3). Operands end the options, as POSIX
 * has it; a leading ':' in the option string silences the messages.
 */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

char *optarg;
int optind = 1;
int opterr = 1;
int optopt;

static int cluster; /* where in argv[optind] the next short option is; 0: at its start */

static int complain(char **argv, const char *opts, const char *what, const char *name, size_t len)
{
	if (opterr && opts[0] != ':')
		fprintf(stderr, "%s: %s -- %.*s\n", argv[0], what, (int)len, name);
	return '?';
}

int getopt(int argc, char *const argv[], const char *opts)
{
	const char *arg, *known;
	char c;

	optarg = NULL;
	if (!cluster) {
		arg = optind < argc ? argv[optind] : NULL;
		if (!arg || arg[0] != '-' || !arg[1])
			return -1;
		if (!strcmp(arg, "--")) {
			optind++;
			return -1;
		}
		cluster = 1;
	}
	arg = argv[optind];
	c = arg[cluster++];
	optopt = c;
	known = c == ':' ? NULL : strchr(opts, c);
	if (!arg[cluster]) {
		optind++;
		cluster = 0;
	}
	if (!known)
		return complain((char **)argv, opts, "unknown option", &c, 1);
	if (known[1] != ':')
		return c;
	if (cluster) {
		optarg = (char *)arg + cluster;
		cluster = 0;
		optind++;
	} else if (known[2] != ':') {
		if (optind >= argc) {
			complain((char **)argv, opts, "option needs a value", &c, 1);
			return opts[0] == ':' ? ':' : '?';
		}
		optarg = argv[optind++];
	}
	return c;
}

/* The option that `name` is, or begins if it begins only one. */
static const struct option *find_long(const struct option *longs, const char *name, size_t len)
{
	const struct option *found = NULL;
	int matches = 0;

	for (; longs->name; longs++) {
		if (strncmp(longs->name, name, len))
			continue;
		if (!longs->name[len])
			return longs;
		found = longs;
		matches++;
	}
	return matches == 1 ? found : NULL;
}

int getopt_long(int argc, char *const argv[], const char *opts, const struct option *longs,
		int *index)
{
	const struct option *o;
	const char *arg, *eq;
	size_t len;

	arg = optind < argc ? argv[optind] : NULL;
	if (cluster || !arg || strncmp(arg, "--", 2) || !arg[2])
		return getopt(argc, argv, opts);
	optarg = NULL;
	optopt = 0;
	optind++;
	arg += 2;
	eq = strchrnul(arg, '=');
	len = (size_t)(eq - arg);
	o = find_long(longs, arg, len);
	if (!o)
		return complain((char **)argv, opts, "unknown option", arg, len);
	optopt = o->val;
	if (*eq) {
		if (o->has_arg == no_argument)
			return complain((char **)argv, opts, "option takes no value", arg, len);
		optarg = (char *)eq + 1;
	} else if (o->has_arg == required_argument) {
		if (optind >= argc) {
			complain((char **)argv, opts, "option needs a value", arg, len);
			return opts[0] == ':' ? ':' : '?';
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

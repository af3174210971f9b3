/*
 * getopt.h - options of a command (POSIX getopt, GNU getopt_long(3)).
 */
#ifndef _GETOPT_H
#define _GETOPT_H

#include <features.h>

#define no_argument	  0
#define required_argument 1
#define optional_argument 2

struct option {
	const char *name;
	int has_arg;
	int *flag;
	int val;
};

__BEGIN_DECLS

extern char *optarg;
extern int optind, opterr, optopt, optreset;

int getopt(int __argc, char *const __argv[], const char *__opts);
int getopt_long(int __argc, char *const __argv[], const char *__opts, const struct option *__longs,
		int *__index);
int getopt_long_only(int __argc, char *const __argv[], const char *__opts,
		     const struct option *__longs, int *__index);

__END_DECLS

#endif

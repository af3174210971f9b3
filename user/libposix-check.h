/*
 * libposix-check.h - what the programs that test the C library share: CHECK, and a main that runs
 * groups of checks and says `ok GROUP` or `FAIL GROUP: why` for each. Only the main thread reads `why`
 * when its group is done; whoever checks first fills it.
 */
#ifndef LIBPOSIX_CHECK_H
#define LIBPOSIX_CHECK_H

#include <stdio.h>
#include <string.h>

struct check_group {
	const char *name;
	void (*run)(void);
};

static char why[300];

static void fail_at(int line, const char *text)
{
	if (!why[0])
		snprintf(why, sizeof(why), "line %d: %s", line, text);
}

#define CHECK(cond) ((cond) ? (void)0 : fail_at(__LINE__, #cond))

/* All groups, or the one that argv names. Returns what main returns. */
static int check_groups(const char *program, const struct check_group *groups, size_t count,
			int argc, char **argv)
{
	int passed = 0, failed = 0;

	if (argc > 1 && !strcmp(argv[1], "--help")) {
		printf("usage: %s [GROUP]\nTest the C library: `ok GROUP` or `FAIL GROUP: why` for each.\n",
		       program);
		return 0;
	}
	for (size_t i = 0; i < count; i++) {
		if (argc > 1 && strcmp(argv[1], groups[i].name))
			continue;
		why[0] = '\0';
		groups[i].run();
		if (why[0])
			printf("FAIL %s: %s\n", groups[i].name, why);
		else
			printf("ok %s\n", groups[i].name);
		*(why[0] ? &failed : &passed) += 1;
		fflush(stdout);
	}
	printf("%s: %d passed, %d failed\n", program, passed, failed);
	return failed != 0;
}

#define CHECK_GROUPS(program, groups, argc, argv) \
	check_groups(program, groups, sizeof(groups) / sizeof((groups)[0]), argc, argv)

#endif

/*
 * check.h - what the C programs of this folder share: CHECK(condition) ends the program with the line
 * and errno when the condition does not hold.
 */
#ifndef SUITE_CHECK_H
#define SUITE_CHECK_H

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define CHECK(c)                                                                              \
	do {                                                                                  \
		if (!(c)) {                                                                   \
			fprintf(stderr, "line %d: %s (%s)\n", __LINE__, #c, strerror(errno)); \
			exit(1);                                                              \
		}                                                                             \
	} while (0)

#endif

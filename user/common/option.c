/*
 * option.c - options with one letter that have long names too, as GNU's programs have them.
 */
#include "common.h"

#include <err.h>
#include <getopt.h>
#include <string.h>

#define MOST 48 /* names of a program */

int option(int argc, char **argv, const char *letters, const char *names)
{
	static struct option table[MOST + 1];
	static char text[1024];
	static const char *ready;
	size_t n = 0;

	if (ready != names) {
		char *save;

		if (strlcpy(text, names, sizeof(text)) >= sizeof(text))
			errx(2, "too many names of options");
		for (char *word = strtok_r(text, " ", &save); word && n < MOST;
		     word = strtok_r(NULL, " ", &save)) {
			char *is = strchr(word, '='), letter = is[1];
			const char *at = strchr(letters, letter);
			const char *tail = is[2] ? is + 1 : at ? at : "";
			int argument =
				tail[0] && tail[1] == ':' ?
					(tail[2] == ':' ? optional_argument : required_argument) :
					no_argument;

			*is = 0;
			table[n++] = (struct option){ word, argument, NULL, (unsigned char)letter };
		}
		table[n] = (struct option){ 0 };
		ready = names;
	}
	return getopt_long(argc, argv, letters, table, NULL);
}

/*
 * words.c - the form of /etc/hosts, /etc/services and /etc/resolv.conf: lines of words.
 */
#include "names.h"

#include <errno.h>
#include <string.h>

int __lacking(void)
{
	return errno == EMFILE || errno == ENFILE || errno == ENOMEM || errno == ENOBUFS;
}

int __words(FILE *f, char *line, int size, char *words[WORDS_MOST])
{
	char *save, *word;
	int n;

	while (fgets(line, size, f)) {
		line[strcspn(line, "#\n")] = '\0';
		n = 0;
		for (word = strtok_r(line, " \t\r", &save); word && n < WORDS_MOST;
		     word = strtok_r(NULL, " \t\r", &save))
			words[n++] = word;
		if (n)
			return n;
	}
	return -1;
}

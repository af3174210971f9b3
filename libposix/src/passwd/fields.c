/* fields.c - lines with fields between colons: passwd(5), group(5), shadow(5). */
#include "fields.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int __fields(char *line, char **fields, int most)
{
	int n = 0;

	for (;;) {
		fields[n++] = line;
		line = n < most ? strchr(line, ':') : NULL;
		if (!line)
			return n;
		*line++ = '\0';
	}
}

int __field_number(const char *text, unsigned int *out)
{
	unsigned long n;
	char *end;

	if (*text < '0' || *text > '9')
		return 0;
	n = strtoul(text, &end, 10);
	if (*end || n > 0xfffffffful)
		return 0;
	*out = (unsigned int)n;
	return 1;
}

int __read_entry(FILE *f, char *buf, size_t size,
		 int (*parse)(char *line, void *entry, char *rest, size_t room), void *entry)
{
	for (;;) {
		size_t n = 0;
		int c, got;

		while ((c = getc(f)) != EOF && c != '\n') {
			if (n + 1 >= size) {
				errno = ERANGE;
				return -1;
			}
			buf[n++] = (char)c;
		}
		if (c == EOF && !n)
			return ferror(f) ? -1 : 0;
		if (n >= size) {
			errno = ERANGE;
			return -1;
		}
		buf[n++] = '\0';
		got = parse(buf, entry, buf + n, size - n);
		if (got)
			return got;
	}
}

int __read_entry_grow(FILE *f, char **buf, size_t *size,
		      int (*parse)(char *line, void *entry, char *rest, size_t room), void *entry)
{
	long at = ftell(f);

	for (;;) {
		size_t want = *buf ? *size : 512;
		char *p;
		int got;

		if (*buf) {
			got = __read_entry(f, *buf, *size, parse, entry);
			if (got >= 0 || errno != ERANGE || fseek(f, at, SEEK_SET))
				return got;
			want *= 2;
		}
		p = realloc(*buf, want);
		if (!p)
			return -1;
		*buf = p;
		*size = want;
	}
}

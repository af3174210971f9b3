/*
 * escape.c - backslashes in the words of echo and printf (XCU echo, XBD 5).
 */
#include "words.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static int octal(const char **s, int most)
{
	int v = 0;

	for (int i = 0; i < most && **s >= '0' && **s <= '7'; i++)
		v = v * 8 + *(*s)++ - '0';
	return v & 255;
}

int escape_char(const char **s, bool zero)
{
	static const char from[] = "abfnrtve\\", to[] = "\a\b\f\n\r\t\v\033\\";
	const char *found = **s ? strchr(from, **s) : NULL;
	int v = 0, n = 0;

	if (found) {
		++*s;
		return to[found - from];
	}
	if (**s == 'c' && zero) {
		++*s;
		return -1;
	}
	if (**s == '0' && zero) {
		++*s;
		return octal(s, 3);
	}
	if (**s >= '0' && **s <= '7')
		return octal(s, 3);
	if (**s == 'x' && isxdigit((unsigned char)(*s)[1])) {
		for (++*s; n < 2 && isxdigit((unsigned char)**s); n++, ++*s)
			v = v * 16 +
			    (isdigit((unsigned char)**s) ? **s - '0' : (**s | 32) - 'a' + 10);
		return v;
	}
	return -2;
}

int echo_words(int argc, char **argv, bool always)
{
	bool escapes = always, newline = true;
	int i = 1;

	if (always) {
		if (i < argc && !strcmp(argv[i], "-n")) {
			newline = false;
			i++;
		}
	} else {
		for (; i < argc && argv[i][0] == '-' && argv[i][1]; i++) {
			if (argv[i][1 + strspn(argv[i] + 1, "neE")])
				break;
			for (const char *p = argv[i] + 1; *p; p++) {
				if (*p == 'n')
					newline = false;
				else
					escapes = *p == 'e';
			}
		}
	}
	for (; i < argc; i++) {
		for (const char *s = argv[i]; *s;) {
			int c = (unsigned char)*s++;

			if (c == '\\' && escapes) {
				c = escape_char(&s, true);
				if (c == -1)
					return 0;
				if (c == -2)
					c = '\\';
			}
			putchar(c);
		}
		if (i + 1 < argc)
			putchar(' ');
	}
	if (newline)
		putchar('\n');
	return 0;
}

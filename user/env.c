/*
 * env - run a program with another environment, or print it (XCU env).
 */
#include "common/common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char help[] =
	"usage: env [-i] [-0] [-u NAME]... [-C FOLDER] [-S TEXT] [NAME=VALUE]... [COMMAND [ARGUMENT...]]\n"
	"Run the command with these variables too; without one, print the environment.\n"
	"  -i, -         with an empty environment to begin with\n"
	"  -u NAME       without this one\n"
	"  -C FOLDER     in that folder\n"
	"  -S TEXT       its words stand here: for the first line of a script\n"
	"  -0            end lines with NUL\n";
static const char names[] = "ignore-environment=i null=0 unset=u chdir=C split-string=S";

/* The words of a text, with quotes and backslashes, and behind them those that follow it; argv[0] is the program. */
static char **split(const char *text, char **rest, int *argc)
{
	char **words = need(malloc((strlen(text) + 2) * sizeof(*words))), *p;
	char *space = need(malloc(strlen(text) + 1));
	int n = 0, m = 0;

	words[n++] = (char *)"env";
	p = space;
	while (*(text += strspn(text, " \t\n"))) {
		char quote = 0;

		words[n++] = p;
		for (; *text && (quote || !strchr(" \t\n", *text)); text++) {
			if (*text == quote)
				quote = 0;
			else if (!quote && (*text == '"' || *text == '\''))
				quote = *text;
			else if (*text == '\\' && quote != '\'' && text[1])
				*p++ = *++text;
			else
				*p++ = *text;
		}
		if (quote)
			errx(125, "no terminating quote in -S string");
		text += *text != 0;
		*p++ = 0;
	}
	while (rest[m])
		m++;
	words = need(realloc(words, (size_t)(n + m + 1) * sizeof(*words)));
	memcpy(words + n, rest, (size_t)(m + 1) * sizeof(*words));
	*argc = n + m;
	return words;
}

int main(int argc, char **argv)
{
	extern char **environ;
	char newline = '\n';
	int opt, i;

	help_option(argc, argv, help);
	while ((opt = option(argc, argv, "+i0u:C:S:", names)) != -1) {
		switch (opt) {
		case 'i':
			clearenv();
			break;
		case 'u':
			unsetenv(optarg);
			break;
		case 'C':
			if (chdir(optarg))
				err(125, "%s", optarg);
			break;
		case 'S':
			/* its words stand where the option stood */
			argv = split(optarg, argv + optind, &argc);
			optind = 0;
			break;
		case '0':
			newline = 0;
			break;
		default:
			usage(help, 125);
		}
	}
	i = optind;
	if (i < argc && !strcmp(argv[i], "-")) {
		clearenv();
		i++;
	}
	for (; i < argc && strchr(argv[i], '='); i++)
		if (putenv(argv[i]))
			err(125, "%s", argv[i]);
	if (i == argc) {
		for (char **e = environ; e && *e; e++)
			printf("%s%c", *e, newline);
		return finish(0);
	}
	execvp(argv[i], argv + i);
	err(errno == ENOENT ? 127 : 126, "%s", argv[i]);
}

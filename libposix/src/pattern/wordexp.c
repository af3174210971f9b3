/*
 * wordexp.c - words as the shell expands them (POSIX wordexp). The shell itself does it:
 * it prints each word with a zero behind it. What must not be in the words (unquoted |
 * & ; < > ( ) { } and newline, and commands where WRDE_NOCMD says so) is looked for first.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>
#include <wordexp.h>

/* 0, or why the words won't do. */
static int check(const char *s, int flags)
{
	int depth = 0; /* of $( and ${ */
	char quote = 0;

	for (; *s; s++) {
		if (*s == '\\' && quote != '\'') {
			if (!*++s)
				return WRDE_SYNTAX;
			continue;
		}
		if (*s == '\'' && quote != '"') {
			quote = quote ? 0 : '\'';
			continue;
		}
		if (quote == '\'')
			continue;
		if (*s == '"') {
			quote = quote ? 0 : '"';
			continue;
		}
		if (*s == '`' || (s[0] == '$' && s[1] == '(' && s[2] != '(')) {
			if (flags & WRDE_NOCMD)
				return WRDE_CMDSUB;
		}
		if (s[0] == '$' && (s[1] == '(' || s[1] == '{')) {
			depth++;
			s++;
			continue;
		}
		if (depth && strchr("({", *s))
			depth++;
		else if (depth && strchr(")}", *s))
			depth--;
		else if (!depth && !quote && strchr("|&;<>(){}\n", *s))
			return WRDE_BADCHAR;
	}
	return quote || depth ? WRDE_SYNTAX : 0;
}

static void run(const char *words, int to, int flags)
{
	static const char script[] =
		"eval \"set -- x $1\" || exit 1; shift; for w; do printf '%s\\0' \"$w\"; done; exit 0";

	if (dup2(to, 1) < 0)
		_exit(1);
	if (!(flags & WRDE_SHOWERR)) {
		int null = open("/dev/null", O_WRONLY);

		if (null >= 0)
			dup2(null, 2);
	}
	execl("/bin/sh", "sh", flags & WRDE_UNDEF ? "-uc" : "-c", script, "sh", words,
	      (char *)NULL);
	_exit(127);
}

static int add(wordexp_t *we, size_t *room, char *word)
{
	size_t need = we->we_offs + we->we_wordc + 2;

	if (need > *room) {
		size_t want = 2 * need;
		char **v = realloc(we->we_wordv, want * sizeof(*v));

		if (!v)
			return -1;
		we->we_wordv = v;
		*room = want;
	}
	we->we_wordv[we->we_offs + we->we_wordc++] = word;
	we->we_wordv[we->we_offs + we->we_wordc] = NULL;
	return 0;
}

/* What the shell prints, word by word. */
static int collect(wordexp_t *we, int fd)
{
	FILE *f = fdopen(fd, "r");
	size_t room = 0, size = 0;
	char *word = NULL;

	if (!f) {
		close(fd);
		return WRDE_NOSPACE;
	}
	while (getdelim(&word, &size, 0, f) >= 0) {
		if (add(we, &room, word)) {
			free(word);
			fclose(f);
			return WRDE_NOSPACE;
		}
		word = NULL;
		size = 0;
	}
	free(word);
	fclose(f);
	return 0;
}

int wordexp(const char *restrict words, wordexp_t *restrict we, int flags)
{
	int err = check(words, flags), ends[2], status;
	pid_t pid;

	if (flags & WRDE_REUSE)
		wordfree(we);
	if (!(flags & WRDE_APPEND)) {
		we->we_wordc = 0;
		we->we_wordv = NULL;
		if (!(flags & WRDE_DOOFFS))
			we->we_offs = 0;
	}
	if (err)
		return err;
	if (!we->we_wordv) {
		we->we_wordv = calloc(we->we_offs + 1, sizeof(*we->we_wordv));
		if (!we->we_wordv)
			return WRDE_NOSPACE;
	}
	if (pipe2(ends, O_CLOEXEC))
		return WRDE_NOSPACE;
	pid = fork();
	if (!pid)
		run(words, ends[1], flags);
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return WRDE_NOSPACE;
	}
	err = collect(we, ends[0]);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!err && status)
		err = flags & WRDE_UNDEF ? WRDE_BADVAL : WRDE_SYNTAX;
	return err;
}

void wordfree(wordexp_t *we)
{
	for (size_t i = 0; we->we_wordv && i < we->we_wordc; i++)
		free(we->we_wordv[we->we_offs + i]);
	free(we->we_wordv);
	we->we_wordv = NULL;
	we->we_wordc = 0;
}

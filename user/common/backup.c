/*
 * backup.c - what cp -b, mv -b and ln -b do with a file that is in the way.
 */
#include "backup.h"
#include "common.h"

#include <dirent.h>
#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

char backup_kind(const char *word)
{
	static const struct {
		const char *word;
		char kind;
	} kinds[] = { { "none", 0 },	   { "off", 0 }, { "simple", 's' },   { "never", 's' },
		      { "numbered", 'n' }, { "t", 'n' }, { "existing", 'e' }, { "nil", 'e' } };

	if (!word)
		word = getenv("VERSION_CONTROL");
	if (!word || !*word)
		return 'e';
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (!strcmp(word, kinds[i].word))
			return kinds[i].kind;
	errx(1, "invalid argument '%s' for '--backup'", word);
}

/* The highest N of the names PATH.~N~, 0: there is none. */
static unsigned long last_number(const char *path)
{
	const char *name = base_name(path);
	size_t n = strlen(name), before = (size_t)(name - path);
	char *folder = before ? need(strndup(path, before)) : need(strdup("."));
	DIR *dir = opendir(folder);
	unsigned long last = 0;
	struct dirent *d;

	while (dir && (d = readdir(dir))) {
		char *end;
		unsigned long k;

		if (strncmp(d->d_name, name, n) || strncmp(d->d_name + n, ".~", 2))
			continue;
		k = strtoul(d->d_name + n + 2, &end, 10);
		if (!strcmp(end, "~") && k > last)
			last = k;
	}
	if (dir)
		closedir(dir);
	free(folder);
	return last;
}

int back_up(const char *path, char kind, const char *suffix)
{
	unsigned long last = kind == 'n' || kind == 'e' ? last_number(path) : 0;
	char *to = need(malloc(strlen(path) + strlen(suffix ? suffix : "") + 32));
	int bad;

	if (kind == 'n' || last)
		sprintf(to, "%s.~%lu~", path, last + 1);
	else
		sprintf(to, "%s%s", path, suffix ? suffix : "~");
	bad = rename(path, to) && errno != ENOENT;
	if (bad)
		warn("cannot backup '%s'", path);
	free(to);
	return bad;
}

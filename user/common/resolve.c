/*
 * resolve.c - realpath(3) for paths of which something may be missing.
 */
#include "resolve.h"
#include "common.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The path that a symbolic link leads to, as text, or NULL. */
static char *link_text(const char *path)
{
	char target[4096], *folder, *full;
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *slash;

	if (n < 0)
		return NULL;
	target[n] = 0;
	if (target[0] == '/')
		return need(strdup(target));
	slash = strrchr(path, '/');
	folder = slash ? need(strndup(path, (size_t)(slash - path) + 1)) : need(strdup(""));
	full = path_join(folder, target);
	free(folder);
	return full;
}

char *resolve(const char *path, int missing)
{
	char *all = realpath(path, NULL), *copy, *slash, *folder, *full;
	size_t n = strlen(path);

	if (all || !missing || errno != ENOENT || !n)
		return all;
	copy = need(strdup(path));
	while (n > 1 && copy[n - 1] == '/')
		copy[--n] = 0;
	/* a link that leads nowhere: where it would */
	full = link_text(copy);
	if (full) {
		free(copy);
		all = resolve(full, missing);
		free(full);
		return all;
	}
	slash = strrchr(copy, '/');
	if (slash)
		*slash = 0;
	folder = resolve(!slash	       ? "." :
			 slash == copy ? "/" :
					 copy,
			 missing > 0 ? missing - 1 : missing);
	full = NULL;
	if (folder) {
		const char *name = slash ? slash + 1 : copy;

		if (!strcmp(name, ".."))
			*strrchr(folder, '/') = 0;
		full = strcmp(name, ".") && strcmp(name, "..") ? path_join(folder, name) :
								 need(strdup(folder));
	}
	free(folder);
	free(copy);
	return full;
}

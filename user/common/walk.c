/*
 * walk.c - trees of files, from the top down and back up.
 */
#include "common.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct chain {
	const struct chain *up;
	dev_t dev;
	ino_t ino;
};

static int any(const struct dirent *d)
{
	return strcmp(d->d_name, ".") && strcmp(d->d_name, "..");
}

static bool is_above(const struct chain *c, const struct stat *st)
{
	for (; c; c = c->up)
		if (c->dev == st->st_dev && c->ino == st->st_ino)
			return true;
	return false;
}

typedef void visitor(struct walk *, enum walk_event);

static void walk_one(const char *path, int depth, int flags, visitor *visit, void *arg,
		     const struct chain *up, dev_t dev)
{
	struct walk w = { .path = path, .name = base_name(path), .depth = depth, .arg = arg };
	bool follow = flags & WALK_FOLLOW || (flags & WALK_FOLLOW_FIRST && !depth);
	struct chain here = { .up = up };
	struct dirent **list;
	int n;

	if (follow ? stat(path, &w.st) && lstat(path, &w.st) : lstat(path, &w.st)) {
		visit(&w, WALK_ERROR);
		return;
	}
	if (!S_ISDIR(w.st.st_mode)) {
		visit(&w, WALK_FILE);
		return;
	}
	if (follow && is_above(up, &w.st)) {
		errno = ELOOP;
		visit(&w, WALK_ERROR);
		return;
	}
	here.dev = w.st.st_dev;
	here.ino = w.st.st_ino;
	visit(&w, WALK_FOLDER);
	if (!w.skip && (!(flags & WALK_ONE_DEVICE) || !depth || dev == w.st.st_dev)) {
		n = scandir(path, &list, any, flags & WALK_SORTED ? alphasort : NULL);
		if (n < 0)
			visit(&w, WALK_ERROR);
		for (int i = 0; i < n; i++) {
			char *full = path_join(path, list[i]->d_name);

			free(list[i]);
			walk_one(full, depth + 1, flags, visit, arg, &here, w.st.st_dev);
			free(full);
		}
		if (n >= 0)
			free(list);
	}
	visit(&w, WALK_LEFT);
}

void walk(const char *path, int flags, visitor *visit, void *arg)
{
	walk_one(path, 0, flags, visit, arg, NULL, 0);
}

/*
 * nftw.c - a walk through a tree of files (POSIX XSI nftw, ftw). The names of a directory
 * are read at once and it is closed before any of them is visited, so that one descriptor
 * is enough for any depth.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef int nftw_fn(const char *, const struct stat *, int, struct FTW *);
typedef int ftw_fn(const char *, const struct stat *, int);

struct above {
	const struct above *up;
	dev_t dev;
	ino_t ino;
};

struct walk {
	nftw_fn *nfn;
	ftw_fn *fn;
	int flags;
	dev_t dev; /* of the top */
	char path[PATH_MAX];
	struct FTW ftw;
};

static int call(struct walk *w, const struct stat *st, int type)
{
	if (!w->nfn)
		return w->fn(w->path, st, type);
	if (w->flags & FTW_CHDIR) {
		/* In the directory that the object is in. */
		char saved = w->path[w->ftw.base];
		int err = 0;

		if (w->ftw.base && w->ftw.level) {
			w->path[w->ftw.base] = 0;
			err = *w->path == '/' ? chdir(w->path) : 0;
			w->path[w->ftw.base] = saved;
		}
		if (err)
			return -1;
	}
	return w->nfn(w->path, st, type, &w->ftw);
}

/* Name by name, each with its zero; an empty one ends. NULL with errno. */
static char *names_of(const char *path)
{
	size_t n = 0, room = 256;
	char *all = malloc(room);
	struct dirent *de;
	DIR *d = all ? opendir(path) : NULL;

	if (!d) {
		free(all);
		return NULL;
	}
	while ((de = readdir(d))) {
		size_t len = strlen(de->d_name) + 1;

		if (!strcmp(de->d_name, ".") || !strcmp(de->d_name, ".."))
			continue;
		if (n + len + 1 > room) {
			char *p = realloc(all, room = 2 * (n + len + 1));

			if (!p)
				goto out_memory;
			all = p;
		}
		memcpy(all + n, de->d_name, len);
		n += len;
	}
	closedir(d);
	all[n] = 0;
	return all;
out_memory:
	closedir(d);
	free(all);
	return NULL;
}

static int visit(struct walk *w, size_t len, const struct above *up);

static int visit_children(struct walk *w, char *names, size_t len, const struct above *here)
{
	struct FTW saved = w->ftw;
	int err = 0;

	w->ftw.level++;
	if (len && w->path[len - 1] != '/')
		w->path[len++] = '/';
	w->ftw.base = (int)len;
	for (char *name = names; *name && !err; name += strlen(name) + 1) {
		size_t n = strlen(name);

		if (len + n + 1 > PATH_MAX) {
			errno = ENAMETOOLONG;
			err = -1;
			break;
		}
		memcpy(w->path + len, name, n + 1);
		err = visit(w, len + n, here);
		if (w->flags & FTW_ACTIONRETVAL && err == FTW_SKIP_SIBLINGS) {
			err = 0;
			break;
		}
	}
	w->ftw = saved;
	return err;
}

static int visit_dir(struct walk *w, size_t len, const struct above *up, const struct stat *st)
{
	struct above here = { up, st->st_dev, st->st_ino };
	char *names;
	int err = 0;

	/* Through a link we may come to a directory that we are in. */
	for (const struct above *a = up; a; a = a->up)
		if (a->dev == st->st_dev && a->ino == st->st_ino)
			return 0;
	names = names_of(w->path);
	if (!names) {
		if (errno != EACCES)
			return errno == ENOENT || errno == ENOTDIR ? 0 : -1;
		return call(w, st, FTW_DNR);
	}
	if (!(w->flags & FTW_DEPTH))
		err = call(w, st, FTW_D);
	if (w->flags & FTW_ACTIONRETVAL && err == FTW_SKIP_SUBTREE) {
		free(names);
		return 0;
	}
	if (!err)
		err = visit_children(w, names, len, &here);
	w->path[len] = 0;
	free(names);
	if (!err && w->flags & FTW_DEPTH)
		err = call(w, st, FTW_DP);
	return err;
}

static int visit(struct walk *w, size_t len, const struct above *up)
{
	struct stat st = { 0 };
	int physical = w->flags & FTW_PHYS, type;

	if (physical ? lstat(w->path, &st) : stat(w->path, &st)) {
		if (errno != EACCES && errno != ENOENT)
			return -1;
		if (!physical && !lstat(w->path, &st) && S_ISLNK(st.st_mode))
			return call(w, &st, FTW_SLN);
		if (!up)
			return -1;
		return call(w, &st, FTW_NS);
	}
	if (!up)
		w->dev = st.st_dev;
	if (w->flags & FTW_MOUNT && st.st_dev != w->dev)
		return 0;
	if (S_ISDIR(st.st_mode))
		return visit_dir(w, len, up, &st);
	type = S_ISLNK(st.st_mode) ? FTW_SL : FTW_F;
	return call(w, &st, type);
}

static int walk(const char *path, nftw_fn *nfn, ftw_fn *fn, int flags)
{
	struct walk *w;
	size_t len = strlen(path);
	int err, cwd = -1;

	if (len + 1 > PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	w = calloc(1, sizeof(*w));
	if (!w)
		return -1;
	*w = (struct walk){ .nfn = nfn, .fn = fn, .flags = flags };
	memcpy(w->path, path, len + 1);
	/* To be able to go back, and to find relative paths from anywhere. */
	if (flags & FTW_CHDIR) {
		cwd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (*path != '/' && !realpath(path, w->path)) {
			free(w);
			close(cwd);
			return -1;
		}
		len = strlen(w->path);
	}
	while (len > 1 && w->path[len - 1] == '/')
		w->path[--len] = 0;
	for (w->ftw.base = (int)len; w->ftw.base && w->path[w->ftw.base - 1] != '/';)
		w->ftw.base--;
	err = visit(w, len, NULL);
	free(w);
	if (cwd >= 0) {
		if (fchdir(cwd))
			err = -1;
		close(cwd);
	}
	return err;
}

int nftw(const char *path, nftw_fn *fn, int fds, int flags)
{
	(void)fds;
	return walk(path, fn, NULL, flags);
}

int ftw(const char *path, ftw_fn *fn, int fds)
{
	(void)fds;
	return walk(path, NULL, fn, 0);
}

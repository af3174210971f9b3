/*
 * fts.c - a walk through a tree of files, entry by entry (BSD fts(3)). The walk never
 * changes its directory: fts_accpath is fts_path, as with FTS_NOCHDIR.
 */
#include <dirent.h>
#include <errno.h>
#include <fts.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

struct __fts {
	FTSENT *cur; /* what fts_read gave last */
	FTSENT *ahead; /* the children that fts_children listed, or FTS_INIT's roots */
	char *path; /* PATH_MAX */
	int options;
	dev_t dev;
	int (*cmp)(const FTSENT **, const FTSENT **);
	FTSENT root; /* the parent of the roots */
};

static FTSENT *new_entry(FTS *f, FTSENT *parent, const char *name)
{
	size_t n = strlen(name);
	FTSENT *e = calloc(1, sizeof(*e) + n + sizeof(struct stat) + 16);

	if (!e)
		return NULL;
	memcpy(e->fts_name, name, n + 1);
	e->fts_namelen = (unsigned short)n;
	e->fts_parent = parent;
	e->fts_level = (short)(parent->fts_level + 1);
	e->fts_path = e->fts_accpath = f->path;
	e->fts_instr = FTS_NOINSTR;
	e->fts_statp = (struct stat *)(((uintptr_t)e->fts_name + n + 16) & ~(uintptr_t)15);
	return e;
}

static void free_list(FTSENT *e)
{
	while (e) {
		FTSENT *next = e->fts_link;

		free(e);
		e = next;
	}
}

/* f->path becomes the entry's; 0, or -1: too long. */
static int set_path(FTS *f, FTSENT *e)
{
	FTSENT *p = e->fts_parent;
	size_t n = 0;

	if (p && p->fts_level >= FTS_ROOTLEVEL) {
		n = p->fts_pathlen;
		if (n && f->path[n - 1] != '/' && n + 1 < PATH_MAX)
			f->path[n++] = '/';
	}
	if (n + e->fts_namelen + 1u > PATH_MAX)
		return -1;
	memcpy(f->path + n, e->fts_name, e->fts_namelen + 1u);
	e->fts_pathlen = (unsigned short)(n + e->fts_namelen);
	return 0;
}

/* What the file at f->path is. */
static unsigned short examine(FTS *f, FTSENT *e, int follow)
{
	struct stat *st = e->fts_statp;

	if (follow || f->options & FTS_LOGICAL ||
	    (f->options & FTS_COMFOLLOW && e->fts_level == FTS_ROOTLEVEL)) {
		if (stat(f->path, st)) {
			e->fts_errno = errno;
			if (!lstat(f->path, st) && S_ISLNK(st->st_mode)) {
				e->fts_errno = 0;
				return FTS_SLNONE;
			}
			return FTS_NS;
		}
	} else if (lstat(f->path, st)) {
		e->fts_errno = errno;
		return FTS_NS;
	}
	e->fts_dev = st->st_dev;
	e->fts_ino = st->st_ino;
	e->fts_nlink = st->st_nlink;
	if (S_ISDIR(st->st_mode)) {
		if (!strcmp(e->fts_name, ".") || !strcmp(e->fts_name, ".."))
			if (e->fts_level != FTS_ROOTLEVEL)
				return FTS_DOT;
		for (FTSENT *p = e->fts_parent; p && p->fts_level >= FTS_ROOTLEVEL;
		     p = p->fts_parent) {
			if (p->fts_ino == e->fts_ino && p->fts_dev == e->fts_dev) {
				e->fts_cycle = p;
				return FTS_DC;
			}
		}
		return FTS_D;
	}
	return S_ISLNK(st->st_mode) ? FTS_SL : S_ISREG(st->st_mode) ? FTS_F : FTS_DEFAULT;
}

static FTSENT *sorted(FTS *f, FTSENT *list, size_t count)
{
	FTSENT **all, *first;

	if (!f->cmp || count < 2)
		return list;
	all = malloc(count * sizeof(*all));
	if (!all)
		return list;
	for (size_t i = 0; i < count; i++, list = list->fts_link)
		all[i] = list;
	qsort(all, count, sizeof(*all), (int (*)(const void *, const void *))f->cmp);
	for (size_t i = 0; i < count; i++)
		all[i]->fts_link = i + 1 < count ? all[i + 1] : NULL;
	first = all[0];
	free(all);
	return first;
}

/* The entries of the directory that f->path names; NULL with errno 0 when it is empty. */
static FTSENT *list(FTS *f, FTSENT *dir)
{
	FTSENT *head = NULL, **tail = &head;
	DIR *d = opendir(f->path);
	size_t count = 0;
	struct dirent *de;

	if (!d)
		return NULL;
	while ((de = readdir(d))) {
		FTSENT *e;

		if (!(f->options & FTS_SEEDOT) &&
		    (!strcmp(de->d_name, ".") || !strcmp(de->d_name, "..")))
			continue;
		e = new_entry(f, dir, de->d_name);
		if (!e)
			break;
		if (set_path(f, e)) {
			e->fts_info = FTS_ERR;
			e->fts_errno = ENAMETOOLONG;
		} else if (f->options & FTS_NOSTAT && de->d_type != DT_DIR &&
			   de->d_type != DT_UNKNOWN && !(f->options & FTS_LOGICAL)) {
			e->fts_info = FTS_NSOK;
		} else {
			e->fts_info = examine(f, e, 0);
		}
		*tail = e;
		tail = &e->fts_link;
		count++;
	}
	closedir(d);
	f->path[dir->fts_pathlen] = 0;
	errno = 0;
	return sorted(f, head, count);
}

FTS *fts_open(char *const *paths, int options, int (*cmp)(const FTSENT **, const FTSENT **))
{
	FTSENT *head = NULL, **tail = &head;
	size_t count = 0;
	FTS *f;

	if (!(options & (FTS_LOGICAL | FTS_PHYSICAL))) {
		errno = EINVAL;
		return NULL;
	}
	f = calloc(1, sizeof(*f));
	if (!f)
		return NULL;
	f->path = malloc(PATH_MAX);
	f->options = options;
	f->cmp = cmp;
	f->root.fts_level = FTS_ROOTPARENTLEVEL;
	for (; f->path && *paths; paths++, count++) {
		FTSENT *e = new_entry(f, &f->root, *paths);

		if (!e)
			goto out;
		if (set_path(f, e)) {
			e->fts_info = FTS_NS;
			e->fts_errno = ENAMETOOLONG;
		} else {
			e->fts_info = examine(f, e, 0);
		}
		*tail = e;
		tail = &e->fts_link;
	}
	if (f->path) {
		f->ahead = sorted(f, head, count);
		return f;
	}
out:
	free_list(head);
	free(f->path);
	free(f);
	return NULL;
}

static FTSENT *give(FTS *f, FTSENT *e)
{
	f->cur = e;
	if (set_path(f, e))
		e->fts_info = FTS_ERR;
	if (e->fts_level == FTS_ROOTLEVEL)
		f->dev = e->fts_dev;
	return e;
}

/* The next on this level, or the directory above, which is done. */
static FTSENT *next_of(FTS *f, FTSENT *e)
{
	FTSENT *next = e->fts_link, *parent = e->fts_parent;

	free(e);
	f->cur = NULL;
	if (next)
		return next;
	if (parent->fts_level < FTS_ROOTLEVEL)
		return NULL;
	parent->fts_info = parent->fts_errno ? FTS_ERR : FTS_DP;
	return parent;
}

FTSENT *fts_read(FTS *f)
{
	FTSENT *e = f->cur, *kids;

	if (!e) {
		e = f->ahead;
		f->ahead = NULL;
		return e ? give(f, e) : NULL;
	}
	if (e->fts_instr == FTS_AGAIN) {
		e->fts_instr = FTS_NOINSTR;
		e->fts_info = examine(f, e, 0);
		return give(f, e);
	}
	if (e->fts_instr == FTS_FOLLOW && (e->fts_info == FTS_SL || e->fts_info == FTS_SLNONE)) {
		e->fts_instr = FTS_NOINSTR;
		e->fts_info = examine(f, e, 1);
		return give(f, e);
	}
	if (e->fts_info == FTS_D) {
		if (e->fts_instr == FTS_SKIP || (f->options & FTS_XDEV && e->fts_dev != f->dev)) {
			free_list(f->ahead);
			f->ahead = NULL;
			e->fts_info = FTS_DP;
			return give(f, e);
		}
		kids = f->ahead;
		f->ahead = NULL;
		if (!kids) {
			kids = list(f, e);
			if (!kids && errno) {
				e->fts_errno = errno;
				e->fts_info = FTS_DNR;
				return give(f, e);
			}
		}
		if (!kids) {
			e->fts_info = FTS_DP;
			return give(f, e);
		}
		return give(f, kids);
	}
	do {
		e = next_of(f, e);
		if (!e)
			return NULL;
	} while (e->fts_instr == FTS_SKIP && e->fts_info != FTS_DP);
	return give(f, e);
}

FTSENT *fts_children(FTS *f, int options)
{
	(void)options;
	errno = 0;
	if (!f->cur)
		return f->ahead;
	if (f->cur->fts_info != FTS_D)
		return NULL;
	if (!f->ahead)
		f->ahead = list(f, f->cur);
	return f->ahead;
}

int fts_set(FTS *f, FTSENT *e, int instr)
{
	(void)f;
	if (instr < 0 || instr > FTS_SKIP) {
		errno = EINVAL;
		return 1;
	}
	e->fts_instr = (unsigned short)instr;
	return 0;
}

int fts_close(FTS *f)
{
	FTSENT *e = f->cur;

	while (e && e->fts_level >= FTS_ROOTLEVEL) {
		FTSENT *up = e->fts_parent;

		free_list(e);
		e = up;
	}
	free_list(f->ahead);
	free(f->path);
	free(f);
	return 0;
}

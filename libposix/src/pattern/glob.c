/*
 * glob.c - file names that match a pattern (POSIX glob), with GNU's GLOB_BRACE,
 * GLOB_TILDE, GLOB_NOMAGIC, GLOB_ONLYDIR, GLOB_PERIOD. Part by part: what has no special
 * character is looked up, what has is matched against its directory.
 */
#include <dirent.h>
#include <errno.h>
#include <fnmatch.h>
#include <glob.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct search {
	int flags;
	int (*err)(const char *path, int errno_);
	char **found;
	size_t count, room;
	char path[PATH_MAX];
};

static int is_special(const char *p, size_t n, int flags)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && !(flags & GLOB_NOESCAPE) && i + 1 < n)
			i++;
		else if (p[i] == '*' || p[i] == '?' || p[i] == '[')
			return 1;
	}
	return 0;
}

static int keep(struct search *s, const char *name, int mark)
{
	size_t n = strlen(name);
	char *copy;

	if (s->count == s->room) {
		size_t room = s->room ? 2 * s->room : 16;
		char **p = realloc(s->found, room * sizeof(*p));

		if (!p)
			return GLOB_NOSPACE;
		s->found = p;
		s->room = room;
	}
	copy = malloc(n + 2);
	if (!copy)
		return GLOB_NOSPACE;
	memcpy(copy, name, n + 1);
	if (mark && n && name[n - 1] != '/')
		strcpy(copy + n, "/");
	s->found[s->count++] = copy;
	return 0;
}

static int is_dir(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISDIR(st.st_mode);
}

/* The path is whole. */
static int found(struct search *s, size_t len)
{
	struct stat st;
	int dir;

	s->path[len] = 0;
	if (lstat(s->path, &st))
		return 0;
	dir = S_ISDIR(st.st_mode) || (S_ISLNK(st.st_mode) && is_dir(s->path));
	if (s->flags & GLOB_ONLYDIR && !dir)
		return 0;
	return keep(s, s->path, s->flags & GLOB_MARK && dir);
}

/* A part without special characters, its backslashes taken away; the new length or 0. */
static size_t append_plain(struct search *s, size_t len, const char *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (p[i] == '\\' && !(s->flags & GLOB_NOESCAPE) && i + 1 < n)
			i++;
		if (len + 2 > PATH_MAX)
			return 0;
		s->path[len++] = p[i];
	}
	s->path[len] = 0;
	return len;
}

static int walk(struct search *s, size_t len, const char *p);

/* Names in path[0..len] that match the part p[0..n], and then the rest of the pattern. */
static int walk_directory(struct search *s, size_t len, const char *p, size_t n)
{
	int fn_flags = (s->flags & GLOB_NOESCAPE ? FNM_NOESCAPE : 0) |
		       (s->flags & GLOB_PERIOD ? 0 : FNM_PERIOD);
	const char *rest = p + n;
	char part[NAME_MAX * 4 + 1];
	struct dirent *de;
	int err = 0;
	DIR *d;

	if (n >= sizeof(part))
		return 0;
	memcpy(part, p, n);
	part[n] = 0;
	s->path[len] = 0;
	d = opendir(len ? s->path : ".");
	if (!d) {
		if (errno == ENOTDIR || errno == ENOENT)
			return 0;
		if ((s->err && s->err(s->path, errno)) || s->flags & GLOB_ERR)
			return GLOB_ABORTED;
		return 0;
	}
	while (!err) {
		size_t name_len;

		errno = 0;
		de = readdir(d);
		if (!de) {
			if (errno && ((s->err && s->err(s->path, errno)) || s->flags & GLOB_ERR))
				err = GLOB_ABORTED;
			break;
		}
		if (fnmatch(part, de->d_name, fn_flags))
			continue;
		name_len = strlen(de->d_name);
		if (len + name_len + 1 >= PATH_MAX)
			continue;
		memcpy(s->path + len, de->d_name, name_len + 1);
		if (*rest && de->d_type != DT_DIR && de->d_type != DT_LNK &&
		    de->d_type != DT_UNKNOWN)
			continue;
		err = walk(s, len + name_len, rest);
	}
	closedir(d);
	return err;
}

static int walk(struct search *s, size_t len, const char *p)
{
	while (*p) {
		size_t n = strspn(p, "/");

		if (n) {
			if (len + n + 1 > PATH_MAX)
				return 0;
			memcpy(s->path + len, p, n);
			len += n;
			s->path[len] = 0;
			p += n;
			continue;
		}
		n = strcspn(p, "/");
		if (is_special(p, n, s->flags))
			return walk_directory(s, len, p, n);
		len = append_plain(s, len, p, n);
		if (!len)
			return 0;
		p += n;
	}
	return found(s, len);
}

static int by_name(const void *a, const void *b)
{
	return strcoll(*(char *const *)a, *(char *const *)b);
}

/* ~ and what is in braces have been dealt with. */
static int glob_plain(struct search *s, const char *pattern)
{
	size_t first = s->count;
	int err = walk(s, 0, pattern);

	if (!err && s->count > first && !(s->flags & GLOB_NOSORT))
		qsort(s->found + first, s->count - first, sizeof(*s->found), by_name);
	return err;
}

/* {a,b} outside of other braces: each in turn. */
static int glob_brace(struct search *s, const char *pattern)
{
	const char *open = pattern, *p, *begin;
	size_t head, room = strlen(pattern) + 1;
	int depth = 0, err = 0;
	char *one;

	if (s->flags & GLOB_BRACE)
		while (*open && (*open != '{' || open[1] == '}'))
			open += *open == '\\' && open[1] ? 2 : 1;
	else
		open += room - 1;
	for (p = open; *p; p++) {
		depth += (*p == '{') - (*p == '}');
		if (!depth)
			break;
	}
	if (!*p)
		return glob_plain(s, pattern);
	one = malloc(room);
	if (!one)
		return GLOB_NOSPACE;
	head = (size_t)(open - pattern);
	memcpy(one, pattern, head);
	for (begin = open + 1; begin <= p && !err; begin++) {
		const char *end = begin;

		for (depth = 0; end < p && (*end != ',' || depth); end++)
			depth += (*end == '{') - (*end == '}');
		memcpy(one + head, begin, (size_t)(end - begin));
		strcpy(one + head + (end - begin), p + 1);
		err = glob_brace(s, one);
		begin = end;
	}
	free(one);
	return err;
}

/* ~ is HOME; of others' homes nothing is known here. */
static char *expand_tilde(const char *pattern)
{
	const char *home = getenv("HOME");
	char *p;

	if (!home || (pattern[1] && pattern[1] != '/'))
		return NULL;
	p = malloc(strlen(home) + strlen(pattern));
	if (p)
		strcat(strcpy(p, home), pattern + 1);
	return p;
}

int glob(const char *restrict pattern, int flags, int (*err_fn)(const char *, int),
	 glob_t *restrict g)
{
	struct search *s = calloc(1, sizeof(*s));
	size_t offs = flags & GLOB_DOOFFS ? g->gl_offs : 0;
	size_t before = flags & GLOB_APPEND ? g->gl_pathc : 0;
	char *home = NULL;
	char **v;
	int err;

	if (!(flags & GLOB_APPEND)) {
		g->gl_pathc = 0;
		g->gl_pathv = NULL;
		if (!(flags & GLOB_DOOFFS))
			g->gl_offs = 0;
	}
	if (!s)
		return GLOB_NOSPACE;
	s->flags = flags;
	s->err = err_fn;
	if (flags & (GLOB_TILDE | GLOB_TILDE_CHECK) && *pattern == '~') {
		home = expand_tilde(pattern);
		if (home)
			pattern = home;
		else if (flags & GLOB_TILDE_CHECK) {
			free(s);
			return GLOB_NOMATCH;
		}
	}
	err = *pattern ? glob_brace(s, pattern) : 0;
	if (!err && !s->count) {
		if (flags & GLOB_NOCHECK ||
		    (flags & GLOB_NOMAGIC && !is_special(pattern, strlen(pattern), flags)))
			err = keep(s, pattern, 0);
		else
			err = GLOB_NOMATCH;
	}
	if (s->count) {
		v = realloc(g->gl_pathv, (offs + before + s->count + 1) * sizeof(*v));
		if (v) {
			if (!before)
				memset(v, 0, offs * sizeof(*v));
			memcpy(v + offs + before, s->found, s->count * sizeof(*v));
			v[offs + before + s->count] = NULL;
			g->gl_pathv = v;
			g->gl_pathc = before + s->count;
		} else {
			err = GLOB_NOSPACE;
			while (s->count)
				free(s->found[--s->count]);
		}
	}
	g->gl_flags = flags;
	free(s->found);
	free(s);
	free(home);
	return err;
}

void globfree(glob_t *g)
{
	size_t offs = g->gl_flags & GLOB_DOOFFS ? g->gl_offs : 0;

	for (size_t i = 0; g->gl_pathv && i < g->gl_pathc; i++)
		free(g->gl_pathv[offs + i]);
	free(g->gl_pathv);
	g->gl_pathv = NULL;
	g->gl_pathc = 0;
}

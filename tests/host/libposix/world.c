/*
 * world.c - the files and the environment that libposix sees when it is fuzzed: one file's contents under
 * every name, TZ, and a small tree of folders for glob.
 */
#include "lp.h"

#include <stdarg.h>

const char *world_tz;
const unsigned char *world_file;
size_t world_size;
static size_t at;

/* struct stat of riscv64. */
struct lp_stat {
	unsigned long dev, ino;
	unsigned int mode, nlink, uid, gid;
	unsigned long rdev, pad;
	long size, more[9];
};

struct lp_dirent {
	uint64_t ino, off;
	unsigned short len;
	unsigned char type;
	char name[64];
};

struct lp_dir {
	int which, next;
	struct lp_dirent entry;
};

/* "" is the folder that glob begins in; every name but those with a dot in the middle is a folder. */
static const char *const tree[][8] = {
	{ ".", "..", "a", "b.c", "ab", ".h", "d-e", NULL },
	{ ".", "..", "a", "bb", "x.y", NULL },
};

int lp_open(const char *path, int flags, ...);
long lp_read(int fd, void *buf, size_t n);
int lp_close(int fd);
int lp_fstat(int fd, struct lp_stat *st);
int lp_stat(const char *path, struct lp_stat *st);
int lp_lstat(const char *path, struct lp_stat *st);
struct lp_dir *lp_opendir(const char *path);
struct lp_dirent *lp_readdir(struct lp_dir *dir);
int lp_closedir(struct lp_dir *dir);
char *lp_getenv(const char *name);
char *lp_secure_getenv(const char *name);

int lp_open(const char *path, int flags, ...)
{
	(void)path;
	(void)flags;
	at = 0;
	return world_file ? 3 : -1;
}

long lp_read(int fd, void *buf, size_t n)
{
	(void)fd;
	if (n > world_size - at)
		n = world_size - at;
	memcpy(buf, world_file + at, n);
	at += n;
	return (long)n;
}

int lp_close(int fd)
{
	(void)fd;
	return 0;
}

int lp_fstat(int fd, struct lp_stat *st)
{
	(void)fd;
	memset(st, 0, sizeof(*st));
	st->mode = 0100644;
	st->size = (long)world_size;
	return 0;
}

/* -1: not there, 0: a file, 1: a folder; each folder of the first level holds the same. */
static int kind(const char *path)
{
	int level = 0;

	while (*path) {
		size_t n = strcspn(path, "/");
		int found = !n || (n == 1 && *path == '.') || (n == 2 && !memcmp(path, "..", 2));

		if (level > 1)
			return -1;
		for (int i = 2; !found && tree[level][i]; i++)
			found = strlen(tree[level][i]) == n && !memcmp(path, tree[level][i], n);
		if (!found)
			return -1;
		if (n > 2 && path[1] == '.')
			return path[n] ? -1 : 0;
		level += n > 0 && *path != '.';
		path += n;
		while (*path == '/')
			path++;
	}
	return 1;
}

int lp_stat(const char *path, struct lp_stat *st)
{
	int k = kind(path);

	memset(st, 0, sizeof(*st));
	st->mode = k == 1 ? 040755 : 0100644;
	return k < 0 ? -1 : 0;
}

int lp_lstat(const char *path, struct lp_stat *st)
{
	return lp_stat(path, st);
}

struct lp_dir *lp_opendir(const char *path)
{
	struct lp_dir *dir;

	if (kind(path) != 1)
		return NULL;
	dir = calloc(1, sizeof(*dir));
	dir->which = strspn(path, "./") != strlen(path);
	return dir;
}

struct lp_dirent *lp_readdir(struct lp_dir *dir)
{
	const char *name = tree[dir->which][dir->next];

	if (!name)
		return NULL;
	dir->next++;
	strcpy(dir->entry.name, name);
	dir->entry.ino = 1;
	return &dir->entry;
}

int lp_closedir(struct lp_dir *dir)
{
	free(dir);
	return 0;
}

char *lp_getenv(const char *name)
{
	return !strcmp(name, "TZ") ? (char *)world_tz : !strcmp(name, "HOME") ? (char *)"a" : NULL;
}

char *lp_secure_getenv(const char *name)
{
	return lp_getenv(name);
}

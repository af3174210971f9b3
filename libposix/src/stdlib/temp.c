/*
 * temp.c - names that nobody has yet: mkstemp and its relatives, mkdtemp, mktemp,
 * tempnam, tmpnam, tmpfile.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define TRIES 100
#define XES   6

/* Random letters for the six X that `at` points at. */
static int fill(char *at)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	unsigned char r[XES];

	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		return -1;
	for (int i = 0; i < XES; i++)
		at[i] = letters[r[i] % 36];
	return 0;
}

/* Where the X begin, with `suffix` bytes behind them; NULL with EINVAL. */
static char *find(char *template, int suffix)
{
	size_t len = strlen(template);

	if (suffix < 0 || len < XES + (size_t)suffix ||
	    memcmp(template + len - (size_t)suffix - XES, "XXXXXX", XES)) {
		errno = EINVAL;
		return NULL;
	}
	return template + len - (size_t)suffix - XES;
}

int mkostemps(char *template, int suffix, int flags)
{
	char *at = find(template, suffix);

	for (int i = 0; at && i < TRIES; i++) {
		int fd;

		if (fill(at))
			break;
		fd = open(template, (flags & ~O_ACCMODE) | O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd >= 0)
			return fd;
		if (errno != EEXIST)
			break;
	}
	if (at)
		memcpy(at, "XXXXXX", XES);
	return -1;
}

int mkstemps(char *template, int suffix)
{
	return mkostemps(template, suffix, 0);
}

int mkostemp(char *template, int flags)
{
	return mkostemps(template, 0, flags);
}

int mkstemp(char *template)
{
	return mkostemps(template, 0, 0);
}

char *mkdtemp(char *template)
{
	char *at = find(template, 0);

	for (int i = 0; at && i < TRIES; i++) {
		if (fill(at))
			break;
		if (!mkdir(template, 0700))
			return template;
		if (errno != EEXIST)
			break;
	}
	if (at)
		memcpy(at, "XXXXXX", XES);
	return NULL;
}

/* A name that nobody has now. Whoever takes it may come too late. */
static char *free_name(char *template)
{
	char *at = find(template, 0);
	int saved = errno;

	for (int i = 0; at && i < TRIES; i++) {
		if (fill(at))
			break;
		if (access(template, F_OK) && errno == ENOENT) {
			errno = saved;
			return template;
		}
	}
	return NULL;
}

char *mktemp(char *template)
{
	if (!free_name(template))
		*template = 0;
	return template;
}

char *tmpnam(char *buf)
{
	static char own[L_tmpnam];

	if (!buf)
		buf = own;
	strcpy(buf, P_tmpdir "/tmp_XXXXXX");
	return free_name(buf);
}

char *tempnam(const char *dir, const char *prefix)
{
	const char *env = getenv("TMPDIR");
	char path[PATH_MAX];

	if (env && !access(env, W_OK | X_OK))
		dir = env;
	if (!dir || access(dir, W_OK | X_OK))
		dir = P_tmpdir;
	if (snprintf(path, sizeof(path), "%s/%.5s_XXXXXX", dir, prefix ? prefix : "temp") >=
	    PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	return free_name(path) ? strdup(path) : NULL;
}

FILE *tmpfile(void)
{
	char path[] = P_tmpdir "/tmpfile_XXXXXX";
	int fd = mkstemp(path);
	FILE *f;

	if (fd < 0)
		return NULL;
	unlink(path);
	f = fdopen(fd, "w+");
	if (!f)
		close(fd);
	return f;
}

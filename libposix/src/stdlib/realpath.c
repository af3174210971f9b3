/*
 * realpath.c - a path without links, dots and doubled slashes (POSIX realpath). Works
 * part by part: what is resolved stands in `out`, what is to come in `rest`.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Put `text` before what is still to come, which is nothing or begins with a slash. */
static int put_before(char rest[PATH_MAX], const char *text, size_t n)
{
	size_t len = strlen(rest);

	if (n + len >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memmove(rest + n, rest, len + 1);
	memcpy(rest, text, n);
	return 0;
}

/* The first part of `rest` goes to the end of out; 1 when nothing is left, -1 with errno. */
static int step(char out[PATH_MAX], char rest[PATH_MAX], int *links)
{
	char part[NAME_MAX + 2], target[PATH_MAX];
	size_t len = strlen(out), skip = strspn(rest, "/"), n = strcspn(rest + skip, "/");
	int slash = rest[skip + n] == '/';
	ssize_t k;

	if (!n)
		return 1;
	if (n > NAME_MAX || len + n + 1 >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(part, rest + skip, n);
	part[n] = 0;
	memmove(rest, rest + skip + n, strlen(rest + skip + n) + 1);
	if (!strcmp(part, "."))
		return 0;
	if (!strcmp(part, "..")) {
		while (len > 1 && out[len - 1] != '/')
			len--;
		out[len > 1 ? len - 1 : 1] = 0;
		return 0;
	}
	if (out[len - 1] != '/')
		out[len++] = '/';
	memcpy(out + len, part, n + 1);
	k = readlink(out, target, sizeof(target) - 1);
	if (k < 0) {
		if (errno != EINVAL)
			return -1;
		/* No link. Only a directory may have a slash behind it. */
		n += len;
		if (slash &&
		    (n + 2 > sizeof(target) || access(strcat(strcpy(target, out), "/."), F_OK)))
			return -1;
		return 0;
	}
	if (++*links > SYMLOOP_MAX) {
		errno = ELOOP;
		return -1;
	}
	out[len > 1 ? len - 1 : 1] = 0;
	if (*target == '/')
		strcpy(out, "/");
	return put_before(rest, target, (size_t)k);
}

char *realpath(const char *restrict path, char *restrict out)
{
	char own[PATH_MAX], rest[PATH_MAX];
	int links = 0, done;
	size_t n;

	if (!path || !*path) {
		errno = path ? ENOENT : EINVAL;
		return NULL;
	}
	n = strlen(path);
	if (n >= PATH_MAX) {
		errno = ENAMETOOLONG;
		return NULL;
	}
	memcpy(rest, path, n + 1);
	if (*path == '/')
		strcpy(own, "/");
	else if (!getcwd(own, sizeof(own)))
		return NULL;
	do
		done = step(own, rest, &links);
	while (!done);
	if (done < 0)
		return NULL;
	return out ? strcpy(out, own) : strdup(own);
}

char *canonicalize_file_name(const char *path)
{
	return realpath(path, NULL);
}

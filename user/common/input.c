/*
 * input.c - files in and out, as most commands take them.
 */
#include "common.h"

#include <err.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

_Noreturn void usage(const char *text, int status)
{
	fputs(text, stderr);
	exit(status);
}

int finish(int status)
{
	if (!fflush(stdout) && !ferror(stdout))
		return status;
	if (errno != EPIPE)
		warn("standard output");
	return status ? status : 1;
}

const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash && slash[1] ? slash + 1 : slash ? path : path;
}

void *need(void *p)
{
	if (!p)
		err(1, "memory");
	return p;
}

char *path_join(const char *folder, const char *name)
{
	size_t n = strlen(folder);
	char *s = need(malloc(n + strlen(name) + 2));

	memcpy(s, folder, n);
	if (n && folder[n - 1] != '/')
		s[n++] = '/';
	strcpy(s + n, name);
	return s;
}

FILE *open_input(const char *name)
{
	struct stat st;
	FILE *f;

	if (!strcmp(name, "-"))
		return stdin;
	f = fopen(name, "re");
	if (f && !fstat(fileno(f), &st) && S_ISDIR(st.st_mode)) {
		fclose(f);
		f = NULL;
		errno = EISDIR;
	}
	if (!f)
		warn("%s", name);
	return f;
}

void close_input(FILE *f)
{
	if (f == stdin)
		clearerr(f);
	else
		fclose(f);
}

int write_all(int fd, const void *data, size_t n)
{
	const char *p = data;

	while (n) {
		ssize_t w = write(fd, p, n);

		if (w < 0 && errno == EINTR)
			continue;
		if (w < 0)
			return -1;
		p += w;
		n -= (size_t)w;
	}
	return 0;
}

int copy_fd(int from, int to, bool *wrote)
{
	static char buf[65536];
	ssize_t n;

	*wrote = false;
	while ((n = read(from, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -1;
		*wrote = true;
		if (write_all(to, buf, (size_t)n))
			return -1;
		*wrote = false;
	}
	return 0;
}

/*
 * libgen.c - the last part of a path and what is before it (POSIX XSI).
 */
#include <libgen.h>
#include <string.h>

char *basename(char *path)
{
	size_t n;

	if (!path || !*path)
		return (char *)".";
	for (n = strlen(path); n > 1 && path[n - 1] == '/'; n--)
		path[n - 1] = 0;
	while (n && path[n - 1] != '/')
		n--;
	return path[n] ? path + n : path;
}

char *dirname(char *path)
{
	size_t n;

	if (!path || !*path)
		return (char *)".";
	n = strlen(path);
	while (n > 1 && path[n - 1] == '/')
		n--;
	while (n && path[n - 1] != '/')
		n--;
	while (n > 1 && path[n - 1] == '/')
		n--;
	if (!n)
		return (char *)".";
	path[n] = 0;
	return path;
}

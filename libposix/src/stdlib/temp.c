/*
 * temp.c - names that nobody has yet: mkstemp(3), mkdtemp(3); realpath(3).
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

/* Replace the six X at the end; 0, or -1 with EINVAL when they are not there. */
static int fill(char *template)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	size_t len = strlen(template);
	unsigned char r[6];

	if (len < 6) {
		errno = EINVAL;
		return -1;
	}
	if (getrandom(r, sizeof(r), 0) != sizeof(r))
		return -1;
	for (size_t i = 0; i < 6; i++)
		template[len - 6 + i] = letters[r[i] % 36];
	return 0;
}

static int valid(const char *template)
{
	size_t len = strlen(template);

	if (len >= 6 && !strcmp(template + len - 6, "XXXXXX"))
		return 1;
	errno = EINVAL;
	return 0;
}

int mkstemp(char *template)
{
	if (!valid(template))
		return -1;
	for (int i = 0; i < TRIES; i++) {
		int fd;

		if (fill(template))
			return -1;
		fd = open(template, O_RDWR | O_CREAT | O_EXCL, 0600);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

char *mkdtemp(char *template)
{
	if (!valid(template))
		return NULL;
	for (int i = 0; i < TRIES; i++) {
		if (fill(template))
			return NULL;
		if (!mkdir(template, 0700))
			return template;
		if (errno != EEXIST)
			return NULL;
	}
	return NULL;
}

/* The kernel knows: an O_PATH descriptor's link in /proc/self/fd is the true name. */
char *realpath(const char *restrict path, char *restrict out)
{
	char link[40], name[PATH_MAX];
	int fd = open(path, O_PATH | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return NULL;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, name, sizeof(name) - 1);
	close(fd);
	if (n < 0)
		return NULL;
	name[n] = 0;
	return out ? strcpy(out, name) : strdup(name);
}

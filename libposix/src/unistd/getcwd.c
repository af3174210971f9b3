/*
 * getcwd.c - where the process is: getcwd(3) and its old forms.
 */
#include "../internal/syscall.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The kernel counts the closing zero; a buffer of our own when `dst` is NULL. */
char *getcwd(char *dst, size_t size)
{
	char own[PATH_MAX], *to = dst;
	long n;

	if (!dst) {
		to = own;
		if (!size || size > sizeof(own))
			size = sizeof(own);
	} else if (!size) {
		errno = EINVAL;
		return NULL;
	}
	n = RET(SC(__NR_getcwd, to, size));
	if (n < 0)
		return NULL;
	if (to[0] != '/') {
		errno = ENOENT; /* out of the root's reach */
		return NULL;
	}
	return dst ? dst : strdup(own);
}

char *getwd(char *dst)
{
	return getcwd(dst, PATH_MAX);
}

/* PWD, if it is true. */
char *get_current_dir_name(void)
{
	const char *pwd = getenv("PWD");
	struct stat a, b;

	if (pwd && *pwd == '/' && !stat(pwd, &a) && !stat(".", &b) && a.st_ino == b.st_ino &&
	    a.st_dev == b.st_dev)
		return strdup(pwd);
	return getcwd(NULL, 0);
}

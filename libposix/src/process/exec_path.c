/*
 * exec_path.c - programs that are looked up along PATH, as execvp(3) says: what
 * may not be run is remembered as EACCES and the search goes on; a file without
 * a format is a script for /bin/sh.
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* execve, and /bin/sh for a file of no known format. */
static int exec_or_script(const char *path, char *const argv[], char *const envp[])
{
	size_t n = 0;
	char **args;

	execve(path, argv, envp);
	if (errno != ENOEXEC)
		return -1;
	while (argv[n])
		n++;

	args = __builtin_alloca((n + 3) * sizeof(*args));
	args[0] = (char *)"sh";
	args[1] = (char *)path;
	for (size_t i = 1; i < n; i++)
		args[i + 1] = argv[i];
	args[(n ? n : 1) + 1] = NULL;
	return execve("/bin/sh", args, envp);
}

int execvpe(const char *file, char *const argv[], char *const envp[])
{
	size_t len = strlen(file);
	char full[PATH_MAX];
	const char *path;
	int denied = 0;

	if (!len) {
		errno = ENOENT;
		return -1;
	}
	if (strchr(file, '/'))
		return exec_or_script(file, argv, envp);
	path = getenv("PATH");
	if (!path)
		path = DEFAULT_PATH;
	for (;;) {
		size_t n = strcspn(path, ":");

		if (n + 1 + len < sizeof(full)) {
			memcpy(full, path, n);
			if (n)
				full[n] = '/';
			strcpy(full + n + (n > 0), file);
			exec_or_script(full, argv, envp);
			if (errno == EACCES)
				denied = 1;
			else if (errno != ENOENT && errno != ENOTDIR)
				return -1;
		}
		if (!path[n])
			break;
		path += n + 1;
	}
	errno = denied ? EACCES : ENOENT;
	return -1;
}

int execvp(const char *file, char *const argv[])
{
	return execvpe(file, argv, environ);
}

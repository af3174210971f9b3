/*
 * exec.c - execve(2) and its relatives with lists. exec_path.c has those that
 * look a program up.
 */
#include "../internal/syscall.h"

#include <fcntl.h>
#include <stdarg.h>
#include <unistd.h>

int execve(const char *path, char *const argv[], char *const envp[])
{
	return (int)RET(SC(__NR_execve, path, argv, envp));
}

int execv(const char *path, char *const argv[])
{
	return execve(path, argv, environ);
}

int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags)
{
	return (int)RET(SC(__NR_execveat, dir, path, argv, envp, flags));
}

int fexecve(int fd, char *const argv[], char *const envp[])
{
	return execveat(fd, "", argv, envp, AT_EMPTY_PATH);
}

/* The list of an execl-like call as an array of `count` + 1. */
static void gather(va_list *ap, const char *first, char **argv, size_t count)
{
	argv[0] = (char *)first;
	for (size_t i = 1; i <= count; i++)
		argv[i] = va_arg(*ap, char *);
}

static size_t count_args(va_list ap, const char *first)
{
	size_t n = 1;

	if (!first)
		return 0;
	while (va_arg(ap, char *))
		n++;
	return n;
}

int execl(const char *path, const char *arg, ...)
{
	va_list ap;
	char **argv;
	size_t n;

	va_start(ap, arg);
	n = count_args(ap, arg);
	va_end(ap);
	argv = __builtin_alloca((n + 1) * sizeof(*argv));
	va_start(ap, arg);
	gather(&ap, arg, argv, n);
	va_end(ap);
	return execv(path, argv);
}

int execle(const char *path, const char *arg, ...)
{
	va_list ap;
	char **argv, **envp;
	size_t n;

	va_start(ap, arg);
	n = count_args(ap, arg);
	va_end(ap);
	argv = __builtin_alloca((n + 1) * sizeof(*argv));
	va_start(ap, arg);
	gather(&ap, arg, argv, n);
	envp = va_arg(ap, char **);
	va_end(ap);
	return execve(path, argv, envp);
}

int execlp(const char *file, const char *arg, ...)
{
	va_list ap;
	char **argv;
	size_t n;

	va_start(ap, arg);
	n = count_args(ap, arg);
	va_end(ap);
	argv = __builtin_alloca((n + 1) * sizeof(*argv));
	va_start(ap, arg);
	gather(&ap, arg, argv, n);
	va_end(ap);
	return execvp(file, argv);
}

/*
 * program.c - finding programs along PATH, remembering where they are, running them.
 */
#include "sh.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

struct hashed {
	struct hashed *next;
	char *name, *path;
};

static struct hashed *hashed;

void hash_clear(void)
{
	while (hashed) {
		struct hashed *h = hashed;

		hashed = h->next;
		free(h->name);
		free(h->path);
		free(h);
	}
}

void hash_list(void)
{
	for (struct hashed *h = hashed; h; h = h->next)
		puts(h->path);
}

static bool runnable(const char *path)
{
	struct stat st;

	return !stat(path, &st) && S_ISREG(st.st_mode) && !access(path, X_OK);
}

static char *search(const char *name, const char *path)
{
	size_t n;
	char *full;

	for (;; path += n + 1) {
		n = strcspn(path, ":");
		full = temp_get(n + strlen(name) + 2);
		memcpy(full, path, n);
		if (n)
			full[n] = '/';
		strcat(full, name);
		if (runnable(full))
			return full;
		if (!path[n])
			return NULL;
	}
}

char *find_program(const char *name, const char *path)
{
	struct hashed *h;
	char *full;

	if (strchr(name, '/'))
		return runnable(name) ? temp_copy(name) : NULL;
	if (path)
		return search(name, path);
	for (h = hashed; h; h = h->next)
		if (!strcmp(h->name, name) && runnable(h->path))
			return temp_copy(h->path);
	path = var_get("PATH");
	full = search(name, path ? path : "");
	if (full && *full == '/') {
		h = must(calloc(1, sizeof(*h)));
		h->name = copy(name);
		h->path = copy(full);
		h->next = hashed;
		hashed = h;
	}
	return full;
}

bool hash_add(const char *name)
{
	return builtin_find(name) || function_find(name) || find_program(name, NULL);
}

/* A file without a format that the kernel knows is a script. */
static void run_script(const char *path, char **argv, char **envp)
{
	size_t n = 0;
	char **list;

	while (argv[n])
		n++;
	list = temp_get((n + 2) * sizeof(*list));
	list[0] = (char *)"sh";
	list[1] = (char *)path;
	for (size_t i = 1; i < n; i++)
		list[i + 1] = argv[i];
	execve("/proc/self/exe", list, envp);
	execve("/bin/sh", list, envp);
}

void exec_program(char **argv, const char *path)
{
	char *full = find_program(argv[0], path), **envp = var_environ();
	int st;

	if (!full && strchr(argv[0], '/'))
		full = argv[0];
	errno = ENOENT;
	if (full) {
		execve(full, argv, envp);
		if (errno == ENOEXEC)
			run_script(full, argv, envp);
	}
	st = errno == ENOENT || errno == ENOTDIR ? 127 : 126;
	if (errno == ENOENT && !full)
		complain("%s: not found", argv[0]);
	else
		complain("%s: %s", argv[0], errno == ENOENT ? "not found" : strerror(errno));
	leave(st);
}

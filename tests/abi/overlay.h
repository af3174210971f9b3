/* What the programs about overlay share: the module where a kernel has it as one, and files and folders as text. */
#ifndef ABI_OVERLAY_H
#define ABI_OVERLAY_H

#include "abi.h"
#include <dirent.h>
#include <stdbool.h>
#include <sys/mount.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>

static inline void load_module(void)
{
	int fd = open("/modules/1-overlay.ko", O_RDONLY);

	if (fd >= 0)
		syscall(SYS_finit_module, fd, "", 0);
}

static inline void put(const char *path, const char *text)
{
	int fd = MUST(open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static inline void get(const char *path)
{
	char buf[100];
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, buf, sizeof(buf) - 1);

	if (n < 0)
		say("%s: %s\n", path, ename(errno));
	else
		say("%s: \"%.*s\"\n", path, (int)n, buf);
	if (fd >= 0)
		close(fd);
}

static inline int opens(const char *path, int flags)
{
	int fd = open(path, flags, 0600);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? -1 : 0;
}

static inline int by_text(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The names of a folder; "types" adds each one's d_type, and a word where d_ino is not what stat says. */
static inline void names_of(const char *path, bool types)
{
	char *names[200], line[300], full[600];
	int n = 0, odd = 0;
	DIR *d = opendir(path);
	struct dirent *e;
	struct stat st;

	if (!d) {
		say("%s: %s\n", path, ename(errno));
		return;
	}
	while ((e = readdir(d)) && n < 200) {
		if (!strcmp(e->d_name, "..") || !strcmp(e->d_name, "."))
			continue;
		snprintf(full, sizeof(full), "%s/%s", path, e->d_name);
		if (types && (lstat(full, &st) || st.st_ino != e->d_ino))
			odd++;
		snprintf(line, sizeof(line), types ? "%s(%d)" : "%s", e->d_name, e->d_type);
		names[n++] = strdup(line);
	}
	closedir(d);
	qsort(names, n, sizeof(*names), by_text);
	say("%s:", path);
	for (int i = 0; i < n; i++)
		say(" %s", names[i]);
	say("%s\n", odd ? " (other numbers)" : "");
}

static inline void list(const char *path)
{
	names_of(path, false);
}

/* The names of a file's attributes, and short values. */
static inline void attr(const char *path)
{
	char names[1000], v[100];
	ssize_t n = llistxattr(path, names, sizeof(names));

	say("%s:", path);
	if (n < 0)
		say(" %s", ename(errno));
	for (ssize_t i = 0; i < n; i += strlen(names + i) + 1) {
		ssize_t len = lgetxattr(path, names + i, v, sizeof(v));
		/* a handle of the file that was copied changes from run to run */
		if (len >= 0 && len < 4)
			say(" %s=%.*s", names + i, (int)len, v);
		else
			say(" %s", names + i);
	}
	say("\n");
}

#endif

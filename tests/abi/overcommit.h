/* What overcommit and overcommit_shm share: rows of /proc/meminfo, what is promised since a mark, settings of vm. */
#ifndef ABI_OVERCOMMIT_H
#define ABI_OVERCOMMIT_H

#include "abi.h"

static long row(const char *file, const char *name)
{
	static char buf[16384];
	int fd = MUST(open(file, O_RDONLY)), n = 0, k;

	while ((k = read(fd, buf + n, sizeof(buf) - 1 - n)) > 0)
		n += k;
	buf[n] = 0;
	close(fd);
	char *at = strstr(buf, name);
	return at ? atol(at + strlen(name)) : -1;
}

static long before;

static void mark(void)
{
	before = row("/proc/meminfo", "Committed_AS:");
}

static void since(const char *what)
{
	long now = row("/proc/meminfo", "Committed_AS:");

	say("%s: %+ld kB\n", what, now - before);
	before = now;
}

static void set(const char *name, const char *value)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/sys/vm/%s", name);
	int fd = MUST(open(path, O_WRONLY));
	long r = write(fd, value, strlen(value));
	say("%s = %s: %s\n", name, value, r < 0 ? ename(errno) : "ok");
	close(fd);
}

#endif

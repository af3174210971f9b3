/*
 * mounts.c - the file systems without a disk that a root needs before the
 * first program starts.
 */
#include "common.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/stat.h>

/* Another device than the folder above it: something is mounted there. */
static int is_mount_point(const char *path)
{
	struct stat here, above;
	char parent[64];

	snprintf(parent, sizeof(parent), "%s/..", path);
	return !stat(path, &here) && !stat(parent, &above) && here.st_dev != above.st_dev;
}

int mount_once(const char *type, const char *path, const char *options)
{
	mkdir(path, 0755);
	if (is_mount_point(path))
		return 0;
	if (!mount(type, path, type, 0, options) || errno == EBUSY)
		return 0;
	return -1;
}

void mount_basics(void)
{
	static const struct {
		const char *type, *path, *options;
	} table[] = {
		{ "devtmpfs", "/dev", NULL },
		{ "proc", "/proc", NULL },
		{ "sysfs", "/sys", NULL },
		{ "devpts", "/dev/pts", "mode=0620,ptmxmode=0666" },
		{ "tmpfs", "/dev/shm", "mode=1777" },
		{ "mqueue", "/dev/mqueue", NULL },
	};

	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++)
		mount_once(table[i].type, table[i].path, table[i].options);
}

/*
 * An archive in a host file, as the kernel's tarfs code reads it. Not thread safe.
 */
#ifndef MKFS_FILE_SOURCE_H
#define MKFS_FILE_SOURCE_H

#include "fs/tarfs/tar.h"

struct file_source {
	struct tar_source src; /* first: a tar_source pointer is one to this */
	int fd;
};

/* Opens path for reading: 0 or a negative errno. */
int file_source_open(struct file_source *f, const char *path);
void file_source_close(struct file_source *f);

/* Reads all n bytes at off: 0 or a negative errno; -EIO: the file ends before. */
int read_all_at(int fd, u64 off, void *buf, size_t n);

#endif

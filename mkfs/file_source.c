/*
 * A tar_source over pread(2). Interface in file_source.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <sys/types.h>
#include <unistd.h>
#include "file_source.h"

int read_all_at(int fd, u64 off, void *buf, size_t n)
{
	char *to = buf;

	while (n) {
		ssize_t got = pread(fd, to, n, (off_t)off);

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return -errno;
		if (got == 0)
			return -EIO;
		to += got;
		off += (u64)got;
		n -= (size_t)got;
	}
	return 0;
}

static int file_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	return read_all_at(((struct file_source *)src)->fd, off, buf, n);
}

int file_source_open(struct file_source *f, const char *path)
{
	off_t end;

	f->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (f->fd < 0)
		return -errno;
	/* Not fstat: the size of a block device is where its end is. */
	end = lseek(f->fd, 0, SEEK_END);
	if (end < 0) {
		int err = -errno;

		close(f->fd);
		return err;
	}
	f->src.read = file_read;
	f->src.size = (u64)end;
	return 0;
}

void file_source_close(struct file_source *f)
{
	close(f->fd);
}

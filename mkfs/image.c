/*
 * Files with images in them, and what the tools' options and complaints have in
 * common. Interface in image.h.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include "file_source.h"
#include "image.h"

const char *program_name = "tarn";

static int image_read(struct tar_source *src, u64 off, void *buf, size_t n)
{
	return read_all_at(((struct tar_image *)src)->fd, off, buf, n);
}

int image_write(struct tar_image *m, u64 off, const void *buf, size_t n)
{
	const char *from = buf;

	while (n) {
		ssize_t put = pwrite(m->fd, from, n, (off_t)off);

		if (put < 0 && errno == EINTR)
			continue;
		if (put < 0)
			return -errno;
		from += put;
		off += (u64)put;
		n -= (size_t)put;
	}
	return 0;
}

static struct tar_image *image_of(struct tar_disk *d)
{
	return (struct tar_image *)((char *)d - offsetof(struct tar_image, disk));
}

static int disk_read(struct tar_disk *d, u64 off, void *buf, size_t n)
{
	return image_read(&image_of(d)->src, off, buf, n);
}

static int disk_write(struct tar_disk *d, u64 off, const void *buf, size_t n)
{
	struct tar_image *m = image_of(d);

	return m->writable ? image_write(m, off, buf, n) : -EROFS;
}

static int disk_flush(struct tar_disk *d)
{
	return image_flush(image_of(d));
}

int image_flush(struct tar_image *m)
{
	return fdatasync(m->fd) ? -errno : 0;
}

int image_resize(struct tar_image *m, u64 size)
{
	if (ftruncate(m->fd, (off_t)size))
		return -errno;
	m->src.size = size;
	m->disk.size = size;
	return 0;
}

int image_copy(struct tar_image *to, u64 at, struct tar_image *from, u64 off, u64 n)
{
	size_t cap = 1 << 20;
	char *buf = malloc(cap);
	int err = buf ? 0 : -ENOMEM;

	while (n && !err) {
		size_t part = n < cap ? (size_t)n : cap;

		err = from->src.read(&from->src, off, buf, part);
		if (!err)
			err = image_write(to, at, buf, part);
		off += part;
		at += part;
		n -= part;
	}
	free(buf);
	return err;
}

int image_open(struct tar_image *m, const char *path, int flags)
{
	bool writable = (flags & O_ACCMODE) != O_RDONLY;
	off_t end;
	int err;

	memset(m, 0, sizeof(*m));
	m->fd = open(path, (flags & ~O_TRUNC) | O_CLOEXEC, 0666);
	if (m->fd < 0)
		return -errno;
	/* A file system without locks has none to respect. */
	if (flock(m->fd, (writable ? LOCK_EX : LOCK_SH) | LOCK_NB) && errno == EWOULDBLOCK) {
		close(m->fd);
		return -EBUSY;
	}
	/* Only what nobody else has is cut. */
	if ((flags & O_TRUNC) && ftruncate(m->fd, 0)) {
		err = -errno;
		close(m->fd);
		return err;
	}
	/* Not fstat: the size of a block device is where its end is. */
	end = lseek(m->fd, 0, SEEK_END);
	if (end < 0) {
		err = -errno;
		close(m->fd);
		return err;
	}
	m->src.read = image_read;
	m->src.size = (u64)end;
	m->disk = (struct tar_disk){
		.read = disk_read, .write = disk_write, .flush = disk_flush, .size = (u64)end
	};
	m->writable = writable;
	m->path = path;
	return 0;
}

void image_close(struct tar_image *m)
{
	close(m->fd);
}

bool parse_size(const char *s, u64 *out)
{
	static const char units[] = "KMGT";
	const char *unit;
	char *end;
	u64 v;

	if (*s < '0' || *s > '9')
		return false;
	errno = 0;
	v = strtoull(s, &end, 10);
	if (errno)
		return false;
	if (*end) {
		unit = *end == ' ' ? NULL : strchr(units, *end & ~0x20);
		if (!unit || end[1])
			return false;
		for (const char *u = units; u <= unit; u++) {
			if (v >> 53)
				return false;
			v <<= 10;
		}
	}
	*out = v;
	return true;
}

void complain(const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fputc('\n', stderr);
}

int complain_errno(int err, const char *fmt, ...)
{
	va_list args;

	fprintf(stderr, "%s: ", program_name);
	va_start(args, fmt);
	vfprintf(stderr, fmt, args);
	va_end(args);
	fprintf(stderr, ": %s\n",
		err == -EBUSY ? "in use by a machine or another tool" : strerror(-err));
	return err;
}

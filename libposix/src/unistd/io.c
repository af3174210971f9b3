/*
 * io.c - bytes through descriptors: read(2), write(2) and their relatives.
 * Most are cancellation points.
 */
#include "../internal/syscall.h"

#include <sys/uio.h>
#include <unistd.h>

ssize_t read(int fd, void *dst, size_t n)
{
	return RET(SCC(__NR_read, fd, dst, n));
}

ssize_t write(int fd, const void *src, size_t n)
{
	return RET(SCC(__NR_write, fd, src, n));
}

ssize_t pread(int fd, void *dst, size_t n, off_t at)
{
	return RET(SCC(__NR_pread64, fd, dst, n, at));
}

ssize_t pwrite(int fd, const void *src, size_t n, off_t at)
{
	return RET(SCC(__NR_pwrite64, fd, src, n, at));
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	return RET(SCC(__NR_readv, fd, iov, count));
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	return RET(SCC(__NR_writev, fd, iov, count));
}

ssize_t preadv(int fd, const struct iovec *iov, int count, off_t at)
{
	return RET(SCC(__NR_preadv, fd, iov, count, at, 0));
}

ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t at)
{
	return RET(SCC(__NR_pwritev, fd, iov, count, at, 0));
}

ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t at, int flags)
{
	return RET(SCC(__NR_preadv2, fd, iov, count, at, 0, flags));
}

ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t at, int flags)
{
	return RET(SCC(__NR_pwritev2, fd, iov, count, at, 0, flags));
}

ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned int flags)
{
	return RET(SC(__NR_copy_file_range, in, in_at, out, out_at, n, flags));
}

off_t lseek(int fd, off_t offset, int whence)
{
	return RET(SC(__NR_lseek, fd, offset, whence));
}

int fsync(int fd)
{
	return (int)RET(SCC(__NR_fsync, fd));
}

int fdatasync(int fd)
{
	return (int)RET(SCC(__NR_fdatasync, fd));
}

int syncfs(int fd)
{
	return (int)RET(SC(__NR_syncfs, fd));
}

int ftruncate(int fd, off_t size)
{
	return (int)RET(SC(__NR_ftruncate, fd, size));
}

int truncate(const char *path, off_t size)
{
	return (int)RET(SC(__NR_truncate, path, size));
}

void sync(void)
{
	SC(__NR_sync);
}

/*
 * io.c - bytes through descriptors: read(2), write(2) and their relatives.
 */
#include "../internal/syscall.h"

#include <sys/uio.h>
#include <unistd.h>

ssize_t read(int fd, void *dst, size_t n)
{
	return RET(SC(__NR_read, fd, dst, n));
}

ssize_t write(int fd, const void *src, size_t n)
{
	return RET(SC(__NR_write, fd, src, n));
}

ssize_t pread(int fd, void *dst, size_t n, off_t at)
{
	return RET(SC(__NR_pread64, fd, dst, n, at));
}

ssize_t pwrite(int fd, const void *src, size_t n, off_t at)
{
	return RET(SC(__NR_pwrite64, fd, src, n, at));
}

ssize_t readv(int fd, const struct iovec *iov, int count)
{
	return RET(SC(__NR_readv, fd, iov, count));
}

ssize_t writev(int fd, const struct iovec *iov, int count)
{
	return RET(SC(__NR_writev, fd, iov, count));
}

off_t lseek(int fd, off_t offset, int whence)
{
	return RET(SC(__NR_lseek, fd, offset, whence));
}

int close(int fd)
{
	return (int)RET(SC(__NR_close, fd));
}

int fsync(int fd)
{
	return (int)RET(SC(__NR_fsync, fd));
}

int fdatasync(int fd)
{
	return (int)RET(SC(__NR_fdatasync, fd));
}

void sync(void)
{
	SC(__NR_sync);
}

int ftruncate(int fd, off_t size)
{
	return (int)RET(SC(__NR_ftruncate, fd, size));
}

int truncate(const char *path, off_t size)
{
	return (int)RET(SC(__NR_truncate, path, size));
}

/*
 * fadvise.c - advice about files, room for them, and moving their bytes in the kernel:
 * posix_fadvise(2), fallocate(2), splice(2).
 */
#include "../internal/syscall.h"

#include <fcntl.h>
#include <sys/sendfile.h>

int posix_fadvise(int fd, off_t at, off_t n, int advice)
{
	return (int)-SC(__NR_fadvise64, fd, at, n, advice);
}

int posix_fallocate(int fd, off_t at, off_t n)
{
	return (int)-SC(__NR_fallocate, fd, 0, at, n);
}

int fallocate(int fd, int mode, off_t at, off_t n)
{
	return (int)RET(SC(__NR_fallocate, fd, mode, at, n));
}

ssize_t readahead(int fd, off_t at, size_t n)
{
	return RET(SC(__NR_readahead, fd, at, n));
}

int sync_file_range(int fd, off_t at, off_t n, unsigned int flags)
{
	return (int)RET(SC(__NR_sync_file_range, fd, at, n, flags));
}

ssize_t splice(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned int flags)
{
	return RET(SCC(__NR_splice, in, in_at, out, out_at, n, flags));
}

ssize_t tee(int in, int out, size_t n, unsigned int flags)
{
	return RET(SCC(__NR_tee, in, out, n, flags));
}

ssize_t vmsplice(int fd, const struct iovec *iov, size_t count, unsigned int flags)
{
	return RET(SCC(__NR_vmsplice, fd, iov, count, flags));
}

ssize_t sendfile(int out, int in, off_t *offset, size_t count)
{
	return RET(SC(__NR_sendfile, out, in, offset, count));
}

int name_to_handle_at(int dir, const char *path, struct file_handle *handle, int *mount, int flags)
{
	return (int)RET(SC(__NR_name_to_handle_at, dir, path, handle, mount, flags));
}

int open_by_handle_at(int mount, struct file_handle *handle, int flags)
{
	return (int)RET(SC(__NR_open_by_handle_at, mount, handle, flags));
}

/*
 * sys/uio.h - scattered reads and writes, and those of another process.
 */
#ifndef _SYS_UIO_H
#define _SYS_UIO_H

#include <features.h>
#include <sys/types.h>
#include <uapi/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

#ifndef UIO_MAXIOV
#define UIO_MAXIOV 1024
#endif

ssize_t readv(int fd, const struct iovec *iov, int count);
ssize_t writev(int fd, const struct iovec *iov, int count);
#if __MISC_VISIBLE
ssize_t preadv(int fd, const struct iovec *iov, int count, off_t at);
ssize_t pwritev(int fd, const struct iovec *iov, int count, off_t at);
ssize_t preadv2(int fd, const struct iovec *iov, int count, off_t at, int flags);
ssize_t pwritev2(int fd, const struct iovec *iov, int count, off_t at, int flags);
ssize_t process_vm_readv(pid_t pid, const struct iovec *__here, unsigned long __heres,
			 const struct iovec *remote, unsigned long remotes, unsigned long flags);
ssize_t process_vm_writev(pid_t pid, const struct iovec *__here, unsigned long __heres,
			  const struct iovec *remote, unsigned long remotes, unsigned long flags);
#endif

#ifdef __cplusplus
}
#endif

#endif

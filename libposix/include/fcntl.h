/*
 * fcntl.h - open(2), fcntl(2), and what else is done to descriptors and to ranges of files.
 */
#ifndef _FCNTL_H
#define _FCNTL_H

#include <features.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <uapi/fcntl.h>

#ifdef __cplusplus
extern "C" {
#endif

#undef O_LARGEFILE
#if __MISC_VISIBLE
#define O_LARGEFILE 0 /* all are */
#endif
#define O_RSYNC	   O_SYNC
#define O_ASYNC	   FASYNC
#define O_EXEC	   010000000 /* O_PATH */
#define O_SEARCH   010000000
#define O_TTY_INIT 0

#if __MISC_VISIBLE
#define FAPPEND	      O_APPEND
#define FNDELAY	      O_NDELAY
#define FNONBLOCK     O_NONBLOCK

#define MAX_HANDLE_SZ 128
struct file_handle {
	unsigned int handle_bytes;
	int handle_type;
	unsigned char f_handle[];
};
#endif

int open(const char *path, int flags, ...);
int openat(int dir, const char *path, int flags, ...);
int creat(const char *path, mode_t mode);
int fcntl(int fd, int cmd, ...);
int posix_fadvise(int fd, off_t at, off_t n, int advice);
int posix_fallocate(int fd, off_t at, off_t n);
#if __MISC_VISIBLE
int fallocate(int fd, int mode, off_t at, off_t n);
ssize_t readahead(int fd, off_t at, size_t n);
int sync_file_range(int fd, off_t at, off_t n, unsigned int flags);
ssize_t splice(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned int flags);
ssize_t tee(int in, int out, size_t n, unsigned int flags);
ssize_t vmsplice(int fd, const struct iovec *iov, size_t count, unsigned int flags);
int name_to_handle_at(int dir, const char *path, struct file_handle *handle, int *mount, int flags);
int open_by_handle_at(int mount, struct file_handle *handle, int flags);

#define open64		  open
#define openat64	  openat
#define creat64		  creat
#define flock64		  flock
#define posix_fadvise64	  posix_fadvise
#define posix_fallocate64 posix_fallocate
#define fallocate64	  fallocate
#endif
#define F_GETLK64  F_GETLK
#define F_SETLK64  F_SETLK
#define F_SETLKW64 F_SETLKW

#ifdef __cplusplus
}
#endif

#endif

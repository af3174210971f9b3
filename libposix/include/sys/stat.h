/*
 * sys/stat.h - what is known of a file: stat(2), modes, times.
 */
#ifndef _SYS_STAT_H
#define _SYS_STAT_H

#include <features.h>
#include <sys/types.h>
#include <uapi/stat.h>
#if __MISC_VISIBLE && !UAPI_LINUX
#include <linux/stat.h>
#endif

#ifdef __cplusplus
extern "C" {
#endif

#define st_atime st_atim.tv_sec
#define st_mtime st_mtim.tv_sec
#define st_ctime st_ctim.tv_sec

#if __MISC_VISIBLE
#define S_IREAD	    S_IRUSR
#define S_IWRITE    S_IWUSR
#define S_IEXEC	    S_IXUSR
#define ACCESSPERMS 0777
#define ALLPERMS    07777
#define DEFFILEMODE 0666
#endif
#define S_TYPEISMQ(st)	0
#define S_TYPEISSEM(st) 0
#define S_TYPEISSHM(st) 0

int stat(const char *__restrict path, struct stat *__restrict st);
int lstat(const char *__restrict path, struct stat *__restrict st);
int fstat(int fd, struct stat *st);
int fstatat(int dir, const char *__restrict path, struct stat *__restrict st, int flags);
#if __MISC_VISIBLE
int statx(int dir, const char *__restrict path, int flags, unsigned int mask,
	  struct statx *__restrict stx);
#endif
int chmod(const char *path, mode_t mode);
#if __MISC_VISIBLE
int lchmod(const char *path, mode_t mode);
#endif
int fchmod(int fd, mode_t mode);
int fchmodat(int dir, const char *path, mode_t mode, int flags);
int mkdir(const char *path, mode_t mode);
int mkdirat(int dir, const char *path, mode_t mode);
int mkfifo(const char *path, mode_t mode);
int mkfifoat(int dir, const char *path, mode_t mode);
#if __XSI_VISIBLE
int mknod(const char *path, mode_t mode, dev_t dev);
int mknodat(int dir, const char *path, mode_t mode, dev_t dev);
#endif
mode_t umask(mode_t mask);
int utimensat(int dir, const char *path, const struct timespec times[2], int flags);
int futimens(int fd, const struct timespec times[2]);

#if __MISC_VISIBLE
#define stat64	  stat
#define lstat64	  lstat
#define fstat64	  fstat
#define fstatat64 fstatat
#endif

#ifdef __cplusplus
}
#endif

#endif

/*
 * unistd.h - what POSIX asks of a system: descriptors, names, processes, ids.
 */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uapi/fcntl.h>

#define STDIN_FILENO	     0
#define STDOUT_FILENO	     1
#define STDERR_FILENO	     2

#define _SC_ARG_MAX	     0
#define _SC_CLK_TCK	     2
#define _SC_OPEN_MAX	     4
#define _SC_PAGESIZE	     30
#define _SC_PAGE_SIZE	     _SC_PAGESIZE
#define _SC_NPROCESSORS_ONLN 84
#define _SC_PHYS_PAGES	     85

extern char **environ;
extern char *optarg;
extern int optind, opterr, optopt;

ssize_t read(int fd, void *dst, size_t n);
ssize_t write(int fd, const void *src, size_t n);
ssize_t pread(int fd, void *dst, size_t n, off_t at);
ssize_t pwrite(int fd, const void *src, size_t n, off_t at);
off_t lseek(int fd, off_t offset, int whence);
int close(int fd);
int close_range(unsigned int first, unsigned int last, int flags);
int fsync(int fd);
int fdatasync(int fd);
void sync(void);
int ftruncate(int fd, off_t size);
int truncate(const char *path, off_t size);

int dup(int fd);
int dup2(int fd, int to);
int dup3(int fd, int to, int flags);
int pipe(int fds[2]);
int pipe2(int fds[2], int flags);
int isatty(int fd);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t pgrp);

int access(const char *path, int mode);
int link(const char *from, const char *to);
int symlink(const char *target, const char *path);
ssize_t readlink(const char *restrict path, char *restrict dst, size_t size);
int unlink(const char *path);
int unlinkat(int dir, const char *path, int flags);
int rmdir(const char *path);
int chdir(const char *path);
int fchdir(int fd);
int chroot(const char *path);
char *getcwd(char *dst, size_t size);
int chown(const char *path, uid_t uid, gid_t gid);
int lchown(const char *path, uid_t uid, gid_t gid);
int fchown(int fd, uid_t uid, gid_t gid);

pid_t fork(void);
int execve(const char *path, char *const argv[], char *const envp[]);
int execv(const char *path, char *const argv[]);
int execvp(const char *file, char *const argv[]);
int execvpe(const char *file, char *const argv[], char *const envp[]);
int execl(const char *path, const char *arg, ...) __attribute__((sentinel));
int execlp(const char *file, const char *arg, ...) __attribute__((sentinel));
int fexecve(int fd, char *const argv[], char *const envp[]);
_Noreturn void _exit(int status);

pid_t getpid(void);
pid_t getppid(void);
pid_t gettid(void);
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int setuid(uid_t uid);
int setgid(gid_t gid);
pid_t getpgid(pid_t pid);
pid_t getpgrp(void);
int setpgid(pid_t pid, pid_t pgrp);
pid_t getsid(pid_t pid);
pid_t setsid(void);
int nice(int step);

unsigned int alarm(unsigned int seconds);
unsigned int sleep(unsigned int seconds);
int usleep(unsigned int us);
int pause(void);

int gethostname(char *name, size_t size);
int sethostname(const char *name, size_t len);
long sysconf(int what);
int getpagesize(void);
int getopt(int argc, char *const argv[], const char *opts);

int brk(void *end);
void *sbrk(intptr_t step);
long syscall(long number, ...);

#endif

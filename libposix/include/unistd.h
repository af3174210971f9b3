/*
 * unistd.h - what POSIX asks of a system: descriptors, names, processes, ids.
 */
#ifndef _UNISTD_H
#define _UNISTD_H

#include <features.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <uapi/fcntl.h>

#ifdef __cplusplus
extern "C" {
#endif

#define STDIN_FILENO  0
#define STDOUT_FILENO 1
#define STDERR_FILENO 2

#if __XSI_VISIBLE
#define F_ULOCK 0
#define F_LOCK	1
#define F_TLOCK 2
#define F_TEST	3
#endif

#if __MISC_VISIBLE
#define L_SET  SEEK_SET
#define L_INCR SEEK_CUR
#define L_XTND SEEK_END
#endif

#define _POSIX_VERSION			  202405L
#define _POSIX2_VERSION			  _POSIX_VERSION
#define _XOPEN_VERSION			  800

#define _POSIX_ADVISORY_INFO		  _POSIX_VERSION
#define _POSIX_ASYNCHRONOUS_IO		  _POSIX_VERSION
#define _POSIX_BARRIERS			  _POSIX_VERSION
#define _POSIX_CHOWN_RESTRICTED		  1
#define _POSIX_CLOCK_SELECTION		  _POSIX_VERSION
#define _POSIX_CPUTIME			  _POSIX_VERSION
#define _POSIX_FSYNC			  _POSIX_VERSION
#define _POSIX_IPV6			  _POSIX_VERSION
#define _POSIX_JOB_CONTROL		  1
#define _POSIX_MAPPED_FILES		  _POSIX_VERSION
#define _POSIX_MEMLOCK			  _POSIX_VERSION
#define _POSIX_MEMLOCK_RANGE		  _POSIX_VERSION
#define _POSIX_MEMORY_PROTECTION	  _POSIX_VERSION
#define _POSIX_MESSAGE_PASSING		  _POSIX_VERSION
#define _POSIX_MONOTONIC_CLOCK		  _POSIX_VERSION
#define _POSIX_NO_TRUNC			  1
#define _POSIX_PRIORITIZED_IO		  _POSIX_VERSION
#define _POSIX_PRIORITY_SCHEDULING	  _POSIX_VERSION
#define _POSIX_RAW_SOCKETS		  _POSIX_VERSION
#define _POSIX_READER_WRITER_LOCKS	  _POSIX_VERSION
#define _POSIX_REALTIME_SIGNALS		  _POSIX_VERSION
#define _POSIX_REGEXP			  1
#define _POSIX_SAVED_IDS		  1
#define _POSIX_SEMAPHORES		  _POSIX_VERSION
#define _POSIX_SHARED_MEMORY_OBJECTS	  _POSIX_VERSION
#define _POSIX_SHELL			  1
#define _POSIX_SPAWN			  _POSIX_VERSION
#define _POSIX_SPIN_LOCKS		  _POSIX_VERSION
#define _POSIX_SYNCHRONIZED_IO		  _POSIX_VERSION
#define _POSIX_THREAD_ATTR_STACKADDR	  _POSIX_VERSION
#define _POSIX_THREAD_ATTR_STACKSIZE	  _POSIX_VERSION
#define _POSIX_THREAD_CPUTIME		  _POSIX_VERSION
#define _POSIX_THREAD_PRIO_INHERIT	  _POSIX_VERSION
#define _POSIX_THREAD_PRIO_PROTECT	  _POSIX_VERSION
#define _POSIX_THREAD_PRIORITY_SCHEDULING _POSIX_VERSION
#define _POSIX_THREAD_PROCESS_SHARED	  _POSIX_VERSION
#define _POSIX_THREAD_ROBUST_PRIO_INHERIT _POSIX_VERSION
#define _POSIX_THREAD_ROBUST_PRIO_PROTECT (-1)
#define _POSIX_THREAD_SAFE_FUNCTIONS	  _POSIX_VERSION
#define _POSIX_THREAD_SPORADIC_SERVER	  (-1)
#define _POSIX_THREADS			  _POSIX_VERSION
#define _POSIX_TIMEOUTS			  _POSIX_VERSION
#define _POSIX_TIMERS			  _POSIX_VERSION
#define _POSIX_TRACE			  (-1)
#define _POSIX_TYPED_MEMORY_OBJECTS	  (-1)
#define _POSIX_SPORADIC_SERVER		  (-1)
#define _POSIX_VDISABLE			  0
#define _POSIX_V7_LP64_OFF64		  1
#define _POSIX_V7_ILP32_OFF32		  (-1)
#define _POSIX_V7_ILP32_OFFBIG		  (-1)
#define _POSIX_V7_LPBIG_OFFBIG		  (-1)
#define _POSIX_V6_LP64_OFF64		  1
#define _POSIX2_C_BIND			  _POSIX_VERSION
#define _XOPEN_ENH_I18N			  1
#define _XOPEN_UNIX			  1
#define _XOPEN_REALTIME			  1
#define _XOPEN_REALTIME_THREADS		  1
#define _XOPEN_SHM			  1
#define _XOPEN_CRYPT			  (-1)

/* sysconf(3): Linux's numbers. */
#define _SC_ARG_MAX			   0
#define _SC_CHILD_MAX			   1
#define _SC_CLK_TCK			   2
#define _SC_NGROUPS_MAX			   3
#define _SC_OPEN_MAX			   4
#define _SC_STREAM_MAX			   5
#define _SC_TZNAME_MAX			   6
#define _SC_JOB_CONTROL			   7
#define _SC_SAVED_IDS			   8
#define _SC_REALTIME_SIGNALS		   9
#define _SC_PRIORITY_SCHEDULING		   10
#define _SC_TIMERS			   11
#define _SC_ASYNCHRONOUS_IO		   12
#define _SC_PRIORITIZED_IO		   13
#define _SC_SYNCHRONIZED_IO		   14
#define _SC_FSYNC			   15
#define _SC_MAPPED_FILES		   16
#define _SC_MEMLOCK			   17
#define _SC_MEMLOCK_RANGE		   18
#define _SC_MEMORY_PROTECTION		   19
#define _SC_MESSAGE_PASSING		   20
#define _SC_SEMAPHORES			   21
#define _SC_SHARED_MEMORY_OBJECTS	   22
#define _SC_AIO_LISTIO_MAX		   23
#define _SC_AIO_MAX			   24
#define _SC_AIO_PRIO_DELTA_MAX		   25
#define _SC_DELAYTIMER_MAX		   26
#define _SC_MQ_OPEN_MAX			   27
#define _SC_MQ_PRIO_MAX			   28
#define _SC_VERSION			   29
#define _SC_PAGESIZE			   30
#define _SC_PAGE_SIZE			   _SC_PAGESIZE
#define _SC_RTSIG_MAX			   31
#define _SC_SEM_NSEMS_MAX		   32
#define _SC_SEM_VALUE_MAX		   33
#define _SC_SIGQUEUE_MAX		   34
#define _SC_TIMER_MAX			   35
#define _SC_BC_BASE_MAX			   36
#define _SC_BC_DIM_MAX			   37
#define _SC_BC_SCALE_MAX		   38
#define _SC_BC_STRING_MAX		   39
#define _SC_COLL_WEIGHTS_MAX		   40
#define _SC_EXPR_NEST_MAX		   42
#define _SC_LINE_MAX			   43
#define _SC_RE_DUP_MAX			   44
#define _SC_2_VERSION			   46
#define _SC_2_C_BIND			   47
#define _SC_2_C_DEV			   48
#define _SC_2_FORT_DEV			   49
#define _SC_2_FORT_RUN			   50
#define _SC_2_SW_DEV			   51
#define _SC_2_LOCALEDEF			   52
#define _SC_UIO_MAXIOV			   60
#define _SC_IOV_MAX			   60
#define _SC_THREADS			   67
#define _SC_THREAD_SAFE_FUNCTIONS	   68
#define _SC_GETGR_R_SIZE_MAX		   69
#define _SC_GETPW_R_SIZE_MAX		   70
#define _SC_LOGIN_NAME_MAX		   71
#define _SC_TTY_NAME_MAX		   72
#define _SC_THREAD_DESTRUCTOR_ITERATIONS   73
#define _SC_THREAD_KEYS_MAX		   74
#define _SC_THREAD_STACK_MIN		   75
#define _SC_THREAD_THREADS_MAX		   76
#define _SC_THREAD_ATTR_STACKADDR	   77
#define _SC_THREAD_ATTR_STACKSIZE	   78
#define _SC_THREAD_PRIORITY_SCHEDULING	   79
#define _SC_THREAD_PRIO_INHERIT		   80
#define _SC_THREAD_PRIO_PROTECT		   81
#define _SC_THREAD_PROCESS_SHARED	   82
#define _SC_NPROCESSORS_CONF		   83
#define _SC_NPROCESSORS_ONLN		   84
#define _SC_PHYS_PAGES			   85
#define _SC_AVPHYS_PAGES		   86
#define _SC_ATEXIT_MAX			   87
#define _SC_PASS_MAX			   88
#define _SC_XOPEN_VERSION		   89
#define _SC_XOPEN_UNIX			   91
#define _SC_XOPEN_CRYPT			   92
#define _SC_XOPEN_ENH_I18N		   93
#define _SC_XOPEN_SHM			   94
#define _SC_2_CHAR_TERM			   95
#define _SC_2_UPE			   97
#define _SC_NZERO			   109
#define _SC_XOPEN_REALTIME		   130
#define _SC_XOPEN_REALTIME_THREADS	   131
#define _SC_ADVISORY_INFO		   132
#define _SC_BARRIERS			   133
#define _SC_CLOCK_SELECTION		   137
#define _SC_CPUTIME			   138
#define _SC_THREAD_CPUTIME		   139
#define _SC_MONOTONIC_CLOCK		   149
#define _SC_READER_WRITER_LOCKS		   153
#define _SC_SPIN_LOCKS			   154
#define _SC_REGEXP			   155
#define _SC_SHELL			   157
#define _SC_SPAWN			   159
#define _SC_SPORADIC_SERVER		   160
#define _SC_THREAD_SPORADIC_SERVER	   161
#define _SC_TIMEOUTS			   164
#define _SC_TYPED_MEMORY_OBJECTS	   165
#define _SC_2_PBS			   168
#define _SC_2_PBS_ACCOUNTING		   169
#define _SC_2_PBS_LOCATE		   170
#define _SC_2_PBS_MESSAGE		   171
#define _SC_2_PBS_TRACK			   172
#define _SC_SYMLOOP_MAX			   173
#define _SC_2_PBS_CHECKPOINT		   175
#define _SC_V6_ILP32_OFF32		   176
#define _SC_V6_ILP32_OFFBIG		   177
#define _SC_V6_LP64_OFF64		   178
#define _SC_V6_LPBIG_OFFBIG		   179
#define _SC_HOST_NAME_MAX		   180
#define _SC_TRACE			   181
#define _SC_TRACE_EVENT_FILTER		   182
#define _SC_TRACE_INHERIT		   183
#define _SC_TRACE_LOG			   184
#define _SC_LEVEL1_ICACHE_SIZE		   185
#define _SC_LEVEL1_DCACHE_SIZE		   188
#define _SC_LEVEL1_DCACHE_LINESIZE	   190
#define _SC_IPV6			   235
#define _SC_RAW_SOCKETS			   236
#define _SC_V7_ILP32_OFF32		   237
#define _SC_V7_ILP32_OFFBIG		   238
#define _SC_V7_LP64_OFF64		   239
#define _SC_V7_LPBIG_OFFBIG		   240
#define _SC_SS_REPL_MAX			   241
#define _SC_TRACE_EVENT_NAME_MAX	   242
#define _SC_TRACE_NAME_MAX		   243
#define _SC_TRACE_SYS_MAX		   244
#define _SC_TRACE_USER_EVENT_MAX	   245
#define _SC_XOPEN_STREAMS		   246
#define _SC_THREAD_ROBUST_PRIO_INHERIT	   247
#define _SC_THREAD_ROBUST_PRIO_PROTECT	   248
#define _SC_MINSIGSTKSZ			   249
#define _SC_SIGSTKSZ			   250
#define _SC_XOPEN_UUCP			   300

#define _PC_LINK_MAX			   0
#define _PC_MAX_CANON			   1
#define _PC_MAX_INPUT			   2
#define _PC_NAME_MAX			   3
#define _PC_PATH_MAX			   4
#define _PC_PIPE_BUF			   5
#define _PC_CHOWN_RESTRICTED		   6
#define _PC_NO_TRUNC			   7
#define _PC_VDISABLE			   8
#define _PC_SYNC_IO			   9
#define _PC_ASYNC_IO			   10
#define _PC_PRIO_IO			   11
#define _PC_FILESIZEBITS		   13
#define _PC_REC_INCR_XFER_SIZE		   14
#define _PC_REC_MAX_XFER_SIZE		   15
#define _PC_REC_MIN_XFER_SIZE		   16
#define _PC_REC_XFER_ALIGN		   17
#define _PC_ALLOC_SIZE_MIN		   18
#define _PC_SYMLINK_MAX			   19
#define _PC_2_SYMLINKS			   20
#define _PC_TIMESTAMP_RESOLUTION	   21

#define _CS_PATH			   0
#define _CS_V6_WIDTH_RESTRICTED_ENVS	   1
#define _CS_GNU_LIBC_VERSION		   2
#define _CS_GNU_LIBPTHREAD_VERSION	   3
#define _CS_V7_WIDTH_RESTRICTED_ENVS	   5
#define _CS_POSIX_V6_ILP32_OFF32_CFLAGS	   1116
#define _CS_POSIX_V6_ILP32_OFF32_LDFLAGS   1117
#define _CS_POSIX_V6_ILP32_OFF32_LIBS	   1118
#define _CS_POSIX_V6_ILP32_OFFBIG_CFLAGS   1120
#define _CS_POSIX_V6_ILP32_OFFBIG_LDFLAGS  1121
#define _CS_POSIX_V6_ILP32_OFFBIG_LIBS	   1122
#define _CS_POSIX_V6_LP64_OFF64_CFLAGS	   1124
#define _CS_POSIX_V6_LP64_OFF64_LDFLAGS	   1125
#define _CS_POSIX_V6_LP64_OFF64_LIBS	   1126
#define _CS_POSIX_V6_LPBIG_OFFBIG_CFLAGS   1128
#define _CS_POSIX_V6_LPBIG_OFFBIG_LDFLAGS  1129
#define _CS_POSIX_V6_LPBIG_OFFBIG_LIBS	   1130
#define _CS_POSIX_V7_ILP32_OFF32_CFLAGS	   1132
#define _CS_POSIX_V7_ILP32_OFF32_LDFLAGS   1133
#define _CS_POSIX_V7_ILP32_OFF32_LIBS	   1134
#define _CS_POSIX_V7_ILP32_OFFBIG_CFLAGS   1136
#define _CS_POSIX_V7_ILP32_OFFBIG_LDFLAGS  1137
#define _CS_POSIX_V7_ILP32_OFFBIG_LIBS	   1138
#define _CS_POSIX_V7_LP64_OFF64_CFLAGS	   1140
#define _CS_POSIX_V7_LP64_OFF64_LDFLAGS	   1141
#define _CS_POSIX_V7_LP64_OFF64_LIBS	   1142
#define _CS_POSIX_V7_LPBIG_OFFBIG_CFLAGS   1144
#define _CS_POSIX_V7_LPBIG_OFFBIG_LDFLAGS  1145
#define _CS_POSIX_V7_LPBIG_OFFBIG_LIBS	   1146
#define _CS_V6_ENV			   1148
#define _CS_V7_ENV			   1149
#define _CS_POSIX_V7_THREADS_CFLAGS	   1150
#define _CS_POSIX_V7_THREADS_LDFLAGS	   1151
#define _CS_POSIX_V6_WIDTH_RESTRICTED_ENVS _CS_V6_WIDTH_RESTRICTED_ENVS
#define _CS_POSIX_V7_WIDTH_RESTRICTED_ENVS _CS_V7_WIDTH_RESTRICTED_ENVS

#if __MISC_VISIBLE
extern char **environ;
#endif
extern char **__environ;
extern char *optarg;
extern int optind, opterr, optopt;

ssize_t read(int fd, void *dst, size_t n);
ssize_t write(int fd, const void *src, size_t n);
ssize_t pread(int fd, void *dst, size_t n, off_t at);
ssize_t pwrite(int fd, const void *src, size_t n, off_t at);
#if __MISC_VISIBLE
ssize_t copy_file_range(int in, off_t *in_at, int out, off_t *out_at, size_t n, unsigned int flags);
#endif
off_t lseek(int fd, off_t offset, int whence);
int close(int fd);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int posix_close(int fd, int flags);
#endif
#if __MISC_VISIBLE
int close_range(unsigned int first, unsigned int last, int flags);
void closefrom(int first);
#endif
int fsync(int fd);
int fdatasync(int fd);
#if __MISC_VISIBLE
int syncfs(int fd);
#endif
#if __XSI_VISIBLE
void sync(void);
#endif
int ftruncate(int fd, off_t size);
int truncate(const char *path, off_t size);
#if __XSI_VISIBLE
int lockf(int fd, int op, off_t size);
#endif

int dup(int fd);
int dup2(int fd, int to);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int dup3(int fd, int to, int flags);
#endif
int pipe(int fds[2]);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int pipe2(int fds[2], int flags);
#endif
int isatty(int fd);
char *ttyname(int fd);
int ttyname_r(int fd, char *name, size_t size);
char *ctermid(char *name);
pid_t tcgetpgrp(int fd);
int tcsetpgrp(int fd, pid_t pgrp);

int access(const char *path, int mode);
int faccessat(int dir, const char *path, int mode, int flags);
#if __MISC_VISIBLE
int eaccess(const char *path, int mode);
int euidaccess(const char *path, int mode);
#endif
int link(const char *from, const char *to);
int linkat(int dir, const char *from, int to_dir, const char *to, int flags);
int symlink(const char *target, const char *path);
int symlinkat(const char *target, int dir, const char *path);
ssize_t readlink(const char *__restrict path, char *__restrict dst, size_t size);
ssize_t readlinkat(int dir, const char *__restrict path, char *__restrict dst, size_t size);
int unlink(const char *path);
int unlinkat(int dir, const char *path, int flags);
int rmdir(const char *path);
int chdir(const char *path);
int fchdir(int fd);
#if __MISC_VISIBLE
int chroot(const char *path);
#endif
char *getcwd(char *dst, size_t size);
#if __MISC_VISIBLE
char *getwd(char *dst);
char *get_current_dir_name(void);
#endif
int chown(const char *path, uid_t uid, gid_t gid);
int lchown(const char *path, uid_t uid, gid_t gid);
int fchown(int fd, uid_t uid, gid_t gid);
int fchownat(int dir, const char *path, uid_t uid, gid_t gid, int flags);
long pathconf(const char *path, int what);
long fpathconf(int fd, int what);
#if __MISC_VISIBLE
int acct(const char *path);
#endif

pid_t fork(void);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
pid_t _Fork(void);
#endif
#if __MISC_VISIBLE
pid_t vfork(void) __attribute__((returns_twice));
#endif
int execve(const char *path, char *const argv[], char *const envp[]);
int execv(const char *path, char *const argv[]);
int execvp(const char *file, char *const argv[]);
#if __MISC_VISIBLE
int execvpe(const char *file, char *const argv[], char *const envp[]);
#endif
int execl(const char *path, const char *arg, ...) __attribute__((sentinel));
int execle(const char *path, const char *arg, ...);
int execlp(const char *file, const char *arg, ...) __attribute__((sentinel));
int fexecve(int fd, char *const argv[], char *const envp[]);
#if __MISC_VISIBLE
int execveat(int dir, const char *path, char *const argv[], char *const envp[], int flags);
#endif
void _exit(int status) __attribute__((noreturn));
#if __MISC_VISIBLE
int daemon(int no_chdir, int no_close);
#endif

pid_t getpid(void);
pid_t getppid(void);
#if __MISC_VISIBLE
pid_t gettid(void);
#endif
uid_t getuid(void);
uid_t geteuid(void);
gid_t getgid(void);
gid_t getegid(void);
int setuid(uid_t uid);
int setgid(gid_t gid);
int seteuid(uid_t uid);
int setegid(gid_t gid);
#if __XSI_VISIBLE
int setreuid(uid_t real, uid_t effective);
int setregid(gid_t real, gid_t effective);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int setresuid(uid_t real, uid_t effective, uid_t saved);
int setresgid(gid_t real, gid_t effective, gid_t saved);
int getresuid(uid_t *real, uid_t *effective, uid_t *saved);
int getresgid(gid_t *real, gid_t *effective, gid_t *saved);
#endif
int getgroups(int count, gid_t *list);
pid_t getpgid(pid_t pid);
pid_t getpgrp(void);
int setpgid(pid_t pid, pid_t pgrp);
#if __XSI_VISIBLE
pid_t setpgrp(void);
#endif
pid_t getsid(pid_t pid);
pid_t setsid(void);
#if __XSI_VISIBLE
int nice(int step);
#endif

unsigned int alarm(unsigned int seconds);
#if __MISC_VISIBLE
unsigned int ualarm(unsigned int us, unsigned int every);
#endif
unsigned int sleep(unsigned int seconds);
#if __MISC_VISIBLE
int usleep(unsigned int us);
#endif
int pause(void);

int gethostname(char *name, size_t size);
#if __MISC_VISIBLE
int sethostname(const char *name, size_t len);
int getdomainname(char *name, size_t size);
int setdomainname(const char *name, size_t len);
#endif
#if __XSI_VISIBLE
long gethostid(void);
#endif
#if __MISC_VISIBLE
int sethostid(long id);
#endif
char *getlogin(void);
int getlogin_r(char *name, size_t size);
#if __MISC_VISIBLE
char *getpass(const char *prompt);
char *getusershell(void);
void setusershell(void);
void endusershell(void);
#endif
#if __XSI_VISIBLE
char *crypt(const char *key, const char *salt);
void encrypt(char block[64], int decrypt);
void swab(const void *__restrict src, void *__restrict dst, ssize_t n);
#endif
long sysconf(int what);
size_t confstr(int what, char *dst, size_t size);
#if __MISC_VISIBLE
int getpagesize(void);
int getdtablesize(void);
#endif
int getopt(int argc, char *const argv[], const char *opts);
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int getentropy(void *dst, size_t n);
#endif
#if __MISC_VISIBLE
int issetugid(void);
#endif
#if __MISC_VISIBLE
int vhangup(void);

int brk(void *end);
void *sbrk(intptr_t step);
long syscall(long number, ...);

#define pread64	    pread
#define pwrite64    pwrite
#define lseek64	    lseek
#define ftruncate64 ftruncate
#define truncate64  truncate
#define lockf64	    lockf
#define off64_t	    off_t
#endif

#ifdef __cplusplus
}
#endif

#endif

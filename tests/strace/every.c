/*
 * Traced by programs.py: every system call that the other programs don't make, with arguments that are
 * worth decoding. Most of them fail, by a bad descriptor or a bad pointer.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/openat2.h>
#include <linux/sched/types.h>
#include <linux/stat.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/uio.h>
#include <sys/un.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

#define S(...) syscall(__VA_ARGS__)
#define BAD    ((void *)-1L)
#define P(x)   ((long)(x))

static struct timespec ts[2] = { { 1, 2 }, { 0, UTIME_NOW } };
static struct itimerspec its = { { 0, 0 }, { 1, 500 } };
static struct itimerval itv = { { 0, 0 }, { 0, 0 } };
static uint64_t set = 1 << 9 | 1 << 16;
static char buf[8192];
static struct iovec iov[2] = { { "hello\n", 6 }, { "x\0y", 3 } };
static int ints[4] = { 3, 4, 5, 6 };
static char *argv[] = { "prog", "an argument that is longer than what is shown", NULL };
static char *envp[] = { "A=1", "B=2", NULL };
static const char *const longname =
	"/a/very/long/name/that/is/not/cut/because/it/is/a/path/and/those/are/shown/whole";

static void files(void)
{
	static struct open_how how = { O_RDWR | O_CREAT | O_CLOEXEC, 0640, RESOLVE_BENEATH };
	static struct open_how plain = { O_RDONLY, 0, 0 };
	static struct flock lock = { F_WRLCK, SEEK_SET, 5, 10, 0 };
	static struct {
		int type, pid;
	} owner = { 1, 77 };

	S(SYS_setxattr, "no", "user.x", "value\n", 6, 1);
	S(SYS_lsetxattr, "no", "user.x", "", 0, 0);
	S(SYS_fsetxattr, -1, "user.x", "\1\2\3", 3, 2);
	S(SYS_getxattr, "no", "user.x", buf, 10);
	S(SYS_lgetxattr, "no", "user.x", NULL, 0);
	S(SYS_fgetxattr, -1, "user.x", buf, 10);
	S(SYS_listxattr, "no", buf, 10);
	S(SYS_llistxattr, "no", buf, 10);
	S(SYS_flistxattr, -1, buf, 10);
	S(SYS_removexattr, "no", "user.x");
	S(SYS_lremovexattr, "no", "user.x");
	S(SYS_fremovexattr, -1, "user.x");
	S(SYS_getcwd, buf, 1);
	S(SYS_dup, -1);
	S(SYS_dup3, -1, 5, O_CLOEXEC);
	S(SYS_fcntl, -1, F_DUPFD, 3);
	S(SYS_fcntl, -1, F_GETFD);
	S(SYS_fcntl, -1, F_SETFD, FD_CLOEXEC);
	S(SYS_fcntl, -1, F_SETFL, O_RDWR | O_NONBLOCK | O_APPEND);
	S(SYS_fcntl, -1, F_SETLK, &lock);
	S(SYS_fcntl, -1, F_GETLK, &lock);
	S(SYS_fcntl, -1, F_OFD_SETLKW, &lock);
	S(SYS_fcntl, -1, F_SETOWN, 5);
	S(SYS_fcntl, -1, F_SETOWN_EX, &owner);
	S(SYS_fcntl, -1, F_SETSIG, SIGIO);
	S(SYS_fcntl, -1, F_SETLEASE, F_RDLCK);
	S(SYS_fcntl, -1, F_NOTIFY, 0x80000003);
	S(SYS_fcntl, -1, F_DUPFD_CLOEXEC, 9);
	S(SYS_fcntl, -1, F_SETPIPE_SZ, 4096);
	S(SYS_fcntl, -1, F_ADD_SEALS, 3);
	S(SYS_fcntl, -1, 99, 5);
	S(SYS_inotify_init1, 0x1234567);
	S(SYS_inotify_add_watch, -1, "/tmp", 0x40000102);
	S(SYS_inotify_rm_watch, -1, 3);
	S(SYS_ioprio_set, 1, 0, 0x4007);
	S(SYS_ioprio_get, 1, -5);
	S(SYS_flock, -1, 2 | 4);
	S(SYS_mknodat, AT_FDCWD, "/no/dir", 0020644, 0x103);
	S(SYS_mknodat, AT_FDCWD, "/no/dir", 0010600, 0);
	S(SYS_mknodat, AT_FDCWD, "/no/dir", 0755, 0);
	S(SYS_mkdirat, 5, "/no/dir/", 01777);
	S(SYS_unlinkat, AT_FDCWD, "/no/dir", 0x200);
	S(SYS_symlinkat, "target", -1, "no");
	S(SYS_linkat, AT_FDCWD, "/no/a", -1, "b", 0x400);
	S(SYS_umount2, "/no", 1 | 8);
	S(SYS_mount, "none", "/no", "tmpfs", 1 | 2 | 8, "size=1m");
	S(SYS_mount, "none", "/no", NULL, 0xc0ed0000 | 4096, NULL);
	S(SYS_pivot_root, "/no", "/no/old");
	S(SYS_statfs, "/no", buf);
	S(SYS_fstatfs, -1, buf);
	S(SYS_truncate, "/no", -5L);
	S(SYS_ftruncate, -1, 1L << 40);
	S(SYS_fallocate, -1, 3, 4096L, 8192L);
	S(SYS_faccessat, AT_FDCWD, "/no", 6);
	S(SYS_faccessat, AT_FDCWD, "/no", 0);
	S(439, AT_FDCWD, "/no", 1, 0x200 | 0x100);
	S(SYS_chdir, longname);
	S(SYS_fchdir, -1);
	S(SYS_chroot, "/no");
	S(SYS_fchmod, -1, 04755);
	S(SYS_fchmodat, AT_FDCWD, "/no", 0);
	S(452, AT_FDCWD, "/no", 0644, 0x100);
	S(SYS_fchownat, AT_FDCWD, "/no", -1, 1000, 0x100);
	S(SYS_fchown, -1, 0, -1);
	S(SYS_openat, AT_FDCWD, "/no/a", O_WRONLY | O_CREAT | O_EXCL | O_TRUNC | O_CLOEXEC, 0600);
	S(SYS_openat, 7, "a", O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_PATH | O_NONBLOCK);
	S(SYS_openat, 7, BAD, O_RDWR | O_SYNC | O_DIRECT | O_NOATIME | 0x40000000);
	S(SYS_openat2, AT_FDCWD, "/no/a", &how, sizeof(how));
	S(SYS_openat2, AT_FDCWD, "/no/a", &plain, sizeof(plain));
	S(SYS_close, -1);
	S(SYS_pipe2, BAD, O_CLOEXEC | O_NONBLOCK);
	S(SYS_quotactl, 0x80000700, "/dev/no", 0, NULL);
	S(SYS_getdents64, -1, buf, sizeof(buf));
	S(SYS_lseek, -1, -7L, SEEK_DATA);
	S(SYS_lseek, -1, 7L, 9);
	S(SYS_read, -1, buf, 10);
	S(SYS_write, -1, "a \"quoted\" string\twith \1\0022 bytes beyond thirty-two", 50);
	S(SYS_readv, -1, iov, 2);
	S(SYS_writev, -1, iov, 2);
	S(SYS_pread64, -1, buf, 10, 5L);
	S(SYS_pwrite64, -1, "abc", 3, 5L);
	S(SYS_preadv, -1, iov, 2, 5L, 0L);
	S(SYS_pwritev, -1, iov, 2, 5L, 0L);
	S(SYS_preadv2, -1, iov, 1, -1L, 0L, 1);
	S(SYS_pwritev2, -1, iov, 1, -1L, 0L, 0x10);
	S(SYS_sendfile, -1, -1, &set, 100);
	S(SYS_vmsplice, -1, iov, 2, 3);
	S(SYS_splice, -1, &set, -1, NULL, 100, 5);
	S(SYS_tee, -1, -1, 100, 2);
	S(SYS_readlinkat, AT_FDCWD, "/no", buf, 10);
	S(SYS_newfstatat, AT_FDCWD, "/no", buf, 0x100 | 0x1000);
	S(SYS_fstat, -1, buf);
	S(SYS_fsync, -1);
	S(SYS_fdatasync, -1);
	S(SYS_sync_file_range, -1, 1L, 2L, 7);
	S(SYS_syncfs, -1);
	S(SYS_utimensat, AT_FDCWD, "/no", ts, 0);
	S(SYS_utimensat, -1, NULL, NULL, 0);
	S(SYS_acct, "/no");
	S(SYS_name_to_handle_at, AT_FDCWD, "/no", ints, buf, 0x400);
	S(SYS_open_by_handle_at, -1, ints, O_RDONLY);
	S(SYS_renameat2, AT_FDCWD, "/no/a", -1, "b", 1 | 2);
	S(SYS_copy_file_range, -1, NULL, -1, &set, 100, 0);
	S(SYS_statx, AT_FDCWD, "/no", 0x100, 0xfff, buf);
	S(SYS_statx, -1, "", 0x1000 | 0x2000, 0x7ff, buf);
	S(SYS_close_range, 100, 50, 4);
	S(SYS_readahead, -1, 10L, 20L);
	S(SYS_fadvise64, -1, 0L, 0L, 4);
	S(SYS_memfd_create, BAD, 1 | 2);
	S(SYS_memfd_create, "name", 0x80);
	S(451, -1, &set, buf, 0);
	S(SYS_swapon, "/no", 0x8001);
	S(SYS_swapoff, "/no");
	S(SYS_fanotify_init, 0x3, O_RDWR | O_CREAT);
	S(SYS_fanotify_mark, -1, 1 | 0x10, 0x3bL, AT_FDCWD, "/no");
	S(SYS_open_tree, AT_FDCWD, "/no", 1 | 0x8000);
	S(SYS_move_mount, AT_FDCWD, "/no", -1, "", 0x44);
	S(SYS_fsopen, "no", 1);
	S(SYS_fsmount, -1, 1, 3);
	S(SYS_fspick, AT_FDCWD, "/no", 9);
	S(SYS_mount_setattr, AT_FDCWD, "/no", 0x8000, &set, 8);
}

static void waiting(void)
{
	static struct pollfd fds[2] = { { -1, POLLIN, 0 }, { 99, POLLIN | POLLOUT | POLLPRI, 0 } };
	static struct epoll_event ev = { EPOLLIN | EPOLLET | EPOLLONESHOT,
					 { .u64 = 0x12345678abcdef01 } };
	static struct {
		uint64_t *set;
		size_t n;
	} arg = { &set, 8 };
	static uint64_t in = 1 | 1 << 5;
	static struct sigevent sev;

	sev.sigev_signo = SIGUSR1;
	sev.sigev_value.sival_int = 7;
	S(SYS_eventfd2, 3, 0x1234567);
	S(SYS_epoll_create1, 0x1234567);
	S(SYS_epoll_ctl, -1, 1, 5, &ev);
	S(SYS_epoll_ctl, -1, 2, 5, &ev);
	S(SYS_epoll_pwait, -1, buf, 10, -1, &set, 8);
	S(SYS_epoll_pwait2, -1, buf, 10, ts, NULL, 8);
	S(SYS_ppoll, fds, 2, ts, &set, 9);
	S(SYS_pselect6, 10, &in, NULL, &in, BAD, &arg);
	S(SYS_signalfd4, -1, &set, 8, 0x80800);
	S(SYS_timerfd_create, 99, 0x80800);
	S(SYS_timerfd_settime, -1, 1, &its, NULL);
	S(SYS_timerfd_gettime, -1, buf);
	S(SYS_nanosleep, BAD, NULL);
	S(SYS_clock_nanosleep, 99, 1, ts, NULL);
	S(SYS_clock_settime, 99, ts);
	S(SYS_clock_gettime, -6, BAD);
	S(SYS_clock_getres, 99, buf);
	S(SYS_getitimer, 5, buf);
	S(SYS_setitimer, 5, &itv, buf);
	S(SYS_timer_create, 99, &sev, buf);
	S(SYS_timer_settime, 99, 1, &its, buf);
	S(SYS_timer_gettime, 99, buf);
	S(SYS_timer_getoverrun, 99);
	S(SYS_timer_delete, 99);
	S(SYS_futex, ints, FUTEX_WAIT, 9, ts);
	S(SYS_futex, ints, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
	S(SYS_futex, BAD, FUTEX_REQUEUE, 1, 2, ints);
	S(SYS_futex, BAD, FUTEX_CMP_REQUEUE | FUTEX_PRIVATE_FLAG, 1, 2, ints, 3);
	S(SYS_futex, BAD, FUTEX_WAKE_OP, 1, 2, ints, FUTEX_OP(FUTEX_OP_ADD, 1, FUTEX_OP_CMP_GT, 2));
	S(SYS_futex, BAD, FUTEX_LOCK_PI, 0, ts);
	S(SYS_futex, BAD, FUTEX_UNLOCK_PI);
	S(SYS_futex, BAD, FUTEX_WAIT_BITSET | FUTEX_CLOCK_REALTIME, 1, ts, NULL, 0x5);
	S(SYS_futex, BAD, FUTEX_WAKE_BITSET, 1, NULL, NULL, -1);
	S(449, BAD, 1, 0, ts, 1);
	S(SYS_restart_syscall, 0);
	S(SYS_io_setup, 5, BAD);
	S(SYS_io_destroy, 5);
	S(SYS_io_submit, 5, 0L, NULL);
	S(SYS_io_cancel, 5, NULL, buf);
	S(SYS_io_getevents, 5, 1L, 2L, buf, ts);
}

static void processes(void)
{
	static stack_t ss = { buf, SS_ONSTACK, 5 };
	static struct {
		void *handler;
		unsigned long flags, mask;
	} sa = { SIG_IGN, 0x14000000, 1 << 9 };
	static struct rlimit rl = { 8192 * 1024, RLIM_INFINITY };
	static struct sched_attr attr = { .size = 56, .sched_policy = 1, .sched_priority = 5 };
	static struct __user_cap_header_struct hdr = { 0x20080522, -5 };
	static struct __user_cap_data_struct data[2] = { { 1 << 5, 1 | 2, 0 }, { 1, 0, 0 } };
	static struct clone_args {
		uint64_t a[11];
	} ca = { { 0x10000, 0, 0, 0, 17, 0, 4096, 0, 0, 0, 0 } };
	static siginfo_t si;

	si.si_signo = SIGUSR1;
	si.si_code = SI_QUEUE;
	si.si_pid = 12;
	si.si_value.sival_int = 99;
	S(SYS_unshare, 0x20000 | 0x1);
	S(SYS_setns, -1, 0x40000000);
	S(SYS_waitid, 1, 99999, buf, 4, NULL);
	S(SYS_wait4, 99999, buf, 1 | 2, NULL);
	S(SYS_set_robust_list, BAD, 3);
	S(SYS_get_robust_list, 99999, buf, buf);
	S(SYS_personality, 0xffffffff);
	S(SYS_kill, 99999, SIGTERM);
	S(SYS_tkill, 99999, 33);
	S(SYS_tgkill, 99999, 99998, 64);
	S(SYS_sigaltstack, &ss, NULL);
	S(SYS_rt_sigaction, SIGUSR2, &sa, buf, 9);
	S(SYS_rt_sigprocmask, 9, &set, NULL, 8);
	S(SYS_rt_sigprocmask, 0, &set, buf, 9);
	S(SYS_rt_sigpending, buf, 9);
	S(SYS_rt_sigtimedwait, &set, buf, ts, 9);
	S(SYS_rt_sigqueueinfo, 99999, SIGUSR1, &si);
	S(SYS_rt_tgsigqueueinfo, 99999, 99999, SIGUSR1, &si);
	S(SYS_sched_setparam, 99999, ints);
	S(SYS_sched_setscheduler, 99999, 1 | 0x40000000, ints);
	S(SYS_sched_getscheduler, 99999);
	S(SYS_sched_getparam, 99999, buf);
	S(SYS_sched_setaffinity, 99999, 8, &set);
	S(SYS_sched_getaffinity, 99999, 8, buf);
	S(SYS_sched_get_priority_max, 99);
	S(SYS_sched_get_priority_min, 2);
	S(SYS_sched_rr_get_interval, 99999, buf);
	S(SYS_sched_setattr, 99999, &attr, 0);
	S(SYS_sched_getattr, 99999, buf, 48, 0);
	S(SYS_setpriority, 0, 99999, 5);
	S(SYS_getpriority, 0, 99999);
	S(SYS_setpgid, 99999, 5);
	S(SYS_getpgid, 99999);
	S(SYS_getsid, 99999);
	S(SYS_setgroups, 2, BAD);
	S(SYS_getgroups, -1, buf);
	S(SYS_setrlimit, 99, &rl);
	S(SYS_getrlimit, 99, buf);
	S(SYS_prlimit64, 99999, RLIMIT_NOFILE, &rl, buf);
	S(SYS_getrusage, 9, buf);
	S(SYS_prctl, 15, BAD);
	S(SYS_prctl, 15, "a name that is rather long");
	S(SYS_prctl, 1, 9);
	S(SYS_prctl, 4, 7);
	S(SYS_prctl, 23, 99);
	S(SYS_prctl, 23, 5);
	S(SYS_prctl, 38, 9, 0, 0, 0);
	S(SYS_prctl, 22, 2, BAD);
	S(SYS_prctl, 12345, 1, 2, 3, 4);
	S(SYS_capget, &hdr, data);
	S(SYS_capset, &hdr, data);
	S(SYS_ptrace, 16L, 99999, 0L, 0L);
	S(SYS_ptrace, 7L, 99999, 1L, 9L);
	S(SYS_ptrace, 0x4206L, 99999, 0L, 0x11L);
	S(SYS_kcmp, 99999, 99998, 0, 1L, 2L);
	S(SYS_process_vm_readv, 99999, iov, 1, iov, 2, 0);
	S(SYS_process_vm_writev, 99999, iov, 1, iov, 2, 0);
	S(SYS_pidfd_open, 99999, 0);
	S(SYS_pidfd_send_signal, -1, SIGTERM, NULL, 0);
	S(438, -1, 5, 0);
	S(440, -1, iov, 1, 4, 0);
	S(448, -1, 0);
	S(SYS_seccomp, 2, 0, BAD);
	S(SYS_clone3, &ca, 88);
	S(SYS_clone3, BAD, 88);
	S(SYS_clone, 0x10000 | 17, 0L, 0L, 0L, 0L);
	S(SYS_execve, "/no", argv, envp);
	S(SYS_execve, BAD, NULL, NULL);
	S(SYS_execveat, -1, "", argv, envp, 0x1000);
	S(SYS_membarrier, 1 << 20, 0, 0);
	S(SYS_rseq, buf, 32, 1, 0x53053053);
}

static void memory(void)
{
	S(SYS_mmap, 0x10001L, 4096, 3, 0x12, -1, 4097L);
	S(SYS_mmap, 0L, 0, 0, 0x22, -1, 0x1000L);
	S(SYS_munmap, 1L, 4096);
	S(SYS_mremap, 1L, 4096, 8192, 1, 0L);
	S(SYS_mremap, 1L, 4096, 8192, 3, 0x5000L);
	S(SYS_mprotect, 1L, 4096, 5);
	S(SYS_msync, 1L, 4096, 4 | 2);
	S(SYS_mlock, 0x1000L, 4096);
	S(SYS_munlock, 0x1000L, 4096);
	S(SYS_mlockall, 8 | 1);
	S(SYS_mlock2, 0x1000L, 4096, 1);
	S(SYS_mincore, 1L, 4096, buf);
	S(SYS_madvise, 1L, 4096, 4);
	S(SYS_madvise, 1L, 4096, 99);
	S(SYS_remap_file_pages, 1L, 4096, 0, 1, 0);
	S(SYS_mbind, 1L, 4096, 2, &set, 64L, 1);
	S(SYS_set_mempolicy, 99, &set, 64L);
	S(SYS_get_mempolicy, NULL, NULL, 0L, 1L, 2);
	S(SYS_migrate_pages, 99999, 64L, &set, &set);
	S(SYS_move_pages, 99999, 1L, &set, ints, buf, 2);
	S(SYS_pkey_mprotect, 1L, 4096, 1, -1);
	S(SYS_pkey_alloc, 1, 2);
	S(SYS_pkey_free, 5);
	S(SYS_userfaultfd, 0x1234567);
	S(447, 0x1234567);
}

static void sockets(void)
{
	static struct sockaddr_in in = { AF_INET, 0x5000, { 0x0100007f }, { 0 } };
	static struct sockaddr_in6 in6 = { .sin6_family = AF_INET6,
					   .sin6_port = 0x5000,
					   .sin6_addr.s6_addr = { [15] = 1 } };
	static struct sockaddr_un un = { AF_UNIX, "/no/socket" }, abstract = { AF_UNIX, "\0name" };
	static struct msghdr msg = {
		.msg_iov = iov, .msg_iovlen = 2, .msg_name = &in, .msg_namelen = sizeof(in)
	};
	static socklen_t len = 16;
	static int one = 1;
	static struct linger linger = { 1, 5 };
	static struct mmsghdr many[2] = { { .msg_hdr = { .msg_iov = iov, .msg_iovlen = 1 } } };

	S(SYS_socket, 99, SOCK_STREAM | SOCK_CLOEXEC, 0);
	S(SYS_socket, AF_INET, 9 | SOCK_NONBLOCK, 6);
	S(SYS_socket, AF_NETLINK, 9, 0);
	S(SYS_socketpair, 99, SOCK_DGRAM, 0, buf);
	S(SYS_bind, -1, &in, sizeof(in));
	S(SYS_bind, -1, &in6, sizeof(in6));
	S(SYS_connect, -1, &un, sizeof(un));
	S(SYS_connect, -1, &abstract, 7);
	S(SYS_listen, -1, 128);
	S(SYS_accept, -1, buf, &len);
	S(SYS_accept4, -1, NULL, NULL, SOCK_NONBLOCK);
	S(SYS_getsockname, -1, buf, &len);
	S(SYS_getpeername, -1, buf, &len);
	S(SYS_sendto, -1, "data", 4, MSG_NOSIGNAL | MSG_DONTWAIT, &in, sizeof(in));
	S(SYS_recvfrom, -1, buf, 100, MSG_PEEK, buf, &len);
	S(SYS_setsockopt, -1, SOL_SOCKET, SO_REUSEADDR, &one, 4);
	S(SYS_setsockopt, -1, SOL_SOCKET, SO_LINGER, &linger, 8);
	S(SYS_setsockopt, -1, IPPROTO_TCP, 1, &one, 4);
	S(SYS_setsockopt, -1, IPPROTO_IPV6, 26, &one, 4);
	S(SYS_getsockopt, -1, SOL_SOCKET, SO_ERROR, buf, &len);
	S(SYS_shutdown, -1, 1);
	S(SYS_sendmsg, -1, &msg, MSG_NOSIGNAL);
	S(SYS_recvmsg, -1, &msg, MSG_CMSG_CLOEXEC);
	S(SYS_sendmmsg, -1, many, 2, 0);
	S(SYS_recvmmsg, -1, many, 2, 0, NULL);
}

static void others(void)
{
	static struct {
		short num, op, flg;
	} sem = { 0, -1, 04000 };
	static struct {
		long type;
		char text[8];
	} msg = { 1, "text" };
	static struct {
		long a[8];
	} attr = { { 0, 10, 100 } };
	static struct timex tx = { .modes = 0x8000 };

	S(SYS_uname, BAD);
	S(SYS_sethostname, BAD, 3);
	S(SYS_setdomainname, buf, 70);
	S(SYS_getrandom, BAD, 10, 1 | 2);
	S(SYS_syslog, 99, buf, 10);
	S(SYS_reboot, 1, 2, 3, NULL);
	S(SYS_reboot, 0xfee1deadL, 672274793L, 0x12345L, NULL);
	S(SYS_sysinfo, BAD);
	S(SYS_times, BAD);
	S(SYS_gettimeofday, BAD, NULL);
	S(SYS_adjtimex, &tx);
	S(SYS_clock_adjtime, 99, &tx);
	S(SYS_getcpu, BAD, NULL, NULL);
	S(SYS_init_module, BAD, 5L, "params");
	S(SYS_delete_module, "no", O_NONBLOCK);
	S(SYS_finit_module, -1, "params", 1);
	S(SYS_mq_open, "queue", O_RDWR | O_CREAT, 0600, BAD);
	S(SYS_mq_unlink, "no");
	S(SYS_mq_timedsend, -1, "message", 7, 3, ts);
	S(SYS_mq_timedreceive, -1, buf, 10, NULL, NULL);
	S(SYS_mq_getsetattr, -1, &attr, NULL);
	S(SYS_msgget, 0x1234, 0600);
	S(SYS_msgctl, 99999, 0, NULL);
	S(SYS_msgrcv, 99999, buf, 10, 1L, 04000);
	S(SYS_msgsnd, 99999, &msg, 4, 0);
	S(SYS_semget, 0x1234, 1, 0600);
	S(SYS_semctl, 99999, 0, 0, 0L);
	S(SYS_semctl, 99999, 1, 16, 5L);
	S(SYS_semop, 99999, &sem, 1);
	S(SYS_semtimedop, 99999, &sem, 1, ts);
	S(SYS_shmget, 0x1234, 4096, 0600);
	S(SYS_shmctl, 99999, 0, NULL);
	S(SYS_shmat, 99999, NULL, 010000);
	S(SYS_shmdt, 1L);
	S(SYS_add_key, "user", "name", "payload", 7, 99999);
	S(SYS_request_key, "no", "name", NULL, -3);
	S(SYS_keyctl, 3, 99999);
	S(SYS_perf_event_open, BAD, 0, -1, -1, 8L);
	S(SYS_bpf, 99, BAD, 8);
	S(SYS_io_uring_setup, 0, BAD);
	S(SYS_io_uring_enter, -1, 1, 1, 1, NULL, 8);
	S(SYS_io_uring_register, -1, 1, NULL, 0);
	S(444, BAD, 8, 0);
	S(445, -1, 1, BAD, 0);
	S(446, -1, 0);
	S(SYS_lookup_dcookie, 5L, buf, 10);
}

/* Who one is; the last of them are refused since nobody is left to do them. */
static void identity(void)
{
	S(SYS_setregid, -1, 0);
	S(SYS_setreuid, 0, -1);
	S(SYS_getresuid, buf, buf + 4, BAD);
	S(SYS_getresgid, buf, buf + 4, buf + 8);
	S(SYS_setfsuid, -1);
	S(SYS_setfsgid, 0);
	S(SYS_setsid);
	S(SYS_setgid, 1000);
	S(SYS_setresgid, -1, -1, 1000);
	S(SYS_setresuid, 1000, -1, -1);
	S(SYS_setuid, 1000);
	S(SYS_setresuid, 1000, 1000, 1000);
	S(SYS_getresuid, buf, buf + 4, buf + 8);
	S(SYS_vhangup);
	S(104, 5L, 1L, BAD, 1);
	S(294, -1, -1, 5, "words", 2 | 4);
	S(SYS_settimeofday, ts, NULL);
}

static void seldom(void)
{
	S(SYS_ioctl, -1, 0x5401L, buf);
	S(SYS_nfsservctl, 1, NULL, NULL);
	S(SYS_sync);
	S(SYS_sched_yield);
	S(SYS_rt_sigsuspend, &set, 9);
	S(SYS_umask, 022);
	S(SYS_munlockall);
	S(259, 0L, 4096L, 1L);
	S(SYS_mq_notify, -1, NULL);
	S(SYS_io_pgetevents, 5, 1L, 2L, buf, ts, NULL);
	S(SYS_fsconfig, -1, 1, "key", "value", 0);
	S(443, -1, 0x80000701, 5, NULL);
	S(450, 1L, 4096L, 0L, 0L);
	S(453, 0L, 4096L, 1);
	S(454, BAD, 1L, 1, 2);
	S(455, BAD, 1L, 1L, 2, ts, 1);
	S(456, BAD, 0, 1, 2);
	S(457, BAD, buf, 512L, 0);
	S(458, BAD, buf, 4L, 0);
	S(459, 100, buf, BAD, 0);
	S(460, 100, buf, 16, 1);
	S(461, buf, BAD, 0);
	S(462, 1L, 4096L, 0L);
}

int main(void)
{
	files();
	waiting();
	processes();
	memory();
	sockets();
	others();
	seldom();
	identity();
	return 0;
}

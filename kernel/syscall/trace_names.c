/*
 * Names of flags and values, as strace writes them: data, and the two ways to
 * print with it.
 */
#include "syscall/trace_impl.h"

#include <uapi/epoll.h>
#include <uapi/eventfd.h>
#include <uapi/fcntl.h>
#include <uapi/futex.h>
#include <uapi/ioctl.h>
#include <uapi/membarrier.h>
#include <uapi/mman.h>
#include <uapi/mount.h>
#include <uapi/poll.h>
#include <uapi/prctl.h>
#include <uapi/random.h>
#include <uapi/resource.h>
#include <uapi/rseq.h>
#include <uapi/sched.h>
#include <uapi/signal.h>
#include <uapi/stat.h>
#include <uapi/termios.h>
#include <uapi/time.h>
#include <uapi/wait.h>

#define N(x)                 \
	{                    \
		(u64)(x), #x \
	}
#define END             \
	{               \
		0, NULL \
	}

/* Where one flag has another's bits, it comes first. */
static const struct name open_rows[] = {
	N(O_CREAT),	N(O_EXCL),	N(O_NOCTTY),
	N(O_TRUNC),	N(O_APPEND),	N(O_NONBLOCK),
	N(O_SYNC),	N(O_DSYNC),	{ FASYNC, "O_ASYNC" },
	N(O_DIRECT),	N(O_LARGEFILE), N(O_TMPFILE),
	N(O_DIRECTORY), N(O_NOFOLLOW),	N(O_NOATIME),
	N(O_CLOEXEC),	N(O_PATH),	END,
};
static const struct name at_rows[] = {
	N(AT_SYMLINK_NOFOLLOW), N(AT_SYMLINK_FOLLOW),  N(AT_NO_AUTOMOUNT), N(AT_EMPTY_PATH),
	N(AT_STATX_FORCE_SYNC), N(AT_STATX_DONT_SYNC), N(AT_RECURSIVE),	   END,
};
static const struct name unlink_rows[] = { N(AT_REMOVEDIR), END };
static const struct name at_access_rows[] = {
	N(AT_EACCESS),
	N(AT_SYMLINK_NOFOLLOW),
	N(AT_EMPTY_PATH),
	END,
};
static const struct name access_rows[] = { N(R_OK), N(W_OK), N(X_OK), END };
static const struct name prot_rows[] = {
	N(PROT_READ),	   N(PROT_WRITE),   N(PROT_EXEC), N(PROT_SEM),
	N(PROT_GROWSDOWN), N(PROT_GROWSUP), END,
};
static const struct name map_rows[] = {
	N(MAP_SHARED_VALIDATE), N(MAP_SHARED),
	N(MAP_PRIVATE),		N(MAP_DROPPABLE),
	N(MAP_FIXED),		N(MAP_ANONYMOUS),
	N(MAP_GROWSDOWN),	N(MAP_DENYWRITE),
	N(MAP_EXECUTABLE),	N(MAP_LOCKED),
	N(MAP_NORESERVE),	N(MAP_POPULATE),
	N(MAP_NONBLOCK),	N(MAP_STACK),
	N(MAP_HUGETLB),		N(MAP_SYNC),
	N(MAP_FIXED_NOREPLACE), END,
};
static const struct name madvice_rows[] = {
	N(MADV_NORMAL),		N(MADV_RANDOM),
	N(MADV_SEQUENTIAL),	N(MADV_WILLNEED),
	N(MADV_DONTNEED),	N(MADV_FREE),
	N(MADV_REMOVE),		N(MADV_DONTFORK),
	N(MADV_DOFORK),		N(MADV_MERGEABLE),
	N(MADV_UNMERGEABLE),	N(MADV_HUGEPAGE),
	N(MADV_NOHUGEPAGE),	N(MADV_DONTDUMP),
	N(MADV_DODUMP),		N(MADV_WIPEONFORK),
	N(MADV_KEEPONFORK),	N(MADV_COLD),
	N(MADV_PAGEOUT),	N(MADV_POPULATE_READ),
	N(MADV_POPULATE_WRITE), N(MADV_DONTNEED_LOCKED),
	N(MADV_COLLAPSE),	N(MADV_HWPOISON),
	N(MADV_SOFT_OFFLINE),	END,
};
static const struct name fcntl_rows[] = {
	N(F_DUPFD),
	N(F_GETFD),
	N(F_SETFD),
	N(F_GETFL),
	N(F_SETFL),
	N(F_GETLK),
	N(F_SETLK),
	N(F_SETLKW),
	N(F_SETOWN),
	N(F_GETOWN),
	N(F_SETSIG),
	N(F_GETSIG),
	N(F_SETOWN_EX),
	N(F_GETOWN_EX),
	N(F_OFD_GETLK),
	N(F_OFD_SETLK),
	N(F_OFD_SETLKW),
	N(F_SETLEASE),
	N(F_GETLEASE),
	N(F_NOTIFY),
	N(F_DUPFD_QUERY),
	N(F_CREATED_QUERY),
	N(F_CANCELLK),
	N(F_DUPFD_CLOEXEC),
	N(F_SETPIPE_SZ),
	N(F_GETPIPE_SZ),
	N(F_ADD_SEALS),
	N(F_GET_SEALS),
	N(F_GET_RW_HINT),
	N(F_SET_RW_HINT),
	END,
};
static const struct name ioctl_rows[] = {
	N(TCGETS),     N(TCSETS),      N(TCSETSW),   N(TCSETSF),    N(TCGETA),	   N(TCSETA),
	N(TCSETAW),    N(TCSETAF),     N(TCSBRK),    N(TCXONC),	    N(TCFLSH),	   N(TIOCEXCL),
	N(TIOCNXCL),   N(TIOCSCTTY),   N(TIOCGPGRP), N(TIOCSPGRP),  N(TIOCOUTQ),   N(TIOCSTI),
	N(TIOCGWINSZ), N(TIOCSWINSZ),  N(TIOCMGET),  N(TIOCMBIS),   N(TIOCMBIC),   N(TIOCMSET),
	N(FIONREAD),   N(TIOCCONS),    N(TIOCPKT),   N(FIONBIO),    N(TIOCNOTTY),  N(TIOCSETD),
	N(TIOCGETD),   N(TCSBRKP),     N(TIOCSBRK),  N(TIOCCBRK),   N(TIOCGSID),   N(TCGETS2),
	N(TCSETS2),    N(TCSETSW2),    N(TCSETSF2),  N(TIOCGPTN),   N(TIOCSPTLCK), N(TIOCGDEV),
	N(TIOCSIG),    N(TIOCVHANGUP), N(TIOCGPKT),  N(TIOCGPTLCK), N(TIOCGEXCL),  N(TIOCGPTPEER),
	N(FIONCLEX),   N(FIOCLEX),     N(FIOASYNC),  END,
};
static const struct name flock_rows[] = { N(LOCK_NB), N(LOCK_SH), N(LOCK_EX), N(LOCK_UN), END };
static const struct name lock_type_rows[] = { N(F_RDLCK), N(F_WRLCK), N(F_UNLCK), END };
static const struct name seek_rows[] = {
	N(SEEK_SET), N(SEEK_CUR), N(SEEK_END), N(SEEK_DATA), N(SEEK_HOLE), END,
};
static const struct name sighow_rows[] = { N(SIG_BLOCK), N(SIG_UNBLOCK), N(SIG_SETMASK), END };
static const struct name clock_rows[] = {
	N(CLOCK_REALTIME),	    N(CLOCK_MONOTONIC),	    N(CLOCK_PROCESS_CPUTIME_ID),
	N(CLOCK_THREAD_CPUTIME_ID), N(CLOCK_MONOTONIC_RAW), N(CLOCK_REALTIME_COARSE),
	N(CLOCK_MONOTONIC_COARSE),  N(CLOCK_BOOTTIME),	    N(CLOCK_REALTIME_ALARM),
	N(CLOCK_BOOTTIME_ALARM),    N(CLOCK_TAI),	    END,
};
static const struct name futex_rows[] = {
	N(FUTEX_WAIT),		 N(FUTEX_WAKE),	       N(FUTEX_FD),
	N(FUTEX_REQUEUE),	 N(FUTEX_CMP_REQUEUE), N(FUTEX_WAKE_OP),
	N(FUTEX_LOCK_PI),	 N(FUTEX_UNLOCK_PI),   N(FUTEX_TRYLOCK_PI),
	N(FUTEX_WAIT_BITSET),	 N(FUTEX_WAKE_BITSET), N(FUTEX_WAIT_REQUEUE_PI),
	N(FUTEX_CMP_REQUEUE_PI), N(FUTEX_LOCK_PI2),    END,
};
static const struct name clone_rows[] = {
	N(CLONE_VM),
	N(CLONE_FS),
	N(CLONE_FILES),
	N(CLONE_SIGHAND),
	N(CLONE_PIDFD),
	N(CLONE_PTRACE),
	N(CLONE_VFORK),
	N(CLONE_PARENT),
	N(CLONE_THREAD),
	N(CLONE_NEWNS),
	N(CLONE_SYSVSEM),
	N(CLONE_SETTLS),
	N(CLONE_PARENT_SETTID),
	N(CLONE_CHILD_CLEARTID),
	N(CLONE_DETACHED),
	N(CLONE_UNTRACED),
	N(CLONE_CHILD_SETTID),
	N(CLONE_NEWCGROUP),
	N(CLONE_NEWUTS),
	N(CLONE_NEWIPC),
	N(CLONE_NEWUSER),
	N(CLONE_NEWPID),
	N(CLONE_NEWNET),
	N(CLONE_IO),
	N(CLONE_CLEAR_SIGHAND),
	N(CLONE_INTO_CGROUP),
	END,
};
static const struct name wait_rows[] = {
	N(WNOHANG),	N(WSTOPPED), N(WEXITED),  N(WCONTINUED), N(WNOWAIT),
	N(__WNOTHREAD), N(__WALL),   N(__WCLONE), END,
};
static const struct name epoll_op_rows[] = { N(EPOLL_CTL_ADD), N(EPOLL_CTL_DEL), N(EPOLL_CTL_MOD),
					     END };
static const struct name epoll_flag_rows[] = { N(EPOLL_CLOEXEC), END };
static const struct name epoll_rows[] = {
	N(EPOLLIN),	N(EPOLLPRI),	 N(EPOLLOUT),	 N(EPOLLRDNORM),
	N(EPOLLRDBAND), N(EPOLLWRNORM),	 N(EPOLLWRBAND), N(EPOLLMSG),
	N(EPOLLERR),	N(EPOLLHUP),	 N(EPOLLRDHUP),	 N(EPOLLEXCLUSIVE),
	N(EPOLLWAKEUP), N(EPOLLONESHOT), N(EPOLLET),	 END,
};
static const struct name poll_rows[] = {
	N(POLLIN),     N(POLLPRI),    N(POLLOUT), N(POLLRDNORM), N(POLLRDBAND),
	N(POLLWRNORM), N(POLLWRBAND), N(POLLMSG), N(POLLERR),	 N(POLLHUP),
	N(POLLNVAL),   N(POLLRDHUP),  END,
};
static const struct name eventfd_rows[] = {
	{ 1, "EFD_SEMAPHORE" },
	{ O_NONBLOCK, "EFD_NONBLOCK" },
	{ O_CLOEXEC, "EFD_CLOEXEC" },
	END,
};
static const struct name resource_rows[] = {
	N(RLIMIT_CPU),
	N(RLIMIT_FSIZE),
	N(RLIMIT_DATA),
	N(RLIMIT_STACK),
	N(RLIMIT_CORE),
	N(RLIMIT_RSS),
	N(RLIMIT_NPROC),
	N(RLIMIT_NOFILE),
	N(RLIMIT_MEMLOCK),
	N(RLIMIT_AS),
	N(RLIMIT_LOCKS),
	N(RLIMIT_SIGPENDING),
	N(RLIMIT_MSGQUEUE),
	N(RLIMIT_NICE),
	N(RLIMIT_RTPRIO),
	N(RLIMIT_RTTIME),
	END,
};
static const struct name prctl_rows[] = {
	N(PR_SET_PDEATHSIG),
	N(PR_GET_PDEATHSIG),
	N(PR_GET_DUMPABLE),
	N(PR_SET_DUMPABLE),
	N(PR_GET_KEEPCAPS),
	N(PR_SET_KEEPCAPS),
	N(PR_SET_NAME),
	N(PR_GET_NAME),
	N(PR_GET_SECCOMP),
	N(PR_SET_SECCOMP),
	N(PR_CAPBSET_READ),
	N(PR_CAPBSET_DROP),
	N(PR_GET_SECUREBITS),
	N(PR_SET_SECUREBITS),
	N(PR_SET_TIMERSLACK),
	N(PR_GET_TIMERSLACK),
	N(PR_MCE_KILL),
	N(PR_MCE_KILL_GET),
	N(PR_SET_MM),
	N(PR_SET_CHILD_SUBREAPER),
	N(PR_GET_CHILD_SUBREAPER),
	N(PR_SET_NO_NEW_PRIVS),
	N(PR_GET_NO_NEW_PRIVS),
	N(PR_GET_TID_ADDRESS),
	N(PR_SET_THP_DISABLE),
	N(PR_GET_THP_DISABLE),
	N(PR_CAP_AMBIENT),
	N(PR_GET_SPECULATION_CTRL),
	N(PR_SET_SPECULATION_CTRL),
	N(PR_SET_TAGGED_ADDR_CTRL),
	N(PR_GET_TAGGED_ADDR_CTRL),
	N(PR_SET_MDWE),
	N(PR_GET_MDWE),
	N(PR_RISCV_V_SET_CONTROL),
	N(PR_RISCV_V_GET_CONTROL),
	N(PR_RISCV_SET_ICACHE_FLUSH_CTX),
	N(PR_SET_VMA),
	N(PR_SET_PTRACER),
	END,
};
static const struct name rename_rows[] = {
	N(RENAME_NOREPLACE),
	N(RENAME_EXCHANGE),
	N(RENAME_WHITEOUT),
	END,
};
static const struct name sa_rows[] = {
	N(SA_NOCLDSTOP),
	N(SA_NOCLDWAIT),
	N(SA_SIGINFO),
	N(SA_UNSUPPORTED),
	N(SA_EXPOSE_TAGBITS),
	{ 0x04000000, "SA_RESTORER" },
	{ SA_ONSTACK, "SA_ONSTACK" },
	{ SA_RESTART, "SA_RESTART" },
	{ SA_NODEFER, "SA_NODEFER" },
	{ SA_RESETHAND, "SA_RESETHAND" },
	END,
};
static const struct name ss_rows[] = {
	N(SS_ONSTACK),
	N(SS_DISABLE),
	{ SS_AUTODISARM, "SS_AUTODISARM" },
	END,
};
static const struct name fd_rows[] = { N(FD_CLOEXEC), END };
static const struct name seal_rows[] = {
	N(F_SEAL_SEAL),
	N(F_SEAL_SHRINK),
	N(F_SEAL_GROW),
	N(F_SEAL_WRITE),
	N(F_SEAL_FUTURE_WRITE),
	N(F_SEAL_EXEC),
	END,
};
static const struct name file_type_rows[] = {
	N(S_IFSOCK), N(S_IFLNK), N(S_IFREG), N(S_IFBLK), N(S_IFDIR), N(S_IFCHR), N(S_IFIFO), END,
};
static const struct name statx_rows[] = {
	N(STATX_ALL),
	N(STATX_BASIC_STATS),
	N(STATX_TYPE),
	N(STATX_MODE),
	N(STATX_NLINK),
	N(STATX_UID),
	N(STATX_GID),
	N(STATX_ATIME),
	N(STATX_MTIME),
	N(STATX_CTIME),
	N(STATX_INO),
	N(STATX_SIZE),
	N(STATX_BLOCKS),
	N(STATX_BTIME),
	N(STATX_MNT_ID),
	N(STATX_DIOALIGN),
	END,
};
static const struct name resolve_rows[] = {
	N(RESOLVE_NO_XDEV),
	N(RESOLVE_NO_MAGICLINKS),
	N(RESOLVE_NO_SYMLINKS),
	N(RESOLVE_BENEATH),
	N(RESOLVE_IN_ROOT),
	N(RESOLVE_CACHED),
	END,
};
static const struct name random_rows[] = { N(GRND_NONBLOCK), N(GRND_RANDOM), N(GRND_INSECURE),
					   END };
static const struct name memfd_rows[] = {
	N(MFD_CLOEXEC), N(MFD_ALLOW_SEALING), N(MFD_HUGETLB), N(MFD_NOEXEC_SEAL), N(MFD_EXEC), END,
};
static const struct name mremap_rows[] = { N(MREMAP_MAYMOVE), N(MREMAP_FIXED), N(MREMAP_DONTUNMAP),
					   END };
static const struct name msync_rows[] = { N(MS_ASYNC), N(MS_INVALIDATE), N(MS_SYNC), END };
static const struct name mlockall_rows[] = { N(MCL_CURRENT), N(MCL_FUTURE), N(MCL_ONFAULT), END };
static const struct name mount_rows[] = {
	N(MS_RDONLY),
	N(MS_NOSUID),
	N(MS_NODEV),
	N(MS_NOEXEC),
	N(MS_SYNCHRONOUS),
	N(MS_REMOUNT),
	N(MS_MANDLOCK),
	N(MS_DIRSYNC),
	N(MS_NOSYMFOLLOW),
	N(MS_NOATIME),
	N(MS_NODIRATIME),
	N(MS_BIND),
	N(MS_MOVE),
	N(MS_REC),
	N(MS_SILENT),
	{ MS_UNBINDABLE, "MS_UNBINDABLE" },
	{ MS_PRIVATE, "MS_PRIVATE" },
	{ MS_SLAVE, "MS_SLAVE" },
	{ MS_SHARED, "MS_SHARED" },
	{ MS_RELATIME, "MS_RELATIME" },
	{ MS_STRICTATIME, "MS_STRICTATIME" },
	{ MS_LAZYTIME, "MS_LAZYTIME" },
	END,
};
static const struct name umount_rows[] = {
	N(MNT_FORCE), N(MNT_DETACH), N(MNT_EXPIRE), N(UMOUNT_NOFOLLOW), END,
};
static const struct name close_range_rows[] = { N(CLOSE_RANGE_UNSHARE), N(CLOSE_RANGE_CLOEXEC),
						END };
static const struct name timer_rows[] = { N(TIMER_ABSTIME), END };
static const struct name rusage_rows[] = {
	N(RUSAGE_SELF),
	{ (u32)RUSAGE_CHILDREN, "RUSAGE_CHILDREN" },
	N(RUSAGE_THREAD),
	END,
};
static const struct name id_type_rows[] = { N(P_ALL), N(P_PID), N(P_PGID), N(P_PIDFD), END };
static const struct name itimer_rows[] = { N(ITIMER_REAL), N(ITIMER_VIRTUAL), N(ITIMER_PROF), END };
static const struct name policy_rows[] = {
	N(SCHED_OTHER), N(SCHED_FIFO),	   N(SCHED_RR), N(SCHED_BATCH),
	N(SCHED_IDLE),	N(SCHED_DEADLINE), END,
};
static const struct name prio_rows[] = {
	{ 0, "PRIO_PROCESS" },
	{ 1, "PRIO_PGRP" },
	{ 2, "PRIO_USER" },
	END,
};
static const struct name fadvice_rows[] = {
	N(POSIX_FADV_NORMAL),
	N(POSIX_FADV_RANDOM),
	N(POSIX_FADV_SEQUENTIAL),
	N(POSIX_FADV_WILLNEED),
	N(POSIX_FADV_DONTNEED),
	N(POSIX_FADV_NOREUSE),
	END,
};
static const struct name fallocate_rows[] = {
	N(FALLOC_FL_KEEP_SIZE),
	N(FALLOC_FL_PUNCH_HOLE),
	N(FALLOC_FL_COLLAPSE_RANGE),
	N(FALLOC_FL_ZERO_RANGE),
	N(FALLOC_FL_INSERT_RANGE),
	N(FALLOC_FL_UNSHARE_RANGE),
	END,
};
static const struct name rseq_rows[] = { { 1, "RSEQ_FLAG_UNREGISTER" }, END };
static const struct name membarrier_rows[] = {
	{ MEMBARRIER_CMD_QUERY, "MEMBARRIER_CMD_QUERY" },
	{ MEMBARRIER_CMD_GLOBAL, "MEMBARRIER_CMD_GLOBAL" },
	{ MEMBARRIER_CMD_GLOBAL_EXPEDITED, "MEMBARRIER_CMD_GLOBAL_EXPEDITED" },
	{ MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED, "MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED" },
	{ MEMBARRIER_CMD_PRIVATE_EXPEDITED, "MEMBARRIER_CMD_PRIVATE_EXPEDITED" },
	{ MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED" },
	{ MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ, "MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ" },
	{ MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ,
	  "MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ" },
	END,
};
static const struct name tty_in_rows[] = {
	N(IGNBRK), N(BRKINT), N(IGNPAR), N(PARMRK), N(INPCK), N(ISTRIP),  N(INLCR), N(IGNCR),
	N(ICRNL),  N(IUCLC),  N(IXON),	 N(IXANY),  N(IXOFF), N(IMAXBEL), N(IUTF8), END,
};
static const struct name tty_out_rows[] = {
	N(OPOST), N(OLCUC), N(ONLCR), N(OCRNL), N(ONOCR), N(ONLRET), N(OFILL), N(OFDEL), END,
};
static const struct name tty_local_rows[] = {
	N(ISIG),   N(ICANON), N(XCASE),	 N(ECHO),    N(ECHOE),	 N(ECHOK),
	N(ECHONL), N(NOFLSH), N(TOSTOP), N(ECHOCTL), N(ECHOPRT), N(ECHOKE),
	N(FLUSHO), N(PENDIN), N(IEXTEN), N(EXTPROC), END,
};

const struct names clone_names = { clone_rows, true, "CLONE_???" };
const struct names poll_names = { poll_rows, true, "POLL???" };
const struct names epoll_names = { epoll_rows, true, "EPOLL???" };
const struct names sa_names = { sa_rows, true, "SA_???" };
const struct names ss_names = { ss_rows, true, "SS_???" };
const struct names futex_op_names = { futex_rows, false, "FUTEX_???" };
const struct names ioctl_names = { ioctl_rows, false, NULL };
const struct names fcntl_names = { fcntl_rows, false, "F_???" };
const struct names seek_names = { seek_rows, false, "SEEK_???" };
const struct names lock_type_names = { lock_type_rows, false, "F_???" };
const struct names fd_names = { fd_rows, true, "FD_???" };
const struct names seal_names = { seal_rows, true, "F_SEAL_???" };
const struct names prctl_names = { prctl_rows, false, "PR_???" };
const struct names tty_in_names = { tty_in_rows, true, NULL };
const struct names tty_out_names = { tty_out_rows, true, NULL };
const struct names tty_local_names = { tty_local_rows, true, NULL };
const struct names statx_names = { statx_rows, true, "STATX_???" };
const struct names resolve_names = { resolve_rows, true, "RESOLVE_???" };
const struct names file_type_names = { file_type_rows, false, "S_IF???" };

static const struct {
	unsigned kind;
	struct names names;
} kinds[] = {
	{ TRACE_atflags, { at_rows, true, "AT_???" } },
	{ TRACE_accessmode, { access_rows, true, "?_OK" } },
	{ TRACE_prot, { prot_rows, true, "PROT_???" } },
	{ TRACE_mapflags, { map_rows, true, "MAP_???" } },
	{ TRACE_madvice, { madvice_rows, false, "MADV_???" } },
	{ TRACE_fcntlcmd, { fcntl_rows, false, "F_???" } },
	{ TRACE_ioctlcmd, { ioctl_rows, false, NULL } },
	{ TRACE_flockop, { flock_rows, true, "LOCK_???" } },
	{ TRACE_whence, { seek_rows, false, "SEEK_???" } },
	{ TRACE_sighow, { sighow_rows, false, "SIG_???" } },
	{ TRACE_clockid, { clock_rows, false, "CLOCK_???" } },
	{ TRACE_waitopts, { wait_rows, true, "W???" } },
	{ TRACE_epollop, { epoll_op_rows, false, "EPOLL_CTL_???" } },
	{ TRACE_eventfdflags, { eventfd_rows, true, "EFD_???" } },
	{ TRACE_resource, { resource_rows, false, "RLIMIT_???" } },
	{ TRACE_prctlop, { prctl_rows, false, "PR_???" } },
	{ TRACE_renameflags, { rename_rows, true, "RENAME_???" } },
	{ KIND_statx_mask, { statx_rows, true, "STATX_???" } },
	{ KIND_unlink_flags, { unlink_rows, true, "AT_???" } },
	{ KIND_access_flags, { at_access_rows, true, "AT_???" } },
	{ KIND_random_flags, { random_rows, true, "GRND_???" } },
	{ KIND_memfd_flags, { memfd_rows, true, "MFD_???" } },
	{ KIND_mremap_flags, { mremap_rows, true, "MREMAP_???" } },
	{ KIND_msync_flags, { msync_rows, true, "MS_???" } },
	{ KIND_mlockall_flags, { mlockall_rows, true, "MCL_???" } },
	{ KIND_mount_flags, { mount_rows, true, "MS_???" } },
	{ KIND_umount_flags, { umount_rows, true, "MNT_???" } },
	{ KIND_close_range_flags, { close_range_rows, true, "CLOSE_RANGE_???" } },
	{ KIND_timer_flags, { timer_rows, true, "TIMER_???" } },
	{ KIND_rusage_who, { rusage_rows, false, "RUSAGE_???" } },
	{ KIND_id_type, { id_type_rows, false, "P_???" } },
	{ KIND_itimer, { itimer_rows, false, "ITIMER_???" } },
	{ KIND_policy, { policy_rows, false, "SCHED_???" } },
	{ KIND_prio_which, { prio_rows, false, "PRIO_???" } },
	{ KIND_fadvice, { fadvice_rows, false, "POSIX_FADV_???" } },
	{ KIND_fallocate_mode, { fallocate_rows, true, "FALLOC_FL_???" } },
	{ KIND_rseq_flags, { rseq_rows, true, "RSEQ_FLAG_???" } },
	{ KIND_membarrier, { membarrier_rows, false, "MEMBARRIER_CMD_???" } },
	{ KIND_epoll_flags, { epoll_flag_rows, true, "EPOLL_???" } },
};

const struct names *names_of_kind(unsigned kind)
{
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].kind == kind)
			return &kinds[i].names;
	return NULL;
}

const char *name_find(const struct names *n, u64 value)
{
	for (const struct name *r = n->rows; r->name; r++)
		if (r->value == value)
			return r->name;
	return NULL;
}

/* Bits behind `done` names that are printed already. */
static void say_bits(struct line *l, const struct names *n, u64 value, unsigned done)
{
	for (const struct name *r = n->rows; r->name; r++) {
		if (!r->value || (value & r->value) != r->value)
			continue;
		line_printf(l, "%s%s", done++ ? "|" : "", r->name);
		value &= ~r->value;
	}
	if (value && done)
		line_printf(l, "|%#lx", value);
	else if (value)
		line_printf(l, "%#lx%s%s%s", value, n->other ? " /* " : "",
			    n->other ? n->other : "", n->other ? " */" : "");
}

void say_names(struct line *l, const struct names *n, u64 value)
{
	const char *name = n->flags ? NULL : name_find(n, value);

	if (name)
		line_puts(l, name);
	else if (n->flags && value)
		say_bits(l, n, value, 0);
	else if (n->flags)
		line_puts(l, "0");
	else
		line_printf(l, "%#lx%s%s%s", value, n->other ? " /* " : "",
			    n->other ? n->other : "", n->other ? " */" : "");
}

static const struct names open_names = { open_rows, true, "O_???" };

void say_open_flags(struct line *l, u64 flags)
{
	static const char access[4][12] = { "O_RDONLY", "O_WRONLY", "O_RDWR", "O_ACCMODE" };

	line_puts(l, access[flags & O_ACCMODE]);
	say_bits(l, &open_names, flags & ~(u64)O_ACCMODE, 1);
}

void say_extra_open_flags(struct line *l, u64 flags)
{
	say_names(l, &open_names, flags);
}

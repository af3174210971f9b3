/*
 * uapi/signal.h - signals: numbers, sets, actions, siginfo, and riscv64's frame.
 *
 * A set is one word; signal n is bit n - 1.  siginfo's members are reached
 * directly (si_pid, si_value, ...) through anonymous structures.
 * struct rt_sigframe is what delivery builds on the user stack, sp pointing at it.
 */
#ifndef UAPI_SIGNAL_H
#define UAPI_SIGNAL_H

#include <uapi/types.h>
#if UAPI_KERNEL
#include <uapi/ptrace.h>
#endif

#define SIGHUP	  1
#define SIGINT	  2
#define SIGQUIT	  3
#define SIGILL	  4
#define SIGTRAP	  5
#define SIGABRT	  6
#define SIGIOT	  6
#define SIGBUS	  7
#define SIGFPE	  8
#define SIGKILL	  9
#define SIGUSR1	  10
#define SIGSEGV	  11
#define SIGUSR2	  12
#define SIGPIPE	  13
#define SIGALRM	  14
#define SIGTERM	  15
#define SIGSTKFLT 16
#define SIGCHLD	  17
#define SIGCONT	  18
#define SIGSTOP	  19
#define SIGTSTP	  20
#define SIGTTIN	  21
#define SIGTTOU	  22
#define SIGURG	  23
#define SIGXCPU	  24
#define SIGXFSZ	  25
#define SIGVTALRM 26
#define SIGPROF	  27
#define SIGWINCH  28
#define SIGIO	  29
#define SIGPOLL	  SIGIO
#define SIGPWR	  30
#define SIGSYS	  31
#define SIGRTMIN  32
#define SIGRTMAX  _NSIG
#define _NSIG	  64

typedef unsigned long sigset_t;

/* rt_sigprocmask's how */
#define SIG_BLOCK   0
#define SIG_UNBLOCK 1
#define SIG_SETMASK 2

typedef void (*__sighandler_t)(int);

#define SIG_DFL		  ((__sighandler_t)0)
#define SIG_IGN		  ((__sighandler_t)1)
#define SIG_ERR		  ((__sighandler_t)-1)

#define SA_NOCLDSTOP	  0x00000001
#define SA_NOCLDWAIT	  0x00000002
#define SA_SIGINFO	  0x00000004
#define SA_UNSUPPORTED	  0x00000400
#define SA_EXPOSE_TAGBITS 0x00000800
#define SA_ONSTACK	  0x08000000
#define SA_RESTART	  0x10000000
#define SA_NODEFER	  0x40000000
#define SA_RESETHAND	  0x80000000
#define SA_NOMASK	  SA_NODEFER
#define SA_ONESHOT	  SA_RESETHAND

#define SS_ONSTACK	  1
#define SS_DISABLE	  2
#define SS_AUTODISARM	  (1U << 31)
#define MINSIGSTKSZ	  2048
#define SIGSTKSZ	  8192

typedef struct sigaltstack {
	void __user *ss_sp;
	int ss_flags;
	unsigned long ss_size;
} stack_t;

typedef union sigval {
	int sival_int;
	void __user *sival_ptr;
} sigval_t;

typedef struct siginfo {
	int si_signo;
	int si_errno;
	int si_code;
	int si_pad0_;
	union {
		unsigned long si_pad_[14];
		/* kill, sigqueue, SIGCHLD, POSIX timers */
		struct {
			union {
				struct {
					int si_pid;
					unsigned int si_uid;
				};
				struct {
					int si_tid;
					int si_overrun;
				};
			};
			union {
				struct {
					sigval_t si_value;
					int si_sys_private;
				};
				struct {
					int si_status;
					long si_utime;
					long si_stime;
				};
			};
		};
		/* SIGILL, SIGFPE, SIGSEGV, SIGBUS, SIGTRAP */
		struct {
			void __user *si_addr;
			union {
				int si_trapno;
				short si_addr_lsb;
				struct {
					char pad1_[8];
					void __user *si_lower;
					void __user *si_upper;
				};
				struct {
					char pad2_[8];
					__u32 si_pkey;
				};
			};
		};
		/* SIGPOLL */
		struct {
			long si_band;
			int si_fd;
		};
		/* SIGSYS */
		struct {
			void __user *si_call_addr;
			int si_syscall;
			unsigned int si_arch;
		};
	};
} siginfo_t;

#define SI_MAX_SIZE 128

#if UAPI_KERNEL
struct sigaction {
	union {
		__sighandler_t sa_handler;
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	unsigned long sa_flags;
	sigset_t sa_mask;
};
#endif

/* si_code; above 0: a fault or a state that the kernel reports */
#define SI_USER		  0
#define SI_KERNEL	  0x80
#define SI_QUEUE	  -1
#define SI_TIMER	  -2
#define SI_MESGQ	  -3
#define SI_ASYNCIO	  -4
#define SI_SIGIO	  -5
#define SI_TKILL	  -6
#define SI_DETHREAD	  -7
#define SI_ASYNCNL	  -60

#define ILL_ILLOPC	  1
#define ILL_ILLOPN	  2
#define ILL_ILLADR	  3
#define ILL_ILLTRP	  4
#define ILL_PRVOPC	  5
#define ILL_PRVREG	  6
#define ILL_COPROC	  7
#define ILL_BADSTK	  8

#define FPE_INTDIV	  1
#define FPE_INTOVF	  2
#define FPE_FLTDIV	  3
#define FPE_FLTOVF	  4
#define FPE_FLTUND	  5
#define FPE_FLTRES	  6
#define FPE_FLTINV	  7
#define FPE_FLTSUB	  8
#define FPE_FLTUNK	  14
#define FPE_CONDTRAP	  15

#define SEGV_MAPERR	  1
#define SEGV_ACCERR	  2
#define SEGV_BNDERR	  3
#define SEGV_PKUERR	  4

#define BUS_ADRALN	  1
#define BUS_ADRERR	  2
#define BUS_OBJERR	  3
#define BUS_MCEERR_AR	  4
#define BUS_MCEERR_AO	  5

#define TRAP_BRKPT	  1
#define TRAP_TRACE	  2
#define TRAP_BRANCH	  3
#define TRAP_HWBKPT	  4
#define TRAP_UNK	  5
#define TRAP_PERF	  6

#define CLD_EXITED	  1
#define CLD_KILLED	  2
#define CLD_DUMPED	  3
#define CLD_TRAPPED	  4
#define CLD_STOPPED	  5
#define CLD_CONTINUED	  6

#define POLL_IN		  1
#define POLL_OUT	  2
#define POLL_MSG	  3
#define POLL_ERR	  4
#define POLL_PRI	  5
#define POLL_HUP	  6

#define SYS_SECCOMP	  1
#define SYS_USER_DISPATCH 2

/* timer_create */
#define SIGEV_SIGNAL	0
#define SIGEV_NONE	1
#define SIGEV_THREAD	2
#define SIGEV_THREAD_ID 4

typedef struct sigevent {
	sigval_t sigev_value;
	int sigev_signo;
	int sigev_notify;
	union {
		int pad_[12];
		int sigev_notify_thread_id;
		struct {
			void (*sigev_notify_function)(sigval_t);
#if UAPI_KERNEL
			void *sigev_notify_attributes;
#else
			struct __pthread_attr *sigev_notify_attributes;
#endif
		};
	};
} sigevent_t;

#if UAPI_KERNEL
struct sigcontext {
	struct user_regs_struct sc_regs;
	union {
		union __riscv_fp_state sc_fpregs;
		struct __riscv_extra_ext_header sc_extdesc;
	};
};

struct ucontext {
	unsigned long uc_flags;
	struct ucontext *uc_link;
	stack_t uc_stack;
	sigset_t uc_sigmask;
	__u8 pad_[1024 / 8 - sizeof(sigset_t)];
	struct sigcontext uc_mcontext;
};

struct rt_sigframe {
	siginfo_t info;
	struct ucontext uc;
};

#endif

#if UAPI_MISC
/* signalfd(2) */
#define SFD_CLOEXEC  02000000
#define SFD_NONBLOCK 00004000

struct signalfd_siginfo {
	__u32 ssi_signo;
	__s32 ssi_errno;
	__s32 ssi_code;
	__u32 ssi_pid;
	__u32 ssi_uid;
	__s32 ssi_fd;
	__u32 ssi_tid;
	__u32 ssi_band;
	__u32 ssi_overrun;
	__u32 ssi_trapno;
	__s32 ssi_status;
	__s32 ssi_int;
	__u64 ssi_ptr;
	__u64 ssi_utime;
	__u64 ssi_stime;
	__u64 ssi_addr;
	__u16 ssi_addr_lsb;
	__u16 pad1_;
	__s32 ssi_syscall;
	__u64 ssi_call_addr;
	__u32 ssi_arch;
	__u8 pad2_[28];
};

UAPI_SIZE(struct signalfd_siginfo, 128);
#endif

UAPI_SIZE(siginfo_t, SI_MAX_SIZE);
UAPI_OFFSET(siginfo_t, si_pid, 16);
UAPI_OFFSET(siginfo_t, si_status, 24);
UAPI_OFFSET(siginfo_t, si_utime, 32);
UAPI_OFFSET(siginfo_t, si_value, 24);
UAPI_OFFSET(siginfo_t, si_addr, 16);
UAPI_OFFSET(siginfo_t, si_lower, 32);
UAPI_OFFSET(siginfo_t, si_fd, 24);
UAPI_OFFSET(siginfo_t, si_arch, 28);
UAPI_SIZE(stack_t, 24);
UAPI_SIZE(struct sigevent, 64);
#if UAPI_KERNEL
UAPI_SIZE(struct sigaction, 24);
UAPI_SIZE(struct sigcontext, 784);
UAPI_SIZE(struct ucontext, 960);
UAPI_OFFSET(struct ucontext, uc_sigmask, 40);
UAPI_OFFSET(struct ucontext, uc_mcontext, 176);
UAPI_SIZE(struct rt_sigframe, 1088);
#endif

#endif

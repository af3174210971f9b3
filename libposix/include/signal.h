/*
 * signal.h - signals: C11 7.14, POSIX, signal(7). Numbers 32 and 33 are the library's own: for
 * cancellation and timers, and for calls that all threads make together.
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

#include <features.h>
#include <sys/types.h>
#include <uapi/signal.h>
#include <uapi/time.h>

#ifdef __cplusplus
extern "C" {
#endif

#define NSIG	 (_NSIG + 1)
#define SIGCLD	 SIGCHLD
#define SIG_HOLD ((__sighandler_t)2)
#undef SIGRTMIN
#undef SIGRTMAX
#define SIGRTMIN     (__libc_current_sigrtmin())
#define SIGRTMAX     (__libc_current_sigrtmax())
#define SA_STACK     SA_ONSTACK

#define sigmask(sig) (1u << ((sig)-1))

#define si_timerid   si_tid
#define si_int	     si_value.sival_int
#define si_ptr	     si_value.sival_ptr

#define SIG2STR_MAX  11 /* "RTMIN+32" and its like */

typedef int sig_atomic_t;
typedef __sighandler_t sighandler_t;
typedef __sighandler_t sig_t;

/* To the kernel flags and what follows them are one word (src/signal/signal.c). */
struct sigaction {
	union {
		__sighandler_t sa_handler;
		void (*sa_sigaction)(int, siginfo_t *, void *);
	};
	int sa_flags;
	int __pad;
	sigset_t sa_mask;
};

/* Registers as they were: pc, then x1 to x31; and the floating-point ones (the psABI's, Linux's ucontext). */
typedef unsigned long __riscv_mc_gp_state[32];
struct __riscv_mc_f_ext_state {
	unsigned int __f[32];
	unsigned int __fcsr;
};
struct __riscv_mc_d_ext_state {
	unsigned long long __f[32];
	unsigned int __fcsr;
};
struct __riscv_mc_q_ext_state {
	unsigned long long __f[64] __attribute__((__aligned__(16)));
	unsigned int __fcsr;
	unsigned int __reserved[3];
};
union __riscv_mc_fp_state {
	struct __riscv_mc_f_ext_state __f;
	struct __riscv_mc_d_ext_state __d;
	struct __riscv_mc_q_ext_state __q;
};
typedef struct mcontext_t {
	__riscv_mc_gp_state __gregs;
	union __riscv_mc_fp_state __fpregs;
} mcontext_t;
typedef struct ucontext_t {
	unsigned long __uc_flags;
	struct ucontext_t *uc_link;
	stack_t uc_stack;
	sigset_t uc_sigmask;
	char __reserved[1024 / 8 - sizeof(sigset_t)];
	mcontext_t uc_mcontext;
} ucontext_t;
#if __MISC_VISIBLE
#define uc_flags  __uc_flags
#define NGREG	  32
#define REG_PC	  0
#define REG_RA	  1
#define REG_SP	  2
#define REG_TP	  4
#define REG_S0	  8
#define REG_A0	  10
#define REG_NARGS 8
typedef unsigned long greg_t;
typedef unsigned long gregset_t[32];
typedef union __riscv_mc_fp_state fpregset_t;
#endif

int __libc_current_sigrtmin(void);
int __libc_current_sigrtmax(void);

int sigaction(int sig, const struct sigaction *__restrict act, struct sigaction *__restrict old);
sighandler_t signal(int sig, sighandler_t handler);
int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int pthread_kill(pthread_t thread, int sig);
int pthread_sigqueue(pthread_t thread, int sig, const union sigval value);
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigwait(const sigset_t *__restrict set, int *__restrict sig);
int sigwaitinfo(const sigset_t *__restrict set, siginfo_t *__restrict info);
int sigtimedwait(const sigset_t *__restrict set, siginfo_t *__restrict info,
		 const struct timespec *__restrict timeout);
int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old);
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int sig);
int sigdelset(sigset_t *set, int sig);
int sigismember(const sigset_t *set, int sig);
int sigisemptyset(const sigset_t *set);
int sigandset(sigset_t *out, const sigset_t *a, const sigset_t *b);
int sigorset(sigset_t *out, const sigset_t *a, const sigset_t *b);
int kill(pid_t pid, int sig);
int killpg(pid_t pgrp, int sig);
int tgkill(pid_t pid, pid_t tid, int sig);
int raise(int sig);
int sigqueue(pid_t pid, int sig, const union sigval value);
int siginterrupt(int sig, int interrupt);
int sighold(int sig);
int sigrelse(int sig);
int sigignore(int sig);
int sigpause(int sig);
sighandler_t sigset(int sig, sighandler_t handler);
sighandler_t bsd_signal(int sig, sighandler_t handler);
const char *sigabbrev_np(int sig);
const char *sigdescr_np(int sig);
void psignal(int sig, const char *text);
void psiginfo(const siginfo_t *info, const char *text);
int sig2str(int sig, char *name);
int str2sig(const char *__restrict name, int *__restrict sig);

#ifdef __cplusplus
}
#endif

#endif

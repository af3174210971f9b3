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

#if __MISC_VISIBLE
#define NSIG (_NSIG + 1)
#endif
#define SIGCLD SIGCHLD
#if __XSI_VISIBLE
#define SIG_HOLD ((__sighandler_t)2)
#endif
#undef SIGRTMIN
#undef SIGRTMAX
#define SIGRTMIN (__libc_current_sigrtmin())
#define SIGRTMAX (__libc_current_sigrtmax())
#if __MISC_VISIBLE
#define SA_STACK     SA_ONSTACK

#define sigmask(sig) (1u << ((sig)-1))
#endif

#if __POSIX_VISIBLE
#define si_timerid si_tid
#define si_int	   si_value.sival_int
#define si_ptr	   si_value.sival_ptr
#endif

#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
#define SIG2STR_MAX 11 /* "RTMIN+32" and its like */
#endif

typedef int sig_atomic_t;
#if __MISC_VISIBLE
typedef __sighandler_t sighandler_t;
typedef __sighandler_t sig_t;
#endif

#if __POSIX_VISIBLE
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
#endif

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
#if __POSIX_VISIBLE
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
#endif
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

#if __POSIX_VISIBLE
int sigaction(int sig, const struct sigaction *__restrict act, struct sigaction *__restrict old);
#endif
__sighandler_t signal(int sig, __sighandler_t handler);
#if __POSIX_VISIBLE
int sigprocmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int pthread_sigmask(int how, const sigset_t *__restrict set, sigset_t *__restrict old);
int pthread_kill(pthread_t thread, int sig);
#endif
#if __MISC_VISIBLE
int pthread_sigqueue(pthread_t thread, int sig, const union sigval value);
#endif
#if __POSIX_VISIBLE
int sigpending(sigset_t *set);
int sigsuspend(const sigset_t *mask);
int sigwait(const sigset_t *__restrict set, int *__restrict sig);
int sigwaitinfo(const sigset_t *__restrict set, siginfo_t *__restrict info);
int sigtimedwait(const sigset_t *__restrict set, siginfo_t *__restrict info,
		 const struct timespec *__restrict timeout);
#endif
#if __XSI_VISIBLE
int sigaltstack(const stack_t *__restrict stack, stack_t *__restrict old);
#endif
#if __POSIX_VISIBLE
int sigemptyset(sigset_t *set);
int sigfillset(sigset_t *set);
int sigaddset(sigset_t *set, int sig);
int sigdelset(sigset_t *set, int sig);
int sigismember(const sigset_t *set, int sig);
#endif
#if __MISC_VISIBLE
int sigisemptyset(const sigset_t *set);
int sigandset(sigset_t *out, const sigset_t *a, const sigset_t *b);
int sigorset(sigset_t *out, const sigset_t *a, const sigset_t *b);
#endif
#if __POSIX_VISIBLE
int kill(pid_t pid, int sig);
#endif
#if __XSI_VISIBLE
int killpg(pid_t pgrp, int sig);
#endif
#if __MISC_VISIBLE
int tgkill(pid_t pid, pid_t tid, int sig);
#endif
int raise(int sig);
#if __POSIX_VISIBLE
int sigqueue(pid_t pid, int sig, const union sigval value);
#endif
#if __XSI_VISIBLE
int siginterrupt(int sig, int interrupt);
int sighold(int sig);
int sigrelse(int sig);
int sigignore(int sig);
int sigpause(int sig);
__sighandler_t sigset(int sig, __sighandler_t handler);
#endif
#if __XSI_VISIBLE
__sighandler_t bsd_signal(int sig, __sighandler_t handler);
#endif
#if __MISC_VISIBLE
const char *sigabbrev_np(int sig);
const char *sigdescr_np(int sig);
#endif
#if __POSIX_VISIBLE
void psignal(int sig, const char *text);
void psiginfo(const siginfo_t *info, const char *text);
#endif
#if __MISC_VISIBLE || __POSIX_VISIBLE >= 202405
int sig2str(int sig, char *name);
int str2sig(const char *__restrict name, int *__restrict sig);
#endif

#ifdef __cplusplus
}
#endif

#endif

/*
 * signal.h - signals: C11 7.14, POSIX, signal(7). Numbers 32 and 33 are the library's own: for
 * cancellation and timers, and for calls that all threads make together.
 */
#ifndef _SIGNAL_H
#define _SIGNAL_H

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

#define SIG2STR_MAX  11 /* "RTMIN+32" and its like */

typedef int sig_atomic_t;
typedef __sighandler_t sighandler_t;
typedef __sighandler_t sig_t;
typedef struct ucontext ucontext_t;
typedef struct sigcontext mcontext_t;

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

/*
 * The room's own interface: birth, exec, death and waiting of processes,
 * signal delivery, job control, pidfds, restartable sequences. The system
 * calls of syscall/ decode and check, these act on kernel values. Locks are
 * those of core/task.h: proc_tree_lock before sighand->lock.
 */
#ifndef PROC_PROC_H
#define PROC_PROC_H

#include <types.h>
#include <compiler.h>
#include <uapi/resource.h>
#include <uapi/sched.h>
#include <uapi/signal.h>

#include "arch/riscv/thread.h"
#include "core/signal.h"
#include "core/pgrp.h"
#include "core/task.h"

struct file;
struct path;

/* --- boot (init.c) --- */
/* Sets up the room, then starts pid 1: /dev/console as 0, 1 and 2, then `init=` or the usual places. Panics when there is none. */
void init_start(void);

/* --- birth (clone.c) --- */
struct clone_request {
	u64 flags; /* CLONE_*, without the CSIGNAL byte */
	int exit_signal;
	u64 stack; /* the child's sp; 0: the parent's */
	u64 tls;
	int __user *pidfd;
	int __user *parent_tid;
	u32 __user *child_tid;
	const int *set_tid; /* kernel copy */
	unsigned set_tid_size;
	void (*fn)(void *); /* runs in the kernel before user mode (pid 1); else NULL */
	void *arg;
};
/* The new tid or -errno, as clone(2). Waits for a CLONE_VFORK child. */
long proc_clone(const struct clone_request *req);

int proc_max_threads(void); /* that RAM can carry, or as was set */
extern int proc_threads_max; /* kernel.threads-max, proc(5); 0: as many as RAM can carry */
extern u32 birth_work; /* [t] WORK_TRACE: every task but pid 1 is born with it */

/* --- exec (exec.c, args.c, elf.c, script.c) --- */
/* Where the strings come from: user pointers, or a kernel array (pid 1). */
struct strings {
	const char __user *const __user *user;
	const char *const *kernel;
};
/* 0 with the frame set to the new program's start, or -errno; does not return when it fails past the point of no return. */
int proc_exec(int dfd, const char *name, int flags, const struct strings *argv,
	      const struct strings *envp);

/* --- death (exit.c) and what a wait reports (wait.c) --- */
void thread_exit(int code) __noreturn; /* exit(2); code is a wait(2) status */
void group_exit(int code) __noreturn; /* exit_group(2), or death by signal */
/* Kills every thread of current's process but current; waits until they are gone. 0 or -EAGAIN. */
int proc_kill_other_threads(void);
void vfork_release(struct task *t); /* t left its parent's memory */
/* Gives up t's hold on its memory: robust futexes, clear_child_tid, vfork. t is current. */
void task_release_mm(struct task *t);
void proc_release(struct proc *p); /* [t] taken inside: a claimed zombie goes */
/*
 * [t] current's process has waited for t, which it traces and which has ended: a thread goes, a
 * process is its parent's to wait for, when that is another. Who goes is added to gone, by pt.link.
 */
void tracee_reap(struct task *t, struct list_head *gone);
void bury(struct list_head *gone); /* after it, without [t] */

struct wait_request {
	int which; /* P_* */
	struct pid *pid; /* P_PID, P_PGID; referenced by the caller, may be NULL: nobody */
	int options;
	struct wait_result {
		int pid; /* 0: nothing with WNOHANG */
		u32 uid;
		int status; /* as wait4 reports it */
		int code; /* CLD_* */
		int si_status;
		struct rusage usage;
	} result;
};
/* The pid that was waited for, 0, or -ECHILD, -ERESTARTSYS. */
long proc_wait(struct wait_request *req);

struct usage { /* sums that rusage(2) is made of */
	u64 utime, stime; /* ns */
	u64 min_flt, maj_flt, nvcsw, nivcsw;
	u64 maxrss; /* pages */
};
void usage_thread(struct task *t, struct usage *u);
void usage_self(struct proc *p, struct usage *u); /* with its threads, dead and alive */
void usage_children(struct proc *p, struct usage *u); /* those it has waited for */
void usage_io(struct proc *p, struct io_counts *sum); /* with all its threads and children. [t] */
void usage_to_rusage(const struct usage *u, struct rusage *ru);

/* --- signals (signal.c, sigframe.c) --- */
void signal_deliver(struct trapframe *tf);
/* Did the system call of this frame ask to be run again, and was that not settled yet? */
bool signal_restart_due(const struct trapframe *tf);
/* Builds the handler's frame on the user stack. False: it does not fit there. */
bool sigframe_setup(struct trapframe *tf, int signo, const struct ksigaction *ka,
		    const siginfo_t *info, ksigset_t mask);
/* rt_sigreturn(2): restores registers, mask and alternate stack. False: the frame is bad. */
bool sigframe_return(struct trapframe *tf);
size_t sigframe_size(bool vectors); /* bytes of a frame */
/* Exec: current's vector state, and prctl(2)'s settings for the program before. */
void v_forget(void);
bool on_altstack(u64 sp);
void altstack_reset(struct task *t);
/* sigaltstack(2) on kernel values: 0, -EPERM, -EINVAL, -ENOMEM. */
int altstack_set(const stack_t *ss, u64 sp, u64 min_size);

/* --- who may look into another process (access.c) --- */
/* By current's real ids and permitted capabilities, or by its file-system ids and effective ones. */
bool ptrace_may_access(const struct task *t, bool real_ids);
/* t's space, referenced, if current may look into it: NULL when it has none, -EPERM. */
struct mm *ptrace_mm_get(struct task *t, bool real_ids);

/* --- pidfds (pidfd.c) --- */
/* A close-on-exec descriptor not yet installed: its number, the file in *out; -errno. */
int pidfd_prepare(struct pid *pid, unsigned flags, struct file **out);
struct pid *pidfd_pid(struct file *f); /* borrowed; ERR_PTR(-EBADF) if f is no pidfd */
bool pidfd_is_thread(struct file *f); /* f is a pidfd */

/* Linux's PF_ flags, as far as they mean something here: /proc/PID/stat, core files. */
#define PF_EXITING	0x00000004u
#define PF_POSTCOREDUMP 0x00000008u
#define PF_FORKNOEXEC	0x00000040u
#define PF_DUMPCORE	0x00000200u
#define PF_SIGNALED	0x00000400u
#define PF_RANDOMIZE	0x00400000u
/* Those of t, whose memory mm is; NULL: it has none. In coredump_notes.c. */
u32 task_flags(const struct task *t, const struct mm *mm);

/* --- restartable sequences (rseq.c) --- */
/* After a preemption or migration: fix the ids, abort a sequence. */
void rseq_resume(struct trapframe *tf);
void rseq_signal(struct trapframe *tf); /* before a handler's frame is built */
/* rseq(2) on kernel values: 0, -EINVAL, -EPERM, -EBUSY, -EFAULT. */
int rseq_register(void __user *area, u32 len, u32 sig);
int rseq_unregister(void __user *area, u32 len, u32 sig);
void rseq_forget(
	struct task *t); /* current: no area, no concurrency id; before its memory is another's */
#endif

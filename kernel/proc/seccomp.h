/*
 * Seccomp: seccomp(2). A task is in a mode; in filter mode it has a chain of classic BPF programs,
 * newest first, which its children and the threads that were synchronised with it share (a tree
 * whose leaves are tasks). A task's mode and chain are written with sighand->lock held, by itself
 * and by a thread that synchronises; itself reads them at any time. A chain is only ever
 * lengthened, so what a task saw of it stays until the task ends.
 *
 * A task in a mode has WORK_SECCOMP set: who has not, never comes here.
 */
#ifndef PROC_SECCOMP_H
#define PROC_SECCOMP_H

#include <types.h>
#include <uapi/filter.h>
#include <uapi/seccomp.h>

#include "core/mutex.h"
#include "core/task.h"

struct seccomp_listener;

struct seccomp_filter {
	atomic_t refs; /* [a] chains that begin here or go through, and the listener */
	atomic_t users; /* [a] tasks that it can still stop: chains of live ones. 0: the listener's end */
	struct seccomp_filter *prev; /* [i] older; referenced and used */
	bool log; /* [i] SECCOMP_FILTER_FLAG_LOG */
	bool wait_killable; /* [i] SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV */
	struct seccomp_listener *listener; /* [listener_mutex] gone with the last descriptor */
	struct mutex listener_mutex;
	struct waitq wait; /* the listener's: new requests, answers, the end of the users */
	unsigned len; /* [i] instructions */
	unsigned cost; /* [i] what it counts against the limit of a chain */
	struct sock_filter insns[]; /* [i] checked */
};

/* --- syscall entry --- */
/*
 * May current's system call in this frame (a7, orig_a0, a1..a5) go on? False: it is skipped, and
 * a0 is what it returns. After the tracer's stop at the entry. May sleep, may not return.
 */
bool seccomp_enter(struct trapframe *tf);

/* --- seccomp(2), prctl(2) --- */
long seccomp_set_strict(void); /* 0, -EINVAL */
/* 0, a listener's descriptor, the thread that could not be synchronised, or -errno. */
long seccomp_set_filter(unsigned flags, const void __user *prog);
int seccomp_action_known(u32 action); /* 0, -EOPNOTSUPP */

/* --- the life of a task --- */
/* [g] A new task t inherits from current, no_new_privs too. */
void seccomp_fork(struct task *t);
void seccomp_exit(void); /* current is TF_EXITING */

/* --- /proc/sys/kernel/seccomp --- */
#define SECCOMP_ACTIONS 8
extern const char *const seccomp_action_names[SECCOMP_ACTIONS];
extern u32 seccomp_logged; /* [w] bits by index in the names */

/* --- user_dispatch.c: PR_SET_SYSCALL_USER_DISPATCH --- */
/* False: the call became a signal. */
bool user_dispatch_enter(struct trapframe *tf);
/* t: current, or a tracee that is stopped. */
long user_dispatch_set(struct task *t, u64 mode, u64 start, u64 len, u8 __user *selector);
void user_dispatch_off(struct task *t);

/* --- seccomp_notify.c --- */
void seccomp_filter_put(struct seccomp_filter *f);
/* Gives f a listener: an uninstalled descriptor and its file. -errno. */
int seccomp_listener_prepare(struct seccomp_filter *f, struct file **file);
/* Asks f's listener about current's call. False: a0 is set. */
bool seccomp_ask(struct seccomp_filter *f, struct trapframe *tf, const struct seccomp_data *sd);
#endif

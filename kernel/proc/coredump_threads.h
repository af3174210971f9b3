/*
 * The threads of a process that leaves a core: all but the one that writes it are killed and wait where
 * their exit begins, registers, files and names still theirs, until the core is written. Debuggers
 * and the program of core_pattern find them in /proc meanwhile.
 */
#ifndef PROC_COREDUMP_THREADS_H
#define PROC_COREDUMP_THREADS_H

#include <types.h>
#include "lib/list.h"

struct task;
struct proc;

struct core_thread { /* on the stack of one that waits */
	struct list_head link; /* [g] in core_threads.waiting */
	struct task *task; /* [i] */
	bool released; /* [g] */
};

struct core_threads { /* on the stack of current, who writes; proc->core */
	struct task *writer; /* [i] */
	unsigned awaited; /* [g] that have not come yet */
	struct list_head waiting; /* [g], but nobody joins once awaited is 0 */
};

/*
 * current's process ends with signo: kills the other threads, and sleeps until all wait. False: it ends
 * otherwise already, or execs.
 */
bool core_threads_stop(struct core_threads *c, int signo);
/* After it, in the order they came: the next one; prev NULL: the first; NULL: no more. */
struct core_thread *core_thread_next(const struct core_threads *c, const struct core_thread *prev);
/* They go on. whole: the process's status says that there is a core, unless SIGKILL came. */
void core_threads_release(struct core_threads *c, bool whole);
/* The first thing a thread's exit does: t is current. Sleeps while p's core is written. */
void core_threads_join(struct task *t, struct proc *p);

#endif

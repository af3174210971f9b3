/*
 * What a task bears of ptrace(2): as a tracee, and as a tracer. proc/ptrace.c
 * acts on it; posting of signals (core/signal.c) asks it. Legend as in
 * core/task.h: [t] proc_tree_lock, [g] sighand->lock.
 */
#ifndef CORE_PTRACE_H
#define CORE_PTRACE_H

#include <types.h>
#include <uapi/signal.h>
#include "lib/list.h"

struct task;

struct ptrace {
	u32 flags; /* PT_*; written with [t] and [g], read with either, or by the task */
	u32 job; /* [g] JOB_* */
	struct task *tracer; /* [t] RCU to read; NULL unless flags */
	struct list_head tracees; /* [t] whom this task traces, by link */
	struct list_head link; /* [t] */
	siginfo_t *info; /* [g] of the stop it is in; NULL: a group stop, or none */
	u64 message; /* [g] PTRACE_GETEVENTMSG */
	int code; /* [g] of the stop, until a wait takes it; then what to go on with */
	int stop_signo; /* [g] of the last group stop it took part in */
	bool capable; /* [t] the tracer had CAP_SYS_PTRACE when tracing began */
	bool sealed; /* [t] exec makes its credentials: nobody begins to trace it now */
	bool zombie; /* [t] ended, and stays for its tracer to wait for: no group leader */
};

/* flags; the PTRACE_O_* stand above them. */
#define PT_TRACED    1u
#define PT_SEIZED    2u /* by PTRACE_SEIZE: stops as that says */
#define PT_OPTION(o) ((u32)(o) << 8)

/* job: what it has to do, or is in. */
#define JOB_TRAP_STOP	1u /* to stop: a group stop, or PTRACE_INTERRUPT */
#define JOB_TRAP_NOTIFY 2u /* seized: to stop anew, a group stop began or ended */
#define JOB_TRAP	(JOB_TRAP_STOP | JOB_TRAP_NOTIFY)
#define JOB_TRAPPING	4u /* PTRACE_ATTACH waits: it goes from TASK_STOPPED to TASK_TRACED */
#define JOB_LISTENING	8u /* PTRACE_LISTEN: stopped, and not for the tracer to command */
#define JOB_FROZEN	16u /* its tracer looks at it: it may not run, not even to die */

#endif

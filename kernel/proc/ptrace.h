/*
 * Tracing of tasks: ptrace(2). ptrace.c keeps who traces whom and makes tracees
 * stop; ptrace_request.c is what a tracer asks of a stopped one; the state is
 * struct ptrace of core/ptrace.h. The other files of proc/ call it where a
 * task is born, execs, takes signals, ends, and is waited for.
 */
#ifndef PROC_PTRACE_H
#define PROC_PTRACE_H

#include <types.h>
#include <uapi/ptrace.h>

#include "core/task.h"

/* Linux has them on riscv64; its headers leave the names to others. */
#define PTRACE_SYSEMU		 31
#define PTRACE_SYSEMU_SINGLESTEP 32

/* Does current's tracer want to hear of PTRACE_EVENT_*? */
static inline bool ptrace_event_on(unsigned event)
{
	return unlikely(current->pt.flags & PT_OPTION(1u << event));
}
/*
 * Stops current for its tracer to see the event, where it wants to. exec without PTRACE_O_TRACEEXEC
 * sends SIGTRAP, as long as the tracer is no PTRACE_SEIZE's. Sleeps.
 */
void ptrace_event(unsigned event, u64 message);
void ptrace_event_pid(unsigned event,
		      const struct pid *pid); /* its number as the tracer knows it */

/*
 * Around a system call of a task with WORK_PTRACE: stops before and behind it. The frame then holds
 * what the tracer made of the call: number in a7, arguments in orig_a0 and a1 to a5 (a0 is the
 * result). enter: false when current is to die instead. Sleep.
 */
bool ptrace_syscall_enter(void);
void ptrace_syscall_leave(void);

/* --- for signal delivery: current is traced, [g] held; they sleep without it --- */
/* A JOB_TRAP is due: the stop of a group, of PTRACE_INTERRUPT, or of PTRACE_SEIZE's group changes. */
void ptrace_trap(unsigned long *irq);
/* current is to take signo: what its tracer makes of it, 0 for nothing; *si as it has to be then. */
int ptrace_signal(int signo, siginfo_t *si);
/* t takes part in its process's group stop. True: it was the last to. [g] */
bool stop_count(struct task *t);

/* --- birth, death, waiting: [t] held --- */
/* t, a clone of current with these flags, is about to be seen by others. [g] too. */
void ptrace_birth(struct task *t, u64 clone_flags, bool wanted);
/* PTRACE_EVENT_* of a clone, 0 when the tracer does not ask for it. No lock. */
unsigned ptrace_clone_event(u64 clone_flags, int exit_signal);
void ptrace_unlink(struct task *t);
/* Is t traced by a process that is not its parent? */
static inline bool ptrace_reparented(const struct task *t)
{
	return t->pt.flags && t->pt.tracer->proc != t->proc->parent;
}

/* ptrace(2), but for PTRACE_TRACEME's and the ATTACH's: t referenced by the caller. */
long ptrace_request(struct task *t, long request, u64 addr, u64 data);
/*
 * exec takes new credentials in between: who begins to trace current waits, and is measured by these;
 * who traces it already may keep it from gaining any (ptrace_unsafe).
 */
void ptrace_seal(bool on);
static inline bool ptrace_unsafe(void)
{
	return current->pt.flags && !current->pt.capable;
}
long ptrace_traceme(void);
long ptrace_attach(struct task *t, bool seize, u64 addr, u64 data);
/* 0, or Linux's errno for PTRACE_SETOPTIONS's argument. */
int ptrace_check_options(u64 options);
/* Lets t run on from its stop, with that signal. t is frozen by current. */
void ptrace_resume(struct task *t, int signo);
void ptrace_detach(struct task *t, int signo);

/*
 * Bytes done: mm's memory beyond protection, as a debugger may. What was written can be run at
 * once.
 */
size_t ptrace_write_memory(struct mm *mm, u64 addr, const void *data, size_t n);
#endif

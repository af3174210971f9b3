/*
 * The lockup detector: a hart that does not get on is told of in the log, with where every hart is.
 *
 * A soft lockup: a task has been in the kernel for some time (20 s, or lockup=SECONDS on the command
 * line; 0: no detector) without once sleeping, returning to user code or heeding cond_resched(). A
 * hard lockup: a hart has taken no interrupt for twice as long. Each is told of once; the machine
 * goes on.
 */
#ifndef CORE_LOCKUP_H
#define CORE_LOCKUP_H

#include <compiler.h>
#include <types.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"

struct task;

void lockup_init(void); /* boot, once there are timers; before the other harts start */

extern bool lockup_idle[MAX_HARTS]; /* [that hart] it was idle at its last beat, and since */
void lockup_wake(bool working);

/* This hart was idle. working: it is about to run something. Interrupts off. */
static inline void lockup_idle_exit(bool working)
{
	if (unlikely(lockup_idle[hart_id()]))
		lockup_wake(working);
}

/* From the trap path, at an interprocessor interrupt: perhaps somebody asks where this hart is. */
void lockup_answer(void);

/* "hart 1: task 2 (sh)", to the log at the level of a panic. */
void hart_print_task(unsigned hart, const struct task *t);
#endif

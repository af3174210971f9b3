/*
 * What stands between a trap and the user code it returns to: the work that
 * thread.work asks for. syscall/ and trap.c call it; nothing is locked.
 */
#ifndef PROC_TRAP_H
#define PROC_TRAP_H

#include <err.h>
#include <types.h>
#include "arch/riscv/thread.h"

#define CAUSE_NO_RESTART (~0UL) /* tf->cause of a system call whose result stands */

/* Did a system call return one of the -ERESTART values, which user code must not see? */
static inline bool result_is_restart(u64 a0)
{
	return (u64)-a0 - ERESTARTSYS <= ERESTART_RESTARTBLOCK - ERESTARTSYS;
}

/*
 * Reschedules, delivers signals and aborts restartable sequences until nothing is left to do.
 * On current's own kernel stack; sleeps; returns with interrupts off.
 */
void user_return_work(struct trapframe *tf);
#endif

/*
 * The work before user code runs on (thread.work, set by any hart): give the
 * hart away, deliver signals, abort a restartable sequence. Each round runs
 * with interrupts on; the last look is taken with them off, so that a flag set
 * by an interrupt in between is never missed. No lock is held.
 */
#include "proc/trap.h"

#include <atomic.h>
#include <compiler.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/pgtable.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "keys/keys.h"
#include "proc/proc.h"

void user_return_work(struct trapframe *tf)
{
	struct thread *th = &current->thread;
	u32 work;

	for (;;) {
		irq_disable();
		work = READ_ONCE(th->work) & (WORK_RESCHED | WORK_SIGNAL | WORK_NOTIFY);
		/* A call that was interrupted by a signal which went elsewhere is settled all the same. */
		if (!work && !signal_restart_due(tf) && !current->restore_mask)
			break;
		irq_enable();
		if (work & WORK_RESCHED)
			schedule();
		if (work & WORK_SIGNAL || !work)
			signal_deliver(tf);
		if (work & WORK_NOTIFY) {
			__atomic_fetch_and(&th->work, ~WORK_NOTIFY, __ATOMIC_RELAXED);
			if (current->fencei)
				icache_flush(1UL << hart_id());
			if (unlikely(current->session_offer))
				keys_take_offer();
			rseq_resume(tf);
		}
	}
	rcu_quiescent();
}

/*
 * Grace periods by quiescent states. The kernel is not preemptible, so code
 * between two sleeps is a read-side section: what was unpublished before
 * call_rcu is freed only after every hart has slept, idled or been in user mode.
 */
#ifndef CORE_RCU_H
#define CORE_RCU_H

#include <types.h>
#include <atomic.h>
#include <compiler.h>
#include "arch/riscv/thread.h"

/* From call_rcu until fn runs it is this room's, before and after its owner's. */
struct rcu_head {
	struct rcu_head *next;
	void (*fn)(struct rcu_head *);
};

/* Any context; fn in task context of a worker. */
void call_rcu(struct rcu_head *h, void (*fn)(struct rcu_head *));
void synchronize_rcu(void); /* sleeps for a grace period */
void rcu_barrier(void); /* sleeps until every callback queued before has run; flushes early */
void rcu_hurry(void); /* memory is short: callbacks are not gathered into batches. Any context */

/*
 * This hart holds no reference from before. Scheduler, return to user mode; interrupts off or on.
 */
extern u64 rcu_period; /* [a] the grace period under way or last done */
extern u64 rcu_seen[]; /* [that hart] the newest period in which it was quiescent */
static inline void rcu_quiescent(void)
{
	u64 *seen = &rcu_seen[hart_id() * 8];
	u64 p = READ_ONCE(rcu_period);

	if (unlikely(*seen != p)) {
		smp_mb();
		WRITE_ONCE(*seen, p);
		smp_mb();
	}
}
/* The idle loop: between the two, with interrupts off, nobody waits for this hart. */
void rcu_idle_enter(void);
void rcu_idle_exit(void);
void rcu_init(void); /* starts the worker thread */
#endif

/*
 * Priority inheritance: whoever owns a lock that others wait for runs with the highest priority
 * among his own and theirs, and so on along the chain of owners who wait themselves. This keeps
 * the graph of tasks and locks, and the owners' priorities (sched_boost); what a lock means, and
 * sleeping and waking, are the user's (proc/futex_pi.c).
 *
 * One lock, pi_graph ([P]), guards the whole graph: a chain crosses locks, processes and harts, and
 * only contended operations come here. It is taken with interrupts off; run-queue locks nest in
 * it. Waiters of a lock and locks of a task are trees, so each step of a chain costs O(log n).
 */
#ifndef CORE_PI_H
#define CORE_PI_H

#include <compiler.h>
#include "core/task.h"
#include "lib/rbtree.h"

#define PI_DEPTH_MAX 1024 /* a longer chain is refused as a deadlock */

struct pi_lock {
	struct rb_root_cached waiters; /* [P] by priority, then arrival */
	struct task *owner; /* [P] */
	struct rb_node held; /* [P] in owner->pi_held, while it has waiters */
	s64 prio; /* [P] of the first waiter when it was put there */
};

struct pi_waiter {
	struct rb_node node; /* [P] in lock->waiters */
	struct task *task; /* set by the user before pi_block */
	struct pi_lock *lock; /* [P] */
	s64 prio; /* [P] task_prio(task) when it was put there */
};

extern spinlock_t pi_graph; /* irqsave */

void pi_lock_init(struct pi_lock *l);
/* w->task begins to wait for l. 0, or -EDEADLK: it would wait for itself. [P] */
int pi_block(struct pi_lock *l, struct pi_waiter *w);
void pi_unblock(struct pi_waiter *w); /* it does not any more. [P] */
/* l changes hands; NULL: it has no owner. Nobody who waits for l. [P] */
void pi_set_owner(struct pi_lock *l, struct task *owner);
/* t has another priority of its own. No lock above RANK_PI held. */
void pi_prio_changed(struct task *t);

/* Who is to get l next, or NULL. [P], or a lock of the user's that keeps others from changing it. */
static inline struct pi_waiter *pi_first(const struct pi_lock *l)
{
	return rb_entry_safe(rb_first_cached(&l->waiters), struct pi_waiter, node);
}

/* A lock that t owns and others wait for, the most urgent first, or NULL. [P] */
static inline struct pi_lock *pi_first_held(const struct task *t)
{
	return rb_entry_safe(rb_first_cached(&t->pi_held), struct pi_lock, held);
}
#endif

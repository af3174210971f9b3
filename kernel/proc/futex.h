/*
 * Futexes (futex(2), get_robust_list(2)): sleeping on the value of a word of
 * user memory. The FUTEX_ operations on priority-inheritance locks are refused.
 */
#ifndef PROC_FUTEX_H
#define PROC_FUTEX_H

#include <types.h>
#include <compiler.h>

struct task;

/* A user word and what kind of key it has: FUTEX_PRIVATE_FLAG clear is shared. */
struct futex_word {
	u32 __user *addr;
	bool shared;
};

/* Absolute deadline of a wait. */
struct futex_timeout {
	u64 when; /* ns of the clock; TIME_FOREVER: none */
	bool realtime; /* CLOCK_REALTIME, else CLOCK_MONOTONIC */
};

/*
 * While *w == val, sleeps. 0 woken, -EAGAIN, -ETIMEDOUT, -EFAULT, -EINVAL, -ERESTARTSYS,
 * -ERESTART_RESTARTBLOCK.
 */
long futex_wait(struct futex_word w, u32 val, u32 bitset, struct futex_timeout timeout);
/* Wakes up to nr waiters (at least one) whose bitset meets bitset: how many. */
long futex_wake(struct futex_word w, int nr, u32 bitset);
/*
 * Wakes nr_wake waiters of `from`, moves up to nr_move more to `to`: the sum. cmp, if given:
 * -EAGAIN unless *from == *cmp.
 */
long futex_requeue(struct futex_word from, struct futex_word to, int nr_wake, int nr_move,
		   const u32 *cmp);
/*
 * FUTEX_WAKE_OP: changes *w2 as `op` says, wakes nr of w1, and nr2 of w2 if its old value
 * compares.
 */
long futex_wake_op(struct futex_word w1, struct futex_word w2, int nr, int nr2, u32 op);

/* t (current) leaves its memory by exit or exec: robust list, clear_child_tid. */
void futex_release(struct task *t);
void futex_init(void);
#endif

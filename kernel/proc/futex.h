/*
 * Futexes (futex(2), futex_waitv(2), get_robust_list(2)): sleeping on the value of a word of
 * user memory, and locks in such words whose owners inherit the priority of those who wait.
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
/* futex_waitv(2): while each w[i] has val[i]. Which one was woken, or as futex_wait. */
struct futex_wanted {
	struct futex_word word;
	u32 val;
};
long futex_wait_many(const struct futex_wanted *v, unsigned n, struct futex_timeout timeout);
/* Wakes up to nr waiters whose bitset meets bitset: how many. */
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

/*
 * FUTEX_LOCK_PI (try: FUTEX_TRYLOCK_PI), FUTEX_UNLOCK_PI. 0, -EAGAIN, -EDEADLK, -EFAULT, -EINVAL,
 * -ENOMEM, -EPERM, -ESRCH, -ETIMEDOUT, -ERESTARTNOINTR.
 */
long futex_lock_pi(struct futex_word w, struct futex_timeout timeout, bool try);
long futex_unlock_pi(struct futex_word w);
/* FUTEX_WAIT_REQUEUE_PI: waits for w, to be moved by the other to the lock `to`. */
long futex_wait_requeue_pi(struct futex_word w, u32 val, struct futex_timeout timeout,
			   struct futex_word to);
long futex_requeue_pi(struct futex_word from, struct futex_word to, int nr_wake, int nr_move,
		      u32 cmp);

/* task->futex_state */
enum { FUTEX_ALIVE, FUTEX_LEAVING, FUTEX_GONE };

/*
 * t (current) leaves its memory by exit or exec: robust list, locks that others wait for,
 * clear_child_tid.
 */
void futex_release(struct task *t);
void futex_init(void);
#endif

/*
 * The end of a thread's use of its memory, by exit or exec (proc/futex.h): the robust list
 * (get_robust_list(2)), locks with inheritance, set_tid_address(2). Everything is in user memory and
 * may be anything; a walk ends at the first bad address and after ROBUST_LIST_LIMIT entries. Who
 * meanwhile wants a lock that t owns waits until it is done (futex_state). No lock is held.
 */

#include "core/sched.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/futex_impl.h"

static void wake_shared(u32 __user *addr)
{
	futex_wake((struct futex_word){ .addr = addr, .shared = true }, 1, FUTEX_BITSET_MATCH_ANY);
}

/* A lock that t held or was about to take: marks it, wakes one waiter. False: bad memory. */
static bool owner_died(struct task *t, u64 addr, bool pending, bool pi)
{
	u32 __user *p = (u32 __user *)addr;
	u32 val, old;

	if (addr % sizeof(u32) || get_user_u32(&val, p))
		return false;
	for (;;) {
		if (pending && !pi && !val) {
			/* It may have died between its unlock and its wake. */
			wake_shared(p);
			return true;
		}
		if ((val & FUTEX_TID_MASK) != (u32)t->pid->own)
			return true;
		if (user_atomic32(p, UATOMIC_CMPXCHG, (val & FUTEX_WAITERS) | FUTEX_OWNER_DIED, val,
				  &old))
			return false;
		if (old == val)
			break;
		val = old;
	}
	if (!pi && (val & FUTEX_WAITERS))
		wake_shared(p);
	return true;
}

/* The entries of a robust list are user addresses; bit 0 marks a priority-inheritance lock. */
static void walk_robust_list(struct task *t)
{
	u64 head = (__force u64)t->robust_list, entry, next, pending;
	struct robust_list_head h;

	if (copy_from_user(&h, t->robust_list, sizeof(h)))
		return;
	entry = (__force u64)h.list.next;
	pending = (__force u64)h.list_op_pending;
	for (int n = 0; (entry & ~1UL) != head && n < ROBUST_LIST_LIMIT; n++) {
		u64 addr = entry & ~1UL;
		bool more = !get_user_u64(&next, (u64 __user *)addr);

		if (addr != (pending & ~1UL) &&
		    !owner_died(t, addr + (u64)h.futex_offset, false, entry & 1))
			return;
		if (!more)
			return;
		entry = next;
		cond_resched();
	}
	if (pending & ~1UL)
		owner_died(t, (pending & ~1UL) + (u64)h.futex_offset, true, pending & 1);
}

void futex_release(struct task *t)
{
	u32 __user *tidp = t->clear_child_tid;

	futex_set_state(t, FUTEX_LEAVING);
	if (t->robust_list)
		walk_robust_list(t);
	t->robust_list = NULL;
	futex_pi_release(t);
	futex_set_state(t, t->flags & TF_EXITING ? FUTEX_GONE : FUTEX_ALIVE);
	t->clear_child_tid = NULL;
	/* Whoever is alone in its memory has nobody to tell. */
	if (tidp && atomic_read(&t->mm->users) > 1 && !put_user_u32(0, tidp))
		wake_shared(tidp);
}

/*
 * futex(2), futex_waitv(2), the calls that split it up (futex_wake, futex_wait, futex_requeue),
 * set_robust_list(2), get_robust_list(2): decoding; proc/futex*.c act.
 */
#include <syscalls.h>

#include <uapi/errno.h>
#include <uapi/futex.h>
#include <uapi/time.h>

#include "alloc/slab.h"
#include "core/task.h"
#include "core/time.h"
#include "core/timens.h"
#include "mm/usercopy.h"
#include "proc/futex.h"
#include "proc/proc.h"
#include "syscall/timespec.h"

static bool may_sleep(int cmd)
{
	return cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET || cmd == FUTEX_LOCK_PI ||
	       cmd == FUTEX_LOCK_PI2 || cmd == FUTEX_WAIT_REQUEUE_PI;
}

/* The timeout of the operations that sleep: relative for FUTEX_WAIT, absolute for the others. */
static int get_timeout(struct futex_timeout *t, const void __user *uts, int cmd, bool realtime)
{
	u64 ns;
	int err;

	t->when = TIME_FOREVER;
	t->realtime = realtime;
	if (!uts)
		return 0;
	err = get_timespec(&ns, uts);
	if (err)
		return err;
	t->when = cmd == FUTEX_WAIT ? deadline_after(ns) :
		  realtime	    ? ns :
				      timens_to_host(CLOCK_MONOTONIC, ns);
	return 0;
}

long sys_futex(void __user *uaddr, int op, unsigned int val, void __user *timeout,
	       void __user *uaddr2, unsigned int val3)
{
	int cmd = op & FUTEX_CMD_MASK;
	bool realtime = op & FUTEX_CLOCK_REALTIME;
	struct futex_word w = { .addr = uaddr, .shared = !(op & FUTEX_PRIVATE_FLAG) };
	struct futex_word w2 = { .addr = uaddr2, .shared = w.shared };
	int val2 = (int)(__force unsigned long)timeout;
	struct futex_timeout t;
	int err;

	/* The most frequent one, straight on. */
	if (cmd == FUTEX_WAKE && !realtime)
		return futex_wake(w, max((int)val, 1), FUTEX_BITSET_MATCH_ANY);
	if (may_sleep(cmd)) {
		err = get_timeout(&t, timeout, cmd, realtime || cmd == FUTEX_LOCK_PI);
		if (err)
			return err;
	}
	if (realtime && cmd != FUTEX_WAIT_BITSET && cmd != FUTEX_WAIT_REQUEUE_PI &&
	    cmd != FUTEX_LOCK_PI2)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(w, val, FUTEX_BITSET_MATCH_ANY, t);
	case FUTEX_WAIT_BITSET:
		return futex_wait(w, val, val3, t);
	case FUTEX_WAKE_BITSET:
		return futex_wake(w, max((int)val, 1), val3);
	case FUTEX_REQUEUE:
		return futex_requeue(w, w2, (int)val, val2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(w, w2, (int)val, val2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(w, w2, (int)val, val2, val3);
	case FUTEX_LOCK_PI:
	case FUTEX_LOCK_PI2:
		return futex_lock_pi(w, t, false);
	case FUTEX_TRYLOCK_PI:
		t.when = TIME_FOREVER;
		t.realtime = false;
		return futex_lock_pi(w, t, true);
	case FUTEX_UNLOCK_PI:
		return futex_unlock_pi(w);
	case FUTEX_WAIT_REQUEUE_PI:
		return futex_wait_requeue_pi(w, val, t, w2);
	case FUTEX_CMP_REQUEUE_PI:
		return futex_requeue_pi(w, w2, (int)val, val2, val3);
	default:
		return -ENOSYS;
	}
}

/* ---- futex_waitv(2) and its sisters: flags of their own, for each word ---- */

static bool flags_ok(u32 flags)
{
	return !(flags & ~(u32)(FUTEX2_SIZE_MASK | FUTEX2_PRIVATE)) &&
	       (flags & FUTEX2_SIZE_MASK) == FUTEX2_SIZE_U32;
}

static struct futex_word word_of(void __user *addr, u32 flags)
{
	return (struct futex_word){ .addr = addr, .shared = !(flags & FUTEX2_PRIVATE) };
}

static int get_timeout2(struct futex_timeout *t, const void __user *uts, int clockid)
{
	int err;

	t->when = TIME_FOREVER;
	t->realtime = clockid == CLOCK_REALTIME;
	if (!uts)
		return 0;
	if (clockid != CLOCK_REALTIME && clockid != CLOCK_MONOTONIC)
		return -EINVAL;
	err = get_timespec(&t->when, uts);
	if (!err && clockid == CLOCK_MONOTONIC)
		t->when = timens_to_host(clockid, t->when);
	return err;
}

static int get_wanted(struct futex_wanted *v, const void __user *from, unsigned n)
{
	struct futex_waitv u;

	for (unsigned i = 0; i < n; i++) {
		if (copy_from_user(&u, (const struct futex_waitv __user *)from + i, sizeof(u)))
			return -EFAULT;
		if (!flags_ok(u.flags) || u.reserved_ || u.val > U32_MAX)
			return -EINVAL;
		v[i].word = word_of((void __user *)u.uaddr, u.flags);
		v[i].val = (u32)u.val;
	}
	return 0;
}

long sys_futex_waitv(void __user *waiters, unsigned int nr_futexes, unsigned long flags,
		     const void __user *timeout, int clockid)
{
	struct futex_wanted *v;
	struct futex_timeout t;
	long err;

	if ((u32)flags || !nr_futexes || nr_futexes > FUTEX_WAITV_MAX || !waiters)
		return -EINVAL;
	err = get_timeout2(&t, timeout, clockid);
	if (err)
		return err;
	v = kmalloc(nr_futexes * sizeof(*v), 0);
	if (!v)
		return -ENOMEM;
	err = get_wanted(v, waiters, nr_futexes);
	if (!err)
		err = futex_wait_many(v, nr_futexes, t);
	kfree(v);
	return err;
}

long sys_futex_wake(void __user *uaddr, unsigned long mask, int nr, unsigned long flags)
{
	if (!flags_ok((u32)flags) || mask > U32_MAX)
		return -EINVAL;
	return futex_wake(word_of(uaddr, (u32)flags), nr, (u32)mask);
}

long sys_futex_wait(void __user *uaddr, unsigned long val, unsigned long mask, unsigned long flags,
		    const void __user *timeout, int clockid)
{
	struct futex_timeout t;
	int err;

	if (!flags_ok((u32)flags) || val > U32_MAX || mask > U32_MAX)
		return -EINVAL;
	err = get_timeout2(&t, timeout, clockid);
	return err ? err : futex_wait(word_of(uaddr, (u32)flags), (u32)val, (u32)mask, t);
}

long sys_futex_requeue(void __user *waiters, unsigned long flags, int nr_wake, int nr_requeue)
{
	struct futex_wanted v[2];
	int err;

	if ((u32)flags || !waiters)
		return -EINVAL;
	err = get_wanted(v, waiters, 2);
	if (err)
		return err;
	if (v[0].word.shared != v[1].word.shared)
		return -EINVAL;
	return futex_requeue(v[0].word, v[1].word, nr_wake, nr_requeue, &v[0].val);
}

/* ---- robust lists ---- */

long sys_set_robust_list(void __user *head, size_t len)
{
	if (len != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = head;
	current->robust_len = len;
	return 0;
}

long sys_get_robust_list(int pid, void __user *head_ptr, void __user *len_ptr)
{
	struct task *t = pid ? task_find_get(pid) : task_get(current);
	void __user *head;
	int err;

	if (!t)
		return -ESRCH;
	err = ptrace_may_access(t, true) ? 0 : -EPERM;
	head = t->robust_list;
	task_put(t);
	if (err)
		return err;
	if (put_user_u64(sizeof(struct robust_list_head), len_ptr) ||
	    put_user_u64((__force u64)head, head_ptr))
		return -EFAULT;
	return 0;
}

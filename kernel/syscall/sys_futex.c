/*
 * futex(2), set_robust_list(2), get_robust_list(2): decoding; proc/futex.c acts.
 */
#include <syscalls.h>

#include <err.h>
#include <uapi/errno.h>
#include <uapi/futex.h>
#include <uapi/time.h>

#include "core/task.h"
#include "core/time.h"
#include "mm/usercopy.h"
#include "proc/futex.h"
#include "syscall/timespec.h"

/*
 * The timeout of the operations that sleep: relative for FUTEX_WAIT, absolute for
 * FUTEX_WAIT_BITSET.
 */
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
	t->when = cmd == FUTEX_WAIT ? deadline_after(ns) : ns;
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

	if (cmd == FUTEX_WAIT || cmd == FUTEX_WAIT_BITSET) {
		err = get_timeout(&t, timeout, cmd, realtime);
		if (err)
			return err;
	}
	if (realtime && cmd != FUTEX_WAIT_BITSET)
		return -ENOSYS;
	switch (cmd) {
	case FUTEX_WAIT:
		return futex_wait(w, val, FUTEX_BITSET_MATCH_ANY, t);
	case FUTEX_WAIT_BITSET:
		return futex_wait(w, val, val3, t);
	case FUTEX_WAKE:
		return futex_wake(w, (int)val, FUTEX_BITSET_MATCH_ANY);
	case FUTEX_WAKE_BITSET:
		return futex_wake(w, (int)val, val3);
	case FUTEX_REQUEUE:
		return futex_requeue(w, w2, (int)val, val2, NULL);
	case FUTEX_CMP_REQUEUE:
		return futex_requeue(w, w2, (int)val, val2, &val3);
	case FUTEX_WAKE_OP:
		return futex_wake_op(w, w2, (int)val, val2, val3);
	default:
		return -ENOSYS;
	}
}

long sys_set_robust_list(void __user *head, size_t len)
{
	if (len != sizeof(struct robust_list_head))
		return -EINVAL;
	current->robust_list = head;
	current->robust_len = len;
	return 0;
}

/* As ptrace(2)'s read access: the same user, or CAP_SYS_PTRACE. */
static bool may_look(const struct task *t)
{
	const struct cred *me = current->cred, *c = t->cred;

	if (t->proc == current->proc)
		return true;
	return (me->uid == c->euid && me->uid == c->suid && me->uid == c->uid &&
		me->gid == c->egid && me->gid == c->sgid && me->gid == c->gid) ||
	       capable(CAP_SYS_PTRACE);
}

long sys_get_robust_list(int pid, void __user *head_ptr, void __user *len_ptr)
{
	struct task *t = pid ? task_find_get(pid) : task_get(current);
	void __user *head;
	int err;

	if (!t)
		return -ESRCH;
	err = may_look(t) ? 0 : -EPERM;
	head = t->robust_list;
	task_put(t);
	if (err)
		return err;
	if (put_user_u64(sizeof(struct robust_list_head), len_ptr) ||
	    put_user_u64((__force u64)head, head_ptr))
		return -EFAULT;
	return 0;
}

/*
 * Scheduling parameters, nice levels, affinity, getcpu: decoding, permissions
 * (sched(7), setpriority(2)), copying; core/sched_policy.c acts.
 */
#include <syscalls.h>

#include <err.h>
#include <uapi/errno.h>
#include <uapi/resource.h>
#include <uapi/sched.h>

#include "core/sched.h"
#include "core/task.h"
#include "mm/usercopy.h"
#include "syscall/timespec.h"

/* The thread that pid names, referenced; 0 is the caller. */
static struct task *find_task(int pid)
{
	struct task *t;

	if (pid < 0)
		return ERR_PTR(-EINVAL);
	t = pid ? task_find_get(pid) : task_get(current);
	return t ? t : ERR_PTR(-ESRCH);
}

static bool same_owner(const struct task *t)
{
	const struct cred *me = current->cred, *c = smp_load_acquire(&t->cred);

	return me->euid == c->euid || me->euid == c->uid;
}

static u64 limit_of(const struct task *t, int resource)
{
	return t->proc ? READ_ONCE(t->proc->rlimits[resource].rlim_cur) : 0;
}

static bool may_nice(const struct task *t, int nice)
{
	return (u64)(20 - nice) <= limit_of(t, RLIMIT_NICE) || capable(CAP_SYS_NICE);
}

long sys_sched_yield(void)
{
	sched_yield_current();
	return 0;
}

/* ---- policies ---- */

static bool policy_is_rt(int policy)
{
	return policy == SCHED_FIFO || policy == SCHED_RR;
}

/* sched(7), "Privileges and resource limits". */
static int may_set(const struct task *t, int policy, int prio, bool reset)
{
	u64 limit = limit_of(t, RLIMIT_RTPRIO);

	if (capable(CAP_SYS_NICE))
		return 0;
	if (policy_is_rt(policy)) {
		if (policy != t->se.policy && !limit)
			return -EPERM;
		if (prio > t->se.rt_prio && (u64)prio > limit)
			return -EPERM;
	}
	if (t->se.policy == SCHED_IDLE && policy != SCHED_IDLE && !may_nice(t, t->se.nice))
		return -EPERM;
	if (!same_owner(t))
		return -EPERM;
	return t->se.reset_on_fork && !reset ? -EPERM : 0;
}

/* policy -1: as it is. */
static long set_policy(int pid, int policy, void __user *param)
{
	struct sched_param sp;
	struct task *t;
	bool reset;
	long err;

	if (!param || pid < 0)
		return -EINVAL;
	if (copy_from_user(&sp, param, sizeof(sp)))
		return -EFAULT;
	t = find_task(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	if (policy < 0)
		policy = t->se.policy | (t->se.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	reset = policy & SCHED_RESET_ON_FORK;
	policy &= ~SCHED_RESET_ON_FORK;
	err = -EINVAL;
	if (policy != SCHED_NORMAL && policy != SCHED_BATCH && policy != SCHED_IDLE &&
	    !policy_is_rt(policy))
		goto out;
	if (sp.sched_priority < 0 || sp.sched_priority > 99 ||
	    policy_is_rt(policy) != (sp.sched_priority != 0))
		goto out;
	err = may_set(t, policy, sp.sched_priority, reset);
	if (!err)
		err = sched_set_policy(t, policy | (reset ? SCHED_RESET_ON_FORK : 0),
				       sp.sched_priority);
out:
	task_put(t);
	return err;
}

long sys_sched_setscheduler(int pid, int policy, void __user *param)
{
	return policy < 0 ? -EINVAL : set_policy(pid, policy, param);
}

long sys_sched_setparam(int pid, void __user *param)
{
	return set_policy(pid, -1, param);
}

long sys_sched_getscheduler(int pid)
{
	struct task *t = find_task(pid);
	long policy;

	if (IS_ERR(t))
		return PTR_ERR(t);
	policy = t->se.policy | (t->se.reset_on_fork ? SCHED_RESET_ON_FORK : 0);
	task_put(t);
	return policy;
}

long sys_sched_getparam(int pid, void __user *param)
{
	struct sched_param sp;
	struct task *t;

	if (!param)
		return -EINVAL;
	t = find_task(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	sp.sched_priority = t->se.rt_prio;
	task_put(t);
	return copy_to_user(param, &sp, sizeof(sp));
}

/* The bounds of a policy's priorities, or -EINVAL. */
static long priority_bound(int policy, int rt_bound)
{
	switch (policy) {
	case SCHED_FIFO:
	case SCHED_RR:
		return rt_bound;
	case SCHED_NORMAL:
	case SCHED_BATCH:
	case SCHED_IDLE:
	case SCHED_DEADLINE:
		return 0;
	default:
		return -EINVAL;
	}
}

long sys_sched_get_priority_max(int policy)
{
	return priority_bound(policy, 99);
}

long sys_sched_get_priority_min(int policy)
{
	return priority_bound(policy, 1);
}

long sys_sched_rr_get_interval(int pid, void __user *tp)
{
	struct task *t = find_task(pid);
	u64 slice;

	if (IS_ERR(t))
		return PTR_ERR(t);
	slice = sched_slice(t);
	task_put(t);
	return put_timespec(slice, tp);
}

/* ---- affinity ---- */

long sys_sched_setaffinity(int pid, size_t len, void __user *mask)
{
	struct task *t;
	u64 bits = 0;
	long err;

	if (copy_from_user(&bits, mask, min(len, sizeof(bits))))
		return -EFAULT;
	t = pid < 0 ? ERR_PTR(-ESRCH) : find_task(pid); /* no EINVAL here, unlike the calls above */
	if (IS_ERR(t))
		return PTR_ERR(t);
	err = -EPERM;
	if (same_owner(t) || capable(CAP_SYS_NICE))
		err = t->proc ? sched_set_affinity(t, bits) : -EINVAL;
	task_put(t);
	return err;
}

long sys_sched_getaffinity(int pid, size_t len, void __user *mask)
{
	struct task *t;
	u64 bits;

	/*
	 * As sched_getaffinity(2) says of the raw call: whole words, at least as many as there
	 * are harts.
	 */
	if (len < sizeof(bits) || len % sizeof(bits))
		return -EINVAL;
	t = pid < 0 ? ERR_PTR(-ESRCH) : find_task(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	bits = READ_ONCE(t->cpus_allowed) & sched_online();
	task_put(t);
	return copy_to_user(mask, &bits, sizeof(bits)) ? -EFAULT : (long)sizeof(bits);
}

long sys_getcpu(void __user *cpu, void __user *node, void __user *unused __unused)
{
	u32 hart = hart_id();

	if (cpu && put_user_u32(hart, cpu))
		return -EFAULT;
	if (node && put_user_u32(0, node))
		return -EFAULT;
	return 0;
}

/* ---- nice ---- */

/* What setpriority and getpriority do to each thread that which and who select. */
struct nice_op {
	bool set;
	int nice; /* set: the new one */
	int best; /* get: 20 - nice, the greatest so far */
	int err; /* the last one, -ESRCH when there was no thread */
};

static void nice_one(struct task *t, struct nice_op *op)
{
	if (!op->set) {
		op->best = max(op->best, 20 - t->se.nice);
		op->err = 0;
		return;
	}
	if (!same_owner(t) && !capable(CAP_SYS_NICE)) {
		op->err = -EPERM;
	} else if (op->nice < t->se.nice && !may_nice(t, op->nice)) {
		op->err = -EACCES;
	} else {
		if (op->err == -ESRCH)
			op->err = 0;
		sched_set_nice(t, op->nice);
	}
}

static void nice_group(struct pid *pgrp, struct nice_op *op)
{
	struct proc *p;
	struct task *t;

	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link)
		list_for_each_entry(t, &p->threads, thread_link)
			nice_one(t, op);
}

/* No lock: under RCU. */
static void nice_user(u32 uid, struct nice_op *op)
{
	struct task *t;

	list_for_each_entry_rcu(t, &all_tasks, all_link)
		if (t->proc && smp_load_acquire(&t->cred)->uid == uid)
			nice_one(t, op);
}

static long nice_each(int which, int who, struct nice_op *op)
{
	unsigned long flags;
	struct pid *pgrp;
	struct task *t;

	op->err = -ESRCH;
	op->best = 0;
	if (which < PRIO_PROCESS || which > PRIO_USER)
		return -EINVAL;
	if (which == PRIO_PROCESS) {
		t = who ? task_find_get(who) : task_get(current);
		if (t) {
			nice_one(t, op);
			task_put(t);
		}
		return op->err;
	}
	if (which == PRIO_USER) {
		nice_user(who ? (u32)who : current->cred->uid, op);
		return op->err;
	}
	flags = spin_lock_irqsave(&proc_tree_lock);
	pgrp = who ? pid_find(who) : current->proc->pgrp;
	if (pgrp)
		nice_group(pgrp, op);
	spin_unlock_irqrestore(&proc_tree_lock, flags);
	return op->err;
}

long sys_setpriority(int which, int who, int niceval)
{
	struct nice_op op = { .set = true, .nice = clamp(niceval, -20, 19) };

	return nice_each(which, who, &op);
}

long sys_getpriority(int which, int who)
{
	struct nice_op op = { .set = false };
	long err = nice_each(which, who, &op);

	return err ? err : op.best;
}

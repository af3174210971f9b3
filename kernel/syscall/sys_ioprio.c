/*
 * ioprio_get(2), ioprio_set(2). A thread's input and output priority is kept and inherited; a disk
 * here has one queue in order of arrival, which does not look at it. Threads of a group or user are
 * walked under proc_tree_lock or RCU; the word itself is stored and read whole.
 */
#include <compiler.h>
#include <syscalls.h>
#include <uapi/errno.h>
#include <uapi/ioprio.h>
#include <uapi/sched.h>

#include "core/cred.h"
#include "core/task.h"
#include "core/userns.h"

struct ioprio_op {
	bool set;
	int prio; /* set: the new one; get: the best so far, -1 none */
	int err; /* -ESRCH until there was a thread */
};

/* What it has, or what its nice value and policy stand for. */
static int effective(const struct task *t)
{
	if (IOPRIO_PRIO_CLASS(t->ioprio) != IOPRIO_CLASS_NONE)
		return t->ioprio;
	if (t->se.policy == SCHED_IDLE)
		return IOPRIO_PRIO_VALUE(IOPRIO_CLASS_IDLE, (t->se.nice + 20) / 5);
	return IOPRIO_PRIO_VALUE(t->se.rt_prio ? IOPRIO_CLASS_RT : IOPRIO_CLASS_BE,
				 (t->se.nice + 20) / 5);
}

/* False: enough, there was an error. */
static bool one(struct task *t, struct ioprio_op *op)
{
	const struct cred *me = current->cred, *c = smp_load_acquire(&t->cred);

	if (!op->set) {
		int prio = effective(t);

		op->prio = op->prio < 0 ? prio : min(op->prio, prio);
		op->err = 0;
		return true;
	}
	op->err = c->uid == me->euid || c->uid == me->uid || capable(CAP_SYS_NICE) ? 0 : -EPERM;
	if (!op->err)
		WRITE_ONCE(t->ioprio, (u16)op->prio);
	return !op->err;
}

static void group(struct pid *pgrp, struct ioprio_op *op)
{
	struct proc *p;
	struct task *t;

	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link)
		list_for_each_entry(t, &p->threads, thread_link)
			if (!one(t, op))
				return;
}

static int each(int which, int who, struct ioprio_op *op)
{
	unsigned long irq;
	struct pid *pgrp;
	struct task *t;
	u32 uid = kuid_of(current_user_ns(),
			  (u32)who); /* 0 is no name for the caller here: Linux takes it for root */

	op->err = -ESRCH;
	switch (which) {
	case IOPRIO_WHO_PROCESS:
		t = who ? task_find_get(who) : task_get(current);
		if (!t)
			return -ESRCH;
		/* Of one thread the value itself is told, not what it stands for. */
		if (op->set)
			one(t, op);
		else
			op->prio = t->ioprio;
		task_put(t);
		return op->set ? op->err : 0;
	case IOPRIO_WHO_PGRP:
		irq = spin_lock_irqsave(&proc_tree_lock);
		pgrp = who ? pid_find(who) : current->proc->pgrp;
		if (pgrp)
			group(pgrp, op);
		spin_unlock_irqrestore(&proc_tree_lock, irq);
		return op->err;
	case IOPRIO_WHO_USER:
		list_for_each_entry_rcu(t, &all_tasks, all_link)
			if (t->proc && smp_load_acquire(&t->cred)->uid == uid && !one(t, op))
				break;
		return op->err;
	default:
		return -EINVAL;
	}
}

long sys_ioprio_set(int which, int who, int ioprio)
{
	struct ioprio_op op = { .set = true, .prio = ioprio };

	switch (IOPRIO_PRIO_CLASS(ioprio)) {
	case IOPRIO_CLASS_RT:
		if (!capable(CAP_SYS_ADMIN) && !capable(CAP_SYS_NICE))
			return -EPERM;
		break;
	case IOPRIO_CLASS_BE:
	case IOPRIO_CLASS_IDLE:
		break;
	case IOPRIO_CLASS_NONE:
		if (IOPRIO_PRIO_LEVEL(ioprio))
			return -EINVAL;
		break;
	default:
		return -EINVAL;
	}
	return each(which, who, &op);
}

long sys_ioprio_get(int which, int who)
{
	struct ioprio_op op = { .prio = -1 };
	int err = each(which, who, &op);

	return err ? err : op.prio;
}

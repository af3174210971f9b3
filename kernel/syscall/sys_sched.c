/*
 * Scheduling parameters, nice levels, affinity, getcpu, membarrier: decoding, permissions
 * (sched(7), setpriority(2)), copying; core/sched_policy.c acts.
 */
#include <syscalls.h>

#include <err.h>
#include <uapi/errno.h>
#include <uapi/membarrier.h>
#include <uapi/resource.h>
#include <uapi/sched.h>

#include "arch/riscv/cpu.h"
#include "core/pidns.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/userns.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "syscall/timespec.h"

/* What sched_setattr(2) may ask for as a fair task's slice. */
#define SLICE_MIN      (100 * NSEC_PER_USEC)
#define SLICE_MAX      (100 * NSEC_PER_MSEC)
#define SCHED_FLAG_ALL 0x7f
#define SCHED_DL_FLAGS (SCHED_FLAG_RECLAIM | SCHED_FLAG_DL_OVERRUN)
#define DL_RUNTIME_MIN 1024 /* ns */

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

static bool within_nice_limit(const struct task *t, int nice)
{
	return (u64)(20 - nice) <= limit_of(t, RLIMIT_NICE);
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
static int may_set(const struct task *t, const struct sched_params *p)
{
	u64 limit = limit_of(t, RLIMIT_RTPRIO);

	if (policy_is_rt(p->policy)) {
		if (p->policy != t->se.policy && !limit)
			goto privileged;
		if (p->rt_prio > t->se.own_rt_prio && p->rt_prio > limit)
			goto privileged;
	} else if (p->policy == SCHED_DEADLINE) {
		goto privileged;
	} else if (p->nice < t->se.nice && !within_nice_limit(t, p->nice)) {
		goto privileged;
	}
	if (t->se.policy == SCHED_IDLE && p->policy != SCHED_IDLE &&
	    !within_nice_limit(t, t->se.nice))
		goto privileged;
	if (same_owner(t) && (!t->se.reset_on_fork || p->reset_on_fork))
		return 0;
privileged:
	return capable(CAP_SYS_NICE) ? 0 : -EPERM;
}

/* What t has now. */
static struct sched_params params_of(const struct task *t)
{
	struct sched_params p = { .policy = t->se.policy,
				  .rt_prio = t->se.own_rt_prio,
				  .nice = t->se.nice,
				  .reset_on_fork = t->se.reset_on_fork,
				  .slice = t->se.slice };

	if (p.policy == SCHED_DEADLINE)
		p.dl = t->se.dl->p;
	return p;
}

/* What a says of SCHED_DEADLINE. -EINVAL: sched(7) wants runtime <= deadline <= period, within bounds. */
static int deadline_params(struct dl_params *p, const struct sched_attr *a)
{
	*p = (struct dl_params){ .runtime = a->sched_runtime,
				 .deadline = a->sched_deadline,
				 .period = a->sched_period ? a->sched_period : a->sched_deadline,
				 .flags = a->sched_flags & SCHED_DL_FLAGS };
	if (p->runtime < DL_RUNTIME_MIN || p->runtime > p->deadline || p->deadline > p->period ||
	    p->period < (u64)READ_ONCE(sched_dl_period_min_us) * NSEC_PER_USEC ||
	    p->period > (u64)READ_ONCE(sched_dl_period_max_us) * NSEC_PER_USEC)
		return -EINVAL;
	return 0;
}

/* What the calls below share: a is sched_setattr(2)'s, its policy negative where it shall stay. */
static int set_attr(struct task *t, const struct sched_attr *a)
{
	struct sched_params p = params_of(t), keep = p;
	u32 prio = a->sched_priority;
	int nice = a->sched_nice, err;

	if ((int)a->sched_policy >= 0) {
		p.policy = (int)a->sched_policy;
		p.reset_on_fork = a->sched_flags & SCHED_FLAG_RESET_ON_FORK;
	}
	if (p.policy != SCHED_NORMAL && p.policy != SCHED_BATCH && p.policy != SCHED_IDLE &&
	    !policy_is_rt(p.policy) && p.policy != SCHED_DEADLINE)
		return -EINVAL;
	if (a->sched_flags & ~(u64)SCHED_FLAG_ALL)
		return -EINVAL;
	if (a->sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		prio = keep.rt_prio ? keep.rt_prio : prio;
		nice = (int)keep.nice;
	}
	if (prio > 99 || policy_is_rt(p.policy) != (prio != 0))
		return -EINVAL;
	if (p.policy == SCHED_DEADLINE &&
	    !(keep.policy == SCHED_DEADLINE && a->sched_flags & SCHED_FLAG_KEEP_PARAMS) &&
	    deadline_params(&p.dl, a))
		return -EINVAL;
	p.rt_prio = (u8)prio;
	if (p.policy == SCHED_NORMAL || p.policy == SCHED_BATCH) {
		p.nice = (s8)clamp(nice, -20, 19);
		p.slice = a->sched_runtime ? clamp(a->sched_runtime, SLICE_MIN, SLICE_MAX) : 0;
	}
	err = may_set(t, &p);
	if (err)
		return err;
	if (a->sched_flags & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX))
		return -EOPNOTSUPP;
	/* Nothing else changes then, as on Linux: not the policy either. */
	if (a->sched_flags & SCHED_FLAG_KEEP_PARAMS) {
		keep.reset_on_fork = p.reset_on_fork;
		p = keep;
	}
	return sched_set_params(t, &p);
}

/* policy -1: as it is. */
static long set_policy(int pid, int policy, void __user *param)
{
	struct sched_attr a = { 0 };
	struct sched_param sp;
	struct task *t;
	long err;

	if (!param || pid < 0)
		return -EINVAL;
	if (copy_from_user(&sp, param, sizeof(sp)))
		return -EFAULT;
	t = find_task(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	if (policy >= 0 && policy & SCHED_RESET_ON_FORK) {
		a.sched_flags = SCHED_FLAG_RESET_ON_FORK;
		policy &= ~SCHED_RESET_ON_FORK;
	}
	a.sched_policy = (u32)policy;
	a.sched_priority = (u32)sp.sched_priority;
	a.sched_nice = (int)t->se.nice;
	err = set_attr(t, &a);
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

/* sched_setattr(2): a size of 0 is the first version's; what we do not know must be zero. */
static long get_attr(struct sched_attr *a, void __user *uattr)
{
	struct sched_attr __user *u = uattr;
	u32 size;
	long err;

	memset(a, 0, sizeof(*a));
	if (get_user_u32(&size, &u->size))
		return -EFAULT;
	if (!size)
		size = SCHED_ATTR_SIZE_VER0;
	err = size < SCHED_ATTR_SIZE_VER0 || size > PAGE_SIZE ?
		      -E2BIG :
		      copy_struct_from_user(a, sizeof(*a), uattr, size);
	if (err == -E2BIG)
		put_user_u32(sizeof(*a), &u->size);
	if (!err && size < SCHED_ATTR_SIZE_VER1 &&
	    (a->sched_flags & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX)))
		return -EINVAL;
	return err;
}

long sys_sched_setattr(int pid, void __user *attr, unsigned long flags)
{
	struct sched_attr a;
	struct task *t;
	long err;

	if (!attr || pid < 0 || (u32)flags)
		return -EINVAL;
	err = get_attr(&a, attr);
	if (err)
		return err;
	if ((int)a.sched_policy < 0)
		return -EINVAL;
	if (a.sched_flags & SCHED_FLAG_KEEP_POLICY)
		a.sched_policy = (u32)-1;
	t = find_task(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	err = set_attr(t, &a);
	task_put(t);
	return err;
}

long sys_sched_getattr(int pid, void __user *attr, unsigned int size, unsigned long flags)
{
	struct sched_attr a = { 0 };
	struct dl_params p;
	struct task *t;

	if (!attr || pid < 0 || size > PAGE_SIZE || size < SCHED_ATTR_SIZE_VER0 || (u32)flags)
		return -EINVAL;
	t = find_task(pid);
	if (IS_ERR(t))
		return PTR_ERR(t);
	a.size = min(size, (u32)sizeof(a));
	a.sched_policy = t->se.policy;
	a.sched_flags = t->se.reset_on_fork ? SCHED_FLAG_RESET_ON_FORK : 0;
	a.sched_priority = t->se.own_rt_prio;
	if (a.sched_policy == SCHED_DEADLINE) {
		p = params_of(t).dl;
		a.sched_flags |= p.flags;
		a.sched_runtime = p.runtime;
		a.sched_deadline = p.deadline;
		a.sched_period = p.period;
	} else if (!policy_is_rt(t->se.policy)) {
		a.sched_nice = (int)t->se.nice;
		a.sched_runtime = sched_slice(t);
	}
	task_put(t);
	return copy_to_user(attr, &a, a.size);
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
	sp.sched_priority = t->se.own_rt_prio;
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
	case 7: /* SCHED_EXT: nobody has it, but these two calls know it */
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

long sys_sched_setaffinity(int pid, unsigned int len, void __user *mask)
{
	struct task *t;
	u64 bits = 0;
	long err;

	if (copy_from_user(&bits, mask, min((size_t)len, sizeof(bits))))
		return -EFAULT;
	t = pid < 0 ? ERR_PTR(-ESRCH) : find_task(pid); /* no EINVAL here, unlike the calls above */
	if (IS_ERR(t))
		return PTR_ERR(t);
	err = -EPERM;
	if (same_owner(t) || task_capable(t, CAP_SYS_NICE))
		err = t->proc ? sched_set_affinity(t, bits) : -EINVAL;
	task_put(t);
	return err;
}

long sys_sched_getaffinity(int pid, unsigned int len, void __user *mask)
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
	if (!same_owner(t) && !task_capable(t, CAP_SYS_NICE)) {
		op->err = -EPERM;
	} else if (op->nice < t->se.nice && !within_nice_limit(t, op->nice) &&
		   !capable(CAP_SYS_NICE)) {
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

/* Task by task: others come and go meanwhile, and get their turns. */
static void nice_user(u32 uid, struct nice_op *op)
{
	struct task *t;

	for (int nr = 1; (t = task_next_get(nr)) != NULL; nr++) {
		nr = task_tid(t);
		if (smp_load_acquire(&t->cred)->uid == uid && pid_here(t->pid))
			nice_one(t, op);
		task_put(t);
		cond_resched();
	}
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
		nice_user(who ? kuid_of(current_user_ns(), (u32)who) : current->cred->uid, op);
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

/* ---- membarrier ---- */

/*
 * The barrier is a remote FENCE.I through the firmware: it returns once every hart has taken an
 * interrupt for it, which orders that hart's accesses as a full fence does, and its instruction
 * fetches too: those of harts that will run the process later matter for
 * MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE, and processes that registered are not listed for the
 * global commands, so these two are for all harts.
 */
static void barrier_on_all(void)
{
	smp_mb();
	icache_flush((1UL << nr_harts) - 1);
	smp_mb();
}

#define MEMBARRIER_REGISTRATIONS                                                                \
	(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED | MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED | \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE |                                  \
	 MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ)
#define MEMBARRIER_SUPPORTED                                                             \
	(MEMBARRIER_CMD_GLOBAL | MEMBARRIER_CMD_GLOBAL_EXPEDITED |                       \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED | MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE | \
	 MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ | MEMBARRIER_CMD_GET_REGISTRATIONS |      \
	 MEMBARRIER_REGISTRATIONS)

long sys_membarrier(int cmd, unsigned long flags, int cpu_id)
{
	struct proc *p = current->proc;
	bool one = (u32)flags == MEMBARRIER_CMD_FLAG_CPU;

	if ((u32)flags && !(one && cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ))
		return -EINVAL;
	switch (cmd) {
	case MEMBARRIER_CMD_QUERY:
		return MEMBARRIER_SUPPORTED;
	case MEMBARRIER_CMD_GLOBAL:
		synchronize_rcu();
		return 0;
	case MEMBARRIER_CMD_GLOBAL_EXPEDITED:
		barrier_on_all();
		return 0;
	case MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED_RSEQ:
		__atomic_fetch_or(&p->membarrier, (u32)cmd, __ATOMIC_SEQ_CST);
		return 0;
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE:
	case MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ:
		/* The registration of each is the next bit. */
		if (!(READ_ONCE(p->membarrier) & ((u32)cmd << 1)))
			return -EPERM;
		if (atomic_read(&current->mm->users) == 1)
			return 0;
		/* A kick that was sent before the barrier is taken before that hart runs user code again. */
		if (cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_RSEQ)
			sched_abort_rseq(current->mm, one && cpu_id >= 0 ? cpu_id : -1);
		if (cmd == MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE)
			barrier_on_all();
		else
			mm_barrier(current->mm);
		return 0;
	case MEMBARRIER_CMD_GET_REGISTRATIONS:
		return READ_ONCE(p->membarrier);
	default:
		return -EINVAL;
	}
}

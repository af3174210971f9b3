/*
 * Process numbers. pid_table maps a number to its struct pid; pid_lock guards
 * changes and walks, single look-ups are under RCU. A number is taken as long as a
 * task, a process, a group or a session bears it. Others may hold the struct longer
 * (a pidfd, a folder of /proc): they go by its task and proc, for the number may be
 * somebody else's then.
 */
#include "core/task.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "lib/radix.h"

#define PID_RESERVED 300 /* numbers below it are not used again after the first round */
#define PID_LIMIT    4194304 /* Linux's PID_MAX_LIMIT */

static void *node_alloc(size_t n)
{
	return kmalloc(n, 0);
}

static void node_free_rcu(struct rcu_head *h)
{
	kfree(h);
}

static void node_free(void *node)
{
	call_rcu(node, node_free_rcu);
}

const struct radix_ops radix_rcu_ops = { .alloc = node_alloc, .free = node_free };

int pid_max = 32768;
static spinlock_t pid_lock = SPINLOCK_INIT(RANK_PID, "pid");
static struct radix_tree pid_table = RADIX_TREE_INIT(&radix_rcu_ops); /* [pid_lock], RCU */
static int pid_last; /* [pid_lock] */
static u64 last_ino; /* [pid_lock] */

/* [pid_lock] A free number after pid_last, or 0. */
static int next_free(void)
{
	u64 max = (u64)READ_ONCE(pid_max), nr = radix_next_free(&pid_table, (u64)pid_last + 1);

	if (nr >= max)
		nr = radix_next_free(&pid_table, pid_last < PID_RESERVED ? 1 : PID_RESERVED);
	return nr < max ? (int)nr : 0;
}

struct pid *pid_alloc(int want)
{
	struct pid *p;
	unsigned long flags;
	int nr, err;

	if (want < 0 || want >= PID_LIMIT)
		return ERR_PTR(-EINVAL);
	p = kzalloc(sizeof(*p), 0);
	if (!p)
		return ERR_PTR(-ENOMEM);
	atomic_set(&p->refs, 1);
	for (int i = 0; i < PID_TYPES; i++)
		list_init(&p->members[i]);
	waitq_init(&p->pidfd_wait);

	flags = spin_lock_irqsave(&pid_lock);
	nr = want ? want : next_free();
	if (!nr)
		err = -EAGAIN;
	else if (want && radix_get(&pid_table, (u64)want))
		err = -EEXIST;
	else
		err = radix_set(&pid_table, (u64)nr, p);
	if (!err) {
		p->nr = nr;
		p->ino = ++last_ino;
		if (!want)
			pid_last = nr;
	}
	spin_unlock_irqrestore(&pid_lock, flags);
	if (err) {
		kfree(p);
		return ERR_PTR(err);
	}
	return p;
}

static void pid_free(struct rcu_head *h)
{
	kfree(container_of(h, struct pid, rcu));
}

/* Gives the number back, unless that is done. */
static void number_free(struct pid *p)
{
	unsigned long flags = spin_lock_irqsave(&pid_lock);

	if (radix_get(&pid_table, (u64)p->nr) == p)
		radix_del(&pid_table, (u64)p->nr);
	spin_unlock_irqrestore(&pid_lock, flags);
}

bool pid_in_use(const struct pid *p)
{
	return READ_ONCE(p->task) || READ_ONCE(p->proc) || !list_empty(&p->members[PID_PGRP]) ||
	       !list_empty(&p->members[PID_SESSION]);
}

void pid_left(struct pid *p)
{
	if (!pid_in_use(p))
		number_free(p);
}

void pid_put(struct pid *p)
{
	if (!p || !atomic_dec_and_test(&p->refs))
		return;
	number_free(p); /* nobody ever bore it */
	call_rcu(&p->rcu, pid_free);
}

int pid_newest(void)
{
	return READ_ONCE(pid_last);
}

int pid_set_newest(int nr)
{
	unsigned long flags;

	if (nr < 0 || nr > READ_ONCE(pid_max))
		return -EINVAL;
	flags = spin_lock_irqsave(&pid_lock);
	pid_last = nr;
	spin_unlock_irqrestore(&pid_lock, flags);
	return 0;
}

struct pid *pid_find(int nr)
{
	return nr > 0 ? radix_get(&pid_table, (u64)nr) : NULL;
}

struct pid *pid_find_get(int nr)
{
	struct pid *p = pid_find(nr);

	return p && atomic_inc_not_zero(&p->refs) ? p : NULL;
}

struct task *pid_task_get(const struct pid *p)
{
	struct task *t = p ? READ_ONCE(p->task) : NULL;

	return t && atomic_inc_not_zero(&t->refs) ? t : NULL;
}

struct proc *pid_proc_get(const struct pid *p)
{
	struct proc *proc = p ? READ_ONCE(p->proc) : NULL;

	return proc && atomic_inc_not_zero(&proc->refs) ? proc : NULL;
}

struct task *task_find_get(int tid)
{
	return pid_task_get(pid_find(tid));
}

struct proc *proc_find_get(int pid)
{
	return pid_proc_get(pid_find(pid));
}

struct proc *proc_next_get(int nr)
{
	u64 index = (u64)(nr > 0 ? nr : 0);
	struct proc *found = NULL;
	struct pid *p;
	unsigned long flags = spin_lock_irqsave(&pid_lock);

	while ((p = radix_next(&pid_table, &index)) != NULL) {
		struct proc *proc = READ_ONCE(p->proc);

		if (proc && atomic_inc_not_zero(&proc->refs)) {
			found = proc;
			break;
		}
		index++;
	}
	spin_unlock_irqrestore(&pid_lock, flags);
	return found;
}

struct task *task_next_get(int nr)
{
	u64 index = (u64)nr;
	struct task *found = NULL;
	struct pid *p;
	unsigned long flags = spin_lock_irqsave(&pid_lock);

	while (!found && (p = radix_next(&pid_table, &index)) != NULL) {
		struct task *t = READ_ONCE(p->task);

		if (t && atomic_inc_not_zero(&t->refs))
			found = t;
		index++;
	}
	spin_unlock_irqrestore(&pid_lock, flags);
	return found;
}

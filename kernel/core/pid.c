/*
 * Process numbers. A namespace's table maps a number to its struct pid; pid_lock guards
 * changes and walks, single look-ups are under RCU. A number is taken as long as a
 * task, a process, a group or a session bears it. Others may hold the struct longer
 * (a pidfd, a folder of /proc): they go by its task and proc, for the number may be
 * somebody else's then.
 */
#include "core/pidns.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "lib/radix.h"

#define PID_RESERVED 300 /* numbers below it are not used again after the first round */

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
/* What stands for NULL here. */
static struct pid_ns boot = { .table = RADIX_TREE_INIT(&radix_rcu_ops) };
static u64 last_ino; /* [pid_lock] */

static struct pid_ns *table_of(const struct pid_ns *ns)
{
	return ns ? (struct pid_ns *)ns : &boot;
}

/* May current choose numbers in ns? */
static bool may_choose(const struct pid_ns *ns)
{
	return ns_capable(ns->ns.owner, CAP_SYS_ADMIN) ||
	       ns_capable(ns->ns.owner, CAP_CHECKPOINT_RESTORE);
}

/* [pid_lock] A free number of ns after the last, or 0. */
static int next_free(const struct pid_ns *ns)
{
	u64 max = (u64)READ_ONCE(pid_max), nr = radix_next_free(&ns->table, (u64)ns->last + 1);

	if (nr >= max)
		nr = radix_next_free(&ns->table, ns->last < PID_RESERVED ? 1 : PID_RESERVED);
	return nr < max ? (int)nr : 0;
}

/* [pid_lock] p's number in ns: want, or with 0 a free one. */
static int take_number(struct pid_ns *ns, struct pid *p, int want)
{
	int nr = want ? want : next_free(ns), err;

	if (!nr)
		return -EAGAIN;
	if (want && want != 1 && ns != &boot && !READ_ONCE(ns->init))
		return -EINVAL;
	if (want && !may_choose(ns))
		return -EPERM;
	if (want && radix_get(&ns->table, (u64)want))
		return -EEXIST;
	err = radix_set(&ns->table, (u64)nr, p);
	if (err)
		return err;
	ns->count++;
	if (!want)
		ns->last = nr;
	return nr;
}

/* [pid_lock] Gives nr back, unless that is done: true. */
static bool give_number(struct pid_ns *ns, const struct pid *p, int nr)
{
	if (radix_get(&ns->table, (u64)nr) != p)
		return false;
	radix_del(&ns->table, (u64)nr);
	ns->count--;
	if (nr == 1)
		WRITE_ONCE(ns->dead, true);
	return true;
}

struct pid *pid_alloc(struct pid_ns *ns, const int *want, unsigned n)
{
	int level = ns ? ns->level : 0, i = level, nr = 0;
	struct pid_ns *at = ns;
	struct pid *p;
	unsigned long flags;

	if (n > (unsigned)level + 1)
		return ERR_PTR(-EINVAL);
	for (unsigned k = 0; k < n; k++)
		if (want[k] < 1 || want[k] >= READ_ONCE(pid_max))
			return ERR_PTR(-EINVAL);
	p = kzalloc(sizeof(*p) + (size_t)level * sizeof(p->nrs[0]), 0);
	if (!p)
		return ERR_PTR(-ENOMEM);
	atomic_set(&p->refs, 1);
	for (int k = 0; k < PID_TYPES; k++)
		list_init(&p->members[k]);
	waitq_init(&p->pidfd_wait);

	flags = spin_lock_irqsave(&pid_lock);
	for (; i >= 0; i--) {
		nr = take_number(table_of(at), p, (unsigned)(level - i) < n ? want[level - i] : 0);
		if (nr < 0)
			break;
		*(i ? &p->nrs[i - 1] : &p->nr) = nr;
		at = at ? at->parent : NULL;
	}
	p->ino = ++last_ino;
	for (at = ns; nr < 0 && level > i; at = at->parent, level--) {
		give_number(at, p, p->nrs[level - 1]);
		if (p->nrs[level - 1] == 1) { /* the next try has it again */
			at->dead = false;
			at->last = 0;
		}
	}
	spin_unlock_irqrestore(&pid_lock, flags);
	if (nr < 0) {
		kfree(p);
		return ERR_PTR(nr);
	}
	p->own = level ? p->nrs[level - 1] : p->nr;
	p->ns = ns;
	if (ns)
		ns_get(&ns->ns);
	return p;
}

static void pid_free(struct rcu_head *h)
{
	struct pid *p = container_of(h, struct pid, rcu);

	if (p->ns)
		ns_put(&p->ns->ns);
	kfree(p);
}

/* Gives the numbers back, unless that is done. */
static void number_free(struct pid *p)
{
	unsigned long flags = spin_lock_irqsave(&pid_lock);

	give_number(&boot, p, p->nr);
	for (struct pid_ns *ns = p->ns; ns; ns = ns->parent)
		give_number(ns, p, p->nrs[ns->level - 1]);
	spin_unlock_irqrestore(&pid_lock, flags);
	for (struct pid_ns *ns = p->ns; ns; ns = ns->parent)
		if (READ_ONCE(ns->dead))
			wake_up_all(&ns->left);
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
	return READ_ONCE(table_of(current_pid_ns())->last);
}

int pid_set_newest(int nr)
{
	unsigned long flags;

	if (nr < 0 || nr > READ_ONCE(pid_max))
		return -EINVAL;
	flags = spin_lock_irqsave(&pid_lock);
	table_of(current_pid_ns())->last = nr;
	spin_unlock_irqrestore(&pid_lock, flags);
	return 0;
}

struct pid *pid_find_in(const struct pid_ns *ns, int nr)
{
	return nr > 0 ? radix_get(&table_of(ns)->table, (u64)nr) : NULL;
}

struct pid *pid_find(int nr)
{
	return pid_find_in(current_pid_ns(), nr);
}

int pid_nr_in(const struct pid *p, const struct pid_ns *ns)
{
	if (!ns)
		return p->nr;
	return pid_ns_within(p->ns, ns) ? p->nrs[ns->level - 1] : 0;
}

int nr_in(int nr, const struct pid_ns *ns)
{
	const struct pid *p = pid_find_in(NULL, nr);

	return p ? pid_nr_in(p, ns) : 0;
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

struct proc *proc_next_get(struct pid_ns *ns, int nr)
{
	u64 index = (u64)(nr > 0 ? nr : 0);
	struct proc *found = NULL;
	struct pid *p;
	unsigned long flags = spin_lock_irqsave(&pid_lock);

	while ((p = radix_next(&table_of(ns)->table, &index)) != NULL) {
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

	while (!found && (p = radix_next(&boot.table, &index)) != NULL) {
		struct task *t = READ_ONCE(p->task);

		if (t && atomic_inc_not_zero(&t->refs))
			found = t;
		index++;
	}
	spin_unlock_irqrestore(&pid_lock, flags);
	return found;
}

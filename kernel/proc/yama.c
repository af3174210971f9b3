/*
 * Linux's Yama (Documentation/admin-guide/LSM/Yama): /proc/sys/kernel/yama/ptrace_scope, and whom
 * prctl(PR_SET_PTRACER) lets in. At 0, the default, nobody is kept out. It is asked after
 * ptrace_may_access, of those only who want to change the other: ptrace(2), process_vm_readv(2), ...
 *
 * Locking: `lock`, also under proc_tree_lock, guards who let whom in. Parents are walked under RCU.
 */
#include "proc/yama.h"

#include <atomic.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/userns.h"
#include "proc/proc.h"
#include "sync/spinlock.h"

int ptrace_scope; /* read and written whole */

struct relation {
	struct list_head link; /* [lock] */
	const struct task *tracee; /* [lock] the first thread of its process */
	const struct task *tracer; /* [lock] of the process let in; NULL: anybody */
};

static LIST_HEAD(relations); /* [lock] none outlives its tasks */
static unsigned nr_relations; /* [lock]; read without */
static spinlock_t lock = SPINLOCK_INIT(RANK_CLOCK, "yama");

static void relation_free(struct relation *r)
{
	list_del(&r->link);
	nr_relations--;
	kfree(r);
}

/* [lock] Those of t go, as tracee and perhaps as tracer. */
static void forget(const struct task *t, bool as_tracer)
{
	struct relation *r, *next;

	list_for_each_entry_safe(r, next, &relations, link)
		if (r->tracee == t || (as_tracer && r->tracer == t))
			relation_free(r);
}

void yama_forget(const struct task *t)
{
	unsigned long flags;

	smp_mb(); /* with that in yama_let_in: it sees that t is gone, or we what it made */
	if (likely(!READ_ONCE(nr_relations)))
		return;
	flags = spin_lock_irqsave(&lock);
	forget(t, true);
	spin_unlock_irqrestore(&lock, flags);
}

int yama_let_in(struct task *tracer, bool any)
{
	struct relation *new = NULL;
	unsigned long flags;
	int err = 0;

	if (tracer || any) {
		new = kmalloc(sizeof(*new), 0);
		if (!new)
			return -ENOMEM;
	}
	flags = spin_lock_irqsave(&lock);
	forget(current->proc->leader, false);
	if (new) {
		new->tracee = current->proc->leader;
		new->tracer = tracer;
		list_add(&new->link, &relations);
		WRITE_ONCE(nr_relations, nr_relations + 1);
		smp_mb();
		if (tracer && READ_ONCE(tracer->pid->task) != tracer) {
			relation_free(new);
			err = -EINVAL;
		}
	}
	spin_unlock_irqrestore(&lock, flags);
	return err;
}

/* Is it p, or born of it? */
static bool descends(const struct proc *child, const struct proc *p)
{
	const struct proc *up;

	for (; child && child != p; child = up) {
		up = READ_ONCE(child->parent);
		if (up == child)
			return false;
	}
	return child != NULL;
}

static bool let_in(const struct task *t)
{
	unsigned long flags = spin_lock_irqsave(&lock);
	struct relation *r;
	bool in = false;

	list_for_each_entry(r, &relations, link) {
		const struct proc *tracer = r->tracer ? r->tracer->proc : NULL;

		if (r->tracee == READ_ONCE(t->proc->leader))
			in = !r->tracer || (tracer && descends(current->proc, tracer));
	}
	spin_unlock_irqrestore(&lock, flags);
	return in;
}

bool yama_may_attach(const struct task *t)
{
	int scope = READ_ONCE(ptrace_scope);

	if (likely(!scope) || !t->proc || t->proc == current->proc)
		return true;
	if (scope == 1 && (descends(t->proc, current->proc) || let_in(t)))
		return true;
	return scope < 3 && ns_capable(smp_load_acquire(&t->cred)->user, CAP_SYS_PTRACE);
}

bool yama_may_be_traced_by(const struct task *parent)
{
	int scope = READ_ONCE(ptrace_scope);

	return scope < 2 || (scope == 2 && parent &&
			     cred_ns_capable(parent->cred, current_user_ns(), CAP_SYS_PTRACE));
}

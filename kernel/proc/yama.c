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
#include "core/pidns.h"
#include "core/userns.h"
#include "proc/proc.h"
#include "sync/spinlock.h"

int ptrace_scope; /* read and written whole */

struct relation {
	struct list_head link; /* [lock] */
	struct pid *tracee; /* [lock] referenced, a process */
	struct pid *tracer; /* [lock] likewise; NULL: anybody */
};

static LIST_HEAD(relations); /* [lock] */
static spinlock_t lock = SPINLOCK_INIT(RANK_CLOCK, "yama");

static void relation_free(struct relation *r)
{
	list_del(&r->link);
	pid_put(r->tracee);
	pid_put(r->tracer);
	kfree(r);
}

int yama_let_in(struct pid *tracer, bool any)
{
	struct pid *me = current->proc->pid;
	struct relation *r, *next, *new = NULL;
	unsigned long flags;

	if (tracer || any) {
		new = kmalloc(sizeof(*new), 0);
		if (!new)
			return -ENOMEM;
		new->tracee = pid_get(me);
		new->tracer = tracer ? pid_get(tracer) : NULL;
	}
	flags = spin_lock_irqsave(&lock);
	list_for_each_entry_safe(r, next, &relations, link)
		if (r->tracee == me || !READ_ONCE(r->tracee->proc))
			relation_free(r);
	if (new)
		list_add(&new->link, &relations);
	spin_unlock_irqrestore(&lock, flags);
	return 0;
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
		const struct proc *tracer = r->tracer ? READ_ONCE(r->tracer->proc) : NULL;

		if (r->tracee == t->proc->pid)
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

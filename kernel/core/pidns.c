/* The life of namespaces of process numbers: core/pidns.h. The numbers themselves are pid.c's. */
#include "core/pidns.h"

#include <err.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/userns.h"

/* Not ns_put for those above: there may be thirty. */
static void pid_ns_free(struct ns *ns)
{
	struct pid_ns *n = (struct pid_ns *)ns, *parent = n->parent;

	kfree(n);
	while (parent && atomic_dec_and_test(&parent->ns.refs)) {
		n = parent;
		parent = n->parent;
		user_ns_put(n->ns.owner);
		kfree(n);
	}
}

struct ns *pid_unshare(struct user_ns *owner)
{
	struct pid_ns *parent = current_pid_ns(), *n;

	/* Once unshared, its next child is the first of that namespace. */
	if (pid_ns_of(current->ns[NS_PID_CHILDREN]) != parent ||
	    !user_ns_within(owner, parent ? parent->ns.owner : NULL))
		return ERR_PTR(-EINVAL);
	if (parent && parent->level == PID_NS_LEVELS)
		return ERR_PTR(-ENOSPC);
	n = kzalloc(sizeof(*n), 0);
	if (!n)
		return ERR_PTR(-ENOMEM);
	ns_init(&n->ns, NS_PID, owner, pid_ns_free);
	n->parent = parent;
	n->level = parent ? parent->level + 1 : 1;
	if (parent)
		ns_get(&parent->ns);
	n->table = (struct radix_tree)RADIX_TREE_INIT(&radix_rcu_ops);
	waitq_init(&n->left);
	return &n->ns;
}

void pid_note(struct pid **slot, struct pid *p)
{
	struct pid *old = *slot;

	if (old == p)
		return;
	*slot = p ? pid_get(p) : NULL;
	pid_put(old);
}

bool pid_ns_within(const struct pid_ns *n, const struct pid_ns *top)
{
	while (n && n != top)
		n = n->parent;
	return n == top;
}

bool pid_ns_dying(const struct pid_ns *n)
{
	for (; n; n = n->parent)
		if (n->dead)
			return true;
	return false;
}

int pid_ns_may_enter(struct ns *n)
{
	return pid_ns_within(pid_ns_of(n), current_pid_ns()) ? 0 : -EINVAL;
}

struct ns *pid_ns_parent_get(struct ns *n)
{
	struct pid_ns *of = pid_ns_of(n);

	if (!of || of == current_pid_ns() || !pid_ns_within(of->parent, current_pid_ns()))
		return ERR_PTR(-EPERM);
	return ns_get(ns_of_pid_ns(of->parent));
}

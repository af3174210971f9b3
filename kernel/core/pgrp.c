/* Process groups: see core/pgrp.h. */
#include "core/pgrp.h"

bool pgrp_orphaned(struct pid *pgrp, const struct proc *ignored)
{
	struct proc *p;

	assert_held(&proc_tree_lock);
	list_for_each_entry(p, &pgrp->members[PID_PGRP], pgrp_link) {
		struct proc *parent = p->parent;

		if (p == ignored || p->zombie || parent == init_proc)
			continue;
		if (parent->pgrp != pgrp && parent->session == p->session)
			return false;
	}
	return true;
}

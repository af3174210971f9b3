/* Questions about process groups; proc_tree_lock held. */
#ifndef CORE_PGRP_H
#define CORE_PGRP_H

#include "core/task.h"

/*
 * POSIX: a group is orphaned when no member has a parent in the session but outside the group.
 * `ignored` does not count.
 */
bool pgrp_orphaned(struct pid *pgrp, const struct proc *ignored);
#endif

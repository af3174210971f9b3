/*
 * Making and entering namespaces: clone(2), unshare(2), setns(2). What is to be is gathered in a struct
 * ns_set, which may still fail, and then becomes current's or a new task's.
 */
#ifndef PROC_NAMESPACE_H
#define PROC_NAMESPACE_H

#include <uapi/sched.h>
#include "core/ns.h"
#include "core/userns.h"
#include "fs/files.h"

/* All that there may be more than one of; CLONE_NEWCGROUP is refused. */
#define CLONE_NAMESPACES                                                              \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | \
	 CLONE_NEWNET | CLONE_NEWTIME)

/* [a] /proc/sys/kernel/unprivileged_userns_clone: 0, and only CAP_SYS_ADMIN makes user namespaces. */
extern int user_ns_unprivileged;

struct ns_set {
	struct cred *cred; /* in a new user namespace; NULL: it is the old one */
	struct ns *ns[NS_TYPES]; /* referenced; NULL: as before */
};

/*
 * New ones, as flags say, in place of those of current. fs is whose root and working directory
 * CLONE_NEWNS moves: nobody else uses it. 0, or -errno and the set is empty.
 */
int ns_set_make(struct ns_set *s, u64 flags, struct fs_ctx *fs);
void ns_set_drop(struct ns_set *s);
void ns_set_enter(struct ns_set *s); /* they become current's; the set is empty then */
void ns_set_give(struct ns_set *s, struct task *t); /* t's, which nobody has seen yet */

/* setns(2): by a file of /proc/PID/ns, or those of t that flags name. 0 or -errno. */
long ns_join(struct ns *n);
long ns_join_task(struct task *t, u64 flags);
#endif

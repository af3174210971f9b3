/*
 * Namespaces of process numbers: pid_namespaces(7). A process made in one has a number there and in
 * all above it. NULL is that of boot, whose numbers are the kernel's own (task_tid, proc_pid): they go
 * into logs and comparisons, and into what is stored as an int. What a program is told is a number of
 * the namespace it lives in: pid_here, nr_here; what it names is looked for there (pid_find).
 *
 * In task->ns, NS_PID_CHILDREN is that of children to be; the task's own is its number's.
 */
#ifndef CORE_PIDNS_H
#define CORE_PIDNS_H

#include "core/ns.h"
#include "core/task.h"

#define PID_NS_LEVELS 32 /* below boot's */

struct pid_ns {
	struct ns ns;
	struct pid_ns *parent; /* [i] referenced; NULL: boot's */
	int level; /* [i] 1 below boot's */
	struct radix_tree table; /* [pid_lock], RCU: struct pid by number */
	int last; /* [pid_lock] the number given last */
	unsigned count; /* [pid_lock] numbers in use; read without too */
	struct proc *init; /* [t] its process 1; NULL: none yet. Valid while it has processes */
	bool dead; /* [t] process 1 has ended, or was not born: there are no others */
	int reboot; /* [w] what process 1 is to have died of: reboot(2) */
	struct waitq left; /* a number was given back */
};

static inline struct pid_ns *pid_ns_of(struct ns *n)
{
	return n && n != &first_ns[NS_PID] ? (struct pid_ns *)n : NULL; /* its first member */
}
static inline struct ns *ns_of_pid_ns(struct pid_ns *n)
{
	return n ? &n->ns : &first_ns[NS_PID];
}
static inline struct pid_ns *current_pid_ns(void)
{
	return current->pid ? current->pid->ns : NULL;
}

int pid_nr_in(const struct pid *p, const struct pid_ns *ns); /* 0: it has none there */
bool pid_ns_within(const struct pid_ns *n, const struct pid_ns *top); /* top, or below it */
bool pid_ns_dying(const struct pid_ns *n); /* [t] it, or one above it, has lost its process 1 */

/* Its number where current lives, 0: it has none there. */
static inline int pid_here(const struct pid *p)
{
	const struct pid_ns *ns = current_pid_ns();

	return likely(!ns) ? p->nr : pid_nr_in(p, ns);
}
/* *slot, what is told of a process that may be gone by then, becomes p: referenced, or NULL. */
void pid_note(struct pid **slot, struct pid *p);
/* Its number where current lives, 0: it has none there, or there is no p. */
static inline int pid_noted(const struct pid *p)
{
	return p ? pid_here(p) : 0;
}
int nr_in(int nr, const struct pid_ns *ns); /* of the kernel's number nr; 0: gone, or none there */
static inline int nr_here(int nr)
{
	const struct pid_ns *ns = current_pid_ns();

	return likely(!ns) ? nr : nr_in(nr, ns);
}
/* The first process of its namespace? */
static inline bool proc_is_init(const struct proc *p)
{
	return p->pid->own == 1;
}

struct ns *pid_unshare(struct user_ns *owner); /* ERR_PTR(-EINVAL | -ENOSPC | -ENOMEM) */
int pid_ns_may_enter(struct ns *n); /* setns(2): 0, or -EINVAL: not below current's */
/* The one above n, referenced, if current may know of it. -EPERM. */
struct ns *pid_ns_parent_get(struct ns *n);
#endif

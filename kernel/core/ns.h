/*
 * Namespaces: namespaces(7). A task has one of each kind; those it began with at boot it has by
 * NULL, so that who makes none pays for none. A kind embeds struct ns in what it holds. There is one
 * namespace of mounts, which no task points to.
 *
 * Locks: task->ns is written by the task itself under task->lock [m]; others read it under that.
 */
#ifndef CORE_NS_H
#define CORE_NS_H

#include <atomic.h>
#include <types.h>
#include "core/task.h"

struct ns {
	enum ns_type type; /* [i] */
	atomic_t refs; /* [a] */
	u32 ino; /* [i] of its file */
	u32 uid; /* [i] if counted: for whom */
	bool counted; /* [i] as one of the user's (core/userns.h: user_ns_charge) */
	struct user_ns *owner; /* [i] referenced: whose capabilities count; NULL: that of boot */
	void (*free)(struct ns *n); /* [i] may sleep, but for a user namespace's */
};

extern struct ns first_ns[NS_TYPES]; /* those of boot; never freed */
extern const u32 ns_flag[NS_TYPES]; /* CLONE_NEW* */

/* refs 1 and a number of its own. n->counted is as it was. */
void ns_init(struct ns *n, enum ns_type type, struct user_ns *owner, void (*free)(struct ns *n));
/* t's, referenced; NULL: it has ended. */
struct ns *ns_of_get(struct task *t, enum ns_type type);
static inline struct ns *ns_get(struct ns *n)
{
	atomic_inc(&n->refs);
	return n;
}
void ns_put(struct ns *n); /* sleeps */
/* n, whose reference passes, becomes current's; as: its type, or NS_TIME_CHILDREN. */
void ns_enter(enum ns_type as, struct ns *n);
void ns_clone(struct task *t); /* t, not yet seen, has those that current has */
void ns_exit(struct task *t); /* and has them no more */
#endif

/*
 * The life of namespaces, and which of them a task has (core/ns.h).
 */
#include "core/ns.h"

#include <uapi/sched.h>

#include "core/userns.h"

#define FIRST_INO     0xf0000010U /* of those that are made; on Linux they begin there, too */

#define FIRST(tp, nr) [tp] = { .type = (tp), .refs = ATOMIC_INIT(1), .ino = (nr) }

/* The numbers are those of Linux. */
struct ns first_ns[NS_TYPES] = {
	FIRST(NS_MNT, 0xf0000001U),  FIRST(NS_UTS, 0xeffffffeU), FIRST(NS_IPC, 0xefffffffU),
	FIRST(NS_USER, 0xeffffffdU), FIRST(NS_NET, 0xf0000000U), FIRST(NS_PID, 0xeffffffcU),
	FIRST(NS_TIME, 0xeffffffaU),
};

const u32 ns_flag[NS_TYPES] = {
	[NS_MNT] = CLONE_NEWNS,		  [NS_UTS] = CLONE_NEWUTS,
	[NS_IPC] = CLONE_NEWIPC,	  [NS_USER] = CLONE_NEWUSER,
	[NS_NET] = CLONE_NEWNET,	  [NS_PID] = CLONE_NEWPID,
	[NS_TIME] = CLONE_NEWTIME,	  [NS_TIME_CHILDREN] = CLONE_NEWTIME,
	[NS_PID_CHILDREN] = CLONE_NEWPID,
};

void ns_init(struct ns *n, enum ns_type type, struct user_ns *owner, void (*free)(struct ns *n))
{
	static u32 next = FIRST_INO; /* [a] */

	n->type = type;
	atomic_set(&n->refs, 1);
	n->ino = __atomic_fetch_add(&next, 1, __ATOMIC_RELAXED);
	n->owner = user_ns_get(owner);
	n->free = free;
}

struct ns *ns_of_get(struct task *t, enum ns_type type)
{
	struct ns *n = NULL;

	spin_lock(&t->lock);
	if (!(t->flags & TF_EXITING)) {
		/* Credentials, and what they hold, stay for a grace period. */
		if (type == NS_USER)
			n = (struct ns *)smp_load_acquire(&t->cred)->user;
		else
			n = type == NS_PID ? (struct ns *)t->pid->ns : t->ns[type];
		if (!n)
			n = &first_ns[type == NS_TIME_CHILDREN ? NS_TIME :
				      type == NS_PID_CHILDREN  ? NS_PID :
								 type];
		ns_get(n);
	}
	spin_unlock(&t->lock);
	return n;
}

void ns_put(struct ns *n)
{
	struct user_ns *owner;

	while (atomic_dec_and_test(&n->refs)) {
		owner = n->owner;
		if (n->counted)
			user_ns_uncharge(owner, n->uid, USER_NAMESPACES + n->type);
		n->free(n);
		if (!owner)
			return;
		n = &owner->ns;
	}
}

void ns_enter(enum ns_type as, struct ns *n)
{
	struct ns **to = &current->ns[as], *old = *to;

	if (n == &first_ns[n->type]) {
		ns_put(n);
		n = NULL;
	}
	spin_lock(&current->lock);
	*to = n;
	spin_unlock(&current->lock);
	if (old)
		ns_put(old);
}

void ns_clone(struct task *t)
{
	for (unsigned i = 0; i < NS_TYPES; i++) {
		struct ns *n = current->ns[i];

		if (n)
			t->ns[i] = ns_get(n);
	}
}

void ns_exit(struct task *t)
{
	for (unsigned i = 0; i < NS_TYPES; i++) {
		struct ns *n = t->ns[i];

		if (!n)
			continue;
		spin_lock(&t->lock);
		t->ns[i] = NULL;
		spin_unlock(&t->lock);
		ns_put(n);
	}
}

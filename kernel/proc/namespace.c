/*
 * Which namespaces a task is to have (proc/namespace.h): namespaces(7), user_namespaces(7). One row for
 * each kind: how one is made, and what entering it takes besides CAP_SYS_ADMIN over it.
 */
#include "proc/namespace.h"

#include <err.h>
#include <uapi/errno.h>

#include "core/cred.h"
#include "core/pidns.h"
#include "core/timens.h"
#include "fs/nsfs.h"
#include "ipc/ids.h"
#include "ipc/sem.h"
#include "mm/vm.h"
#include "net/net.h"
#include "proc/proc.h"
#include "proc/uts.h"

struct kind {
	enum ns_type type;
	struct ns *(*make)(struct user_ns *owner); /* ERR_PTR; NULL: not made so */
	int (*may_enter)(struct ns *n); /* 0 or -errno; NULL: always */
};

/* The clocks of a process are all its threads', but for such as are at their end and may still hold the memory. */
static int alone_in_time(struct ns *n __unused)
{
	const struct proc *p = current->proc;

	return atomic_read(&p->live) > 1 || (unsigned)atomic_read(&current->mm->users) >
						    READ_ONCE(p->nr_threads) ?
		       -EUSERS :
		       0;
}

static const struct kind kinds[] = {
	{ NS_UTS, uts_unshare, NULL },
	{ NS_IPC, ipc_unshare, NULL },
	{ NS_NET, net_unshare, NULL },
	{ NS_TIME, time_unshare, alone_in_time },
	{ NS_PID, pid_unshare, pid_ns_may_enter },
};

/* --- making --- */

void ns_set_drop(struct ns_set *s)
{
	for (unsigned i = 0; i < NS_TYPES; i++)
		if (s->ns[i])
			ns_put(s->ns[i]);
	cred_put(s->cred);
	*s = (struct ns_set){ 0 };
}

/* The one of that type that make, or without it mount_unshare, gives, counted as one of the user's. ERR_PTR. */
static struct ns *make_counted(enum ns_type type, struct ns *(*make)(struct user_ns *owner),
			       struct user_ns *owner, struct fs_ctx *fs)
{
	u32 uid = current->cred->euid;
	struct ns *n;

	if (!user_ns_charge(owner, uid, USER_NAMESPACES + type))
		return ERR_PTR(-ENOSPC);
	n = make ? make(owner) : mount_unshare(owner, fs);
	if (IS_ERR(n)) {
		user_ns_uncharge(owner, uid, USER_NAMESPACES + type);
		return n;
	}
	n->uid = uid;
	n->counted = true;
	return n;
}

static int add_made(struct ns_set *s, struct ns *n)
{
	if (IS_ERR(n))
		return (int)PTR_ERR(n);
	s->ns[n->type == NS_TIME ? NS_TIME_CHILDREN :
	      n->type == NS_PID	 ? NS_PID_CHILDREN :
				   n->type] = n;
	return 0;
}

/* All flags that a row stands for. */
static u64 known_flags(void)
{
	u64 known = CLONE_NEWNS;

	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		known |= ns_flag[kinds[i].type];
	return known;
}

int user_ns_unprivileged = 1;

int ns_set_make(struct ns_set *s, u64 flags, struct fs_ctx *fs)
{
	struct user_ns *owner;
	int err = 0;

	*s = (struct ns_set){ 0 };
	if ((flags & CLONE_NEWUSER) && !READ_ONCE(user_ns_unprivileged) && !capable(CAP_SYS_ADMIN))
		return -EPERM;
	/* With capabilities one could leave a root that is not that of the mounts. */
	if (flags & CLONE_NEWUSER)
		err = current_chrooted() ? -EPERM : user_ns_make(&s->cred);
	if (err)
		return err;
	owner = s->cred ? s->cred->user : current_user_ns();
	flags &= CLONE_NAMESPACES;
	if (flags && !ns_capable(owner, CAP_SYS_ADMIN))
		err = -EPERM;
	else if (flags & ~known_flags())
		err = -EINVAL;
	for (unsigned i = 0; i < ARRAY_SIZE(kinds) && !err; i++)
		if (flags & ns_flag[kinds[i].type])
			err = add_made(s, make_counted(kinds[i].type, kinds[i].make, owner, NULL));
	/* The last: it changes fs at once. */
	if (!err && (flags & CLONE_NEWNS))
		err = add_made(s, make_counted(NS_MNT, NULL, owner, fs));
	if (err)
		ns_set_drop(s);
	return err;
}

void ns_set_enter(struct ns_set *s)
{
	if (s->cred)
		cred_commit(s->cred);
	/* What is to be undone belongs to the semaphores that were. */
	if (s->ns[NS_IPC])
		sem_undo_exit(current);
	for (unsigned i = 0; i < NS_TYPES; i++)
		if (s->ns[i])
			ns_enter((enum ns_type)i, s->ns[i]);
	*s = (struct ns_set){ 0 };
}

void ns_set_give(struct ns_set *s, struct task *t)
{
	if (s->cred) {
		cred_put(t->cred);
		t->cred = s->cred;
	}
	for (unsigned i = 0; i < NS_TYPES; i++) {
		if (!s->ns[i])
			continue;
		if (t->ns[i])
			ns_put(t->ns[i]);
		t->ns[i] = s->ns[i];
	}
	*s = (struct ns_set){ 0 };
}

/* --- entering --- */

static struct user_ns *user_of(const struct ns *n)
{
	return n == &first_ns[NS_USER] ? NULL : user_ns_of((struct ns *)n);
}

/* setns(2) of a user namespace: not twice, alone, and with power over it. */
static int join_user(struct ns_set *s, struct ns *n)
{
	struct user_ns *u = user_of(n);

	if (u == current_user_ns() || READ_ONCE(current->proc->nr_threads) > 1 ||
	    atomic_read(&current->fs->refs) != 1)
		return -EINVAL;
	if (!ns_capable(u, CAP_SYS_ADMIN))
		return -EPERM;
	return user_ns_join(u, &s->cred);
}

/* n, borrowed, is to be in the set: may it? */
static int join_one(struct ns_set *s, struct ns *n)
{
	const struct user_ns *u = s->cred ? s->cred->user : current_user_ns();
	int err = -EINVAL;

	if (n->type == NS_USER)
		return join_user(s, n);
	if (!ns_capable(n->owner, CAP_SYS_ADMIN) || !ns_capable(u, CAP_SYS_ADMIN))
		return -EPERM;
	if (n->type == NS_MNT)
		err = ns_capable(u, CAP_SYS_CHROOT) ? 0 : -EPERM;
	for (unsigned i = 0; i < ARRAY_SIZE(kinds); i++)
		if (kinds[i].type == n->type)
			err = kinds[i].may_enter ? kinds[i].may_enter(n) : 0;
	if (err)
		return err;
	s->ns[n->type == NS_PID ? NS_PID_CHILDREN : n->type] = ns_get(n);
	if (n->type == NS_TIME)
		s->ns[NS_TIME_CHILDREN] = ns_get(n);
	return 0;
}

/* The one of mounts first: it may still fail. */
static long enter_all(struct ns_set *s, int err)
{
	struct ns *timed;

	if (!err && s->ns[NS_MNT])
		err = mount_ns_enter(s->ns[NS_MNT]);
	if (err) {
		ns_set_drop(s);
		return err;
	}
	if (s->ns[NS_MNT])
		ns_put(s->ns[NS_MNT]);
	s->ns[NS_MNT] = NULL;
	timed = s->ns[NS_TIME];
	if (timed)
		timens_freeze(timed);
	ns_set_enter(s);
	if (timed) /* the vDSO's page is another */
		vm_forget_special(current->mm, current->mm->vdso - PAGE_SIZE);
	return 0;
}

long ns_join(struct ns *n)
{
	struct ns_set s = { 0 };

	return enter_all(&s, join_one(&s, n));
}

long ns_join_task(struct task *t, u64 flags)
{
	/* Of users first: who has power there may enter the others by it. */
	static const enum ns_type order[] = { NS_USER, NS_MNT, NS_UTS, NS_IPC,
					      NS_PID,  NS_NET, NS_TIME };
	struct ns_set s = { 0 };
	int err = ptrace_may_access(t, true) ? 0 : -EPERM;

	for (unsigned i = 0; i < ARRAY_SIZE(order) && !err; i++) {
		struct ns *n;

		if (!(flags & ns_flag[order[i]]))
			continue;
		n = ns_of_get(t, order[i]);
		if (!n)
			err = -ESRCH;
		else
			err = join_one(&s, n);
		if (n)
			ns_put(n);
	}
	return enter_all(&s, err);
}

/*
 * SEM_UNDO, semop(2): what a process did to semaphores is undone when it ends.
 *
 * The adjustments are kept per set, in a list that those tasks share which clone(2) made with
 * CLONE_SYSVSEM. The last of them to go adds them up. A set that is removed takes its adjustments out
 * of all lists.
 *
 * Locks: [o] the set's, [u] the list's; the first may be held when the second is taken. Who goes from a
 * list to a set takes [u], holds the set, and begins anew in the right order.
 */
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "core/pidns.h"
#include "core/sched.h"
#include "core/task.h"
#include "ipc/sem_room.h"

struct sem_undo_list {
	spinlock_t lock;
	atomic_t refs; /* [a] tasks */
	struct list_head undos; /* [u] struct sem_undo by list_link */
};

/* current's list, made when there is none. Only its tasks look at their pointers. */
static struct sem_undo_list *own_list(void)
{
	struct sem_undo_list *l = current->sem_undo;

	if (l)
		return l;
	l = kmalloc(sizeof(*l), 0);
	if (!l)
		return NULL;
	spin_init(&l->lock, RANK_IPC_UNDO, "sem undo");
	atomic_set(&l->refs, 1);
	list_init(&l->undos);
	current->sem_undo = l;
	return l;
}

struct sem_undo *sem_undo_of(struct sem_set *s)
{
	struct sem_undo_list *l = own_list();
	struct sem_undo *u;

	if (!l)
		return NULL;
	spin_lock(&l->lock);
	list_for_each_entry(u, &l->undos, list_link)
		if (u->set == s)
			goto out;
	u = kzalloc(sizeof(*u) + s->n * sizeof(u->adjust[0]), 0);
	if (u) {
		u->set = s;
		list_add(&u->list_link, &l->undos);
		list_add(&u->set_link, &s->undos);
		u->list = l;
	}
out:
	spin_unlock(&l->lock);
	return u;
}

/* [o][u] */
static void forget(struct sem_undo *u)
{
	list_del(&u->set_link);
	list_del(&u->list_link);
	kfree(u);
}

void sem_undo_free_set(struct sem_set *s)
{
	struct sem_undo *u, *next;

	list_for_each_entry_safe(u, next, &s->undos, set_link) {
		struct sem_undo_list *l = u->list;

		spin_lock(&l->lock);
		forget(u);
		spin_unlock(&l->lock);
	}
}

int sem_undo_clone(struct task *t, bool share)
{
	struct sem_undo_list *l = share ? own_list() : NULL;

	if (share && !l)
		return -ENOMEM;
	if (l)
		atomic_inc(&l->refs);
	t->sem_undo = l;
	return 0;
}

/* [o][u] A value stays in its range whatever is undone. */
static void undo(struct sem_undo *u)
{
	struct sem_set *s = u->set;

	for (unsigned i = 0; i < s->n; i++) {
		struct sem *sem = &s->sems[i];

		if (!u->adjust[i])
			continue;
		sem->value = clamp(sem->value + u->adjust[i], 0, SEMVMX);
		pid_note(&sem->pid, current->proc ? current->proc->pid : NULL);
		sem_mark_changed(s, sem);
	}
	forget(u);
}

/* The set of the list's first undo, held; NULL: there is none. */
static struct sem_set *first_set(struct sem_undo_list *l)
{
	struct sem_set *s = NULL;

	spin_lock(&l->lock);
	if (!list_empty(&l->undos)) {
		s = list_first_entry(&l->undos, struct sem_undo, list_link)->set;
		ipc_object_hold(&s->o);
	}
	spin_unlock(&l->lock);
	return s;
}

/* Nobody else has the list any more, but sets that are removed. */
static void undo_all(struct sem_undo_list *l)
{
	struct sem_set *s;

	while ((s = first_set(l))) {
		struct wake_list wakes = { 0 };

		spin_lock(&s->o.lock);
		if (!s->o.deleted) {
			spin_lock(&l->lock);
			undo(list_first_entry(&l->undos, struct sem_undo, list_link));
			spin_unlock(&l->lock);
			s->otime = ipc_seconds();
			sem_wake(s, &wakes);
		}
		spin_unlock(&s->o.lock);
		ipc_wake_all(&wakes);
		ipc_object_put(&s->o);
		cond_resched();
	}
}

void sem_undo_exit(struct task *t)
{
	struct sem_undo_list *l = t->sem_undo;

	t->sem_undo = NULL;
	if (!l || !atomic_dec_and_test(&l->refs))
		return;
	undo_all(l);
	kfree(l);
}

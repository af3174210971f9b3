/*
 * What the two files of semaphores share: sets, the sleepers at them, and what is to be undone.
 *
 * Locks: [o] the set's object lock. [u] the lock of an undo list, taken inside [o]. An undo is in
 * two lists, of its set [o] and of its processes [u]; its adjustments are [o]'s.
 */
#ifndef IPC_SEM_ROOM_H
#define IPC_SEM_ROOM_H

#include "ipc/sem.h"
#include "core/wait.h"
#include "lib/list.h"

#define SEMVMX 32767
#define SEMAEM SEMVMX

struct sem {
	struct pid *pid; /* [o] who changed it last: pid_note */
	int value; /* [o] */
	bool changed; /* [o] in the set's list of these */
	struct sem *next_changed; /* [o] */
	struct list_head lower; /* [o] sleepers that wait for more, by arrival */
	struct list_head zero; /* [o] sleepers that wait for 0, by arrival */
};

struct sem_set {
	struct ipc_object o;
	s64 otime, ctime; /* [o] */
	u64 arrivals; /* [o] sleepers so far: each gets its number */
	unsigned complex; /* [o] sleepers with more than one operation */
	struct sem *changed, *last_changed; /* [o] sem_wake has to look at their sleepers */
	struct list_head undos; /* [o] struct sem_undo by set_link */
	unsigned n; /* [I] */
	struct sem sems[];
};

struct sem_undo {
	struct list_head set_link; /* [o] */
	struct list_head list_link; /* [u] */
	struct sem_set *set; /* [I] valid while it is in the lists, as is the next */
	struct sem_undo_list *list; /* [I] */
	s16 adjust[]; /* [o] to be added to each at the end */
};

static inline struct sem_set *to_set(struct ipc_object *o)
{
	return container_of(o, struct sem_set, o);
}

static inline void sem_mark_changed(struct sem_set *s, struct sem *sem)
{
	if (sem->changed)
		return;
	sem->changed = true;
	sem->next_changed = NULL;
	if (s->changed)
		s->last_changed->next_changed = sem;
	else
		s->changed = sem;
	s->last_changed = sem;
}

/* [o] Sleepers at semaphores marked as changed that can go on do so. */
void sem_wake(struct sem_set *s, struct wake_list *wakes);
/* [o] What current's processes have to undo at this set, made when there is none. NULL: no memory. */
struct sem_undo *sem_undo_of(struct sem_set *s);
void sem_undo_free_set(struct sem_set *s); /* [o] the set goes: so do its undos */
#endif

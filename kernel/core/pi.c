/*
 * The graph of priority inheritance (core/pi.h).
 *
 * A walk begins at a task whose locks or whose own priority changed: its boost is computed anew
 * from the most urgent lock it owns; if that changes its priority and it waits itself, its place
 * among the waiters of that lock changes; if that changes the lock's most urgent waiter, the
 * lock's owner is next. Nobody waits for himself (pi_block sees to it), so the walk ends.
 */
#include "core/pi.h"

#include <uapi/errno.h>

#include "core/sched.h"

spinlock_t pi_graph = SPINLOCK_INIT(RANK_PI, "pi");

void pi_lock_init(struct pi_lock *l)
{
	l->waiters = (struct rb_root_cached)RB_ROOT_CACHED;
	l->owner = NULL;
	rb_clear_node(&l->held);
	l->prio = PRIO_NONE;
}

/* Fair tasks are equals here, as on Linux: nice levels do not pass others in a queue. */
static s64 queue_prio(s64 prio)
{
	return min(prio, (s64)PRIO_FAIR);
}

static void insert_waiter(struct pi_lock *l, struct pi_waiter *w)
{
	struct rb_node **link = &l->waiters.root.node, *parent = NULL;
	bool first = true;

	while (*link) {
		parent = *link;
		if (queue_prio(w->prio) <
		    queue_prio(rb_entry(parent, struct pi_waiter, node)->prio)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_insert_cached(&l->waiters, &w->node, parent, link, first, NULL);
}

static void leave_owner(struct pi_lock *l)
{
	if (!rb_node_empty(&l->held))
		rb_erase_cached(&l->owner->pi_held, &l->held, NULL);
}

/* Puts l where it belongs among the locks of its owner. True: that may change his boost. */
static bool place_lock(struct pi_lock *l)
{
	const struct pi_waiter *w = pi_first(l);
	struct rb_node **link, *parent = NULL;
	bool first = true;

	if (!l->owner || (w && !rb_node_empty(&l->held) && w->prio == l->prio))
		return false;
	leave_owner(l);
	if (!w)
		return true;
	l->prio = w->prio;
	link = &l->owner->pi_held.root.node;
	while (*link) {
		parent = *link;
		if (l->prio < rb_entry(parent, struct pi_lock, held)->prio) {
			link = &parent->left;
		} else {
			link = &parent->right;
			first = false;
		}
	}
	rb_insert_cached(&l->owner->pi_held, &l->held, parent, link, first, NULL);
	return true;
}

/* t has another priority: moves it among those it waits with. Whose boost may change, or NULL. */
static struct task *move_waiter(struct task *t)
{
	struct pi_waiter *w = t->pi_blocked;
	s64 prio = task_prio(t);

	if (!w || w->prio == prio)
		return NULL;
	if (queue_prio(w->prio) == queue_prio(prio)) {
		w->prio = prio;
	} else {
		rb_erase_cached(&w->lock->waiters, &w->node, NULL);
		w->prio = prio;
		insert_waiter(w->lock, w);
	}
	return place_lock(w->lock) ? w->lock->owner : NULL;
}

static void walk(struct task *t)
{
	while (t) {
		const struct pi_lock *l = pi_first_held(t);

		if (!sched_boost(t, l ? l->prio : PRIO_NONE))
			break;
		t = move_waiter(t);
	}
}

static bool would_deadlock(const struct pi_lock *l, const struct task *t)
{
	const struct task *o = l->owner;

	for (unsigned depth = 0; o; depth++) {
		if (o == t || depth == PI_DEPTH_MAX)
			return true;
		o = o->pi_blocked ? o->pi_blocked->lock->owner : NULL;
	}
	return false;
}

int pi_block(struct pi_lock *l, struct pi_waiter *w)
{
	struct task *t = w->task;

	assert_held(&pi_graph);
	if (would_deadlock(l, t))
		return -EDEADLK;
	w->lock = l;
	w->prio = task_prio(t);
	insert_waiter(l, w);
	t->pi_blocked = w;
	if (place_lock(l))
		walk(l->owner);
	return 0;
}

void pi_unblock(struct pi_waiter *w)
{
	struct pi_lock *l = w->lock;

	assert_held(&pi_graph);
	rb_erase_cached(&l->waiters, &w->node, NULL);
	w->task->pi_blocked = NULL;
	if (place_lock(l))
		walk(l->owner);
}

void pi_set_owner(struct pi_lock *l, struct task *owner)
{
	struct task *old = l->owner;

	assert_held(&pi_graph);
	if (old) {
		leave_owner(l);
		walk(old);
	}
	l->owner = owner;
	if (place_lock(l))
		walk(owner);
}

void pi_prio_changed(struct task *t)
{
	unsigned long flags = spin_lock_irqsave(&pi_graph);

	walk(move_waiter(t));
	spin_unlock_irqrestore(&pi_graph, flags);
}

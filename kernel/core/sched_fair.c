/*
 * The fair class: each task's virtual run time grows by its time on a hart,
 * divided by its weight, and the task with the least runs. A nice level is
 * worth 10 % of a hart between two busy tasks (sched(7)), so weights form a
 * geometric series. All functions need rq->lock.
 */
#include "core/sched_impl.h"

#define PERIOD_NS    (3 * NSEC_PER_MSEC) /* all runnable tasks shall have run in this */
#define MIN_SLICE_NS (750 * NSEC_PER_USEC)
#define CREDIT_NS \
	(1500 * NSEC_PER_USEC) /* what a sleeper may be ahead of the queue when it wakes */
#define PREEMPT_NS (750 * NSEC_PER_USEC) /* how far ahead a woken task must be to preempt */
#define MIN_TURN_NS \
	(750 *      \
	 NSEC_PER_USEC) /* before which nobody does: two who wake each other would take turns */
#define NICE_0	    1024
#define IDLE_WEIGHT 3 /* SCHED_IDLE */

u32 nice_weight(int nice, int policy)
{
	/* 1024 * 1.25^-nice, rounded. */
	static const u32 weights[40] = {
		88818, 71054, 56843, 45475, 36380, 29104, 23283, 18626, 14901, 11921,
		9537,  7629,  6104,  4883,  3906,  3125,  2500,	 2000,	1600,  1280,
		1024,  819,   655,   524,   419,   336,	  268,	 215,	172,   137,
		110,   88,    70,    56,    45,	   36,	  29,	 23,	18,    15,
	};

	return policy == SCHED_IDLE ? IDLE_WEIGHT : weights[nice + 20];
}

/* Real ns -> virtual ns. */
static u64 scaled(u64 ns, const struct task *t)
{
	return likely(t->se.weight == NICE_0) ? ns : ns * NICE_0 / t->se.weight;
}

static bool before(u64 a, u64 b)
{
	return (s64)(a - b) < 0;
}

u64 fair_slice(const struct rq *rq, const struct task *t)
{
	u64 share = t->se.slice ? t->se.slice :
		    rq->load	? PERIOD_NS * t->se.weight / rq->load :
				  PERIOD_NS;

	return max(share, MIN_SLICE_NS);
}

void fair_enqueue(struct rq *rq, struct task *t)
{
	struct rb_node **link = &rq->fair.root.node, *parent = NULL;
	bool leftmost = true;

	while (*link) {
		parent = *link;
		if (before(t->se.vruntime, rb_entry(parent, struct task, se.node)->se.vruntime)) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_insert_cached(&rq->fair, &t->se.node, parent, link, leftmost, NULL);
	rq->nr_fair++;
}

void fair_dequeue(struct rq *rq, struct task *t)
{
	rb_erase_cached(&rq->fair, &t->se.node, NULL);
	rq->nr_fair--;
}

/* min_vruntime follows the least of those who are runnable, and never goes back. */
void fair_update_min(struct rq *rq)
{
	const struct task *curr = rq->curr, *first = fair_first(rq);
	bool curr_counts = curr != rq->idle && curr->se.on_rq && !is_rt(curr);
	u64 least;

	if (curr_counts)
		least = first && before(first->se.vruntime, curr->se.vruntime) ?
				first->se.vruntime :
				curr->se.vruntime;
	else if (first)
		least = first->se.vruntime;
	else
		return;
	if (before(rq->min_vruntime, least))
		rq->min_vruntime = least;
}

void fair_charge(struct rq *rq, struct task *t, u64 ns)
{
	t->se.vruntime += scaled(ns, t);
	fair_update_min(rq);
}

void fair_place_woken(struct rq *rq, struct task *t)
{
	u64 earliest = rq->min_vruntime - CREDIT_NS;

	if (before(t->se.vruntime, earliest))
		t->se.vruntime = earliest;
}

/* A new task waits for one slice, so that forking gains nothing. */
void fair_place_new(struct task *t)
{
	t->se.vruntime = scaled(MIN_SLICE_NS, t);
}

bool fair_preempts(const struct task *woken, const struct task *curr)
{
	/* By weight: an idle one that inherits a priority is none. */
	if (curr->se.weight == IDLE_WEIGHT && woken->se.weight != IDLE_WEIGHT)
		return true;
	if (woken->se.policy == SCHED_BATCH || woken->se.weight == IDLE_WEIGHT)
		return false;
	return curr->se.sum_exec - curr->se.turn_start >= MIN_TURN_NS &&
	       before(woken->se.vruntime + PREEMPT_NS, curr->se.vruntime);
}

/* sched_yield(2): to the end of the queue. */
void fair_yield(struct rq *rq, struct task *t)
{
	const struct task *last = rb_entry_safe(rb_last(&rq->fair.root), struct task, se.node);

	if (last && before(t->se.vruntime, last->se.vruntime))
		t->se.vruntime = last->se.vruntime;
}

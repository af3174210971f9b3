/*
 * The real-time class (sched(7), SCHED_FIFO and SCHED_RR): a list for each
 * priority, the highest runs. Real-time tasks together get at most 95 % of each
 * second of a hart (/proc/sys/kernel/sched_rt_*_us) while others wait. All functions need rq->lock.
 */
#include "core/sched_impl.h"

/* Read and written whole. */
s64 sched_rt_period_us = 1000000, sched_rt_runtime_us = 950000;
u64 sched_rr_slice = 100 * NSEC_PER_MSEC;

static unsigned index_of(const struct task *t)
{
	return RT_PRIOS - 1 - t->se.rt_prio;
}

void rt_enqueue(struct rq *rq, struct task *t, bool head)
{
	unsigned i = index_of(t);

	rq->nr_rt++;
	if (is_deadline(t)) {
		dl_enqueue(rq, t);
		return;
	}
	if (head)
		list_add(&t->se.rt_link, &rq->rt[i]);
	else
		list_add_tail(&t->se.rt_link, &rq->rt[i]);
	__set_bit(i, rq->rt_map);
}

void rt_dequeue(struct rq *rq, struct task *t)
{
	unsigned i = index_of(t);

	rq->nr_rt--;
	if (is_deadline(t)) {
		dl_dequeue(rq, t);
		return;
	}
	list_del_init(&t->se.rt_link);
	if (list_empty(&rq->rt[i]))
		__clear_bit(i, rq->rt_map);
}

struct task *rt_first_queued(struct rq *rq)
{
	struct task *t = dl_first(rq);
	unsigned i;

	if (t)
		return t;
	i = rq->rt_map[0] ? ctz64(rq->rt_map[0]) : 64 + ctz64(rq->rt_map[1]);
	return list_first_entry(&rq->rt[i], struct task, se.rt_link);
}

bool rt_has_peer(const struct rq *rq, const struct task *t)
{
	return !is_deadline(t) && !list_empty(&rq->rt[index_of(t)]);
}

bool rt_is_alone(const struct task *t)
{
	return !is_deadline(t) && t->se.rt_link.next == t->se.rt_link.prev;
}

s64 rt_waiting(const struct rq *rq)
{
	u64 high = READ_ONCE(rq->rt_map[0]), low = READ_ONCE(rq->rt_map[1]);
	s64 deadline = READ_ONCE(rq->dl_waiting);

	return deadline ? deadline :
	       high	? RT_PRIOS - 1 - ctz64(high) :
	       low	? RT_PRIOS - 65 - ctz64(low) :
			  0;
}

s64 rt_top(const struct rq *rq)
{
	return max(rt_waiting(rq), READ_ONCE(rq->level));
}

struct task *rt_movable(struct rq *rq, unsigned hart)
{
	struct rb_node *node;
	struct task *t;

	for (node = rb_first_cached(&rq->deadline); node; node = rb_next(node)) {
		t = rb_entry(node, struct task, se.node);
		if (hart_allowed(t, hart))
			return t;
	}
	for (unsigned i = 0; rq->nr_rt && i < RT_PRIOS; i++)
		list_for_each_entry(t, &rq->rt[i], se.rt_link)
			if (hart_allowed(t, hart))
				return t;
	return NULL;
}

static void new_period(struct rq *rq)
{
	if (rq->clock >= rq->rt_period_end) {
		rq->rt_period_end = rq->clock + (u64)READ_ONCE(sched_rt_period_us) * NSEC_PER_USEC;
		rq->rt_used = 0;
	}
}

void rt_charge(struct rq *rq, struct task *t, u64 ns)
{
	if (is_deadline(t)) {
		dl_charge(t, ns);
		return;
	}
	new_period(rq);
	rq->rt_used += ns;
}

bool rt_throttled(struct rq *rq)
{
	s64 budget = READ_ONCE(sched_rt_runtime_us);

	new_period(rq);
	return rq->nr_fair && budget >= 0 && rq->rt_used >= (u64)budget * NSEC_PER_USEC;
}

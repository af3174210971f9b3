/*
 * The real-time class (sched(7), SCHED_FIFO and SCHED_RR): a list for each
 * priority, the highest runs. As on Linux, real-time tasks together get at most
 * 95 % of each second of a hart while others wait. All functions need rq->lock.
 */
#include "core/sched_impl.h"

#define RT_PERIOD_NS NSEC_PER_SEC
#define RT_BUDGET_NS (950 * NSEC_PER_MSEC)

static unsigned index_of(const struct task *t)
{
	return RT_PRIOS - 1 - t->se.rt_prio;
}

void rt_enqueue(struct rq *rq, struct task *t, bool head)
{
	unsigned i = index_of(t);

	if (head)
		list_add(&t->se.rt_link, &rq->rt[i]);
	else
		list_add_tail(&t->se.rt_link, &rq->rt[i]);
	__set_bit(i, rq->rt_map);
	rq->nr_rt++;
}

void rt_dequeue(struct rq *rq, struct task *t)
{
	unsigned i = index_of(t);

	list_del_init(&t->se.rt_link);
	if (list_empty(&rq->rt[i]))
		__clear_bit(i, rq->rt_map);
	rq->nr_rt--;
}

struct task *rt_first(struct rq *rq)
{
	unsigned i;

	if (!rq->nr_rt)
		return NULL;
	i = rq->rt_map[0] ? ctz64(rq->rt_map[0]) : 64 + ctz64(rq->rt_map[1]);
	return list_first_entry(&rq->rt[i], struct task, se.rt_link);
}

bool rt_has_peer(const struct rq *rq, const struct task *t)
{
	return !list_empty(&rq->rt[index_of(t)]);
}

static void new_period(struct rq *rq)
{
	if (rq->clock >= rq->rt_period_end) {
		rq->rt_period_end = rq->clock + RT_PERIOD_NS;
		rq->rt_used = 0;
	}
}

void rt_charge(struct rq *rq, u64 ns)
{
	new_period(rq);
	rq->rt_used += ns;
}

bool rt_throttled(struct rq *rq)
{
	new_period(rq);
	return rq->rt_used >= RT_BUDGET_NS && rq->nr_fair;
}

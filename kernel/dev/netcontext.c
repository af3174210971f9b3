/*
 * Network context (netdev.h): each hart's list of work, done by its thread, or by a task that has
 * just given it some. Locks: [c] the context's, irqsave, since interrupts and other harts add.
 */
#include "dev/netdev.h"

#include <compiler.h>
#include <err.h>

#include "arch/riscv/cpu.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/wait.h"
#include "sync/log.h"

#define BUDGET 256 /* pieces of work before others get the hart */

static struct net_context {
	spinlock_t lock;
	struct list_head works; /* [c] */
	struct task *thread; /* [boot] */
	bool running; /* [c] somebody on this hart is doing the work */
} __aligned(64) contexts[MAX_HARTS];

void net_context_init(void)
{
	for (unsigned h = 0; h < nr_harts; h++) {
		spin_init(&contexts[h].lock, RANK_WORK, "net context");
		list_init(&contexts[h].works);
	}
}

void net_work_init(struct net_work *w, void (*fn)(struct net_work *))
{
	list_init(&w->link);
	w->fn = fn;
	w->queued = 0;
}

/* Puts it on c's list; true: nobody is at work there. */
static bool add(struct net_context *c, struct net_work *w)
{
	unsigned long flags = spin_lock_irqsave(&c->lock);
	bool idle = !c->running;

	list_add_tail(&w->link, &c->works);
	spin_unlock_irqrestore(&c->lock, flags);
	return idle;
}

static void wake(struct net_context *c)
{
	struct task *t = READ_ONCE(c->thread);

	if (t)
		wake_task(t, TASK_INTERRUPTIBLE);
}

void net_work_queue_on(struct net_work *w, unsigned hart)
{
	if (!__atomic_exchange_n(&w->queued, 1, __ATOMIC_ACQ_REL) && add(&contexts[hart], w))
		wake(&contexts[hart]);
}

void net_work_queue(struct net_work *w)
{
	unsigned long irqs = irq_save();

	net_work_queue_on(w, hart_id());
	irq_restore(irqs);
}

void net_work_queue_run(struct net_work *w)
{
	if (!__atomic_exchange_n(&w->queued, 1, __ATOMIC_ACQ_REL))
		add(&contexts[hart_id()], w);
}

/* The next work and how often it is to be done, or NULL; then nobody is at work any more. */
static struct net_work *take(struct net_context *c, u32 *times)
{
	unsigned long flags = spin_lock_irqsave(&c->lock);
	struct net_work *w = list_first_entry_or_null(&c->works, struct net_work, link);

	if (w) {
		list_del_init(&w->link);
		/* From here on it may be queued again, here or elsewhere. */
		*times = __atomic_exchange_n(&w->queued, 0, __ATOMIC_ACQ_REL);
	} else {
		c->running = false;
	}
	spin_unlock_irqrestore(&c->lock, flags);
	return w;
}

void net_run(void)
{
	struct net_context *c = &contexts[hart_id()];
	unsigned budget = BUDGET;
	struct net_work *w;
	u32 times;

	if (c->running || list_empty(&c->works))
		return;
	assert_no_spinlock("net_run");
	WRITE_ONCE(c->running, true); /* this hart's alone, in task context */
	while ((w = take(c, &times))) {
		/* Its owner may free it in the last call. */
		void (*fn)(struct net_work *) = w->fn;

		while (times--)
			fn(w);
		if (!--budget) {
			unsigned long flags = spin_lock_irqsave(&c->lock);
			bool more = !list_empty(&c->works);

			c->running = false;
			spin_unlock_irqrestore(&c->lock, flags);
			if (more)
				wake(c);
			return;
		}
	}
}

static void net_thread(void *arg)
{
	struct net_context *c = arg;

	sched_set_affinity(current, BIT(c - contexts));
	for (;;) {
		cond_resched();
		WRITE_ONCE(current->state, TASK_INTERRUPTIBLE);
		smp_mb();
		if (list_empty(&c->works) || hart_id() != (unsigned)(c - contexts)) {
			wait_sleep(WAIT_FOREVER);
			continue;
		}
		WRITE_ONCE(current->state, TASK_RUNNING);
		net_run();
	}
}

void net_threads_start(void)
{
	for (unsigned h = 0; h < nr_harts; h++) {
		struct task *t = kthread_start(net_thread, &contexts[h], "net/%u", h);

		if (IS_ERR(t))
			panic("no memory for the network threads");
		WRITE_ONCE(contexts[h].thread, t);
	}
}

/* --- timers --- */

static void timer_work(struct net_work *w)
{
	struct net_timer *t = container_of(w, struct net_timer, work);

	t->fn(t);
}

static void timer_due(struct timer *timer)
{
	struct net_timer *t = container_of(timer, struct net_timer, timer);
	struct net_context *c = &contexts[hart_id()];

	if (!__atomic_fetch_add(&t->work.queued, 1, __ATOMIC_ACQ_REL) && add(c, &t->work))
		wake(c);
}

void net_timer_init(struct net_timer *t, void (*fn)(struct net_timer *))
{
	timer_init(&t->timer, timer_due);
	net_work_init(&t->work, timer_work);
	t->fn = fn;
}

bool net_timer_start(struct net_timer *t, u64 expires)
{
	bool pending = timer_cancel(&t->timer);

	timer_start(&t->timer, expires);
	return pending;
}

bool net_timer_cancel(struct net_timer *t)
{
	return timer_cancel(&t->timer);
}

/*
 * Timers (core/time.h): a tree by expiry on each hart, and that hart's timer
 * interrupt programmed to the earliest of its timers and of the scheduler's
 * tick; none, and the hart gets no timer interrupt at all.
 *
 * Locks: base->lock ([b]) guards the tree of one hart and timer->hart of the
 * timers in it; a timer goes into a tree only by an exchange of -1 for the hart. Only the hart
 * itself programs its comparator and adds timers; another hart that cancels one leaves at most an
 * interrupt that finds nothing.
 */
#include "core/time.h"

#include <atomic.h>
#include <compiler.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "core/irq_impl.h"
#include "core/sched.h"
#include "sync/log.h"

static struct timer_base {
	spinlock_t lock;
	struct rb_root_cached tree; /* [b] by expires */
	struct timer *running; /* [b] its fn is being called; others only compare */
	u64 next; /* [b] expiry of the leftmost; read without by the hart itself */
	u64 tick; /* [that hart, irqs off] when sched_tick is due */
	u64 programmed; /* [that hart, irqs off] what the comparator waits for */
	u32 rate; /* [that hart, irqs off] rates_set when it was programmed */
} __aligned(64) bases[MAX_HARTS];

static u32 rates_set; /* [a] */

void timer_hart_init(void)
{
	struct timer_base *b = &bases[hart_id()];

	spin_init(&b->lock, RANK_TIMER, "timer");
	b->tree = (struct rb_root_cached)RB_ROOT_CACHED;
	b->next = TIME_FOREVER;
	b->tick = TIME_FOREVER;
	b->programmed = TIME_FOREVER;
	timer_program(~0ULL);
}

/* Sets the comparator if it would fire too late (too early only costs an interrupt). Irqs off. */
static void program(struct timer_base *b)
{
	u64 when = min(READ_ONCE(b->next), b->tick);

	if (when >= b->programmed)
		return;
	b->programmed = when;
	timer_program(ns_to_ticks(when));
}

void timer_ipi(void)
{
	struct timer_base *b = &bases[hart_id()];
	u32 rate = __atomic_load_n(&rates_set, __ATOMIC_ACQUIRE);

	if (likely(b->rate == rate))
		return;
	b->rate = rate;
	if (b->programmed != TIME_FOREVER)
		timer_program(ns_to_ticks(b->programmed));
}

void timer_rate_changed(void)
{
	unsigned long irqs;

	__atomic_fetch_add(&rates_set, 1, __ATOMIC_SEQ_CST);
	irqs = irq_save();
	for (unsigned h = 0; h < nr_harts; h++)
		if (h != hart_id())
			hart_kick(h);
	timer_ipi();
	irq_restore(irqs);
}

void timer_set_tick(u64 mono_ns)
{
	struct timer_base *b = &bases[hart_id()];

	b->tick = mono_ns;
	program(b);
}

void timer_init(struct timer *t, void (*fn)(struct timer *))
{
	rb_clear_node(&t->node);
	t->expires = 0;
	t->fn = fn;
	t->hart = -1;
}

static void update_next(struct timer_base *b)
{
	struct rb_node *first = rb_first_cached(&b->tree);

	WRITE_ONCE(b->next, first ? rb_entry(first, struct timer, node)->expires : TIME_FOREVER);
}

/* [b] */
static void dequeue(struct timer_base *b, struct timer *t)
{
	rb_erase_cached(&b->tree, &t->node, NULL);
	/* Whoever sees it off the queue (timer_cancel_sync) sees also that its fn is running. */
	smp_store_release(&t->hart, -1);
	update_next(b);
}

/* [b] t->hart is this one already. */
static void enqueue(struct timer_base *b, struct timer *t, u64 expires)
{
	struct rb_node **link = &b->tree.root.node, *parent = NULL;
	bool leftmost = true;

	t->expires = expires;
	while (*link) {
		parent = *link;
		if (expires < rb_entry(parent, struct timer, node)->expires) {
			link = &parent->left;
		} else {
			link = &parent->right;
			leftmost = false;
		}
	}
	rb_insert_cached(&b->tree, &t->node, parent, link, leftmost, NULL);
	if (leftmost)
		WRITE_ONCE(b->next, expires);
}

bool timer_cancel(struct timer *t)
{
	for (;;) {
		int hart = smp_load_acquire(&t->hart);
		struct timer_base *b;
		unsigned long flags;
		bool mine;

		if (hart < 0)
			return false;
		b = &bases[hart];
		flags = spin_lock_irqsave(&b->lock);
		mine = t->hart == hart;
		if (mine)
			dequeue(b, t);
		spin_unlock_irqrestore(&b->lock, flags);
		if (mine)
			return true;
	}
}

void timer_start(struct timer *t, u64 expires)
{
	for (;;) {
		struct timer_base *b;
		unsigned long flags, irqs;
		int off = -1;

		timer_cancel(t);
		irqs = irq_save();
		b = &bases[hart_id()];
		flags = spin_lock_irqsave(&b->lock);
		/* Somebody else may have started it since, on another hart: then once more. */
		if (__atomic_compare_exchange_n(&t->hart, &off, (int)hart_id(), false,
						__ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
			enqueue(b, t, expires);
			spin_unlock_irqrestore(&b->lock, flags);
			program(b);
			irq_restore(irqs);
			return;
		}
		spin_unlock_irqrestore(&b->lock, flags);
		irq_restore(irqs);
	}
}

void timer_start_real(struct timer *t, u64 real_ns)
{
	u64 now, when;
	int steps;

	/* Whoever steps the clock counts it first, then has the timer's owner look. */
	do {
		steps = atomic_read(&time_set_count);
		smp_rmb();
		now = now_real();
		if (check_add_overflow(now_mono(), real_ns > now ? real_ns - now : 0, &when))
			when = TIME_FOREVER - 1;
		timer_start(t, when);
		smp_mb();
	} while (atomic_read(&time_set_count) != steps);
}

void timer_cancel_sync(struct timer *t)
{
	timer_cancel(t);
	for (unsigned h = 0; h < nr_harts; h++)
		while (READ_ONCE(bases[h].running) == t)
			cpu_relax();
	/* fn may have started it again. */
	timer_cancel(t);
	smp_mb();
}

/* Runs every timer that is due at `now`. */
static void run_due(struct timer_base *b, u64 now)
{
	unsigned long flags = spin_lock_irqsave(&b->lock);

	while (b->next <= now) {
		struct timer *t = rb_entry(rb_first_cached(&b->tree), struct timer, node);

		WRITE_ONCE(b->running, t);
		dequeue(b, t);
		spin_unlock_irqrestore(&b->lock, flags);
		t->fn(t);
		flags = spin_lock_irqsave(&b->lock);
		smp_store_release(&b->running, NULL);
	}
	spin_unlock_irqrestore(&b->lock, flags);
}

void timer_interrupt(void)
{
	struct timer_base *b = &bases[hart_id()];
	u64 now = now_mono();

	irq_count_enter();
	/* No comparator is programmed from below: that is done once at the end. */
	b->programmed = 0;
	if (b->next <= now)
		run_due(b, now);
	if (b->tick <= now) {
		b->tick = TIME_FOREVER;
		sched_tick();
	}
	b->programmed = min(READ_ONCE(b->next), b->tick);
	timer_program(b->programmed == TIME_FOREVER ? ~0ULL : ns_to_ticks(b->programmed));
	irq_count_leave();
}

/*
 * Dispatch of external interrupts (core/irq.h). The table is written under
 * irq_lock and read without: an entry's fn is stored last and never taken back.
 */
#include "core/irq.h"

#include <atomic.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "alloc/slab.h"
#include "arch/riscv/thread.h"
#include "core/irq_impl.h"
#include "debug/tracepoint.h"
#include "sync/log.h"
#include "sync/spinlock.h"

struct irq_line {
	irq_handler fn; /* [i] these three, before it is in `lines` */
	void *arg;
	const char *name;
	u64 count[MAX_HARTS]; /* [that hart] */
};

static spinlock_t irq_lock = SPINLOCK_INIT(RANK_IRQ, "irq");
static const struct irq_chip *chip; /* [boot] */
static struct irq_line **lines; /* [irq_lock] by number; the array [boot] */
unsigned irq_depth[MAX_HARTS * 16];

void irq_count_enter(void)
{
	irq_depth[hart_id() * 16]++;
	spin_check_interrupt(true);
}

void irq_count_leave(void)
{
	spin_check_interrupt(false);
	irq_depth[hart_id() * 16]--;
}

void irq_set_chip(const struct irq_chip *c)
{
	lines = kcalloc(c->max + 1, sizeof(*lines));
	if (!lines)
		panic("no memory for %u interrupt lines", c->max);
	chip = c;
	c->hart_init(); /* this is the boot hart; the others call irq_hart_init */
}

int irq_request(unsigned irq, irq_handler fn, void *arg, const char *name)
{
	struct irq_line *l;
	unsigned long flags;

	if (!chip || irq == 0 || irq > chip->max)
		return -EINVAL;
	l = kzalloc(sizeof(*l), 0);
	if (!l)
		return -ENOMEM;
	l->fn = fn;
	l->arg = arg;
	l->name = name;
	flags = spin_lock_irqsave(&irq_lock);
	if (lines[irq]) {
		spin_unlock_irqrestore(&irq_lock, flags);
		kfree(l);
		return -EBUSY;
	}
	smp_store_release(&lines[irq], l);
	chip->enable(irq);
	spin_unlock_irqrestore(&irq_lock, flags);
	return 0;
}

void irq_hart_init(void)
{
	if (chip && chip->hart_init)
		chip->hart_init();
}

void irq_external(void)
{
	unsigned irq;

	if (!chip)
		return;
	irq_count_enter();
	while ((irq = chip->claim()) != 0) {
		struct irq_line *l = irq <= chip->max ? smp_load_acquire(&lines[irq]) : NULL;

		tracepoint(TP_IRQ_LINE, irq, 0);
		if (l) {
			l->count[hart_id()]++;
			l->fn(l->arg);
		} else {
			pr_warn("irq: %u has no handler", irq);
		}
		tracepoint(TP_IRQ_LINE_END, irq, 0);
		chip->complete(irq);
	}
	irq_count_leave();
}

void irq_for_each(void (*fn)(unsigned irq, const char *name, const u64 *per_hart, void *arg),
		  void *arg)
{
	if (!chip)
		return;
	for (unsigned i = 1; i <= chip->max; i++) {
		struct irq_line *l = smp_load_acquire(&lines[i]);

		if (l)
			fn(i, l->name, l->count, arg);
	}
}

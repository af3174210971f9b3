/*
 * External interrupts: numbers of the platform's controller to handlers.
 * Handlers run with interrupts off and never sleep.
 */
#ifndef CORE_IRQ_H
#define CORE_IRQ_H

#include <types.h>
#include "arch/riscv/thread.h"

typedef void (*irq_handler)(void *arg);

/* The controller's driver (plic) has it as a constant. */
struct irq_chip {
	const char *name;
	unsigned (*claim)(void); /* next pending number, 0 none */
	void (*complete)(unsigned irq);
	void (*enable)(unsigned irq);
	void (*hart_init)(void); /* on each hart */
	unsigned max;
};
void irq_set_chip(const struct irq_chip *chip);
int irq_request(unsigned irq, irq_handler fn, void *arg,
		const char *name); /* 0, -EBUSY, -EINVAL, -ENOMEM */
void irq_external(void); /* from the trap path */
void irq_hart_init(void);
/* /proc/interrupts */
void irq_for_each(void (*fn)(unsigned irq, const char *name, const u64 *per_hart, void *arg),
		  void *arg);

extern unsigned irq_depth[]; /* [that hart] handlers it is in; a cache line each */
static inline bool in_interrupt(void)
{
	return irq_depth[hart_id() * 16] != 0;
}
#endif

/*
 * Shared by core/irq.c and core/timer.c: counting how deep in interrupt
 * handlers this hart is, for in_interrupt().
 */
#ifndef CORE_IRQ_IMPL_H
#define CORE_IRQ_IMPL_H

void irq_count_enter(void);
void irq_count_leave(void);
#endif

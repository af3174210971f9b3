/*
 * cpu.h for the host tests of alloc/: interrupts are a flag that the tests check.
 */
#ifndef ARCH_RISCV_CPU_H
#define ARCH_RISCV_CPU_H

#include <types.h>

extern unsigned long shim_irqs_off;

static inline unsigned long irq_save(void)
{
	unsigned long was = shim_irqs_off;

	shim_irqs_off = 1;
	return was;
}

static inline void irq_restore(unsigned long was)
{
	shim_irqs_off = was;
}
#endif

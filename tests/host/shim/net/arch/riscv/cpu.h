/*
 * cpu.h for the host's networks: there are no interrupts, and one hart.
 */
#ifndef ARCH_RISCV_CPU_H
#define ARCH_RISCV_CPU_H

#include <types.h>

static inline unsigned long irq_save(void)
{
	return 0;
}

static inline void irq_restore(unsigned long was)
{
	(void)was;
}

static inline void cpu_relax(void)
{
}

extern unsigned nr_harts;
#endif

/*
 * Names of trap causes (privileged spec, table "scause values after trap").
 */
#include "arch/riscv/trap.h"

#include <compiler.h>

static const char *const exceptions[] = {
	[EXC_INSN_MISALIGNED] = "misaligned instruction address",
	[EXC_INSN_ACCESS] = "instruction access fault",
	[EXC_ILLEGAL] = "illegal instruction",
	[EXC_BREAKPOINT] = "breakpoint",
	[EXC_LOAD_MISALIGNED] = "misaligned load",
	[EXC_LOAD_ACCESS] = "load access fault",
	[EXC_STORE_MISALIGNED] = "misaligned store",
	[EXC_STORE_ACCESS] = "store access fault",
	[EXC_ECALL_U] = "system call",
	[EXC_INSN_PAGE] = "instruction page fault",
	[EXC_LOAD_PAGE] = "load page fault",
	[EXC_STORE_PAGE] = "store page fault",
	[CAUSE_STACK_OVERFLOW] = "kernel stack overflow",
};

static const char *const interrupts[] = {
	[IRQ_SOFT] = "software interrupt",
	[IRQ_TIMER] = "timer interrupt",
	[IRQ_EXT] = "external interrupt",
};

const char *trap_cause_name(u64 cause)
{
	u64 n = cause & ~CAUSE_IRQ;
	const char *name = NULL;

	if (cause_is_irq(cause) && n < ARRAY_SIZE(interrupts))
		name = interrupts[n];
	else if (!cause_is_irq(cause) && n < ARRAY_SIZE(exceptions))
		name = exceptions[n];
	return name ? name : "unknown trap";
}

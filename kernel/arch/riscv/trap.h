/*
 * Causes of traps (privileged spec, "scause"), and what the trap code of proc/
 * needs of this hart: acknowledging an interprocessor interrupt, names, dumps.
 */
#ifndef ARCH_RISCV_TRAP_H
#define ARCH_RISCV_TRAP_H

#include <types.h>
#include "arch/riscv/thread.h"

#define CAUSE_IRQ	     (1UL << 63) /* set: an interrupt, the number in the low bits */
#define IRQ_SOFT	     1 /* hart_kick: call ipi_receive() */
#define IRQ_TIMER	     5 /* timer_interrupt() reprograms */
#define IRQ_EXT		     9 /* irq_external() */

#define EXC_INSN_MISALIGNED  0
#define EXC_INSN_ACCESS	     1
#define EXC_ILLEGAL	     2
#define EXC_BREAKPOINT	     3
#define EXC_LOAD_MISALIGNED  4
#define EXC_LOAD_ACCESS	     5
#define EXC_STORE_MISALIGNED 6
#define EXC_STORE_ACCESS     7
#define EXC_ECALL_U	     8
#define EXC_INSN_PAGE	     12
#define EXC_LOAD_PAGE	     13
#define EXC_STORE_PAGE	     15
#define CAUSE_STACK_OVERFLOW 64 /* ours: badaddr is the overrun sp; on the emergency stack */

static inline bool cause_is_irq(u64 cause)
{
	return cause & CAUSE_IRQ;
}

static inline unsigned cause_number(u64 cause)
{
	return cause & 0xff;
}

/* "store page fault", "timer interrupt"; never NULL. */
const char *trap_cause_name(u64 cause);

/*
 * Takes back this hart's software interrupt; does not return when harts_halt_others() asked to
 * stop. Irqs off.
 */
void ipi_receive(void);
/*
 * Panic: every other hart stops as soon as it takes an interrupt or spins. Returns after a short
 * wait.
 */
void harts_halt_others(void);
/* Stops this hart for good if another one panicked: for loops that spin with interrupts off. */
void hart_check_halt(void);
/* Where hart h stopped so: its frame pointer, and its task in *t. 0: it has not. */
u64 hart_halt_frame(unsigned h, struct task **t);

/* trap.S: what handles traps lies from here to context_switch; it calls C with sp at the frame. */
void trap_vector(void);
#endif

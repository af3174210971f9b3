/*
 * The CSRs and instructions the rest of the kernel needs, by name. CSRs are
 * touched only in arch/riscv.
 */
#ifndef ARCH_RISCV_CPU_H
#define ARCH_RISCV_CPU_H

#include <types.h>

#define SSTATUS_SIE	   (1UL << 1)
#define SSTATUS_SPIE	   (1UL << 5)
#define SSTATUS_SPP	   (1UL << 8)
#define SSTATUS_FS	   (3UL << 13)
#define SSTATUS_FS_INITIAL (1UL << 13)
#define SSTATUS_FS_CLEAN   (2UL << 13)
#define SSTATUS_FS_DIRTY   (3UL << 13)
#define SSTATUS_SUM	   (1UL << 18)
#define SSTATUS_MXR	   (1UL << 19)
#define SSTATUS_VS	   (3UL << 9)
#define SSTATUS_VS_INITIAL (1UL << 9)
#define SSTATUS_VS_CLEAN   (2UL << 9)
#define SSTATUS_VS_DIRTY   (3UL << 9)

/* Interrupts of this hart. */
static inline unsigned long irq_save(void)
{
	unsigned long old;

	__asm__ volatile("csrrc %0, sstatus, %1" : "=r"(old) : "i"(SSTATUS_SIE) : "memory");
	return old & SSTATUS_SIE;
}

static inline void irq_restore(unsigned long flags)
{
	__asm__ volatile("csrs sstatus, %0" ::"r"(flags) : "memory");
}

static inline void irq_enable(void)
{
	__asm__ volatile("csrsi sstatus, %0" ::"i"(SSTATUS_SIE) : "memory");
}

static inline void irq_disable(void)
{
	__asm__ volatile("csrci sstatus, %0" ::"i"(SSTATUS_SIE) : "memory");
}

/* Sleeps until an interrupt is pending (irqs may be off: it still wakes). */
static inline void cpu_wait(void)
{
	__asm__ volatile("wfi" ::: "memory");
}

static inline void cpu_relax(void)
{
	__asm__ volatile("" ::: "memory");
}

/* Ticks of the time CSR; frequency is timebase_hz (dev/dt). */
static inline u64 time_ticks(void)
{
	u64 t;

	__asm__ volatile("rdtime %0" : "=r"(t));
	return t;
}

/*
 * Asks for a timer interrupt when the time CSR reaches ticks (~0: never). Sstc where present, SBI
 * TIME else.
 */
void timer_program(u64 ticks);

/* What this machine's harts have, from the device tree's ISA strings (the common subset). */
struct cpu_features {
	bool sstc, zba, zbb, zbs, zicboz, svpbmt, svadu;
	u64 hwcap; /* AT_HWCAP: one bit a single-letter extension */
};
extern struct cpu_features cpu_features;
bool isa_has(const char *name); /* an extension of several letters that all harts have */
/* The ISA string of the boot hart (/proc/cpuinfo), "rv64imafdc_zicsr_...". */
extern char cpu_isa[];

/*
 * Starts all harts of the device tree through SBI HSM; each runs hart_main() (main.c). Returns how
 * many run, and waits until they do: nr_harts is reduced to those (numbers stay 0 .. nr_harts-1).
 */
unsigned harts_start(void);
/* Interrupts hart h (logical) so that it looks at its work: SBI IPI. */
void hart_kick(unsigned h);
extern unsigned nr_harts; /* [boot] harts present, 1..MAX_HARTS */
static inline u64 all_harts(void)
{
	return (1UL << nr_harts) - 1;
}
extern u64 hart_sbi_id[]; /* [boot] logical -> SBI hartid */
#endif

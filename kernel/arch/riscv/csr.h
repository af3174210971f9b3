/*
 * Control and status registers by name or number; private to arch/riscv.
 */
#ifndef ARCH_RISCV_CSR_H
#define ARCH_RISCV_CSR_H

#include <compiler.h>
#include <types.h>

#define csr_read(csr)                                                                  \
	__extension__({                                                                \
		u64 csr_v_;                                                            \
		__asm__ volatile("csrr %0, " STRINGIFY(csr) : "=r"(csr_v_)::"memory"); \
		csr_v_;                                                                \
	})
#define csr_write(csr, v) \
	__asm__ volatile("csrw " STRINGIFY(csr) ", %0" ::"rK"((u64)(v)) : "memory")
#define csr_set(csr, v) __asm__ volatile("csrs " STRINGIFY(csr) ", %0" ::"rK"((u64)(v)) : "memory")
#define csr_clear(csr, v) \
	__asm__ volatile("csrc " STRINGIFY(csr) ", %0" ::"rK"((u64)(v)) : "memory")

/* By number: older assemblers lack the names. */
#define CSR_STIMECMP	0x14d
#define CSR_SENVCFG	0x10a

#define SATP_MODE_SV39	(8UL << 60)
#define SATP_ASID_SHIFT 44
#define SATP_ASID_MASK	0xffffUL

#define SIE_SOFT	(1UL << 1)
#define SIE_TIMER	(1UL << 5)
#define SIE_EXT		(1UL << 9)

#define SCOUNTEREN_TIME (1UL << 1)
#define SENVCFG_CBZE	(1UL << 7)
#endif

/*
 * memlayout.h for the host tests of alloc/: physical addresses are the host's own.
 */
#ifndef ARCH_RISCV_MEMLAYOUT_H
#define ARCH_RISCV_MEMLAYOUT_H

#include <types.h>

#define PAGE_SHIFT 12
#define PAGE_SIZE  (1UL << PAGE_SHIFT)
#define PAGE_MASK  (~(PAGE_SIZE - 1))

static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)pa;
}

static inline paddr_t virt_to_phys(const void *va)
{
	return (paddr_t)va;
}
#endif

/*
 * The map of the address space under Sv39, and translation between physical
 * addresses and the kernel's direct map.
 *
 *   0000000000000000 .. 0000003fffffffff  user (256 GiB)
 *   ffffffc000000000 .. ffffffdfffffffff  direct map of physical memory (128 GiB)
 *   ffffffe000000000 .. ffffffe0ffffffff  kernel map: stacks with guard pages, devices
 *   ffffffff80000000 .. ffffffffffffffff  the kernel image
 *
 * The upper half is the same in every address space: its root entries are all
 * present once booted and never change after, so a new root table copies them.
 */
#ifndef ARCH_RISCV_MEMLAYOUT_H
#define ARCH_RISCV_MEMLAYOUT_H

#define PAGE_SHIFT  12
#define PAGE_SIZE   (1UL << PAGE_SHIFT)
#define PAGE_MASK   (~(PAGE_SIZE - 1))

#define USER_TOP    0x4000000000UL /* first address no user page may have */
#define DIRECT_BASE 0xffffffc000000000UL
#define DIRECT_SIZE 0x2000000000UL
#define VMAP_BASE   0xffffffe000000000UL
#define VMAP_SIZE   0x100000000UL /* 4 GiB: four root entries */
#define KERNEL_BASE 0xffffffff80000000UL /* maps physical 0x80000000 */
#define KERNEL_PHYS 0x80000000UL

#define KSTACK_SIZE (4 * PAGE_SIZE)

#ifndef __ASSEMBLER__
#include <types.h>

typedef u64 paddr_t;

/* The direct-map address of a physical one; any address of RAM. */
static inline void *phys_to_virt(paddr_t pa)
{
	return (void *)(pa + DIRECT_BASE);
}

/* The physical address behind a direct-map or kernel-image address (not the kernel map's). */
static inline paddr_t virt_to_phys(const void *va)
{
	u64 a = (u64)va;

	return a >= KERNEL_BASE ? a - KERNEL_BASE + KERNEL_PHYS : a - DIRECT_BASE;
}
#endif
#endif

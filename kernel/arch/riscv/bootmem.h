/*
 * What the map builder (mmu.c) asks of the boot memory lists (bootmem.c).
 */
#ifndef ARCH_RISCV_BOOTMEM_H
#define ARCH_RISCV_BOOTMEM_H

#include <types.h>

struct mem_range {
	paddr_t start, end;
	bool unmapped;
};

void boot_mem_for_each_bank(void (*fn)(paddr_t start, paddr_t end));
/*
 * The reserved range with the lowest start among those that end after from; it may begin before
 * from.
 */
bool boot_mem_next_reserved(paddr_t from, bool only_unmapped, struct mem_range *out);
#endif

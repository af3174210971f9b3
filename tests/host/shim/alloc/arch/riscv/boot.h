/*
 * boot.h for the host tests of alloc/.
 */
#ifndef ARCH_RISCV_BOOT_H
#define ARCH_RISCV_BOOT_H

#include <types.h>

void *early_alloc(u64 size);
#endif

/*
 * Early boot: what main.c learns from the device tree is told to arch here,
 * physical memory is handed out before the page allocator exists, and the final
 * kernel map is built. Boot hart only, before the other harts start: no locks.
 *
 * Order: boot_mem_add and boot_mem_reserve for all ranges, kernel_map_init,
 * early_alloc as often as wanted (page_init places its array so), then
 * boot_mem_release once; no early_alloc after it.
 */
#ifndef ARCH_RISCV_BOOT_H
#define ARCH_RISCV_BOOT_H

#include <types.h>
#include "arch/riscv/memlayout.h"

/* main.c: the first C code in the upper half. dtb is a physical address. */
void kmain(u64 sbi_hartid, paddr_t dtb) __attribute__((noreturn));
/*
 * main.c: where every other hart begins; traps, tp, stack and interrupts sources are set up, irqs
 * off.
 */
void hart_main(void) __attribute__((noreturn));

/* A bank of RAM. Overlaps are merged; what the direct map cannot reach is left out. */
void boot_mem_add(paddr_t start, u64 size);
/* Memory that is not free. unmapped: not even in the direct map (device tree: no-map). */
void boot_mem_reserve(paddr_t start, u64 size, bool unmapped);

/* From the lowest to the highest byte of RAM, holes included. After the last boot_mem_add. */
paddr_t boot_ram_base(void);
u64 boot_ram_size(void);

/* Builds kernel_root: the image W^X, the direct map; switches to it and drops the boot map. */
void kernel_map_init(void);

/*
 * Zeroed, page-aligned physical memory in the direct map; never freed. Halts the machine when there
 * is none.
 */
void *early_alloc(u64 size);

/* Calls add(start, end) for every free range, page aligned. */
void boot_mem_release(void (*add)(paddr_t start, paddr_t end));

/*
 * Harts: main.c adds those of the device tree; the boot hart becomes logical hart 0. False: no
 * room.
 */
bool hart_add(u64 sbi_hartid);
/*
 * One hart's ISA as the device tree has it: the riscv,isa string, or the names of riscv,isa-
 * extensions.
 */
void isa_begin_hart(void);
void isa_add_string(const char *isa);
void isa_add_extension(const char *name);
/* After the last hart: cpu_features is what all have. */
void isa_done(void);

/* Traps, interrupt enables and counters of the running hart. */
void hart_init(void);

/* The image (kernel.lds). */
extern char __kernel_start[], __text_end[], __rodata_start[], __rodata_end[], __data_start[];
extern char __bss_start[], __bss_end[], __kernel_end[];
#endif

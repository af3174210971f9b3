/*
 * The kernel map: virtually contiguous kernel memory outside the direct map.
 * Every range has an unmapped guard page below it. Sleeps never; not from interrupts.
 */
#ifndef ALLOC_VMAP_H
#define ALLOC_VMAP_H

#include <types.h>
#include "arch/riscv/memlayout.h"

void *vmap_alloc(size_t size);			/* zeroed pages, read-write; NULL when out */
void vmap_free(void *p, size_t size);
void *ioremap(paddr_t pa, size_t size);		/* device registers, read-write; stays for ever */
/* Kernel stacks: KSTACK_SIZE with a guard page, cached per hart. Return the lowest address. */
void *kstack_alloc(void);
void kstack_free(void *stack);
bool kstack_guard_hit(u64 va);			/* is va in a guard page of the kernel map? */
void vmap_init(void);
#endif

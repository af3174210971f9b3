/*
 * The kernel map: virtually contiguous kernel memory outside the direct map.
 * Every range has an unmapped guard page below it. Sleeps never; not from interrupts.
 */
#ifndef ALLOC_VMAP_H
#define ALLOC_VMAP_H

#include <compiler.h>
#include <types.h>
#include "arch/riscv/memlayout.h"
#include "arch/riscv/thread.h"

void *vmap_alloc(size_t size); /* zeroed pages, read-write; NULL when out */
void vmap_free(void *p, size_t size);
void *ioremap(paddr_t pa, size_t size); /* device registers, read-write; stays for ever */
/* Kernel stacks: KSTACK_SIZE above unmapped pages; the lowest address. Any bytes are in them. */
void *kstack_alloc(void);
void kstack_free(void *stack);
/* A kernel fault at va came from a translation that this hart remembered: forgotten now, go on. */
bool vmap_spurious(u64 va);
void kstack_trim(void); /* gives up the pool's stacks beyond those it keeps; after many frees */
void kstack_drain(void); /* gives up the free stacks of this hart and of the pool; task context */
u64 kstack_pages(void); /* in stacks, kept ones included */
bool kstack_guard_hit(u64 va); /* is va in a guard page of the kernel map? */
void vmap_init(void);

/*
 * Before a hart touches a stack that another hart may have made: called by the scheduler ahead of
 * every switch, and by whoever looks at another task's stack. Interrupts off, or no sleep until
 * done.
 */
extern u64 vmap_stale; /* [a] harts that may remember an earlier map */
void vmap_sync_slow(void);
static inline void vmap_sync(void)
{
	if (unlikely(READ_ONCE(vmap_stale) >> hart_id() & 1))
		vmap_sync_slow();
}
#endif

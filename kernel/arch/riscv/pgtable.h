/*
 * The Sv39 page-table format (privileged spec, "Sv39") and the TLB. Only this
 * file knows bits and levels; mm/ walks with these helpers. Levels: 0 is the
 * leaf level (4 KiB), PT_ROOT_LEVEL the root.
 */
#ifndef ARCH_RISCV_PGTABLE_H
#define ARCH_RISCV_PGTABLE_H

#include <bitops.h>
#include <compiler.h>
#include <types.h>
#include "arch/riscv/memlayout.h"
#ifdef DEBUG
#include "arch/riscv/thread.h"
#endif

typedef u64 pte_t;

#define PT_ROOT_LEVEL 2
#define PT_ENTRIES    512
#define PTE_V	      (1UL << 0)
#define PTE_R	      (1UL << 1)
#define PTE_W	      (1UL << 2)
#define PTE_X	      (1UL << 3)
#define PTE_U	      (1UL << 4)
#define PTE_G	      (1UL << 5)
#define PTE_A	      (1UL << 6)
#define PTE_D	      (1UL << 7)
#define PTE_SW_POISON (1UL << 8) /* software, alone: no page, and accesses fail (mm/uffd.c) */
#define PTE_SW_NONE   (1UL << 9) /* software: present for PROT_NONE bookkeeping; V clear */

static inline unsigned pt_index(u64 va, int level)
{
	return (va >> (PAGE_SHIFT + 9 * level)) & (PT_ENTRIES - 1);
}

static inline u64 pt_level_size(int level)
{
	return 1UL << (PAGE_SHIFT + 9 * level);
}

static inline pte_t pte_make(paddr_t pa, u64 flags)
{
	return (pa >> PAGE_SHIFT << 10) | flags;
}

static inline paddr_t pte_phys(pte_t e)
{
	return (e >> 10 & ((1UL << 44) - 1)) << PAGE_SHIFT;
}

/* Rights and marks: all but the address. */
static inline u64 pte_bits(pte_t e)
{
	return e & ((1UL << 10) - 1);
}

static inline bool pte_present(pte_t e)
{
	return e & PTE_V;
}

static inline bool pte_is_table(pte_t e)
{
	return (e & (PTE_V | PTE_R | PTE_W | PTE_X)) == PTE_V;
}

/* The shared upper half: root entries of a new user root are copied from here. */
extern pte_t kernel_root[PT_ENTRIES];

/*
 * Address-space switch: writes satp for root/asid. Called by core/sched through mm's
 * hook only when the space changes (never for kernel threads).
 */
void mmu_switch(paddr_t root, unsigned asid);

/* Debug builds count what each hart did itself, for debug/test_switch.c: [that hart] to write. */
#ifdef DEBUG
extern struct mmu_counts {
	u64 satp_writes, fences; /* of sfence.vma */
	u64 told; /* other harts that it interrupted for fences of theirs */
} mmu_counts[MAX_HARTS];
static inline void count_fence(void)
{
	mmu_counts[hart_id()].fences++;
}
static inline void count_told(u64 harts)
{
	mmu_counts[hart_id()].told += (u64)popcount64(harts);
}
#else
static inline void count_told(u64 harts __unused)
{
}
static inline void count_fence(void)
{
}
#endif

unsigned mmu_asid_bits(void); /* 0: there are none to be used */
void mmu_no_asids(void); /* at boot, before the first space is loaded: all are number 0 */

/*
 * TLB. start..end user addresses of one space with `asid`; harts is a mask of
 * logical harts that may hold entries (the local one is done directly, others
 * through one SBI RFENCE). May be called with spinlocks held; returns when done everywhere.
 */
void tlb_flush_range(u64 harts, unsigned asid, u64 start, u64 end);
void tlb_flush_asid(u64 harts, unsigned asid);
void tlb_flush_local_page(u64 va, unsigned asid); /* after making an entry more permissive */
/* This hart forgets everything: after a new generation of ASIDs. */
static inline void tlb_flush_local_all(void)
{
	count_fence();
	__asm__ volatile("sfence.vma" ::: "memory");
}
void tlb_flush_kernel(u64 start, u64 end); /* kernel map, all harts */
void icache_flush(u64 harts); /* fence.i on harts (SBI RFENCE for others) */
#endif

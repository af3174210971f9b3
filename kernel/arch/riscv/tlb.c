/*
 * TLB and instruction-cache maintenance on all harts that need it: the local
 * one by instructions, the others by one SBI RFENCE call a group of hart ids.
 * The page-table store before a flush must be visible to the other harts: the
 * ecall orders it (SBI specification, "RFENCE"), a fence makes it explicit.
 */
#include "arch/riscv/pgtable.h"

#include <atomic.h>
#include <bitops.h>
#include <compiler.h>
#include "arch/riscv/arch_private.h"
#include "arch/riscv/cpu.h"
#include "sbi/sbi.h"

/* Above this many pages the whole space is flushed: refilling costs less. */
#define MAX_SINGLE 16

static void flush_page(u64 va)
{
	count_fence();
	__asm__ volatile("sfence.vma %0" ::"r"(va) : "memory");
}

static void flush_page_asid(u64 va, u64 asid)
{
	count_fence();
	__asm__ volatile("sfence.vma %0, %1" ::"r"(va), "r"(asid) : "memory");
}

static void flush_asid(u64 asid)
{
	count_fence();
	__asm__ volatile("sfence.vma zero, %0" ::"r"(asid) : "memory");
}

static u64 self_bit(void)
{
	return 1UL << hart_id();
}

/*
 * Takes a group out of *harts (logical) that one SBI call can name: bit i of the
 * result is the hart *base + i. 0 when none is left.
 */
static u64 next_group(u64 *harts, u64 *base)
{
	u64 mask = 0;

	if (!*harts)
		return 0;
	*base = U64_MAX;
	for (unsigned h = 0; h < nr_harts; h++)
		if (*harts & 1UL << h)
			*base = min(*base, hart_sbi_id[h]);
	for (unsigned h = 0; h < nr_harts; h++) {
		if (!(*harts & 1UL << h) || hart_sbi_id[h] - *base >= 64)
			continue;
		mask |= 1UL << (hart_sbi_id[h] - *base);
		*harts &= ~(1UL << h);
	}
	return mask;
}

static u64 others(u64 harts)
{
	smp_mb();
	harts &= __atomic_load_n(&harts_running, __ATOMIC_RELAXED) & ~self_bit();
	count_told(harts);
	return harts;
}

static void remote_flush(u64 harts, unsigned asid, u64 start, u64 size)
{
	u64 base, mask;

	harts = others(harts);
	while ((mask = next_group(&harts, &base)) != 0) {
		if (mmu_asid_bits())
			sbi_remote_sfence_vma_asid(mask, base, start, size, asid);
		else
			sbi_remote_sfence_vma(mask, base, start, size);
	}
}

void tlb_flush_range(u64 harts, unsigned asid, u64 start, u64 end)
{
	if (start >= end)
		return;
	if ((end - start) >> PAGE_SHIFT > MAX_SINGLE) {
		tlb_flush_asid(harts, asid);
		return;
	}
	if (harts & self_bit())
		for (u64 va = start; va < end; va += PAGE_SIZE)
			flush_page_asid(va, asid);
	remote_flush(harts, asid, start, end - start);
}

void tlb_flush_asid(u64 harts, unsigned asid)
{
	if (harts & self_bit())
		flush_asid(asid);
	remote_flush(harts, asid, 0, 0);
}

void tlb_flush_local_page(u64 va, unsigned asid)
{
	flush_page_asid(va, asid);
}

void tlb_flush_kernel(u64 start, u64 end)
{
	u64 harts = others(U64_MAX), base, mask;

	if (start >= end)
		return;
	if ((end - start) >> PAGE_SHIFT > MAX_SINGLE) {
		tlb_flush_local_all();
		start = end = 0;
	} else {
		for (u64 va = start; va < end; va += PAGE_SIZE)
			flush_page(va);
	}
	while ((mask = next_group(&harts, &base)) != 0)
		sbi_remote_sfence_vma(mask, base, start, end - start);
}

void icache_flush(u64 harts)
{
	u64 base, mask;

	if (harts & self_bit())
		__asm__ volatile("fence.i" ::: "memory");
	harts = others(harts);
	while ((mask = next_group(&harts, &base)) != 0)
		sbi_remote_fence_i(mask, base);
}

/*
 * The kernel's page tables: built once at boot, W^X, then never changed but for
 * the kernel map's own entries (alloc/vmap.c). Also satp.
 *
 * kernel_root's upper half: the direct map with the largest pages that fit, the
 * aliases of text and rodata read-only; four level-1 tables for the kernel map;
 * the image. Boot hart only until harts_start; afterwards read-only.
 */
#include "arch/riscv/pgtable.h"

#include <compiler.h>
#include "arch/riscv/arch_private.h"
#include "arch/riscv/boot.h"
#include "arch/riscv/bootmem.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/csr.h"

#define MAP_RW (PTE_V | PTE_R | PTE_W | PTE_G | PTE_A | PTE_D)
#define MAP_RO (PTE_V | PTE_R | PTE_G | PTE_A)
#define MAP_RX (PTE_V | PTE_R | PTE_X | PTE_G | PTE_A)

pte_t kernel_root[PT_ENTRIES] __aligned(PAGE_SIZE);
static unsigned asid_bits;

/* The table below *e, made if there is none. */
static pte_t *table_below(pte_t *e)
{
	if (!pte_present(*e))
		*e = pte_make(virt_to_phys(early_alloc(PAGE_SIZE)), PTE_V);
	else if (!pte_is_table(*e))
		boot_fail("kernel map overlaps itself");
	return phys_to_virt(pte_phys(*e));
}

static void map_page(u64 va, paddr_t pa, int level, u64 flags)
{
	pte_t *t = kernel_root;

	for (int l = PT_ROOT_LEVEL; l > level; l--)
		t = table_below(&t[pt_index(va, l)]);
	t[pt_index(va, level)] = pte_make(pa, flags);
}

static void map_range(u64 va, paddr_t pa, u64 size, u64 flags)
{
	while (size > 0) {
		int level = PT_ROOT_LEVEL;

		while (((va | pa) & (pt_level_size(level) - 1)) || size < pt_level_size(level))
			level--;
		map_page(va, pa, level, flags);
		va += pt_level_size(level);
		pa += pt_level_size(level);
		size -= pt_level_size(level);
	}
}

/* One bank into the direct map, without what must stay unmapped, text and rodata read-only. */
static void map_bank(paddr_t at, paddr_t end)
{
	paddr_t ro_start = virt_to_phys(__kernel_start);
	paddr_t ro_end = virt_to_phys(__rodata_end);

	while (at < end) {
		struct mem_range r;
		paddr_t stop = end;
		u64 flags = MAP_RW;

		if (boot_mem_next_reserved(at, true, &r)) {
			if (r.start <= at) {
				at = r.end;
				continue;
			}
			stop = min(stop, r.start);
		}
		if (at < ro_start) {
			stop = min(stop, ro_start);
		} else if (at < ro_end) {
			stop = min(stop, ro_end);
			flags = MAP_RO;
		}
		map_range(DIRECT_BASE + at, at, stop - at, flags);
		at = stop;
	}
}

static void map_image(const void *from, const void *to, u64 flags)
{
	map_range((u64)from, virt_to_phys(from), (u64)to - (u64)from, flags);
}

void kernel_map_init(void)
{
	u64 satp;

	boot_mem_reserve(virt_to_phys(__kernel_start), (u64)(__kernel_end - __kernel_start), false);
	boot_mem_for_each_bank(map_bank);
	for (unsigned i = 0; i < VMAP_SIZE / pt_level_size(PT_ROOT_LEVEL); i++)
		table_below(&kernel_root[pt_index(VMAP_BASE, PT_ROOT_LEVEL) + i]);

	map_image(__kernel_start, __text_end, MAP_RX);
	map_image(__rodata_start, __rodata_end, MAP_RO);
	map_image(__data_start, boot_stacks, MAP_RW);
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		struct boot_stack *b = &boot_stacks[h];

		map_image(b->stack, b + 1, MAP_RW);
		emergency_top[h] = (u64)phys_to_virt(virt_to_phys(b->guard)) + PAGE_SIZE;
	}
	map_image(&boot_stacks[MAX_HARTS], __kernel_end, MAP_RW);

	/* Implemented ASID bits read back as ones (privileged spec, "satp"). */
	satp = SATP_MODE_SV39 | virt_to_phys(kernel_root) >> PAGE_SHIFT;
	csr_write(satp, satp | SATP_ASID_MASK << SATP_ASID_SHIFT);
	for (u64 got = csr_read(satp) >> SATP_ASID_SHIFT & SATP_ASID_MASK; got & 1; got >>= 1)
		asid_bits++;
	csr_write(satp, satp);
	__asm__ volatile("sfence.vma" ::: "memory");
}

unsigned mmu_asid_bits(void)
{
	return asid_bits;
}

void mmu_no_asids(void)
{
	asid_bits = 0;
}

#ifdef DEBUG
struct mmu_counts mmu_counts[MAX_HARTS];
#endif

void mmu_switch(paddr_t root, unsigned asid)
{
#ifdef DEBUG
	mmu_counts[hart_id()].satp_writes++;
#endif
	csr_write(satp, SATP_MODE_SV39 | (u64)asid << SATP_ASID_SHIFT | root >> PAGE_SHIFT);
	/* Without ASIDs all spaces are number 0: its entries go, the global ones stay. */
	if (asid_bits)
		return;
	count_fence();
	__asm__ volatile("sfence.vma zero, %0" ::"r"(0UL) : "memory");
}

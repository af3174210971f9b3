/*
 * Physical memory before the page allocator: banks, what is reserved in them,
 * and an allocator that only gives. Boot hart only; no locks. See boot.h.
 */
#include "arch/riscv/boot.h"

#include <compiler.h>
#include "arch/riscv/arch_private.h"
#include "arch/riscv/bootmem.h"
#include "arch/riscv/cpu.h"
#include "lib/string.h"
#include "sbi/sbi.h"

#define MAX_BANKS    16
#define MAX_RESERVED 96

static struct mem_range banks[MAX_BANKS]; /* sorted, disjoint */
static unsigned nr_banks;
static struct mem_range reserved[MAX_RESERVED]; /* in the order they came; may overlap */
static unsigned nr_reserved;

void boot_fail(const char *why)
{
	static const char head[] = "tarn: cannot boot: ";

	sbi_console_write(head, sizeof(head) - 1);
	sbi_console_write(why, strlen(why));
	sbi_console_write("\n", 1);
	sbi_system_reset(SBI_SHUTDOWN, true);
	for (;;)
		cpu_wait();
}

static paddr_t page_down(paddr_t a)
{
	return a & PAGE_MASK;
}

static paddr_t page_up(paddr_t a)
{
	return (a + PAGE_SIZE - 1) & PAGE_MASK;
}

static void bank_remove(unsigned i)
{
	nr_banks--;
	memmove(&banks[i], &banks[i + 1], (nr_banks - i) * sizeof(banks[0]));
}

void boot_mem_add(paddr_t start, u64 size)
{
	paddr_t end;
	unsigned i;

	if (start >= DIRECT_SIZE)
		return;
	end = size > DIRECT_SIZE - start ? DIRECT_SIZE : start + size;
	start = page_up(start);
	end = page_down(end);
	if (start >= end)
		return;

	/* Swallow every bank that touches this one, then insert in order. */
	for (i = 0; i < nr_banks;) {
		if (banks[i].end < start || banks[i].start > end) {
			i++;
			continue;
		}
		start = min(start, banks[i].start);
		end = max(end, banks[i].end);
		bank_remove(i);
	}
	if (nr_banks == MAX_BANKS)
		return;
	for (i = nr_banks; i > 0 && banks[i - 1].start > start; i--)
		banks[i] = banks[i - 1];
	banks[i] = (struct mem_range){ .start = start, .end = end };
	nr_banks++;
}

void boot_mem_reserve(paddr_t start, u64 size, bool unmapped)
{
	paddr_t end;

	if (size == 0 || start >= DIRECT_SIZE)
		return;
	end = size > DIRECT_SIZE - start ? DIRECT_SIZE : page_up(start + size);
	start = page_down(start);
	if (nr_reserved > 0 && reserved[nr_reserved - 1].end == start &&
	    reserved[nr_reserved - 1].unmapped == unmapped) {
		reserved[nr_reserved - 1].end = end;
		return;
	}
	if (nr_reserved == MAX_RESERVED)
		boot_fail("too many reserved ranges");
	reserved[nr_reserved++] =
		(struct mem_range){ .start = start, .end = end, .unmapped = unmapped };
}

paddr_t boot_ram_base(void)
{
	return nr_banks ? banks[0].start : 0;
}

u64 boot_ram_size(void)
{
	return nr_banks ? banks[nr_banks - 1].end - banks[0].start : 0;
}

void boot_mem_for_each_bank(void (*fn)(paddr_t start, paddr_t end))
{
	for (unsigned i = 0; i < nr_banks; i++)
		fn(banks[i].start, banks[i].end);
}

bool boot_mem_next_reserved(paddr_t from, bool only_unmapped, struct mem_range *out)
{
	bool found = false;

	for (unsigned i = 0; i < nr_reserved; i++) {
		const struct mem_range *r = &reserved[i];

		if (r->end <= from || (only_unmapped && !r->unmapped))
			continue;
		if (!found || r->start < out->start) {
			*out = *r;
			found = true;
		}
	}
	return found;
}

/* Walks the free parts of all banks; stops when fn returns true. */
static bool for_each_free(bool (*fn)(paddr_t start, paddr_t end, void *arg), void *arg)
{
	for (unsigned i = 0; i < nr_banks; i++) {
		paddr_t at = banks[i].start;

		while (at < banks[i].end) {
			struct mem_range r;
			bool any = boot_mem_next_reserved(at, false, &r);
			paddr_t stop = any ? min(r.start, banks[i].end) : banks[i].end;

			if (stop > at && fn(at, stop, arg))
				return true;
			at = any ? max(r.end, stop) : stop;
		}
	}
	return false;
}

struct fit {
	u64 size;
	paddr_t at;
};

static bool fits(paddr_t start, paddr_t end, void *arg)
{
	struct fit *f = arg;

	if (end - start < f->size)
		return false;
	f->at = start;
	return true;
}

void *early_alloc(u64 size)
{
	struct fit f = { .size = page_up(size) };
	void *p;

	if (f.size < size || !for_each_free(fits, &f))
		boot_fail("out of memory");
	boot_mem_reserve(f.at, f.size, false);
	p = phys_to_virt(f.at);
	memset(p, 0, f.size);
	return p;
}

static bool release_one(paddr_t start, paddr_t end, void *arg)
{
	void (**add)(paddr_t, paddr_t) = arg;

	(*add)(start, end);
	return false;
}

void boot_mem_release(void (*add)(paddr_t start, paddr_t end))
{
	for_each_free(release_one, &add);
	/* The boot stacks of harts that this machine does not have. */
	if (nr_harts < MAX_HARTS)
		add(virt_to_phys(&boot_stacks[nr_harts]), virt_to_phys(&boot_stacks[MAX_HARTS]));
}

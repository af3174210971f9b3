/*
 * Address-space numbers, and the switch between spaces.
 *
 * An ASID belongs to one space within one generation. When they run out a new
 * generation begins: every hart flushes its whole TLB before it uses a number of
 * it, and the spaces that harts have loaded at that moment keep theirs (reserved).
 * A switch to a space of the current generation takes no lock: the hart swaps its own
 * `ctx`, which a new generation sets to 0 to force it onto the slow path.
 * ASID 0 is the kernel's own tables.
 *
 * Locks: asid.lock guards the bitmap, generation, reserved contexts and writes to mm->ctx;
 * a hart's `loaded` is touched by that hart with interrupts off.
 */
#include <bitops.h>
#include "arch/riscv/cpu.h"
#include "lib/bitmap.h"
#include "mm/internal.h"

#define MAX_ASID_BITS 16

static struct {
	spinlock_t lock;
	unsigned bits; /* [boot] 0: the harts have no ASIDs, or too few */
	u64 generation; /* [lock] above the ASID's bits; read any time */
	u64 hint; /* [lock] */
	u64 flush_pending; /* [lock] harts that have yet to flush for this generation */
} asid = { .lock = SPINLOCK_INIT(RANK_MM, "asid") };

static DECLARE_BITMAP(used, 1UL << MAX_ASID_BITS); /* [asid.lock] in this generation */

static struct {
	struct mm *loaded; /* [hart] holds a reference; NULL: the kernel's tables */
	u64 ctx; /* [a] of loaded; 0: look again under the lock */
	u64 reserved; /* [asid.lock] what ctx was when the generation began */
} __aligned(64) harts[MAX_HARTS];

static u64 nr_asids(void)
{
	return 1UL << asid.bits;
}

unsigned mm_asid(const struct mm *mm)
{
	return (unsigned)(READ_ONCE(mm->ctx) & (nr_asids() - 1));
}

static bool current_generation(u64 ctx)
{
	return !((ctx ^ READ_ONCE(asid.generation)) >> asid.bits);
}

/* [asid.lock] */
static void new_generation(void)
{
	WRITE_ONCE(asid.generation, asid.generation + nr_asids());
	bitmap_zero(used, nr_asids());
	__set_bit(0, used);
	for (unsigned h = 0; h < MAX_HARTS; h++) {
		u64 ctx = xchg(&harts[h].ctx, 0);

		if (ctx)
			harts[h].reserved = ctx;
		__set_bit(harts[h].reserved & (nr_asids() - 1), used);
	}
	asid.flush_pending = ~0UL;
	asid.hint = 1;
}

/* [asid.lock] Keeps a context that harts had loaded when the generation began. */
static bool keep_reserved(u64 old, u64 new)
{
	bool found = false;

	for (unsigned h = 0; h < MAX_HARTS; h++) {
		if (harts[h].reserved != old)
			continue;
		harts[h].reserved = new;
		found = true;
	}
	return found;
}

/* [asid.lock] */
static u64 new_ctx(struct mm *mm)
{
	u64 num = mm->ctx & (nr_asids() - 1);

	if (mm->ctx) {
		u64 same = asid.generation | num;

		if (keep_reserved(mm->ctx, same) || !__test_and_set_bit(num, used))
			return same;
	}
	num = bitmap_find_next_zero(used, nr_asids(), asid.hint);
	if (num == nr_asids()) {
		new_generation();
		num = bitmap_find_next_zero(used, nr_asids(), 1);
	}
	__set_bit(num, used);
	asid.hint = num + 1;
	return asid.generation | num;
}

/* Interrupts off. Makes mm->ctx valid on hart h; true: the hart must flush everything. */
static bool take_ctx(struct mm *mm, unsigned h)
{
	u64 ctx = READ_ONCE(mm->ctx), old = READ_ONCE(harts[h].ctx);
	bool flush;

	if (likely(old && current_generation(ctx) && cmpxchg(&harts[h].ctx, old, ctx) == old))
		return false;
	spin_lock(&asid.lock);
	if (!mm->ctx || !current_generation(mm->ctx))
		WRITE_ONCE(mm->ctx, new_ctx(mm));
	flush = asid.flush_pending & 1UL << h;
	asid.flush_pending &= ~(1UL << h);
	WRITE_ONCE(harts[h].ctx, mm->ctx);
	spin_unlock(&asid.lock);
	return flush;
}

/* This hart is about to run mm, which is loaded: flush what it missed. */
static void activate(struct mm *mm, u64 bit)
{
	if (!(READ_ONCE(mm->active) & bit))
		__atomic_fetch_or(&mm->active, bit, __ATOMIC_SEQ_CST);
	if (unlikely(__atomic_load_n(&mm->stale, __ATOMIC_SEQ_CST) & bit)) {
		__atomic_fetch_and(&mm->stale, ~bit, __ATOMIC_SEQ_CST);
		tlb_flush_asid(bit, mm_asid(mm));
	}
}

void asid_switch(struct mm *mm)
{
	unsigned h = hart_id();
	u64 bit = 1UL << h;
	struct mm *old = harts[h].loaded;

	if (mm == old) {
		if (mm)
			activate(mm, bit);
		return;
	}
	if (mm) {
		bool flush = false;

		mm_hold(mm);
		if (asid.bits)
			flush = take_ctx(mm, h);
		__atomic_fetch_or(&mm->ran, bit, __ATOMIC_SEQ_CST);
		__atomic_fetch_or(&mm->loaded, bit, __ATOMIC_SEQ_CST);
		__atomic_fetch_or(&mm->active, bit, __ATOMIC_SEQ_CST);
		mmu_switch(mm->root, mm_asid(mm));
		if (unlikely(flush))
			tlb_flush_local_all();
		activate(mm, bit);
	} else {
		mmu_switch(virt_to_phys(kernel_root), 0);
	}
	harts[h].loaded = mm;
	if (old) {
		__atomic_fetch_and(&old->active, ~bit, __ATOMIC_SEQ_CST);
		__atomic_fetch_and(&old->loaded, ~bit, __ATOMIC_SEQ_CST);
		mm_drop(old);
	}
}

/* The scheduler's hook: in next, interrupts off, no run-queue lock held. */
static void mm_switch(struct task *prev __unused, struct task *next)
{
	struct mm *mm = next->mm, *loaded;

	if (mm) {
		asid_switch(mm);
		return;
	}
	/*
	 * A kernel thread borrows the tables that are there, unless they are all that is left of a
	 * space.
	 */
	loaded = harts[hart_id()].loaded;
	if (!loaded)
		return;
	if (atomic_read(&loaded->users) == 0)
		asid_switch(NULL);
	else
		__atomic_fetch_and(&loaded->active, ~(1UL << hart_id()), __ATOMIC_SEQ_CST);
}

void mm_activate(struct mm *mm)
{
	unsigned long f;

	spin_lock(&current->lock);
	WRITE_ONCE(current->mm, mm);
	spin_unlock(&current->lock);
	f = irq_save();
	mm_switch(NULL, current);
	irq_restore(f);
}

/*
 * `active` has a hart's bit whenever it runs user code of mm: the hart itself sets it before and clears it
 * after, by atomic operations that order all it does before them with all it does after (AMOs with aq and
 * rl). So each hart whose bit is not seen here is on one side of the barrier. It has cleared the bit
 * before: what it did in mm comes before the load below, and is seen behind the barrier. Or it sets it
 * later than the load: then what it does in mm comes after, and sees what was done before the barrier, which
 * the fence puts before the load. The others are told, and the firmware comes back once each has taken an
 * interrupt, whose entry and return order as a fence does.
 */
void mm_barrier(struct mm *mm)
{
	u64 running;

	smp_mb();
	running = __atomic_load_n(&mm->active, __ATOMIC_SEQ_CST) & ~(1UL << hart_id());
	if (running)
		icache_flush(running);
	smp_mb();
}

void asid_init(void)
{
	/* After a new generation each hart may hold on to a number, and another must be left to give out. */
	if (1UL << mmu_asid_bits() <= 2UL * nr_harts)
		mmu_no_asids();
	asid.bits = min(mmu_asid_bits(), (unsigned)MAX_ASID_BITS);
	asid.generation = nr_asids();
	asid.hint = 1;
	__set_bit(0, used);
	sched_mm_switch = mm_switch;
}

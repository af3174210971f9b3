/*
 * Spinlocks: test and set with a read spin. A debug build also knows which
 * locks each hart holds and checks the order of ranks at every lock; the stack
 * of held locks is per hart and touched with interrupts off only.
 */
#include "sync/spinlock.h"

#include <atomic.h>
#include <compiler.h>
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/trap.h"
#include "sync/lockstat.h"
#include "sync/log.h"

static void acquire(spinlock_t *l)
{
	while (unlikely(__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE))) {
		/* A panicking hart may hold it for ever. */
		while (READ_ONCE(l->word)) {
			hart_check_halt();
			cpu_relax();
		}
	}
}

#ifdef DEBUG
#define MAX_HELD 32

static struct held {
	unsigned n;
	/* what an interrupt found held: order counts only among what it takes itself */
	unsigned base;
	const spinlock_t *lock[MAX_HELD];
	u64 since[MAX_HELD]; /* 0: lock statistics were off */
} __aligned(64) held[MAX_HARTS]; /* [the hart, interrupts off] */

static bool checking(void)
{
	return !panic_in_progress();
}

/* Before spinning, so that a deadlock is reported instead of met. Equal ranks only when nested. */
static void check_order(const spinlock_t *l, bool nested)
{
	unsigned long f = irq_save();
	const struct held *h = &held[hart_id()];

	for (unsigned i = 0; checking() && i < h->n; i++) {
		const spinlock_t *other = h->lock[i];

		if (other == l)
			panic("lock %s: taken again by its holder", l->name);
		if (i >= h->base && (other->rank > l->rank || (other->rank == l->rank && !nested)))
			panic("lock order: %s (rank %u) taken while %s (rank %u) is held", l->name,
			      l->rank, other->name, other->rank);
	}
	irq_restore(f);
}

static void note_lock(spinlock_t *l, bool contended, u64 from)
{
	unsigned long f = irq_save();
	struct held *h = &held[hart_id()];

	l->holder = (u16)(hart_id() + 1);
	if (checking() && h->n == MAX_HELD)
		panic("lock %s: too many spinlocks held", l->name);
	if (h->n < MAX_HELD) {
		h->since[h->n] = lockstat_on ? time_ticks() : 0;
		if (h->since[h->n])
			lockstat_taken(l, contended, from ? h->since[h->n] - from : 0);
		h->lock[h->n++] = l;
	}
	irq_restore(f);
}

static void note_unlock(spinlock_t *l)
{
	unsigned long f = irq_save();
	struct held *h = &held[hart_id()];
	unsigned i = h->n;

	while (i > 0 && h->lock[i - 1] != l)
		i--;
	if (i == 0) {
		if (checking())
			panic("lock %s: released by a hart that does not hold it", l->name);
	} else {
		if (h->since[i - 1] && lockstat_on)
			lockstat_released(l, time_ticks() - h->since[i - 1]);
		for (h->n--; i <= h->n; i++) {
			h->lock[i - 1] = h->lock[i];
			h->since[i - 1] = h->since[i];
		}
	}
	l->holder = 0;
	irq_restore(f);
}

void spin_check_interrupt(bool enter)
{
	struct held *h = &held[hart_id()];

	h->base = enter ? h->n : 0;
}

void assert_held(const spinlock_t *l)
{
	unsigned long f = irq_save();

	if (checking() && READ_ONCE(l->holder) != hart_id() + 1)
		panic("lock %s must be held here", l->name);
	irq_restore(f);
}

void assert_no_spinlock(const char *where)
{
	unsigned long f = irq_save();
	const struct held *h = &held[hart_id()];

	if (checking() && h->n > 0)
		panic("%s may sleep, but spinlock %s is held", where, h->lock[h->n - 1]->name);
	irq_restore(f);
}

void assert_may_sleep(const char *where)
{
	unsigned long on = irq_save();

	irq_restore(on);
	assert_no_spinlock(where);
	if (checking() && !on)
		panic("%s may sleep, but interrupts are off", where);
}

unsigned spin_held_print(void)
{
	unsigned n = 0;

	for (unsigned h = 0; h < nr_harts; h++) {
		for (unsigned i = 0; i < READ_ONCE(held[h].n); i++, n++) {
			const spinlock_t *l = held[h].lock[i];

			printk(LOG_EMERG, "  spinlock %s (rank %u) at %p: hart %u", l->name,
			       l->rank, l, h);
		}
	}
	return n;
}

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name)
{
	*l = (spinlock_t)SPINLOCK_INIT(rank, name);
}

static void take(spinlock_t *l)
{
	bool contended = __atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE);
	u64 from = contended && lockstat_on ? time_ticks() : 0;

	if (contended)
		acquire(l);
	note_lock(l, contended, from);
}

void spin_lock(spinlock_t *l)
{
	check_order(l, false);
	take(l);
}

void spin_lock_nested(spinlock_t *l)
{
	check_order(l, true);
	take(l);
}

bool spin_trylock(spinlock_t *l)
{
	if (__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE))
		return false;
	note_lock(l, false, 0);
	return true;
}

void spin_unlock(spinlock_t *l)
{
	note_unlock(l);
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
}

unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = irq_save();

	spin_lock(l);
	return flags;
}

void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags)
{
	spin_unlock(l);
	irq_restore(flags);
}
#else
void spin_wait(spinlock_t *l)
{
	acquire(l);
}
#endif

/*
 * Spinlocks with ranks. spin_lock for locks never taken in interrupts, the
 * irqsave form for the others. A holder must not sleep. With -DDEBUG each
 * lock knows its holder and the order is checked (sync/spinlock.c).
 */
#ifndef SYNC_SPINLOCK_H
#define SYNC_SPINLOCK_H

#include <compiler.h>
#include <types.h>
#include "arch/riscv/cpu.h"
#include "sync/rank.h"

typedef struct spinlock {
	u32 word; /* 0 free, 1 held; test-and-set with a read spin */
	u16 rank;
	u16 holder; /* debug: hart + 1 */
	const char *name;
} spinlock_t;

#define SPINLOCK_INIT(r, n)                                      \
	{                                                        \
		.word = 0, .rank = (r), .holder = 0, .name = (n) \
	}

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name);
bool spin_trylock(spinlock_t *l);
bool spin_is_locked(const spinlock_t *l);
void spin_wait(spinlock_t *l); /* the slow path: spins until this hart has it */

/*
 * spin_lock_nested: equal rank allowed; the caller orders by address or hart. The debug build has
 * functions, which check, and so have the tests on the host; here a lock is a few instructions.
 */
#if defined(DEBUG) || !defined(__riscv)
void spin_lock(spinlock_t *l);
void spin_lock_nested(spinlock_t *l);
void spin_unlock(spinlock_t *l);
unsigned long spin_lock_irqsave(spinlock_t *l);
void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags);
void assert_held(const spinlock_t *l); /* panics unless this hart holds it */
void assert_no_spinlock(const char *where); /* before sleeping */
/* An interrupt handler begins or ends on this hart; interrupts off, they do not nest. */
void spin_check_interrupt(bool enter);
#else
static inline void spin_lock(spinlock_t *l)
{
	if (unlikely(__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE)))
		spin_wait(l);
}

static inline void spin_lock_nested(spinlock_t *l)
{
	spin_lock(l);
}

static inline void spin_unlock(spinlock_t *l)
{
	__atomic_store_n(&l->word, 0, __ATOMIC_RELEASE);
}

static inline unsigned long spin_lock_irqsave(spinlock_t *l)
{
	unsigned long flags = irq_save();

	spin_lock(l);
	return flags;
}

static inline void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags)
{
	spin_unlock(l);
	irq_restore(flags);
}

static inline void assert_held(const spinlock_t *l __unused)
{
}

static inline void assert_no_spinlock(const char *where __unused)
{
}

static inline void spin_check_interrupt(bool enter __unused)
{
}
#endif
#endif

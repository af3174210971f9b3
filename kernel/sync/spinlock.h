/*
 * Spinlocks with ranks. spin_lock for locks never taken in interrupts, the
 * irqsave form for the others. A holder must not sleep. With -DDEBUG each
 * lock knows its holder and the order is checked (sync/spinlock.c); without, a lock is one
 * word and taking a free one is inline. Host tests bring functions of their own.
 */
#ifndef SYNC_SPINLOCK_H
#define SYNC_SPINLOCK_H

#include <compiler.h>
#include <types.h>
#include "sync/rank.h"

#if defined(DEBUG) || !defined(__riscv)
typedef struct spinlock {
	u32 word; /* 0 free, 1 held; test-and-set with a read spin */
	u16 rank;
	u16 holder; /* hart + 1 */
	u16 last; /* [the holder] hart + 1 that had it before; lockstat.c */
	const char *name;
} spinlock_t;

#define SPINLOCK_INIT(r, n)                                      \
	{                                                        \
		.word = 0, .rank = (r), .holder = 0, .name = (n) \
	}

void spin_init(spinlock_t *l, enum lock_rank rank, const char *name);
void spin_lock(spinlock_t *l);
void spin_lock_nested(spinlock_t *l); /* equal rank allowed; the caller orders by address or hart */
bool spin_trylock(spinlock_t *l);
void spin_unlock(spinlock_t *l);
unsigned long spin_lock_irqsave(spinlock_t *l);
void spin_unlock_irqrestore(spinlock_t *l, unsigned long flags);
/* An interrupt handler begins or ends on this hart; interrupts off, they do not nest. */
void spin_check_interrupt(bool enter);
void assert_held(const spinlock_t *l); /* panics unless this hart holds it */
void assert_no_spinlock(const char *where); /* before switching tasks */
void assert_may_sleep(const char *where); /* and interrupts are on */
unsigned spin_held_print(void); /* every hart's, to the log at the level of a panic; how many */
#else
#include "arch/riscv/barrier.h"
#include "arch/riscv/cpu.h"

typedef struct spinlock {
	u32 word;
} spinlock_t;

#define SPINLOCK_INIT(r, n) \
	{                   \
		.word = 0   \
	}

void spin_wait(spinlock_t *l); /* takes a lock that another hart holds */

static inline void spin_init(spinlock_t *l, enum lock_rank rank __unused, const char *name __unused)
{
	l->word = 0;
}

static inline bool spin_trylock(spinlock_t *l)
{
	return !__atomic_exchange_n(&l->word, 1, __ATOMIC_ACQUIRE);
}

static inline void spin_lock(spinlock_t *l)
{
	if (unlikely(!spin_trylock(l)))
		spin_wait(l);
}

static inline void spin_lock_nested(spinlock_t *l)
{
	spin_lock(l);
}

static inline void spin_unlock(spinlock_t *l)
{
	release_fence();
	WRITE_ONCE(l->word, 0);
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

static inline void spin_check_interrupt(bool enter __unused)
{
}

static inline void assert_held(const spinlock_t *l __unused)
{
}

static inline void assert_no_spinlock(const char *where __unused)
{
}

static inline void assert_may_sleep(const char *where __unused)
{
}

static inline unsigned spin_held_print(void)
{
	return 0;
}
#endif

#endif

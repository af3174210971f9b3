/*
 * How long spinlocks are waited for and held, by their names: /proc/lock_stat of a debug kernel. Each
 * hart counts for itself, with interrupts off; who reads sums up what may change meanwhile. Times are
 * ticks of the time CSR.
 */
#ifndef SYNC_LOCKSTAT_H
#define SYNC_LOCKSTAT_H

#include "sync/spinlock.h"

struct lock_times {
	u64 count, min, max, total;
};

struct lock_class {
	const char *name;
	struct lock_times wait, hold; /* of those that had to wait; of all */
	u64 bounced_wait, bounced; /* another hart had it before */
};

extern int lockstat_on; /* [a] */

/* l was taken by this hart, after so many ticks if somebody else had it. Interrupts off. */
void lockstat_taken(spinlock_t *l, bool contended, u64 waited);
/* It was held so long, and is let go of. Interrupts off. */
void lockstat_released(const spinlock_t *l, u64 held);
/* The class by its place in the table, all harts together; false: there are no more. */
bool lockstat_class(unsigned i, struct lock_class *out);
void lockstat_clear(void);
#endif

/*
 * Sleeping locks: a mutex, and a reader-writer semaphore that lets a waiting
 * writer go before later readers. Task context only, no spinlock held.
 */
#ifndef CORE_MUTEX_H
#define CORE_MUTEX_H

#include <types.h>
#include <atomic.h>
#include "core/wait.h"

struct mutex {
	atomic_t state; /* [a] 0 free, 1 held, 2 held with waiters */
	struct task *owner; /* [the holder] for gdb and reports, which may find it out of date */
	struct waitq q; /* its own lock */
};

struct rwsem {
	struct waitq q; /* waiters in order of arrival; its lock is never taken in interrupts */
	int count; /* [q.lock] readers, or -1 for a writer */
	bool handoff; /* [q.lock] the first waiter has waited long: nobody passes it */
	struct task *owner; /* [q.lock] the writer */
};

#define MUTEX_INIT(n)                                           \
	{                                                       \
		.state = ATOMIC_INIT(0), .q = WAITQ_INIT((n).q) \
	}
#define RWSEM_INIT(n)                                            \
	{                                                        \
		.q = {.lock = SPINLOCK_INIT(RANK_RWSEM, #n),     \
		      .waiters = LIST_HEAD_INIT((n).q.waiters) } \
	}

void mutex_init(struct mutex *m);
void mutex_lock(struct mutex *m);
bool mutex_trylock(struct mutex *m);
int mutex_lock_interruptible(struct mutex *m); /* 0 or -ERESTARTSYS */
void mutex_unlock(struct mutex *m);

void rwsem_init(struct rwsem *s);
void rwsem_read_lock(struct rwsem *s);
int rwsem_read_lock_killable(struct rwsem *s); /* 0 or -ERESTARTSYS */
void rwsem_read_unlock(struct rwsem *s);
void rwsem_write_lock(struct rwsem *s);
int rwsem_write_lock_killable(struct rwsem *s); /* 0 or -ERESTARTSYS */
void rwsem_write_unlock(struct rwsem *s);
#endif

/*
 * mutex_owned.c - mutexes whose lock word holds the owner's number, so that the
 * kernel knows it: robust ones, which it marks when their owner dies (the
 * robust list, get_robust_list(2)), and those that lend priority (FUTEX_LOCK_PI).
 */
#include "mutex.h"

#include "../internal/syscall.h"

#include <errno.h>

#define WAITERS ((int)FUTEX_WAITERS)

static void **entry_of(pthread_mutex_t *m)
{
	return &m->__list[0];
}

/* What is about to be locked or unlocked, so that a death in between is seen too. */
static void set_pending(struct thread *self, pthread_mutex_t *m)
{
	uintptr_t pi = m && (m->__kind & KIND_INHERIT) ? 1 : 0;

	if (!self->robust.futex_offset) {
		self->robust.futex_offset = (long)offsetof(pthread_mutex_t, __lock) -
					    (long)offsetof(pthread_mutex_t, __list);
		SC(__NR_set_robust_list, &self->robust, sizeof(self->robust));
	}
	*(void *volatile *)&self->robust.list_op_pending =
		m ? (void *)((uintptr_t)entry_of(m) | pi) : NULL;
}

static void **untagged(void *link)
{
	return (void **)((uintptr_t)link & ~1ul);
}

static void list_add(struct thread *self, pthread_mutex_t *m)
{
	void **head = (void **)&self->robust.list, **first = untagged(*head);
	uintptr_t pi = m->__kind & KIND_INHERIT ? 1 : 0;

	m->__list[0] = *head;
	m->__list[1] = head;
	if (first != head)
		first[1] = entry_of(m);
	*(void *volatile *)head = (void *)((uintptr_t)entry_of(m) | pi);
}

static void list_remove(struct thread *self, pthread_mutex_t *m)
{
	void **head = (void **)&self->robust.list;
	void **next = untagged(m->__list[0]), **prev = m->__list[1];

	*(void *volatile *)prev = m->__list[0];
	if (next != head)
		next[1] = prev;
}

static int futex(pthread_mutex_t *m, int op, long value, const struct timespec *until)
{
	if (!(m->__kind & (KIND_SHARED | KIND_ROBUST)))
		op |= FUTEX_PRIVATE_FLAG;
	return (int)-SC(__NR_futex, &m->__lock, op, value, until, 0, 0);
}

static int lock_inherit(pthread_mutex_t *m, int clock, const struct timespec *until, int try)
{
	int seen = 0, err;

	if (__atomic_compare_exchange_n(&m->__lock, &seen, __self()->tid, 0, __ATOMIC_ACQUIRE,
					__ATOMIC_RELAXED))
		return 0;
	if (until && (unsigned long)until->tv_nsec >= 1000000000ul && !try)
		return EINVAL;
	do {
		if (try)
			err = futex(m, FUTEX_TRYLOCK_PI, 0, NULL);
		else
			err = futex(m, clock == CLOCK_REALTIME ? FUTEX_LOCK_PI : FUTEX_LOCK_PI2, 0,
				    until);
	} while (err == EINTR);
	if (try && (err == EAGAIN || err == EDEADLK))
		return EBUSY;
	/* The owner is gone without a word, or it is the caller: never to be had. */
	if (!(m->__kind & KIND_ROBUST) && (err == ESRCH || err == EDEADLK)) {
		int nothing = 0;

		while (__futex_wait(&nothing, 0, clock, until, 0) != ETIMEDOUT)
			continue;
		return ETIMEDOUT;
	}
	return err;
}

static int lock_robust(pthread_mutex_t *m, int clock, const struct timespec *until, int try)
{
	int tid = __self()->tid, waited = 0, v, err;

	for (;;) {
		v = __atomic_load_n(&m->__lock, __ATOMIC_RELAXED);
		if (!(v & FUTEX_TID_MASK)) {
			/* Free, or its owner died. OWNER_DIED stays for the caller to see. */
			int mine = tid | (v & ~FUTEX_TID_MASK) | waited;

			if (__atomic_compare_exchange_n(&m->__lock, &v, mine, 0, __ATOMIC_ACQUIRE,
							__ATOMIC_RELAXED))
				return 0;
			continue;
		}
		if (try)
			return EBUSY;
		if (!(v & WAITERS) &&
		    !__atomic_compare_exchange_n(&m->__lock, &v, v | WAITERS, 0, __ATOMIC_RELAXED,
						 __ATOMIC_RELAXED))
			continue;
		err = __futex_wait(&m->__lock, v | WAITERS, clock, until, 1);
		if (err == ETIMEDOUT || err == EINVAL)
			return err;
		waited = WAITERS;
	}
}

int __mutex_lock_owned(pthread_mutex_t *m, int clock, const struct timespec *until, int try)
{
	int robust = m->__kind & KIND_ROBUST, err;
	struct thread *self = __self();

	if (robust) {
		if (m->__state == NOT_RECOVERABLE)
			return ENOTRECOVERABLE;
		set_pending(self, m);
	}
	err = m->__kind & KIND_INHERIT ? lock_inherit(m, clock, until, try) :
					 lock_robust(m, clock, until, try);
	if (!robust)
		return err;
	if (!err) {
		list_add(self, m);
		if (__atomic_load_n(&m->__lock, __ATOMIC_RELAXED) & FUTEX_OWNER_DIED) {
			__atomic_and_fetch(&m->__lock, ~FUTEX_OWNER_DIED, __ATOMIC_RELAXED);
			if (m->__state != NOT_RECOVERABLE)
				m->__state = OWNER_DIED;
			err = EOWNERDEAD;
		}
	}
	set_pending(self, NULL);
	if ((!err || err == EOWNERDEAD) && m->__state == NOT_RECOVERABLE) {
		__mutex_unlock_owned(m);
		return ENOTRECOVERABLE;
	}
	if (err == EOWNERDEAD)
		m->__count = 0;
	return err;
}

int __mutex_unlock_owned(pthread_mutex_t *m)
{
	int robust = m->__kind & KIND_ROBUST, all = 0;
	struct thread *self = __self();
	int v = self->tid;

	if (robust) {
		if (m->__state != CONSISTENT) {
			m->__state = NOT_RECOVERABLE;
			all = 1;
		}
		set_pending(self, m);
		list_remove(self, m);
	}
	if (m->__kind & KIND_INHERIT) {
		if (!__atomic_compare_exchange_n(&m->__lock, &v, 0, 0, __ATOMIC_RELEASE,
						 __ATOMIC_RELAXED))
			futex(m, FUTEX_UNLOCK_PI, 0, NULL);
	} else if (__atomic_exchange_n(&m->__lock, 0, __ATOMIC_RELEASE) & WAITERS) {
		__futex_wake(&m->__lock, all ? 0x7fffffff : 1, 1);
	}
	if (robust)
		set_pending(self, NULL);
	return 0;
}

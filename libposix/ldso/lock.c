/*
 * lock.c - the loader's two locks (object.h), each of which its owner may take again: a constructor
 * may call dlopen. Order: load, then list, then the library's others. fork holds both, so that the child
 * finds the list whole.
 */
#include "object.h"

#include "../src/internal/syscall.h"
#include "../src/internal/thread.h"

struct dl_lock __dl_load, __dl_list;

/* As __lock, but taken even while there is one thread: there may be a second before it is given back. */
static void take(int *word)
{
	int seen = 0;

	if (__atomic_compare_exchange_n(word, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(word, 2, __ATOMIC_ACQUIRE) != 0)
		SC(__NR_futex, word, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, 0);
}

void __dl_lock(struct dl_lock *lock)
{
	struct thread *self = __self();

	if (__atomic_load_n(&lock->owner, __ATOMIC_RELAXED) != self) {
		take(&lock->word);
		__atomic_store_n(&lock->owner, self, __ATOMIC_RELAXED);
	}
	lock->depth++;
}

void __dl_unlock(struct dl_lock *lock)
{
	if (--lock->depth)
		return;
	__atomic_store_n(&lock->owner, NULL, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&lock->word, 0, __ATOMIC_RELEASE) == 2)
		SC(__NR_futex, &lock->word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

/* The child's one thread is the one that called, and holds what it held. */
void __dl_fork(int when)
{
	if (when == 0) {
		__dl_lock(&__dl_load);
		__dl_lock(&__dl_list);
		return;
	}
	__dl_unlock(&__dl_list);
	__dl_unlock(&__dl_load);
}

/*
 * lock.c - the library's own lock: 0 free, 1 held, 2 held and waited for.
 * While there is one thread nobody could hold it, and it isn't taken at all.
 */
#include "libc.h"
#include "syscall.h"
#include "thread.h"

int __threaded;

void __lock(int *lock)
{
	int seen = 0;

	if (!__threaded)
		return;
	if (__atomic_compare_exchange_n(lock, &seen, 1, 0, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
		return;
	while (__atomic_exchange_n(lock, 2, __ATOMIC_ACQUIRE) != 0)
		SC(__NR_futex, lock, FUTEX_WAIT | FUTEX_PRIVATE_FLAG, 2, 0);
}

/* A lock "taken" while there was one thread is 0: giving it back then changes nothing. */
void __unlock(int *lock)
{
	if (__atomic_load_n(lock, __ATOMIC_RELAXED) &&
	    __atomic_exchange_n(lock, 0, __ATOMIC_RELEASE) == 2)
		SC(__NR_futex, lock, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1);
}

/*
 * lock.c - a stream kept by one thread over several calls (POSIX flockfile).
 */
#include "file.h"

#include <stdio_ext.h>

void flockfile(FILE *f)
{
	file_lock(f);
}

int ftrylockfile(FILE *f)
{
	uintptr_t me = (uintptr_t)__builtin_thread_pointer();
	int seen = 0;

	if (__atomic_load_n(&f->owner, __ATOMIC_RELAXED) != me) {
		if (!__atomic_compare_exchange_n(&f->lock, &seen, 1, 0, __ATOMIC_ACQUIRE,
						 __ATOMIC_RELAXED))
			return -1;
		__atomic_store_n(&f->owner, me, __ATOMIC_RELAXED);
	}
	f->depth++;
	return 0;
}

void funlockfile(FILE *f)
{
	file_unlock(f);
}

int __fsetlocking(FILE *f, int type)
{
	int old = f->flags & F_NOLOCK ? FSETLOCKING_BYCALLER : FSETLOCKING_INTERNAL;

	if (type == FSETLOCKING_BYCALLER)
		f->flags |= F_NOLOCK;
	else if (type == FSETLOCKING_INTERNAL)
		f->flags &= ~F_NOLOCK;
	return old;
}

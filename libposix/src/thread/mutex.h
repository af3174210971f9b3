/*
 * mutex.h - what a mutex's __kind says, and its slow paths.
 *
 * A mutex without protocol and robustness has in __lock 0, 1 or (waited for) 2,
 * and its owner, where the type wants to know, in __owner. All others have there
 * what futex(2) says: the owner's number and FUTEX_WAITERS.
 */
#ifndef LIBPOSIX_MUTEX_H
#define LIBPOSIX_MUTEX_H

#include "../internal/thread.h"

#define KIND_TYPE	3
#define KIND_ROBUST	4
#define KIND_INHERIT	8
#define KIND_PROTECT	16
#define KIND_SHARED	128
#define KIND_CEILING(k) ((k) >> 8 & 0xff)

enum { CONSISTENT, OWNER_DIED, NOT_RECOVERABLE };

/* Lock until the clock shows `until` (NULL: for ever), or with try not at all. */
int __mutex_lock(pthread_mutex_t *m, int clock, const struct timespec *until, int try);

/* mutex_owned.c: robust and PI ones. The answer, with type and count looked after by mutex.c. */
int __mutex_lock_owned(pthread_mutex_t *m, int clock, const struct timespec *until, int try);
int __mutex_unlock_owned(pthread_mutex_t *m);

/* mutex_ceiling.c: PRIO_PROTECT's change of the caller's priority and back. */
int __ceiling_raise(pthread_mutex_t *m);
void __ceiling_lower(pthread_mutex_t *m);

#endif

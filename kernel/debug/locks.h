/*
 * Which locks are held, for panics and tests. Nothing is kept for it while the kernel
 * runs: memory is searched for what looks like a lock. Takes no lock itself; what it
 * finds is certain only while the other harts stand still.
 */
#ifndef DEBUG_LOCKS_H
#define DEBUG_LOCKS_H

#include <types.h>

struct task;

struct held_lock {
	const void *lock;
	const char *kind; /* "spinlock", "mutex", "rwsem" */
	const char *name; /* its class */
	unsigned hart; /* of a spinlock: hart + 1 that holds it; 0: not known (a debug build knows) */
	const struct task *owner; /* of a mutex, or of a rwsem held for writing */
	unsigned readers; /* of a rwsem */
};

void locks_held(void (*fn)(const struct held_lock *l, void *arg), void *arg);
#endif

/*
 * Which sleeping locks are held, for panics. Nothing is kept for it while the kernel runs: memory
 * is searched for what looks like a held lock. Takes no lock itself; what it finds is certain only
 * while the other harts stand still. Of a rwsem that readers hold nothing tells. (Spinlocks:
 * spin_held_print.)
 */
#ifndef DEBUG_LOCKS_H
#define DEBUG_LOCKS_H

#include <types.h>

struct task;

struct held_lock {
	const void *lock;
	const char *kind; /* "mutex", "rwsem" (held for writing) */
	const struct task *owner;
};

void locks_held(void (*fn)(const struct held_lock *l, void *arg), void *arg);
#endif

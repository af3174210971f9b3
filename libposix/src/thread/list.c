/*
 * list.c - the ring of all threads that exist, those that ended and nobody
 * joined included. A handle (pthread_t) is the address of a control block, good
 * only while it is in the ring.
 */
#include "list.h"

#include "../internal/libc.h"

static int list_lock; /* guards the ring, and that what is in it stays mapped */

void __threads_lock(void)
{
	__lock(&list_lock);
}

void __threads_unlock(void)
{
	__unlock(&list_lock);
}

void __threads_add(struct thread *t)
{
	struct thread *last = __threads->prev;

	t->next = __threads;
	t->prev = last;
	last->next = t;
	__threads->prev = t;
}

void __threads_remove(struct thread *t)
{
	t->prev->next = t->next;
	t->next->prev = t->prev;
	if (__threads == t)
		__threads = t->next;
	t->next = t->prev = t;
}

struct thread *__threads_find(pthread_t thread)
{
	struct thread *t = __threads;

	do {
		if ((pthread_t)t == thread)
			return t;
		t = t->next;
	} while (t != __threads);
	return NULL;
}

/* The child of a fork has this one thread. What the others' stacks take stays mapped. */
void __threads_fork_child(void)
{
	struct thread *self = __self();

	self->next = self->prev = self;
	__threads = self;
	__threads_alive = 1;
	list_lock = 0;
}

/* cleanup.c - what pthread_cleanup_push(3) and pop are made of. */
#include "../internal/thread.h"

void __pthread_cleanup_push(struct __cleanup *c, void (*fn)(void *), void *arg)
{
	struct thread *self = __self();

	c->__fn = fn;
	c->__arg = arg;
	c->__next = self->cleanups;
	self->cleanups = c;
}

void __pthread_cleanup_pop(struct __cleanup *c, int run)
{
	__self()->cleanups = c->__next;
	if (run)
		c->__fn(c->__arg);
}

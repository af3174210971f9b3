/*
 * dtor.c - destructors of C++'s thread_local objects (__cxa_thread_atexit_impl):
 * run at the end of their thread, the newest first.
 */
#include "../internal/thread.h"

#include <stdlib.h>

int __cxa_thread_atexit_impl(void (*fn)(void *), void *arg, void *object);

int __cxa_thread_atexit_impl(void (*fn)(void *), void *arg, void *object)
{
	struct thread *self = __self();
	struct dtor *d = malloc(sizeof(*d));

	if (!d)
		return -1;
	if (__dl_keep)
		__dl_keep(object);
	*d = (struct dtor){ self->dtors, fn, arg };
	self->dtors = d;
	return 0;
}

void __dtors_run(void)
{
	struct thread *self = __self();
	struct dtor *d;

	while ((d = self->dtors)) {
		self->dtors = d->next;
		d->fn(d->arg);
		free(d);
	}
}

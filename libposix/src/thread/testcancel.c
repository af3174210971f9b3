/* testcancel.c - pthread_testcancel(3), apart: without pthread_cancel it does nothing. */
#include "../internal/thread.h"

extern void (*__cancel_hook)(void) __attribute__((visibility("hidden")));

void pthread_testcancel(void)
{
	struct thread *self = __self();

	if (__atomic_load_n(&self->cancel, __ATOMIC_SEQ_CST) && !self->cancel_disabled)
		__cancel_hook();
}

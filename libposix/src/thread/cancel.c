/*
 * cancel.c - cancellation: pthread_cancel(3), its states, pthread_testcancel(3).
 * A request is a flag and SIGCANCEL. The signal's handler ends the thread at once
 * when it is asynchronously cancelable or about to sleep in a cancellation point
 * (cancel_call.S); else the next cancellation point sees the flag.
 */
#include "list.h"

#include "../internal/syscall.h"

#include <errno.h>

extern void (*__cancel_hook)(void) __attribute__((visibility("hidden")));
extern const char __cancel_begin[] __attribute__((visibility("hidden")));
extern const char __cancel_end[] __attribute__((visibility("hidden")));

_Noreturn void __cancel_now(void)
{
	pthread_exit(PTHREAD_CANCELED);
}

static void on_signal(int sig, siginfo_t *info, void *context)
{
	struct thread *self = __self();
	ucontext_t *uc = context;
	uintptr_t pc = uc->uc_mcontext.__gregs[REG_PC];

	(void)sig;
	(void)info;
	if (!self->cancel || self->cancel_disabled)
		return;
	if (self->cancel_async ||
	    (pc >= (uintptr_t)__cancel_begin && pc < (uintptr_t)__cancel_end)) {
		uc->uc_mcontext.__gregs[REG_PC] = (uintptr_t)__cancel_now;
		uc->uc_mcontext.__gregs[REG_SP] &= -16ul;
		return;
	}
	/* Perhaps a handler of the program runs above a call that sleeps: come again when that
	 * handler is done and brings back the mask of what it interrupted. */
	uc->uc_sigmask |= 1ul << (SIGCANCEL - 1);
	SC(__NR_tkill, self->tid, SIGCANCEL);
}

static void install(void)
{
	struct sigaction act = { .sa_sigaction = on_signal,
				 .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK,
				 .sa_mask = -1ul };

	SC(__NR_rt_sigaction, SIGCANCEL, &act, NULL, 8);
	__cancel_hook = __cancel_now;
}

int pthread_cancel(pthread_t thread)
{
	struct thread *self = __self(), *t;
	int err = 0;

	__threads_lock();
	if (!__cancel_hook)
		install();
	t = __threads_find(thread);
	if (!t) {
		err = ESRCH;
	} else {
		__atomic_store_n(&t->cancel, 1, __ATOMIC_SEQ_CST);
		/* Who disabled it isn't bothered, and looks at the flag when enabling again. */
		if (t != self && !__atomic_load_n(&t->cancel_disabled, __ATOMIC_SEQ_CST) && t->tid)
			SC(__NR_tkill, t->tid, SIGCANCEL);
	}
	__threads_unlock();
	if (t == self && self->cancel_async && !self->cancel_disabled)
		__cancel_now();
	return err;
}

int pthread_setcancelstate(int state, int *old)
{
	struct thread *self = __self();

	if (state != PTHREAD_CANCEL_ENABLE && state != PTHREAD_CANCEL_DISABLE)
		return EINVAL;
	if (old)
		*old = self->cancel_disabled;
	__atomic_store_n(&self->cancel_disabled, (unsigned char)state, __ATOMIC_SEQ_CST);
	if (self->cancel_async)
		pthread_testcancel();
	return 0;
}

int pthread_setcanceltype(int type, int *old)
{
	struct thread *self = __self();

	if (type != PTHREAD_CANCEL_DEFERRED && type != PTHREAD_CANCEL_ASYNCHRONOUS)
		return EINVAL;
	if (old)
		*old = self->cancel_async;
	self->cancel_async = (unsigned char)type;
	if (type)
		pthread_testcancel();
	return 0;
}

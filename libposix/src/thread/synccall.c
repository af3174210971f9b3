/*
 * synccall.c - a call that POSIX wants made for the whole process and the kernel
 * makes for one thread (setuid(2) and its relatives): SIGALL has every thread
 * make it. The threads' list is locked meanwhile, so none is born or ends.
 */
#include "list.h"

#include "../internal/syscall.h"

#include <unistd.h>

static void (*call)(void *); /* [list lock] and what follows */
static void *call_arg;
static volatile int waiting;

static void on_signal(int sig)
{
	int saved = __self()->errno_value;

	(void)sig;
	call(call_arg);
	__self()->errno_value = saved;
	if (!__atomic_sub_fetch(&waiting, 1, __ATOMIC_RELEASE))
		__futex_wake(&waiting, 1, 0);
}

void __synccall(void (*fn)(void *), void *arg)
{
	struct sigaction act = { .sa_handler = on_signal, .sa_flags = SA_RESTART, .sa_mask = -1ul };
	struct thread *self = __self(), *t;
	sigset_t old;
	int left;

	if (!__threaded) {
		fn(arg);
		return;
	}
	__signals_block(&old);
	__threads_lock();
	SC(__NR_rt_sigaction, SIGALL, &act, NULL, 8);
	call = fn;
	call_arg = arg;
	waiting = 1;
	for (t = self->next; t != self; t = t->next) {
		if (t->detach == EXITED || t->detach == JOINED || !t->tid)
			continue;
		__atomic_add_fetch(&waiting, 1, __ATOMIC_RELAXED);
		if (SC(__NR_tgkill, SC(__NR_getpid), t->tid, SIGALL) < 0)
			__atomic_sub_fetch(&waiting, 1, __ATOMIC_RELAXED);
	}
	fn(arg);
	left = __atomic_sub_fetch(&waiting, 1, __ATOMIC_ACQUIRE);
	while (left) {
		__futex_wait(&waiting, left, CLOCK_REALTIME, NULL, 0);
		left = __atomic_load_n(&waiting, __ATOMIC_ACQUIRE);
	}
	__threads_unlock();
	__signals_restore(&old);
}

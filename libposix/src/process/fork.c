/*
 * fork.c - new processes: fork(2). The library's own locks are taken around it,
 * so that the child, which has only the thread that called, finds them free.
 */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <unistd.h>

/* POSIX: async-signal-safe, without the functions of pthread_atfork. */
pid_t _Fork(void)
{
	struct thread *self = __self();
	sigset_t old;
	long pid;

	/* With one thread nothing can come between, and a signal to both reaches the child too. */
	if (__threaded) {
		if (__dl_fork)
			__dl_fork(0);
		__signals_block(&old);
		if (__heap_fork)
			__heap_fork(0);
		__threads_lock();
	}
	pid = SC(__NR_clone, SIGCHLD, 0, 0, 0, 0);
	if (!pid) {
		self->tid = (int)SC(__NR_set_tid_address, &self->tid);
		self->robust.list.next = &self->robust.list;
		self->robust.list_op_pending = NULL;
		self->robust.futex_offset = 0;
		if (__threaded)
			__threads_fork_child();
	} else if (__threaded) {
		__threads_unlock();
	}
	if (__threaded) {
		if (__heap_fork)
			__heap_fork(pid ? 1 : 2);
		__signals_restore(&old);
		if (__dl_fork)
			__dl_fork(pid ? 1 : 2);
	}
	return (pid_t)RET(pid);
}

pid_t fork(void)
{
	pid_t pid;
	int saved;

	if (__atfork_run)
		__atfork_run(0);
	if (__stdio_fork)
		__stdio_fork(0);
	pid = _Fork();
	saved = errno;
	if (__stdio_fork)
		__stdio_fork(pid ? 1 : 2);
	if (__atfork_run)
		__atfork_run(pid ? 1 : 2);
	errno = saved;
	return pid;
}

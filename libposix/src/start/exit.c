/*
 * exit.c - atexit(3), exit(3), abort(3). Functions run in the reverse of the
 * order they were given, each once, those added meanwhile included.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

#define ATEXIT_MAX 64

extern void (*const __fini_array_start[])(void), (*const __fini_array_end[])(void);

static int exit_lock; /* guards the list below */
static void (*exit_fns[ATEXIT_MAX])(void);
static int exit_count;

int atexit(void (*fn)(void))
{
	int full;

	__lock(&exit_lock);
	full = exit_count == ATEXIT_MAX;
	if (!full)
		exit_fns[exit_count++] = fn;
	__unlock(&exit_lock);
	if (full)
		errno = ENOMEM;
	return full ? -1 : 0;
}

static void (*next_exit_fn(void))(void)
{
	void (*fn)(void) = NULL;

	__lock(&exit_lock);
	if (exit_count)
		fn = exit_fns[--exit_count];
	__unlock(&exit_lock);
	return fn;
}

/* Programs without stdio link this one instead of flushing anything. */
static void no_stdio(void)
{
}

void __stdio_exit(void) __attribute__((weak, alias("no_stdio")));

_Noreturn void exit(int status)
{
	void (*fn)(void);

	while ((fn = next_exit_fn()))
		fn();
	for (void (*const *f)(void) = __fini_array_end; f > __fini_array_start;)
		(*--f)();
	__stdio_exit();
	_exit(status);
}

_Noreturn void _exit(int status)
{
	for (;;)
		SC(__NR_exit_group, status);
}

_Noreturn void _Exit(int status)
{
	_exit(status);
}

_Noreturn void abort(void)
{
	raise(SIGABRT);
	/* A handler returned, or the signal is ignored or blocked: insist. */
	signal(SIGABRT, SIG_DFL);
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGABRT);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(SIGABRT);
	for (;;)
		__builtin_trap();
}

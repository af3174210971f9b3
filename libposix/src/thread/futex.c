/*
 * futex.c - waiting for a word in memory to change: futex(2), and the block of
 * all signals around what must not be interrupted.
 */
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <time.h>

#define SET_BYTES 8

/* FUTEX_WAIT_BITSET takes a point in time: of CLOCK_REALTIME if its flag says so, else monotonic. */
static long prepare(int *op, int clock, const struct timespec *until, int shared)
{
	*op = FUTEX_WAIT_BITSET | (shared ? 0 : FUTEX_PRIVATE_FLAG);
	if (clock == CLOCK_REALTIME)
		*op |= FUTEX_CLOCK_REALTIME;
	if (!until)
		return 0;
	if ((unsigned long)until->tv_nsec >= 1000000000ul)
		return EINVAL;
	return until->tv_sec < 0 ? ETIMEDOUT : 0;
}

int __futex_wait(volatile void *word, int value, int clock, const struct timespec *until,
		 int shared)
{
	int op;
	long err = prepare(&op, clock, until, shared);

	if (err)
		return (int)err;
	return (int)-SC(__NR_futex, word, op, value, until, 0, FUTEX_BITSET_MATCH_ANY);
}

int __futex_wait_c(volatile void *word, int value, int clock, const struct timespec *until,
		   int shared)
{
	int op;
	long err = prepare(&op, clock, until, shared);

	if (err)
		return (int)err;
	return (int)-SCC(__NR_futex, word, op, value, until, 0, FUTEX_BITSET_MATCH_ANY);
}

void __futex_wake(volatile void *word, int count, int shared)
{
	SC(__NR_futex, word, FUTEX_WAKE | (shared ? 0 : FUTEX_PRIVATE_FLAG), count);
}

void __signals_block(sigset_t *old)
{
	sigset_t all = ~(1ul << (SIGALL - 1)); /* synccall.c waits for that one */

	SC(__NR_rt_sigprocmask, SIG_BLOCK, &all, old, SET_BYTES);
}

void __signals_restore(const sigset_t *old)
{
	SC(__NR_rt_sigprocmask, SIG_SETMASK, old, NULL, SET_BYTES);
}

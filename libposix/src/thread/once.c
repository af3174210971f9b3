/*
 * once.c - pthread_once(3): 0 not yet, 1 at it, 3 at it and waited for, 2 done.
 * A function that is cancelled has not been run.
 */
#include "../internal/thread.h"

static void undo(void *arg)
{
	pthread_once_t *once = arg;

	if (__atomic_exchange_n(once, 0, __ATOMIC_RELEASE) == 3)
		__futex_wake(once, 0x7fffffff, 0);
}

int pthread_once(pthread_once_t *once, void (*fn)(void))
{
	int state;

	for (;;) {
		state = __atomic_load_n(once, __ATOMIC_ACQUIRE);
		if (state == 2)
			return 0;
		if (state == 0) {
			if (__atomic_compare_exchange_n(once, &state, 1, 0, __ATOMIC_ACQUIRE,
							__ATOMIC_RELAXED))
				break;
		} else if (state == 3 ||
			   __atomic_compare_exchange_n(once, &state, 3, 0, __ATOMIC_RELAXED,
						       __ATOMIC_RELAXED)) {
			__futex_wait(once, 3, CLOCK_REALTIME, NULL, 0);
		}
	}
	pthread_cleanup_push(undo, once);
	fn();
	pthread_cleanup_pop(0);
	if (__atomic_exchange_n(once, 2, __ATOMIC_RELEASE) == 3)
		__futex_wake(once, 0x7fffffff, 0);
	return 0;
}

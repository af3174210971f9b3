/*
 * stack_chk.c - where a function goes that finds the word above its buffers
 * changed: the process aborts. __stack_chk_guard is set at the start, from the
 * kernel's AT_RANDOM.
 */
#include "../internal/syscall.h"

#include <stdlib.h>

_Noreturn void __stack_chk_fail(void);

_Noreturn void __stack_chk_fail(void)
{
	static const char text[] = "*** stack smashing detected ***\n";

	SC(__NR_write, 2, text, sizeof(text) - 1);
	abort();
}

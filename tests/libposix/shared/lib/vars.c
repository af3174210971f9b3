/* Thread-local variables of an object that may be opened late. */
#include <stdint.h>

__thread int first = 11;
__thread char bytes[300];
static __thread int own = 5;
__thread int aligned __attribute__((aligned(256))) = 77;

static __thread const char *text = "vars";

const char *vars_text(void)
{
	return text;
}

int *vars_first(void)
{
	return &first;
}

int vars_step(void)
{
	bytes[299]++;
	return ++own * 1000 + bytes[299];
}

int vars_aligned(void)
{
	return (uintptr_t)&aligned % 256 == 0 && aligned == 77;
}

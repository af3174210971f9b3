/* Needs base, and is there from the start or opened. */
#include <stdio.h>

int base_next(void);
extern int base_count;
int missing_function(void) __attribute__((weak));
extern int missing_variable __attribute__((weak));

__attribute__((constructor)) static void start(void)
{
	printf("top starts: %d\n", base_count);
}

__attribute__((destructor)) static void stop(void)
{
	printf("top stops: %d\n", base_count);
}

int top_next(void)
{
	return base_next() + 100;
}

int top_missing(void)
{
	return missing_function != NULL || &missing_variable != NULL;
}

/* Right and left define the same names. */
#include <stdio.h>

int side(void)
{
	return 'r';
}

int ask_right(void)
{
	return side();
}

__attribute__((destructor)) static void stop(void)
{
	puts("right stops");
}

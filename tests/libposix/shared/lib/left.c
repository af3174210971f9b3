/* left and right define the same names. */
#include <stdio.h>

int side(void)
{
	return 'l';
}

int ask_side(void)
{
	return side();
}

__attribute__((destructor)) static void stop(void)
{
	puts("left stops");
}

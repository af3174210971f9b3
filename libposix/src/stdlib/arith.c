/*
 * arith.c - absolute values, quotient with remainder, pseudo-random numbers.
 */
#include <stdlib.h>

int abs(int n)
{
	return n < 0 ? -n : n;
}

long labs(long n)
{
	return n < 0 ? -n : n;
}

div_t div(int num, int den)
{
	return (div_t){ num / den, num % den };
}

ldiv_t ldiv(long num, long den)
{
	return (ldiv_t){ num / den, num % den };
}

/* A linear congruential generator of 64 bits, its upper bits being the good ones. */
static unsigned long rand_state = 1;

static int step(unsigned long *state)
{
	*state = *state * 6364136223846793005ul + 1442695040888963407ul;
	return (int)(*state >> 33);
}

void srand(unsigned int seed)
{
	rand_state = seed;
}

int rand(void)
{
	return step(&rand_state);
}

int rand_r(unsigned int *seed)
{
	unsigned long s = *seed;
	int r;

	step(&s);
	r = step(&s);
	*seed = (unsigned int)(s >> 16);
	return r;
}

/*
 * rand48.c - the drand48 family (POSIX XSI): X' = aX + c modulo 2^48.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static uint64_t factor = 0x5deece66dul;
static uint64_t addend = 0xb;
static unsigned short own[3];

static uint64_t step(unsigned short x[3])
{
	uint64_t v = x[0] | (uint64_t)x[1] << 16 | (uint64_t)x[2] << 32;

	v = (v * factor + addend) & 0xfffffffffffful;
	x[0] = (unsigned short)v;
	x[1] = (unsigned short)(v >> 16);
	x[2] = (unsigned short)(v >> 32);
	return v;
}

double erand48(unsigned short x[3])
{
	return (double)step(x) * 0x1p-48;
}

double drand48(void)
{
	return erand48(own);
}

long nrand48(unsigned short x[3])
{
	return (long)(step(x) >> 17);
}

long lrand48(void)
{
	return nrand48(own);
}

long jrand48(unsigned short x[3])
{
	return (int32_t)(step(x) >> 16);
}

long mrand48(void)
{
	return jrand48(own);
}

unsigned short *seed48(unsigned short x[3])
{
	static unsigned short old[3];

	memcpy(old, own, sizeof(old));
	memcpy(own, x, sizeof(own));
	factor = 0x5deece66dul;
	addend = 0xb;
	return old;
}

void srand48(long seed)
{
	seed48((unsigned short[3]){ 0x330e, (unsigned short)seed, (unsigned short)(seed >> 16) });
}

void lcong48(unsigned short p[7])
{
	memcpy(own, p, sizeof(own));
	factor = p[3] | (uint64_t)p[4] << 16 | (uint64_t)p[5] << 32;
	addend = p[6];
}

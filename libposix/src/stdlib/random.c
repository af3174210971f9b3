/*
 * random.c - pseudo-random numbers of C and BSD: rand, rand_r, random with states of
 * 8 to 256 bytes (random(3)). The sequences are the classical ones: a trinomial feedback
 * shift register seeded by the minimal standard generator (Park and Miller 1988), and
 * for 8 bytes a linear congruence. random_lock guards the state.
 */
#include "../internal/libc.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>

/* Degree and separation of the trinomials, by the size of the state. */
static const struct kind {
	size_t bytes;
	int degree, separation;
} kinds[] = { { 8, 0, 0 }, { 32, 7, 3 }, { 64, 15, 1 }, { 128, 31, 3 }, { 256, 63, 1 } };

#define KINDS 5

/* words[0] says what the rest is: kind and how far `front` has come. */
struct state {
	int32_t *words;
	int kind;
	int front, rear;
};

static int random_lock;
static int32_t first[32];
static struct state now;

static int32_t park_miller(int32_t x)
{
	int64_t r = 16807ll * (x % 127773) - 2836ll * (x / 127773);

	return (int32_t)(r < 0 ? r + 2147483647 : r);
}

static long step(void)
{
	const struct kind *k = &kinds[now.kind];
	int32_t *w = now.words + 1;
	uint32_t sum;

	if (!k->degree) {
		w[0] = (int32_t)(((uint32_t)w[0] * 1103515245u + 12345u) & 0x7fffffff);
		return w[0];
	}
	sum = (uint32_t)w[now.front] + (uint32_t)w[now.rear];
	w[now.front] = (int32_t)sum;
	now.front = now.front + 1 == k->degree ? 0 : now.front + 1;
	now.rear = now.rear + 1 == k->degree ? 0 : now.rear + 1;
	return sum >> 1;
}

static void seed_state(unsigned int seed)
{
	const struct kind *k = &kinds[now.kind];
	int32_t *w = now.words + 1;

	w[0] = seed ? (int32_t)seed : 1;
	for (int i = 1; i < k->degree; i++)
		w[i] = park_miller(w[i - 1]);
	now.front = k->separation;
	now.rear = 0;
	for (int i = 0; i < 10 * k->degree; i++)
		step();
}

static void ready(void)
{
	if (!now.words) {
		now = (struct state){ .words = first, .kind = 3 };
		seed_state(1);
	}
}

static void remember(void)
{
	now.words[0] = now.rear * KINDS + now.kind;
}

void srandom(unsigned int seed)
{
	__lock(&random_lock);
	ready();
	seed_state(seed);
	__unlock(&random_lock);
}

long random(void)
{
	long r;

	__lock(&random_lock);
	ready();
	r = step();
	__unlock(&random_lock);
	return r;
}

char *initstate(unsigned int seed, char *state, size_t size)
{
	char *old;
	int kind = KINDS - 1;

	if (size < 8) {
		errno = EINVAL;
		return NULL;
	}
	while (kinds[kind].bytes > size)
		kind--;
	__lock(&random_lock);
	ready();
	remember();
	old = (char *)now.words;
	now = (struct state){ .words = (int32_t *)(void *)state, .kind = kind };
	seed_state(seed);
	remember();
	__unlock(&random_lock);
	return old;
}

char *setstate(char *state)
{
	int32_t *words = (int32_t *)(void *)state;
	char *old;
	int kind;

	__lock(&random_lock);
	ready();
	remember();
	old = (char *)now.words;
	kind = words[0] % KINDS;
	now = (struct state){ .words = words, .kind = kind, .rear = words[0] / KINDS };
	if (kinds[kind].degree)
		now.front = (now.rear + kinds[kind].separation) % kinds[kind].degree;
	__unlock(&random_lock);
	return old;
}

/* A linear congruential generator of 64 bits, its upper bits being the good ones. */
static uint64_t rand_state = 1;

static int congruence(uint64_t *state)
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
	return congruence(&rand_state);
}

int rand_r(unsigned int *seed)
{
	uint64_t s = *seed;
	int r;

	congruence(&s);
	r = congruence(&s);
	*seed = (unsigned int)(s >> 16);
	return r;
}

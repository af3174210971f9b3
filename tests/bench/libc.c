/*
 * What a C library's functions cost, in instructions: built with glibc, with musl and with libposix, and run
 * under the plugin that counts between marks (count.c). Each row is measured three times, its name and how
 * often it was done said once; test_libc_cost.py compares.
 */
#include "bench.h"

#include <pthread.h>

enum { MOST = 65536, TIMES = 3, SLOTS = 256, THREADS = 4 };

/* What the compiler can't see through. */
static void *(*volatile f_memcpy)(void *, const void *, size_t) = memcpy;
static void *(*volatile f_memmove)(void *, const void *, size_t) = memmove;
static void *(*volatile f_memset)(void *, int, size_t) = memset;
static size_t (*volatile f_strlen)(const char *) = strlen;
static void *(*volatile f_memchr)(const void *, int, size_t) = memchr;
static int (*volatile f_strcmp)(const char *, const char *) = strcmp;
static char *(*volatile f_strchr)(const char *, int) = strchr;
static void *(*volatile f_malloc)(size_t) = malloc;
static void *(*volatile f_realloc)(void *, size_t) = realloc;
static void (*volatile f_free)(void *) = free;
static int (*volatile f_snprintf)(char *, size_t, const char *, ...) = snprintf;

static char a[MOST + 64] __attribute__((aligned(64))), b[MOST + 64] __attribute__((aligned(64)));
static volatile long sink;
/* Of the row that is measured: where in a and b, and how many bytes. */
static char *to, *from;
static size_t size;

static void do_nothing(void)
{
	sink += (long)f_memcpy;
}

static void do_memcpy(void)
{
	f_memcpy(to, from, size);
}

/* Downwards: the destination lies above, and overlaps. */
static void do_memmove(void)
{
	f_memmove(from + (to - a) + 8, from, size);
}

static void do_memset(void)
{
	f_memset(to, 'x', size);
}

static void do_strlen(void)
{
	sink += (long)f_strlen(from);
}

static void do_memchr(void)
{
	sink += (long)f_memchr(from, 'y', size);
}

static void do_strcmp(void)
{
	sink += f_strcmp(to, from);
}

static void do_strchr(void)
{
	sink += (long)f_strchr(from, 'y');
}

static void do_small(void)
{
	void *p[16];

	for (int i = 0; i < 16; i++)
		p[i] = f_malloc(16 + 8 * (unsigned)i);
	for (int i = 16; i--;)
		f_free(p[i]);
}

static unsigned rnd(unsigned *seed)
{
	return (*seed = *seed * 1103515245 + 12345) >> 8;
}

static void mixed(unsigned seed, int rounds)
{
	void *p[SLOTS] = { NULL };

	for (int i = 0; i < rounds; i++) {
		unsigned k = rnd(&seed) % SLOTS, most = rnd(&seed) % 16 ? 512 : 20000;

		f_free(p[k]);
		p[k] = f_malloc(1 + rnd(&seed) % most);
	}
	for (int i = 0; i < SLOTS; i++)
		f_free(p[i]);
}

static void do_mixed(void)
{
	mixed(1, 4000);
}

static void do_realloc(void)
{
	char *p = NULL;

	for (size_t n = 16; n <= 65536; n += n / 4) {
		p = f_realloc(p, n);
		p[n - 1] = 1;
	}
	f_free(p);
}

static void *thread(void *arg)
{
	mixed((unsigned)(uintptr_t)arg, 4000);
	return NULL;
}

static void do_threads(void)
{
	pthread_t t[THREADS];

	for (uintptr_t i = 0; i < THREADS; i++)
		if (pthread_create(&t[i], NULL, thread, (void *)(i + 1)))
			exit(1);
	for (int i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
}

static void do_printf(void)
{
	char buf[100];

	sink += f_snprintf(buf, sizeof(buf), "%d %s %g", 123456, "a string of words", 3.14159);
}

static void do_printf_hard(void)
{
	char buf[100];

	sink += f_snprintf(buf, sizeof(buf), "%g %.17g %e", 1e300, 0.1, 12345.678e-200);
}

static void run(const char *name, void (*op)(void), int n)
{
	printf("@@ %s %d\n", name, n);
	fflush(stdout);
	op(); /* its pages are there */
	for (int t = 0; t < TIMES; t++) {
		mark(1);
		for (int i = 0; i < n; i++)
			op();
		mark(2);
	}
}

static const struct {
	const char *name;
	void (*op)(void);
} strings[] = {
	{ "memcpy", do_memcpy }, { "memmove", do_memmove }, { "memset", do_memset },
	{ "strlen", do_strlen }, { "memchr", do_memchr },   { "strcmp", do_strcmp },
	{ "strchr", do_strchr },
};
static const size_t sizes[] = { 0, 1, 5, 8, 13, 16, 24, 31, 64, 100, 250, 1024, 4096, MOST };
/* Where the destination and the source begin. */
static const int places[][2] = { { 0, 0 }, { 3, 3 }, { 1, 6 } };

int main(void)
{
	char name[60];

	memset(a, 'x', sizeof(a));
	memset(b, 'x', sizeof(b));
	run("nothing", do_nothing, 1000);
	for (unsigned i = 0; i < ARRAY_SIZE(strings); i++)
		for (unsigned p = 0; p < ARRAY_SIZE(places); p++)
			for (unsigned s = 0; s < ARRAY_SIZE(sizes); s++) {
				size = sizes[s];
				to = a + places[p][0];
				from = b + places[p][1];
				memset(a, 'x', sizeof(a));
				memset(b, 'x', sizeof(b));
				to[size] = from[size] = 0;
				snprintf(name, sizeof(name), "%s-%d%d-%zu", strings[i].name,
					 places[p][0], places[p][1], size);
				run(name, strings[i].op, (int)(20000 / (size + 50)) + 4);
			}
	run("malloc-small", do_small, 100);
	run("malloc-mixed", do_mixed, 1);
	run("malloc-realloc", do_realloc, 20);
	run("malloc-threads", do_threads, 1);
	run("printf", do_printf, 200);
	run("printf-hard", do_printf_hard, 100);
	return 0;
}

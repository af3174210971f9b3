/*
 * t.h - the host tests' frame: checks, a random generator, and what libc gives.
 *
 * A test program is a main() that calls RUN(function) for each test and ends with
 * `return t_done();`.  Each test prints one line, "ok NAME" or "FAIL NAME: words";
 * only the first failed check of a test is told.  Random tests are repeatable: the
 * seed is fixed, or taken from T_SEED.
 *
 * libc's functions are declared here by hand: most of its headers bring structures
 * that the ABI headers define too.
 */
#ifndef TESTS_HOST_T_H
#define TESTS_HOST_T_H

#include <compiler.h>
#include <types.h>

int printf(const char *fmt, ...) __printf(1, 2);
void *malloc(size_t n);
void *calloc(size_t n, size_t size);
void *realloc(void *p, size_t n);
void free(void *p);
char *getenv(const char *name);
unsigned long strtoul(const char *s, char **end, int base);
void abort(void) __noreturn;

struct t_state {
	const char *test;
	bool failed;
	int failures;
	u64 random;
};

struct t_state t __attribute__((weak)); /* one for all files of a program */

static inline u64 t_random(void)
{
	/* xorshift64* (Marsaglia, Vigna) */
	t.random ^= t.random >> 12;
	t.random ^= t.random << 25;
	t.random ^= t.random >> 27;
	return t.random * 0x2545f4914f6cdd1dUL;
}

/* 0 .. n - 1 */
static inline u64 t_below(u64 n)
{
	return t_random() % n;
}

static inline void t_run(const char *name, void (*fn)(void))
{
	const char *seed = getenv("T_SEED");

	t.test = name;
	t.failed = false;
	t.random = seed ? strtoul(seed, NULL, 0) | 1 : 0x9e3779b97f4a7c15UL;
	fn();
	if (!t.failed)
		printf("ok %s\n", name);
	t.failures += t.failed;
}

static inline int t_done(void)
{
	return t.failures != 0;
}

#define FAIL(...)                                                               \
	do {                                                                    \
		if (!t.failed) {                                                \
			t.failed = true;                                        \
			printf("FAIL %s: %s:%d: ", t.test, __FILE__, __LINE__); \
			printf(__VA_ARGS__);                                    \
			printf("\n");                                           \
		}                                                               \
	} while (0)

#define CHECK(cond)                        \
	do {                               \
		if (!(cond))               \
			FAIL("%s", #cond); \
	} while (0)

/* Integers or pointers. */
#define CHECK_EQ(got, want)                                                                    \
	do {                                                                                   \
		s64 got_ = (s64)(got), want_ = (s64)(want);                                    \
		if (got_ != want_)                                                             \
			FAIL("%s is %ld (%#lx), not %ld (%#lx)", #got, got_, (u64)got_, want_, \
			     (u64)want_);                                                      \
	} while (0)

#define CHECK_STR(got, want)                                                 \
	do {                                                                 \
		const char *got_ = (got), *want_ = (want);                   \
		if (__builtin_strcmp(got_, want_) != 0)                      \
			FAIL("%s is \"%s\", not \"%s\"", #got, got_, want_); \
	} while (0)

#define RUN(fn) t_run(#fn, fn)

#endif

/*
 * What malloc costs when four threads use it at once, on four harts: the instructions of all harts between marks
 * (count.c), and how often a thread slept for another, which only a lock makes it do. Beside it the same with one lock
 * around every call, as a heap would be that does not scale.
 */
#include "bench.h"

#include <pthread.h>
#include <stdbool.h>
#include <sys/resource.h>

enum { THREADS = 4, SLOTS = 256, ROUNDS = 60000 };

static void *(*volatile f_malloc)(size_t) = malloc;
static void (*volatile f_free)(void *) = free;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_barrier_t begin, end;
static bool locked;
static long slept;

static unsigned rnd(unsigned *seed)
{
	return (*seed = *seed * 1103515245 + 12345) >> 8;
}

static void *another(void *old, size_t n)
{
	void *p;

	if (locked)
		pthread_mutex_lock(&lock);
	f_free(old);
	p = f_malloc(n);
	if (locked)
		pthread_mutex_unlock(&lock);
	return p;
}

static long sleeps(void)
{
	struct rusage u;

	getrusage(RUSAGE_THREAD, &u);
	return u.ru_nvcsw;
}

static void *work(void *arg)
{
	unsigned seed = (unsigned)(uintptr_t)arg + 1;
	void *p[SLOTS] = { NULL };
	long before;

	pthread_barrier_wait(&begin);
	before = sleeps();
	for (int i = 0; i < ROUNDS; i++) {
		unsigned k = rnd(&seed) % SLOTS;

		p[k] = another(p[k], 1 + rnd(&seed) % (rnd(&seed) % 64 ? 512 : 20000));
	}
	__atomic_fetch_add(&slept, sleeps() - before, __ATOMIC_RELAXED);
	pthread_barrier_wait(&end);
	for (int i = 0; i < SLOTS; i++)
		f_free(p[i]);
	return NULL;
}

static void run(const char *name, unsigned threads, bool one_lock)
{
	pthread_t t[THREADS];

	locked = one_lock;
	slept = 0;
	pthread_barrier_init(&begin, NULL, threads + 1);
	pthread_barrier_init(&end, NULL, threads + 1);
	for (uintptr_t i = 0; i < threads; i++)
		if (pthread_create(&t[i], NULL, work, (void *)i))
			exit(1);
	mark(1);
	pthread_barrier_wait(&begin);
	pthread_barrier_wait(&end);
	mark(2);
	for (unsigned i = 0; i < threads; i++)
		pthread_join(t[i], NULL);
	printf("@@ %s %u %ld\n", name, threads * ROUNDS, slept);
}

int main(void)
{
	/* the second time everything has its memory */
	run("warm", THREADS, false);
	run("one", 1, false);
	run("four", THREADS, false);
	run("locked", THREADS, true);
	return 0;
}

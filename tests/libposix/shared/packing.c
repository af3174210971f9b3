/* Forms of relocations that this compiler and linker do not make: RELR, descriptors of thread-local variables. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

int packed_bad(void);
double described_step(double, double, long, long);
int described_vectors(void);
extern __thread int described;
static void *handle;
static int (*later_vectors)(void);
static double (*later)(double, double, long, long);

static void *thread(void *arg)
{
	(void)arg;
	/* The first use in this thread: its block is made meanwhile. */
	printf("vectors %d", later_vectors());
	printf(" %d", later_vectors());
	printf(" %d\n", described_vectors());
	for (int i = 0; i < 2; i++) {
		double first = described_step(3, 4, 5, 6), second = later(3, 4, 5, 6);

		printf("%g %g", first, second);
		printf(" %d %d\n", described, *(int *)dlsym(handle, "other"));
	}
	return NULL;
}

int main(void)
{
	pthread_t t;

	printf("%d\n", packed_bad());
	handle = dlopen("later.so", RTLD_NOW);
	later = handle ? (double (*)(double, double, long, long))dlsym(handle, "other_step") : NULL;
	later_vectors = handle ? (int (*)(void))dlsym(handle, "other_vectors") : NULL;
	if (!later || !later_vectors)
		return 1;
	thread(NULL);
	pthread_create(&t, NULL, thread, NULL);
	pthread_join(t, NULL);
	return 0;
}

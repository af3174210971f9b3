/* Thread-local variables of objects: there from the start, opened later, opened many times, at fixed places. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern __thread int start_value;
int *start_address(void);
const char *start_words(void);
__thread int mine = 3;
static __thread const char *words = "main's";
static int four = 4;
static __thread int *pointer = &four;

typedef int step_fn(void);
static step_fn *step, *fixed, *aligned;
static int *(*first)(void);
static const char *(*vars_text)(void), *(*fixed_text)(void);
static pthread_barrier_t gate;

static void *thread(void *arg)
{
	int bad = 0;

	pthread_barrier_wait(&gate); /* here before the object was opened */
	pthread_barrier_wait(&gate);
	bad += step() != 6001 || step() != 7002;
	bad += *first() != 11;
	*first() = 100 + *(int *)arg;
	bad += fixed() != 23 || fixed() != 25;
	bad += strcmp(vars_text(), "vars") || strcmp(fixed_text(), "fixed");
	bad += strcmp(words, "main's") || strcmp(start_words(), "start") || *pointer != 4;
	bad += !aligned();
	bad += start_value != 9 || &start_value != start_address() || mine != 3;
	pthread_barrier_wait(&gate);
	bad += *first() != 100 + *(int *)arg;
	return (void *)(long)bad;
}

static void *late(void *arg)
{
	(void)arg;
	return (void *)(long)(step() != 6001 || *first() != 11 || fixed() != 23 ||
			      strcmp(words, "main's") || strcmp(fixed_text(), "fixed") ||
			      strcmp(start_words(), "start"));
}

int main(void)
{
	void *h, *f, *many[12], *result;
	int numbers[4] = { 1, 2, 3, 4 }, sum = 0;
	pthread_t t[4];
	char name[32];

	printf("%d %d %d\n", start_value, mine, &start_value == start_address());
	/* Pointers that variables begin with. */
	printf("%s %s %d\n", words, start_words(), *pointer);
	pthread_barrier_init(&gate, NULL, 5);
	for (int i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, thread, &numbers[i]);
	pthread_barrier_wait(&gate);
	h = dlopen("vars.so", RTLD_NOW);
	f = dlopen("fixed.so", RTLD_NOW);
	printf("%d %d\n", h != NULL, f != NULL);
	step = (step_fn *)dlsym(h, "vars_step");
	aligned = (step_fn *)dlsym(h, "vars_aligned");
	first = (int *(*)(void))dlsym(h, "vars_first");
	fixed = (step_fn *)dlsym(f, "fixed_step");
	vars_text = (const char *(*)(void))dlsym(h, "vars_text");
	fixed_text = (const char *(*)(void))dlsym(f, "fixed_text");
	printf("%s %s\n", vars_text(), fixed_text());
	printf("%d %d\n", *first(), dlsym(h, "first") == (void *)first());
	pthread_barrier_wait(&gate);
	pthread_barrier_wait(&gate);
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], &result);
		printf("thread %d: %ld bad\n", i, (long)result);
	}
	pthread_create(&t[0], NULL, late, NULL);
	pthread_join(t[0], &result);
	printf("late: %ld bad\n", (long)result);

	/* A number that was another object's: the variables are new. */
	for (int round = 0; round < 3; round++) {
		printf("%d ", step());
		dlclose(h);
		h = dlopen("vars.so", RTLD_NOW);
		step = (step_fn *)dlsym(h, "vars_step");
	}
	printf("\n");
	for (int i = 0; i < 12; i++) {
		snprintf(name, sizeof(name), "many%d.so", i);
		many[i] = dlopen(name, RTLD_NOW);
		if (many[i])
			sum += ((step_fn *)dlsym(many[i], "vars_step"))();
	}
	printf("many: %d\n", sum);
	for (int i = 0; i < 12; i++)
		if (many[i])
			dlclose(many[i]);
	return 0;
}

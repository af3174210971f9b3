/* What tests/suites/debugger.py has Debian's gdb look at: threads that are parked, and one that works. */
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct job {
	const char *name;
	int n;
};

static sem_t parked, never;
static volatile int total;

static int square(int n)
{
	int r = n * n;

	return r;
}

static int add_up(const struct job *j)
{
	int sum = 0;

	for (int i = 1; i <= j->n; i++)
		sum += square(i);
	total = sum;
	return sum;
}

static void *idle(void *arg)
{
	sem_post(&parked);
	sem_wait(&never);
	return arg;
}

static void *work(void *arg)
{
	struct job *j = arg;
	int got = add_up(j);

	printf("%s: %d\n", j->name, got);
	fflush(stdout);
	return NULL;
}

static void on_signal(int sig)
{
	total = -sig;
}

int main(int argc, char **argv)
{
	struct job job = { "squares", 4 };
	pthread_t t[3];

	sem_init(&parked, 0, 0);
	sem_init(&never, 0, 0);
	signal(SIGUSR1, on_signal);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, idle, NULL);
	for (int i = 0; i < 2; i++)
		sem_wait(&parked);
	usleep(200000);
	if (argc > 1 && !strcmp(argv[1], "wait")) {
		puts("waiting");
		fflush(stdout);
		while (!total)
			usleep(50000);
		return total == -SIGUSR1 ? 3 : 4;
	}
	pthread_create(&t[2], NULL, work, &job);
	pthread_join(t[2], NULL);
	return 0;
}

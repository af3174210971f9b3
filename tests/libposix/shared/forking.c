/* Threads open, close, look up and throw away while the process forks; the child does too. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static volatile int stop;
static int bad;

static int turn(const char *name, const char *symbol)
{
	void *h = dlopen(name, RTLD_LAZY);
	int (*f)(void) = h ? (int (*)(void))dlsym(h, symbol) : NULL;
	int ok = f && f() > 0;

	return ok && !dlclose(h);
}

static void *worker(void *arg)
{
	long i = (long)arg;

	while (!stop)
		if (!turn(i % 2 ? "vars.so" : "self.so", i % 2 ? "vars_step" : "ask_self"))
			__atomic_add_fetch(&bad, 1, __ATOMIC_RELAXED);
	return NULL;
}

int main(void)
{
	pthread_t t[3];
	int status, children = 0;

	for (long i = 0; i < 3; i++)
		pthread_create(&t[i], NULL, worker, (void *)i);
	for (int i = 0; i < 20; i++) {
		pid_t pid = fork();

		if (!pid)
			_exit(turn("vars.so", "vars_step") && turn("self.so", "ask_self") ? 7 : 1);
		waitpid(pid, &status, 0);
		children += WEXITSTATUS(status) == 7;
	}
	stop = 1;
	for (int i = 0; i < 3; i++)
		pthread_join(t[i], NULL);
	printf("%d children, %d bad\n", children, bad);
	return 0;
}

/* Threads: create and join, mutexes, conditions, barriers, semaphores, thread-locals, exit, exec, kill. */
#include "abi.h"
#include <pthread.h>
#include <semaphore.h>

enum { THREADS = 8 };

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t cond = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t barrier;
static sem_t sem;
static long counter, turns, stage;
static __thread long local = 7;
static pthread_key_t key;
static int destroyed;

static void *count(void *arg)
{
	for (int i = 0; i < 20000; i++) {
		pthread_mutex_lock(&mutex);
		counter++;
		pthread_mutex_unlock(&mutex);
	}
	local += (long)arg;
	return (void *)local;
}

static void *ring(void *arg)
{
	long me = (long)arg;

	for (int i = 0; i < 200; i++) {
		pthread_mutex_lock(&mutex);
		while (turns % THREADS != me)
			pthread_cond_wait(&cond, &mutex);
		turns++;
		pthread_cond_broadcast(&cond);
		pthread_mutex_unlock(&mutex);
	}
	return NULL;
}

static void *at_barrier(void *arg)
{
	long serial = 0, wrong = 0;

	(void)arg;
	for (int i = 0; i < 200; i++) {
		__atomic_fetch_add(&stage, 1, __ATOMIC_SEQ_CST);
		serial += pthread_barrier_wait(&barrier) == PTHREAD_BARRIER_SERIAL_THREAD;
		wrong += __atomic_load_n(&stage, __ATOMIC_SEQ_CST) < (i + 1) * THREADS;
		pthread_barrier_wait(&barrier);
	}
	return (void *)(serial * 1000 + wrong);
}

static void *poster(void *arg)
{
	(void)arg;
	for (int i = 0; i < 500; i++)
		sem_post(&sem);
	return NULL;
}

static void destructor(void *p)
{
	__atomic_fetch_add(&destroyed, (int)(long)p, __ATOMIC_SEQ_CST);
}

static void *with_key(void *arg)
{
	pthread_setspecific(key, (void *)1L);
	return arg;
}

static void *forever(void *arg)
{
	for (;;)
		pause();
	return arg;
}

static void *spin(void *arg)
{
	for (;;)
		asm volatile("");
	return arg;
}

static void *exits(void *arg)
{
	sleep_ms(20);
	_exit((long)arg);
}

static void exit_group_from_thread(void)
{
	pthread_t t;

	pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, forever, NULL);
	pthread_create(&t, NULL, exits, (void *)21L);
	for (;;)
		pause();
}

static void killed_with_threads(void)
{
	pthread_t t;

	pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, forever, NULL);
	kill(getpid(), SIGKILL);
	for (;;)
		pause();
}

static void *execs(void *arg)
{
	char *argv[] = { "threads", "after-exec", NULL }, *envp[] = { NULL };

	(void)arg;
	sleep_ms(20);
	execve("/abi/threads", argv, envp);
	return NULL;
}

static void exec_from_thread(void)
{
	pthread_t t;
	char path[64], text[16];

	snprintf(path, sizeof(path), "pid");
	snprintf(text, sizeof(text), "%d", getpid());
	put_file(path, text, strlen(text), 0644);
	pthread_create(&t, NULL, spin, NULL);
	pthread_create(&t, NULL, execs, NULL);
	for (;;)
		pause();
}

static void *leader_gone(void *arg)
{
	(void)arg;
	sleep_ms(40);
	say("a thread outlives the first one\n");
	exit(5);
}

static void leader_exits(void)
{
	pthread_t t;

	pthread_create(&t, NULL, leader_gone, NULL);
	pthread_exit(NULL);
}

static volatile pthread_t handler_thread;

static void on_usr1(int sig)
{
	(void)sig;
	handler_thread = pthread_self();
}

int main(int argc, char **argv)
{
	pthread_t t[THREADS];
	void *r;

	if (argc > 1 && !strcmp(argv[1], "after-exec")) {
		char text[16] = "";
		int fd = open("pid", O_RDONLY);
		read(fd, text, 15);
		say("after exec: pid kept %d, one thread %d\n", atoi(text) == getpid(), gettid() == getpid());
		return 9;
	}
	SECTION("mutex");
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, count, (void *)i);
	for (long i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		say("thread %ld returns %ld\n", i, (long)r);
	}
	say("counter %ld, own local %ld\n", counter, local);
	SECTION("conditions in a ring");
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, ring, (void *)i);
	for (long i = 0; i < THREADS; i++)
		pthread_join(t[i], NULL);
	say("turns %ld\n", turns);
	SECTION("barrier");
	pthread_barrier_init(&barrier, NULL, THREADS);
	long serial = 0, wrong = 0;
	for (long i = 0; i < THREADS; i++)
		pthread_create(&t[i], NULL, at_barrier, NULL);
	for (long i = 0; i < THREADS; i++) {
		pthread_join(t[i], &r);
		serial += (long)r / 1000;
		wrong += (long)r % 1000;
	}
	say("serial %ld wrong %ld\n", serial, wrong);
	SECTION("semaphore");
	sem_init(&sem, 0, 0);
	for (long i = 0; i < 4; i++)
		pthread_create(&t[i], NULL, poster, NULL);
	for (int i = 0; i < 2000; i++)
		sem_wait(&sem);
	for (long i = 0; i < 4; i++)
		pthread_join(t[i], NULL);
	R(sem_trywait(&sem));
	struct timespec ts;
	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec = 0;
	ts.tv_sec++;
	R(sem_timedwait(&sem, &ts));
	SECTION("many");
	pthread_key_create(&key, destructor);
	for (int round = 0; round < 40; round++) {
		for (long i = 0; i < THREADS; i++)
			pthread_create(&t[i], NULL, with_key, (void *)i);
		for (long i = 0; i < THREADS; i++)
			pthread_join(t[i], NULL);
	}
	say("destructors %d\n", destroyed);
	SECTION("signals to a thread");
	signal(SIGUSR1, on_usr1);
	pthread_create(&t[0], NULL, forever, NULL);
	sleep_ms(20);
	R(pthread_kill(t[0], SIGUSR1));
	for (int i = 0; i < 1000 && !handler_thread; i++)
		sleep_ms(1);
	say("it ran there %d\n", handler_thread == t[0]);
	R(pthread_cancel(t[0]));
	pthread_join(t[0], &r);
	say("cancelled %d\n", r == PTHREAD_CANCELED);
	SECTION("ends");
	in_child("exit_group from a thread", exit_group_from_thread);
	in_child("killed with threads", killed_with_threads);
	in_child("exec from a thread", exec_from_thread);
	in_child("the first thread leaves", leader_exits);
	return 0;
}

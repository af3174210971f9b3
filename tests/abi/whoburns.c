/*
 * A process's CPU-time timers interrupt those who use the time, not a main thread that waits (setitimer(2),
 * timer_create(2), setrlimit(2)); tgkill(2) asks for the credentials of the thread it is for.
 */
#include "abi.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

#define TOLD 60

static atomic_int total, of_main;
static atomic_bool over;
static pid_t main_tid;

static pid_t tid(void)
{
	return (pid_t)syscall(SYS_gettid);
}

static void told(int sig)
{
	(void)sig;
	atomic_fetch_add(&total, 1);
	if (tid() == main_tid)
		atomic_fetch_add(&of_main, 1);
}

static void *burn(void *arg)
{
	(void)arg;
	while (!atomic_load(&over) && atomic_load(&total) < TOLD)
		;
	return NULL;
}

static void heed(int sig)
{
	struct sigaction sa = { .sa_handler = told, .sa_flags = SA_RESTART };

	MUST(sigaction(sig, &sa, NULL));
}

/* Two threads burn time until TOLD signals came; main waits. */
static void burners(const char *what)
{
	pthread_t t[2];

	atomic_store(&total, 0);
	atomic_store(&of_main, 0);
	for (int i = 0; i < 2; i++)
		pthread_create(&t[i], NULL, burn, NULL);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	say("%s: main was told %s\n", what, atomic_load(&of_main) < TOLD / 2 ? "little" : "most");
}

static void itimers(void)
{
	static const struct itimerval every = { { 0, 10000 }, { 0, 10000 } }, off;

	heed(SIGPROF);
	setitimer(ITIMER_PROF, &every, NULL);
	burners("ITIMER_PROF");
	setitimer(ITIMER_PROF, &off, NULL);
	heed(SIGVTALRM);
	setitimer(ITIMER_VIRTUAL, &every, NULL);
	burners("ITIMER_VIRTUAL");
	setitimer(ITIMER_VIRTUAL, &off, NULL);
}

static void posix_timer(void)
{
	struct sigevent ev = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR1 };
	struct itimerspec every = { { 0, 10000000 }, { 0, 10000000 } };
	timer_t id;

	MUST(timer_create(CLOCK_PROCESS_CPUTIME_ID, &ev, &id));
	heed(SIGUSR1);
	MUST(timer_settime(id, 0, &every, NULL));
	burners("timer_create");
	timer_delete(id);
}

static atomic_int change; /* 1: the thread becomes somebody else's */

static void *other_user(void *arg)
{
	while (!atomic_load(&change))
		usleep(1000);
	MUST(syscall(SYS_setresuid, 2000, 2000, 2000));
	*(pid_t *)arg = tid();
	atomic_store(&change, 2);
	while (!atomic_load(&over))
		usleep(1000);
	return NULL;
}

/* A process whose main thread is user 1000's, another thread 2000's; we are 1000. */
static void who_may(void)
{
	struct shared {
		atomic_int ready, done;
		pid_t main, thread;
	} *s = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	pid_t child = fork();

	if (child == 0) {
		pthread_t t;

		atomic_store(&over, false);
		pthread_create(&t, NULL, other_user, &s->thread);
		atomic_store(&change, 1);
		while (atomic_load(&change) != 2)
			usleep(1000);
		MUST(syscall(SYS_setresuid, 1000, 1000, 1000));
		atomic_store(&s->ready, 1);
		while (!atomic_load(&s->done))
			usleep(1000);
		_exit(0);
	}
	while (!atomic_load(&s->ready))
		usleep(1000);
	pid_t sender = fork();
	if (sender == 0) {
		MUST(syscall(SYS_setresuid, 1000, 1000, 1000));
		R(kill(child, 0));
		R(syscall(SYS_tgkill, child, child, 0));
		R(syscall(SYS_tgkill, child, s->thread, 0));
		R(syscall(SYS_tkill, s->thread, 0));
			_exit(0);
	}
	waitpid(sender, NULL, 0);
	atomic_store(&s->done, 1);
	waitpid(child, NULL, 0);
}

int main(void)
{
	main_tid = tid();
	itimers();
	posix_timer();
	who_may();
	return 0;
}

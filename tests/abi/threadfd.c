/*
 * Who polls a pidfd hears of all that becomes of it: of the number that a thread gives up when it
 * replaces the whole process, and of the end of a zombie (pidfd_open(2)).
 */
#include "abi.h"
#include <pthread.h>
#include <sys/epoll.h>

#define PIDFD_THREAD_ 0200

static int told[2];

static void *replace(void *arg)
{
	int tid = gettid();

	(void)arg;
	MUST(write(told[1], &tid, sizeof(tid)));
	sleep_ms(300);
	execl("/proc/self/exe", "threadfd", "sleep", NULL);
	return NULL;
}

static int watch(int fd)
{
	struct epoll_event ev = { .events = EPOLLIN | EPOLLET };
	int ep = MUST(epoll_create1(0));

	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &ev));
	return ep;
}

/* Only news ends this: what was there before was told. */
static void news(const char *what, int ep)
{
	struct epoll_event ev = { 0 };
	int r = epoll_wait(ep, &ev, 1, 10000);

	say("%s: %d, events %x\n", what, r, ev.events);
}

static void exec_by_thread(void)
{
	pthread_t t;
	int tid, status;

	MUST(pipe(told));
	pid_t pid = MUST(fork());
	if (pid == 0) {
		pthread_create(&t, NULL, replace, NULL);
		for (;;)
			pause();
	}
	MUST(read(told[0], &tid, sizeof(tid)));
	int process = MUST(syscall(434, pid, 0)), thread = MUST(syscall(434, tid, PIDFD_THREAD_));

	int ep_process = watch(process), ep_thread = watch(thread);

	news("thread that execs", ep_thread);
	R(epoll_wait(ep_process, &(struct epoll_event){ 0 }, 1, 0));
	kill(pid, SIGKILL);
	news("killed", ep_process);
	waitpid(pid, &status, 0);
	news("reaped", ep_process);
}

static void *reap(void *arg)
{
	int status;

	sleep_ms(300);
	waitpid(*(pid_t *)arg, &status, 0);
	return NULL;
}

static void reaped_while_polled(void)
{
	pthread_t t;
	pid_t pid = MUST(fork());

	if (pid == 0)
		_exit(0);
	int ep = watch(MUST(syscall(434, pid, 0)));

	news("ended", ep);
	pthread_create(&t, NULL, reap, &pid);
	news("reaped", ep);
	pthread_join(t, NULL);
}

static void *stay(void *arg)
{
	(void)arg;
	MUST(write(told[1], &(int){ gettid() }, sizeof(int)));
	for (;;)
		pause();
}

static void first_thread_ends(void)
{
	pthread_t t;
	int tid, status;
	pid_t pid = MUST(fork());

	if (pid == 0) {
		pthread_create(&t, NULL, stay, NULL);
		syscall(SYS_exit, 0);
	}
	MUST(read(told[0], &tid, sizeof(tid)));
	int first = watch(MUST(syscall(434, pid, PIDFD_THREAD_)));
	int other = watch(MUST(syscall(434, tid, PIDFD_THREAD_)));
	char path[64], buf[600], *p = NULL;

	snprintf(path, sizeof(path), "/proc/%d/stat", pid);
	while (!p || p[2] != 'Z') {
		FILE *f = fopen(path, "r");

		fgets(buf, sizeof(buf), f);
		p = strrchr(buf, ')');
		fclose(f);
		sleep_ms(1);
	}
	R(epoll_wait(first, &(struct epoll_event){ 0 }, 1, 100));
	kill(pid, SIGKILL);
	news("the other", other);
	news("the first", first);
	waitpid(pid, &status, 0);
	say("%s\n", wait_text(status));
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "sleep")) {
		sleep(60);
		return 0;
	}
	exec_by_thread();
	reaped_while_polled();
	first_thread_ends();
	return 0;
}

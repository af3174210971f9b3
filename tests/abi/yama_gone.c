/*
 * Yama, ptrace_scope 1: whom PR_SET_PTRACER let in, after an exec by another thread of either process
 * and after the end of the one let in.
 */
#include "abi.h"
#include <pthread.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>

static void scope(const char *text)
{
	int fd = MUST(open("/proc/sys/kernel/yama/ptrace_scope", O_WRONLY));

	MUST(write(fd, text, strlen(text)));
	close(fd);
}

static int pipes[3][2];

static void told(int n)
{
	char c;

	MUST(read(pipes[n][0], &c, 1));
}

static void tell(int n)
{
	MUST(write(pipes[n][1], "", 1));
}

/* What a program does that began by exec. */
static int after(char **argv)
{
	MUST(write(atoi(argv[2]), "", 1));
	if (!strcmp(argv[1], "tracee"))
		for (;;)
			pause();
	/* The tracer: tries again and again until it may not. */
	pid_t pid = atoi(argv[3]);

	for (int tries = 0; tries < 3000; tries++) {
		char a, b;
		struct iovec to = { &a, 1 }, from = { &b, 1 };

		if (process_vm_readv(pid, &to, 1, &from, 1, 0) < 0 && errno == EPERM)
			return 7;
		usleep(1000);
	}
	return 0;
}

static char *args[5], number[2][16];

static void *execs(void *arg)
{
	(void)arg;
	execv("/proc/self/exe", args);
	_exit(1);
}

static void set_args(const char *who, int fd, pid_t pid)
{
	snprintf(number[0], sizeof(number[0]), "%d", fd);
	snprintf(number[1], sizeof(number[1]), "%d", pid);
	args[0] = "yama_gone";
	args[1] = (char *)who;
	args[2] = number[0];
	args[3] = number[1];
}

static void exec_by(int thread)
{
	pthread_t t;

	if (!thread)
		execs(NULL);
	pthread_create(&t, NULL, execs, NULL);
	for (;;)
		pause();
}

static char word[] = "there";

/* Is it let in, for a while? */
static void reads(const char *what, pid_t pid)
{
	int refused = 0;

	for (int tries = 0; tries < 300 && !refused; tries++) {
		char buf[8] = "";
		struct iovec to = { buf, 5 }, from = { word, 5 };

		if (process_vm_readv(pid, &to, 1, &from, 1, 0) < 0)
			refused = errno == EPERM;
		usleep(1000);
	}
	say("%s: %s\n", what, refused ? "EPERM" : "let in");
}

static void ordinary(void)
{
	MUST(setgid(1000));
	MUST(setuid(1000));
	MUST(prctl(PR_SET_DUMPABLE, 1));
}

/* The tracee execs, by its first thread or another; we are the one let in. */
static void tracee_execs(void)
{
	for (int thread = 0; thread < 2; thread++) {
		pid_t us, pid;

		for (int i = 0; i < 3; i++)
			MUST(pipe(pipes[i]));
		pid = MUST(fork());
		if (!pid) {
			us = getppid();
			MUST(read(pipes[0][0], &us, sizeof(us)));
			MUST(prctl(PR_SET_PTRACER, us));
			tell(1);
			told(0);
			set_args("tracee", pipes[1][1], 0);
			exec_by(thread);
		}
		us = MUST(fork());
		if (!us) {
			told(2);
			reads("before", pid);
			tell(1);
			told(2);
			reads(thread ? "another thread execs" : "its first thread execs", pid);
			_exit(0);
		}
		MUST(write(pipes[0][1], &us, sizeof(us)));
		told(1);
		tell(2);
		told(1);
		tell(0);
		told(1);
		tell(2);
		waitpid(us, NULL, 0);
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* The one let in execs. */
static void tracer_execs(void)
{
	for (int thread = 0; thread < 2; thread++) {
		pid_t us, pid;
		int status;

		for (int i = 0; i < 3; i++)
			MUST(pipe(pipes[i]));
		pid = MUST(fork());
		if (!pid) {
			MUST(read(pipes[0][0], &us, sizeof(us)));
			MUST(prctl(PR_SET_PTRACER, us));
			tell(1);
			for (;;)
				pause();
		}
		us = MUST(fork());
		if (!us) {
			told(2);
			reads("before", pid);
			set_args("tracer", pipes[1][1], pid);
			exec_by(thread);
		}
		MUST(write(pipes[0][1], &us, sizeof(us)));
		told(1);
		tell(2);
		told(1);
		MUST(waitpid(us, &status, 0));
		say("%s: %s\n", thread ? "another thread execs" : "its first thread execs",
		    WEXITSTATUS(status) == 7 ? "EPERM" : "let in");
		kill(pid, SIGKILL);
		waitpid(pid, NULL, 0);
	}
}

/* A thread is named: its process is let in, also after that thread. */
static volatile int tid;

static void *named(void *arg)
{
	(void)arg;
	tid = (int)syscall(SYS_gettid);
	told(2);
	return NULL;
}

static void thread_named(void)
{
	pid_t us, pid;
	int who;

	for (int i = 0; i < 3; i++)
		MUST(pipe(pipes[i]));
	pid = MUST(fork());
	if (!pid) {
		MUST(read(pipes[0][0], &who, sizeof(who)));
		R(prctl(PR_SET_PTRACER, who) < 0 ? -1 : 0);
		tell(1);
		for (;;)
			pause();
	}
	us = MUST(fork());
	if (!us) {
		pthread_t t;

		pthread_create(&t, NULL, named, NULL);
		while (!tid)
			usleep(1000);
		who = tid;
		MUST(write(pipes[0][1], &who, sizeof(who)));
		told(1);
		reads("a thread is named", pid);
		tell(2);
		pthread_join(t, NULL);
		reads("it has ended", pid);
		_exit(0);
	}
	waitpid(us, NULL, 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void all(void)
{
	ordinary();
	SECTION("the tracee");
	tracee_execs();
	SECTION("the tracer");
	tracer_execs();
	SECTION("a thread");
	thread_named();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return after(argv);
	scope("1");
	in_child("as a user", all);
	scope("0");
	return 0;
}

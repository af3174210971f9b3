/*
 * While a core file is being written: of the signals that come, SIGKILL alone counts (core(5),
 * signal(7)); a second thread's fault is nobody's; core_pattern.
 */
#include "abi.h"
#include <pthread.h>
#include <sys/resource.h>

#define BIG (24UL << 20)

static void limit(rlim_t n)
{
	struct rlimit r = { n, RLIM_INFINITY };

	MUST(setrlimit(RLIMIT_CORE, &r));
}

/* A child that dies with much to write. */
static pid_t dying(void)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		char *m = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		for (unsigned long i = 0; i < BIG; i += PAGE)
			m[i] = 1;
		limit(RLIM_INFINITY);
		abort();
	}
	return pid;
}

static void sent(const char *what, const int *sigs)
{
	pid_t pid = dying();
	struct stat st = { 0 };
	int status;

	while (stat("core", &st) || st.st_size < (1 << 20))
		;
	for (; *sigs; sigs++)
		MUST(kill(pid, *sigs));
	MUST(waitpid(pid, &status, 0));
	MUST(stat("core", &st));
	say("%s: %s, core %s, %s\n", what, wait_text(status), WCOREDUMP(status) ? "yes" : "no",
	    st.st_size > (off_t)BIG ? "whole" : "cut short");
	MUST(unlink("core"));
}

static pthread_barrier_t both;

static void *faults(void *arg)
{
	(void)arg;
	pthread_barrier_wait(&both);
	*(volatile int *)8 = 1;
	return NULL;
}

static void two_faults(void)
{
	pthread_t t;

	limit(RLIM_INFINITY);
	pthread_barrier_init(&both, NULL, 2);
	pthread_create(&t, NULL, faults, NULL);
	faults(NULL);
}

/* The handler of a fatal signal faults in its turn. */
static void handler(int sig)
{
	(void)sig;
	*(volatile int *)8 = 1;
}

static void fault_in_handler(void)
{
	limit(RLIM_INFINITY);
	signal(SIGABRT, handler);
	abort();
}

static void fault_again(void)
{
	limit(RLIM_INFINITY);
	signal(SIGSEGV, handler);
	*(volatile int *)8 = 1;
}

static void ended(const char *what, void (*fn)(void))
{
	pid_t pid = MUST(fork());
	int status;

	if (!pid) {
		fn();
		_exit(0);
	}
	MUST(waitpid(pid, &status, 0));
	say("%s: %s, core %s\n", what, wait_text(status),
	    WCOREDUMP(status) && !unlink("core") ? "yes" : "no");
}

static void aborts(void)
{
	limit(RLIM_INFINITY);
	abort();
}

static void pattern(const char *text, const char *name)
{
	int fd = MUST(open("/proc/sys/kernel/core_pattern", O_WRONLY)), status;
	pid_t pid;

	R(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	pid = MUST(fork());
	if (!pid)
		aborts();
	MUST(waitpid(pid, &status, 0));
	say("%s: %s, core %s\n", text, wait_text(status), WCOREDUMP(status) ? "yes" : "no");
	OK(unlink(name));
}

int main(void)
{
	SECTION("signals meanwhile");
	sent("none", (int[]){ 0 });
	sent("others", (int[]){ SIGTERM, SIGSEGV, SIGINT, SIGRTMIN, SIGSTOP, SIGCONT, SIGABRT, 0 });
	sent("SIGKILL", (int[]){ SIGTERM, SIGKILL, SIGINT, 0 });
	SECTION("faults");
	ended("two threads", two_faults);
	ended("in a handler", fault_in_handler);
	ended("in a handler, blocked", fault_again);
	SECTION("names");
	MUST(mkdir("there", 0755));
	pattern("there/%e.%s", "there/dumping.6");
	pattern("%%-%d", "%-1");
	pattern("/nowhere/core", "core");
	pattern("core", "core");
	return 0;
}

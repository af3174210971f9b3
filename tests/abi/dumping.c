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

#define REPORT "/tmp/abi-dumping/report"

/* As the program of a pattern: what it was given, and what comes through the pipe. */
static int reader(int argc, char **argv)
{
	static char buf[1 << 16];
	char cwd[100], link[100] = "";
	struct rlimit core;
	long sum = 0;
	ssize_t n;
	int fds = 0, out;
	uint16_t type = 0;

	for (int fd = 0; fd < 20; fd++)
		fds += fcntl(fd, F_GETFD) >= 0;
	readlink("/proc/self/fd/0", link, sizeof(link) - 1);
	while ((n = read(0, buf, sizeof(buf))) > 0) {
		if (!sum && n > 20 && !memcmp(buf, "\177ELF", 4))
			memcpy(&type, buf + 16, 2);
		sum += n;
	}
	out = open(REPORT ".new", O_CREAT | O_WRONLY | O_TRUNC, 0644);
	dup2(out, 1);
	for (int i = 1; i < argc; i++)
		say("[%s] ", i == 1 && atoi(argv[i]) > 1 ? "a number" : argv[i]);
	getrlimit(RLIMIT_CORE, &core);
	say("\nuid %d, in %s, %d descriptors, 0 is a %.4s, environment %s, limit %ld, session %d\n", getuid(),
	    getcwd(cwd, sizeof(cwd)), fds, link, environ && environ[0] ? "some" : "empty", (long)core.rlim_cur,
	    getsid(0) != getppid());
	say("ELF type %d, %s\n", type, sum > (long)BIG ? "whole" : "short");
	rename(REPORT ".new", REPORT);
	return 0;
}

static void piped(const char *text, void (*fn)(void), int wanted)
{
	int fd = MUST(open("/proc/sys/kernel/core_pattern", O_WRONLY)), status;
	char buf[400];
	pid_t pid;

	R(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
	unlink(REPORT);
	pid = MUST(fork());
	if (!pid)
		fn();
	MUST(waitpid(pid, &status, 0));
	say("%s, core %s\n", wait_text(status), WCOREDUMP(status) ? "yes" : "no");
	for (int i = 0; wanted && i < 2000 && access(REPORT, F_OK); i++)
		sleep_ms(10);
	fd = open(REPORT, O_RDONLY);
	if (fd < 0)
		return;
	ssize_t n = MUST(read(fd, buf, sizeof(buf)));
	say("%.*s", (int)n, buf);
	close(fd);
}

static void big_abort(void)
{
	char *m = mmap(NULL, BIG, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	m[0] = m[BIG - 1] = 1;
	limit(0);
	abort();
}

static void of_one(void)
{
	limit(1);
	abort();
}

int main(int argc, char **argv)
{
	if (argc > 1)
		return reader(argc, argv);
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
	SECTION("programs");
	MUST(chmod(".", 0777));
	piped("|/abi/dumping %p  %s %e %u x%%y", big_abort, 1);
	piped("|/abi/dumping a", of_one, 0);
	piped("|/nowhere/dumping a", big_abort, 0);
	piped("|/bin a", big_abort, 0);
	SECTION("a file again");
	pattern("core", "core");
	return 0;
}

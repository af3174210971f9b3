/* Limits: who may set them, and what each of them stops. */
#include "abi.h"
#include <sys/resource.h>
#include <sys/prctl.h>
#include <pthread.h>

static void set(int which, rlim_t cur, rlim_t max)
{
	struct rlimit r = { cur, max };

	MUST(setrlimit(which, &r));
}

static void calls(void)
{
	struct rlimit r, old;

	R(syscall(SYS_getrlimit, 16, &r));
	R(syscall(SYS_setrlimit, 16, &r));
	R(syscall(SYS_setrlimit, 0, 8));
	r = (struct rlimit){ 2, 1 };
	R(setrlimit(RLIMIT_CORE, &r));
	r = (struct rlimit){ 1, 1UL << 40 };
	R(setrlimit(RLIMIT_NOFILE, &r));
	R(syscall(SYS_prlimit64, 99999, RLIMIT_CORE, NULL, &old));
	R(syscall(SYS_prlimit64, 0, RLIMIT_CORE, 8, &old));
	R(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, 8));
	R(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, NULL));
	r = (struct rlimit){ 100, 200 };
	R(syscall(SYS_prlimit64, 0, RLIMIT_RTTIME, &r, &old));
	R(syscall(SYS_prlimit64, getpid(), RLIMIT_RTTIME, NULL, &old));
	say("%lu %lu\n", (long)old.rlim_cur, (long)old.rlim_max);
	pid_t pid = MUST(fork());
	if (!pid) {
		pause();
		_exit(0);
	}
	if (!MUST(fork())) {
		MUST(setuid(1000));
		R(syscall(SYS_prlimit64, pid, RLIMIT_CORE, NULL, &old));
		R(syscall(SYS_prlimit64, 0, RLIMIT_CORE, NULL, &old));
		r = (struct rlimit){ 100, 300 };
		R(setrlimit(RLIMIT_RTTIME, &r));
		r = (struct rlimit){ 100, 150 };
		R(setrlimit(RLIMIT_RTTIME, &r));
		r = (struct rlimit){ 100, 151 };
		R(setrlimit(RLIMIT_RTTIME, &r));
		_exit(0);
	}
	wait(NULL);
	r = (struct rlimit){ 5, 6 };
	R(syscall(SYS_prlimit64, pid, RLIMIT_CORE, &r, &old));
	R(syscall(SYS_prlimit64, pid, RLIMIT_CORE, NULL, &old));
	say("%lu %lu\n", (long)old.rlim_cur, (long)old.rlim_max);
	kill(pid, SIGKILL);
	wait(NULL);
}

static void nofile(void)
{
	int last = 0, n = 0;

	set(RLIMIT_NOFILE, 20, 100);
	while ((last = open("/dev/null", O_RDONLY)) >= 0)
		n = last;
	say("last %d then %s\n", n, ename(errno));
	R(dup(0));
	R(dup2(0, 20));
	R(dup2(0, 19));
	R(fcntl(0, F_DUPFD, 20));
	R(pipe((int[2]){ 0 }));
	set(RLIMIT_NOFILE, 5, 100);
	R(fcntl(19, F_GETFD));
	R(open("/dev/null", O_RDONLY));
}

static volatile int xfsz;
static void on_xfsz(int sig)
{
	(void)sig;
	xfsz++;
}

static void fsize(void)
{
	int fd = MUST(open("/tmp/limited", O_CREAT | O_RDWR | O_TRUNC, 0600));

	signal(SIGXFSZ, on_xfsz);
	set(RLIMIT_FSIZE, 10, 10);
	R(write(fd, "12345678", 8));
	R(write(fd, "12345678", 8));
	say("signals %d\n", xfsz);
	R(write(fd, "1", 1));
	say("signals %d\n", xfsz);
	R(ftruncate(fd, 11));
	say("signals %d\n", xfsz);
	R(ftruncate(fd, 10));
	R(fallocate(fd, 0, 0, 11));
	say("signals %d\n", xfsz);
	R(pwrite(fd, "x", 1, 100));
	signal(SIGXFSZ, SIG_IGN);
	R(pwrite(fd, "x", 1, 10));
	signal(SIGXFSZ, SIG_DFL);
	unlink("/tmp/limited");
	pwrite(fd, "x", 1, 10);
	say("not killed\n");
}

static void space(void)
{
	set(RLIMIT_AS, 32 << 20, 32 << 20);
	OK(mmap(NULL, 64 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OK(mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OK(sbrk(64 << 20));
	char *m = mmap(NULL, 1 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	OK(mremap(m, 1 << 20, 64 << 20, MREMAP_MAYMOVE));
}

static void data(void)
{
	set(RLIMIT_DATA, 8 << 20, 8 << 20);
	OK(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OK(mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
	OK(mmap(NULL, 16 << 20, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0));
	OK(sbrk(16 << 20));
	char *m = mmap(NULL, 16 << 20, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	R(mprotect(m, 16 << 20, PROT_READ | PROT_WRITE));
}

static int deep(int n)
{
	volatile char frame[4096];

	frame[0] = (char)n;
	return n ? deep(n - 1) + frame[0] : 0;
}

static void stack(void)
{
	set(RLIMIT_STACK, 1 << 20, RLIM_INFINITY);
	deep(100);
	say("100 frames\n");
	deep(1000);
	say("not killed\n");
}

static void memlock(void)
{
	char *m = mmap(NULL, 64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	set(RLIMIT_MEMLOCK, 16 * PAGE, 16 * PAGE);
	R(mlock(m, 32 * PAGE));
	munlockall();
	MUST(setuid(1000));
	R(mlock(m, 17 * PAGE));
	R(mlock(m, 16 * PAGE));
	R(mlock(m + 16 * PAGE, PAGE));
	R(munlock(m, PAGE));
	R(mlock(m + 16 * PAGE, PAGE));
	R(mlockall(MCL_CURRENT));
	OK(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_LOCKED, -1, 0));
}

static void nice_limit(void)
{
	set(RLIMIT_NICE, 25, 25);
	set(RLIMIT_RTPRIO, 7, 7);
	MUST(setuid(1000));
	R(setpriority(PRIO_PROCESS, 0, -6));
	R(setpriority(PRIO_PROCESS, 0, -5));
	struct sched_param sp = { 8 };
	R(sched_setscheduler(0, SCHED_FIFO, &sp));
	sp.sched_priority = 7;
	R(sched_setscheduler(0, SCHED_RR, &sp));
}

static void sigpending_limit(void)
{
	sigset_t s;
	union sigval v = { 0 };
	int n = 0;

	MUST(setuid(7777));
	set(RLIMIT_SIGPENDING, 5, 5);
	sigfillset(&s);
	sigprocmask(SIG_BLOCK, &s, NULL);
	while (!sigqueue(getpid(), SIGRTMIN, v) && n < 100)
		n++;
	say("%d then %s\n", n, ename(errno));
	R(kill(getpid(), SIGUSR1));
	R(kill(getpid(), SIGRTMIN + 1));
	R(sigqueue(getpid(), SIGUSR2, v));
}

static void core(void)
{
	set(RLIMIT_CORE, 0, 0);
	abort();
}

static volatile int xcpu;
static void on_xcpu(int sig)
{
	(void)sig;
	xcpu++;
}

/* A real-time thread that never sleeps: SIGXCPU at the soft limit, SIGKILL at the hard one. */
static void rttime(void)
{
	struct sched_param sp = { 5 };

	signal(SIGXCPU, on_xcpu);
	set(RLIMIT_RTTIME, 200000, 600000000);
	if (sched_setscheduler(0, SCHED_FIFO, &sp))
		say("not real-time\n");
	while (!xcpu)
		;
	say("told\n");
	set(RLIMIT_RTTIME, 200000, 300000);
	for (;;)
		;
}

/* Where the host stops us it may be that the time is over before we sleep. */
static void sleep_indeed(void)
{
	struct rusage before, after;

	MUST(getrusage(RUSAGE_THREAD, &before));
	do {
		sleep_ms(2);
		MUST(getrusage(RUSAGE_THREAD, &after));
	} while (after.ru_nvcsw == before.ru_nvcsw);
}

/* Who sleeps now and then is left alone. Where the host stopped us between two sleeps: once more. */
static void rttime_sleeps(void)
{
	struct sched_param sp = { 5 };

	signal(SIGXCPU, on_xcpu);
	MUST(sched_setscheduler(0, SCHED_RR, &sp));
	for (int i = 0; i < 12; i++) {
		static long long slept;
		long long before = slept;

		if (i == 0) {
			before = now_ms();
			sleep_indeed();
			set(RLIMIT_RTTIME, 400000, 60000000);
			xcpu = 0;
		}
		for (long long end = now_ms() + 100; now_ms() < end;)
			;
		slept = now_ms();
		sleep_indeed();
		if (now_ms() > before + 350)
			i = -1;
	}
	say("signals %d\n", xcpu);
}

int main(void)
{
	in_child("calls", calls);
	in_child("nofile", nofile);
	in_child("fsize", fsize);
	in_child("as", space);
	in_child("data", data);
	in_child("stack", stack);
	in_child("memlock", memlock);
	in_child("nice", nice_limit);
	in_child("sigpending", sigpending_limit);
	in_child("core", core);
	in_child("rttime", rttime);
	in_child("rttime with sleeps", rttime_sleeps);
	return 0;
}

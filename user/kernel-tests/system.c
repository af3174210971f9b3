/*
 * system.c - clocks, scheduling, identity, /proc, random numbers.
 */
#include "tests.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysinfo.h>
#include <sys/time.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int64_t ns_of(const struct timespec *ts)
{
	return ts->tv_sec * 1000000000 + ts->tv_nsec;
}

/* The vDSO and the call tell the same time, and it never goes back. */
static void clocks(void)
{
	static const int ids[] = { CLOCK_MONOTONIC,	   CLOCK_REALTIME,
				   CLOCK_BOOTTIME,	   CLOCK_MONOTONIC_RAW,
				   CLOCK_MONOTONIC_COARSE, CLOCK_PROCESS_CPUTIME_ID,
				   CLOCK_THREAD_CPUTIME_ID };
	struct timespec a, b;

	for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
		CHECK(!clock_gettime(ids[i], &a));
		for (int k = 0; k < 200; k++) {
			if (k % 2)
				CHECK(!clock_gettime(ids[i], &b));
			else
				CHECK(!syscall(__NR_clock_gettime, ids[i], &b));
			CHECK(b.tv_nsec >= 0 && b.tv_nsec < 1000000000);
			if (ns_of(&b) < ns_of(&a))
				fail("clock %d went back by %ld ns", ids[i], ns_of(&a) - ns_of(&b));
			a = b;
		}
		CHECK(!clock_getres(ids[i], &a) && ns_of(&a) > 0);
	}
	FAILS(EINVAL, clock_gettime(77, &a));
	CHECK(time(NULL) > 1577836800); /* 2020 */
}

static void sleeping(void)
{
	static const long ms[] = { 0, 1, 5, 20, 100 };
	struct timespec ts;

	for (size_t i = 0; i < sizeof(ms) / sizeof(ms[0]); i++) {
		struct timespec want = { 0, ms[i] * 1000000 }, a, b;

		clock_gettime(CLOCK_MONOTONIC, &a);
		CHECK(!nanosleep(&want, NULL));
		clock_gettime(CLOCK_MONOTONIC, &b);
		CHECK(ns_of(&b) - ns_of(&a) >= ms[i] * 1000000);
		CHECK(ns_of(&b) - ns_of(&a) < ms[i] * 1000000 + 1000000000l);
	}
	clock_gettime(CLOCK_MONOTONIC, &ts);
	ts.tv_nsec += 30000000;
	if (ts.tv_nsec >= 1000000000) {
		ts.tv_nsec -= 1000000000;
		ts.tv_sec++;
	}
	CHECK(!clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	CHECK(ns_of(&now) >= ns_of(&ts));
}

/*
 * Loops without system calls share the harts: each makes progress, and has its part of the time. How
 * far they get in that is the host's business, which may stop a hart.
 */
static void fairness(void)
{
	volatile long *work =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	long least = LONG_MAX, most = 0;
	pid_t pids[6];

	for (int i = 0; i < 6; i++) {
		pids[i] = spawn();
		if (!pids[i])
			for (;;)
				work[i * 8]++;
	}
	sleep_ms(1200);
	for (int i = 0; i < 6; i++)
		kill(pids[i], SIGKILL);
	for (int i = 0; i < 6; i++) {
		struct rusage ru;
		long us;

		CHECK(wait4(pids[i], NULL, 0, &ru) == pids[i]);
		CHECK(work[i * 8] > 0);
		us = ru.ru_utime.tv_sec * 1000000 + ru.ru_utime.tv_usec;
		least = us < least ? us : least;
		most = us > most ? us : most;
	}
	if (least * 10 < most)
		fail("the slowest of six loops had %ld us, the fastest %ld", least, most);
}

static void affinity(void)
{
	cpu_set_t all, one, now;

	CHECK(!sched_getaffinity(0, sizeof(all), &all));
	for (int cpu = 0; cpu < 64; cpu++) {
		unsigned int here = 99;

		if (!CPU_ISSET(cpu, &all))
			continue;
		CPU_ZERO(&one);
		CPU_SET(cpu, &one);
		CHECK(!sched_setaffinity(0, sizeof(one), &one));
		CHECK(!syscall(__NR_getcpu, &here, 0, 0) && here == (unsigned int)cpu);
		CHECK(!sched_getaffinity(0, sizeof(now), &now) && CPU_ISSET(cpu, &now));
	}
	CPU_ZERO(&one);
	FAILS(EINVAL, sched_setaffinity(0, sizeof(one), &one));
	FAILS(ESRCH, sched_setaffinity(999999, sizeof(all), &all));
	CHECK(!sched_setaffinity(0, sizeof(all), &all));
	CHECK(!sched_yield());
}

/* Floating-point registers are each process's own, across switches between them. */
static void floating_point(void)
{
	pid_t pids[4];

	for (int i = 0; i < 4; i++) {
		pids[i] = spawn();
		if (!pids[i]) {
			double sum = 0, step = 1.0 / (1 << i);
			long end = now_ms() + 200, n = 0;

			while (now_ms() < end) {
				for (int k = 0; k < 1000; k++, n++)
					sum += step;
				sched_yield();
			}
			_exit(sum != (double)n * step);
		}
	}
	for (int i = 0; i < 4; i++)
		wait_ok(pids[i]);
}

static void identity(void)
{
	struct utsname u;
	struct sysinfo si;

	CHECK(!uname(&u) && !strcmp(u.sysname, "Linux") && !strcmp(u.machine, "riscv64"));
	CHECK(!sysinfo(&si) && si.totalram > 0 && si.freeram < si.totalram && si.procs > 0);
	CHECK(getauxval(AT_PAGESZ) == 4096 && getauxval(AT_PHDR) && getauxval(AT_RANDOM));
	CHECK((getauxval(AT_HWCAP) & 0x112d) == 0x112d);
	CHECK(getauxval(AT_UID) == getuid() && getauxval(AT_EXECFN) && getauxval(AT_ENTRY));
	CHECK(getauxval(AT_CLKTCK) == 100);
	CHECK(getauxval(AT_SYSINFO_EHDR) &&
	      !memcmp((void *)getauxval(AT_SYSINFO_EHDR), "\177ELF", 4));
}

static void random_numbers(void)
{
	unsigned char a[256], b[256];
	int seen[256] = { 0 }, kinds = 0;

	CHECK(getrandom(a, 256, 0) == 256 && getrandom(b, 256, 0) == 256);
	CHECK(memcmp(a, b, 256));
	for (int i = 0; i < 256; i++)
		kinds += !seen[a[i]]++;
	CHECK(kinds > 100);
	FAILS(EINVAL, getrandom(a, 1, 0x80));
}

static void expect_in(const char *path, const char *words)
{
	char *text = read_file(path);

	if (!strstr(text, words))
		fail("%s has no \"%s\"", path, words);
	free(text);
}

static void proc_files(void)
{
	char buf[64], *text;
	ssize_t n;

	expect_in("/proc/meminfo", "MemTotal:");
	expect_in("/proc/meminfo", "MemFree:");
	expect_in("/proc/meminfo", "MemAvailable:");
	expect_in("/proc/cpuinfo", "rv64");
	expect_in("/proc/stat", "cpu0 ");
	expect_in("/proc/stat", "processes ");
	expect_in("/proc/self/maps", "[stack]");
	expect_in("/proc/self/maps", "[vdso]");
	expect_in("/proc/self/maps", "r-xp");
	expect_in("/proc/self/status", "\nPid:\t");
	expect_in("/proc/self/status", "\nVmRSS:\t");
	expect_in("/proc/self/stat", "(usertests) R ");
	expect_in("/proc/self/comm", "usertests\n");
	expect_in("/proc/self/mounts", " / ");
	expect_in("/proc/filesystems", "tmpfs");
	expect_in("/proc/version", "Linux version ");
	expect_in("/proc/loadavg", "/");
	expect_in("/proc/uptime", ".");
	text = read_file("/proc/self/cmdline");
	CHECK(strlen(text) > 0);
	free(text);
	n = readlink("/proc/self", buf, sizeof(buf) - 1);
	CHECK(n > 0);
	buf[n] = 0;
	CHECK(atoi(buf) == getpid());
	snprintf(buf, sizeof(buf), "/proc/%d/stat", getpid());
	text = read_file(buf);
	CHECK(atoi(text) == getpid());
	free(text);
	FAILS(ENOENT, open("/proc/999999", O_RDONLY));
	n = readlink("/proc/self/fd/0", buf, sizeof(buf));
	CHECK(n > 0);
}

/* Texts that come in parts: read in any steps, and from any place, they are the same. */
static void long_texts(void)
{
	const int areas = 3000, letters = 120000;
	char *text, *env, *argv[] = { (char *)"usertests", (char *)"--wait", NULL },
			  *envp[2] = { 0 };
	char buf[1000], path[40];
	size_t at = 0, n;
	ssize_t got;
	int fd, p[2];
	pid_t pid;

	for (int i = 0; i < areas; i++)
		CHECK(mmap(NULL, 4096, i % 2 ? PROT_READ : PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS,
			   -1, 0) != MAP_FAILED);
	text = malloc(1 << 20);
	CHECK(text != NULL);
	fd = open("/proc/self/maps", O_RDONLY);
	for (n = 0; (got = read(fd, text + n, (1 << 20) - n)) > 0; n += (size_t)got)
		continue;
	CHECK(got == 0 && n > (size_t)areas * 40);
	for (int pass = 0; pass < 2; pass++) {
		CHECK(lseek(fd, 0, SEEK_SET) == 0);
		for (at = 0; (got = read(fd, buf, 1 + (at % sizeof(buf)))) > 0; at += (size_t)got)
			CHECK(at + (size_t)got <= n && !memcmp(buf, text + at, (size_t)got));
		CHECK(at == n);
	}
	for (size_t pos = n - 100; pos > 20000; pos -= 20000)
		CHECK(pread(fd, buf, 100, (off_t)pos) == 100 && !memcmp(buf, text + pos, 100));
	CHECK(pread(fd, buf, 100, (off_t)n) == 0 && pread(fd, buf, 100, (off_t)n + 5000) == 0);

	env = malloc((size_t)letters + 3);
	CHECK(env && !pipe(p));
	memset(env, 'x', (size_t)letters + 2);
	env[1] = '=';
	env[letters + 2] = 0;
	envp[0] = env;
	pid = spawn();
	if (!pid) {
		close(p[1]);
		dup2(p[0], 0);
		execve("/proc/self/exe", argv, envp);
		fail("exec: %m");
	}
	snprintf(path, sizeof(path), "/proc/%d/environ", pid);
	do { /* until it has execed */
		free(text);
		text = read_file(path);
	} while (strlen(text) != (size_t)letters + 2);
	CHECK(!strcmp(text, env));
	close(p[1]);
	wait_ok(pid);
}

static void resource_limits(void)
{
	struct rlimit lim;

	CHECK(!getrlimit(RLIMIT_NOFILE, &lim) && lim.rlim_cur >= 256 &&
	      lim.rlim_max >= lim.rlim_cur);
	CHECK(!getrlimit(RLIMIT_STACK, &lim) && lim.rlim_cur == 8 << 20);
	lim.rlim_cur = 10;
	lim.rlim_max = 5;
	FAILS(EINVAL, setrlimit(RLIMIT_NOFILE, &lim));
	lim = (struct rlimit){ 50, 60 };
	CHECK(!setrlimit(RLIMIT_NOFILE, &lim));
	pid_t pid = spawn();

	if (!pid) {
		CHECK(!getrlimit(RLIMIT_NOFILE, &lim) && lim.rlim_cur == 50 && lim.rlim_max == 60);
		become_user();
		lim.rlim_max = 70;
		FAILS(EPERM, setrlimit(RLIMIT_NOFILE, &lim));
		_exit(0);
	}
	wait_ok(pid);
}

/* syslog(2): what was said before a clear is not told again; /dev/kmsg has it all the same. */
static void kernel_log(void)
{
	enum { READ_ALL = 3, CLEAR = 5 };
	static char text[65536];
	int fd = open("/dev/kmsg", O_WRONLY);

	CHECK(fd >= 0);
	CHECK(write(fd, "one marked line", 15) == 15);
	memset(text, 0, sizeof(text));
	CHECK(syscall(__NR_syslog, READ_ALL, text, sizeof(text) - 1) > 0);
	CHECK(strstr(text, "one marked line"));
	CHECK(syscall(__NR_syslog, CLEAR, NULL, 0) == 0);
	CHECK(write(fd, "another", 7) == 7);
	memset(text, 0, sizeof(text));
	CHECK(syscall(__NR_syslog, READ_ALL, text, sizeof(text) - 1) > 0);
	CHECK(!strstr(text, "one marked line") && strstr(text, "another"));
	close(fd);
}

/* What a Linux built without it says: namespaces of cgroups, SCHED_DEADLINE, userfaultfd. */
static void check_not_there(int expect)
{
	CHECK(syscall(__NR_unshare, CLONE_NEWCGROUP) == -1 && errno == expect);
	CHECK(syscall(__NR_clone, CLONE_NEWCGROUP | SIGCHLD, 0, 0, 0, 0) == -1 && errno == expect);
	CHECK(!access("/proc/self/ns/mnt", F_OK));
	CHECK(access("/proc/self/ns/cgroup", F_OK) == -1 && errno == ENOENT);
}

static void not_there(void)
{
	struct {
		unsigned size, policy;
		unsigned long flags;
		int nice;
		unsigned priority;
		unsigned long runtime, deadline, period;
	} a = { .size = 48,
		.policy = 7, /* SCHED_EXT */
		.runtime = 10000000,
		.deadline = 20000000,
		.period = 20000000 };
	pid_t pid;

	CHECK(syscall(__NR_sched_setattr, 0, &a, 0) == -1 && errno == EINVAL);
	check_not_there(EINVAL);
	pid = spawn();
	if (!pid) {
		CHECK(!setuid(1000));
		check_not_there(EPERM);
		_exit(0);
	}
	wait_ok(pid);
}

const struct test system_tests[] = {
	{ "not-there", not_there, 0 },
	{ "clocks", clocks, 0 },
	{ "sleep", sleeping, 0 },
	{ "fairness", fairness, 0 },
	{ "affinity", affinity, 0 },
	{ "floating-point", floating_point, 0 },
	{ "identity", identity, 0 },
	{ "random", random_numbers, 0 },
	{ "proc", proc_files, 0 },
	{ "proc-long", long_texts, 0 },
	{ "limits", resource_limits, 0 },
	{ "kernel-log", kernel_log, 0 },
	{ NULL, NULL, 0 },
};

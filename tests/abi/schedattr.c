/*
 * Scheduling: setattr and getattr, setscheduler and setparam and who may, reset on fork, the bounds,
 * nice levels, affinity, getcpu, RLIMIT_RTTIME, the files of /proc/sys/kernel.
 */
#include "abi.h"
#include "schedattr.h"
#include <dirent.h>
#include <pthread.h>
#include <sys/resource.h>

#define DEADLINE 6

static struct attr a;
static char big[8192];

static long set(int pid, unsigned flags)
{
	return syscall(SYS_sched_setattr, pid, &a, flags);
}

static void show(const char *what)
{
	struct attr g;

	memset(&g, 0xff, sizeof(g));
	if (syscall(SYS_sched_getattr, 0, &g, sizeof(g), 0) < 0) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	say("%s: size %u policy %u flags %#lx nice %d priority %u\n", what, g.size, g.policy, (long)g.flags, g.nice, g.priority);
}

static void reset(void)
{
	a = (struct attr){ .size = 48 };
	set(0, 0);
	setpriority(PRIO_PROCESS, 0, 0);
	a = (struct attr){ .size = 48 };
}

static void attributes(void)
{
	SECTION("setattr");
	show("at first");
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO, .priority = 10 };
	R(set(0, 0));
	show("fifo");
	a = (struct attr){ .size = 48, .policy = SCHED_RR, .priority = 20, .flags = 1 };
	R(set(0, 0));
	show("rr, reset");
	R(sched_getscheduler(0));
	a = (struct attr){ .size = 0, .policy = SCHED_BATCH, .nice = 7 };
	R(set(0, 0));
	show("batch");
	a = (struct attr){ .size = 48, .policy = SCHED_IDLE, .nice = 99 };
	R(set(0, 0));
	show("idle");
	a = (struct attr){ .size = 48, .nice = -20 };
	R(set(0, 0));
	show("other");
	SECTION("keep");
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO, .nice = 3, .flags = 8 };
	R(set(0, 0));
	show("keep policy");
	a = (struct attr){ .size = 48, .policy = SCHED_BATCH, .nice = 4, .flags = 0x10 };
	R(set(0, 0));
	show("keep params");
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO, .priority = 4, .flags = 0x10 };
	R(set(0, 0));
	show("keep params, fifo");
	a = (struct attr){ .size = 48, .flags = 0x18 | 1 };
	R(set(0, 0));
	show("keep all, reset");
	reset();
	SECTION("refused");
	a = (struct attr){ .size = 47 };
	R(set(0, 0));
	say("size %u\n", a.size);
	a = (struct attr){ .size = 5000 };
	R(set(0, 0));
	a = (struct attr){ .size = 48 };
	R(set(0, 1));
	R(set(-1, 0));
	R(set(99999999, 0));
	R(syscall(SYS_sched_setattr, 0, NULL, 0));
	R(syscall(SYS_sched_setattr, 0, (void *)8, 0));
	a = (struct attr){ .size = 48, .policy = 4 };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .policy = -1U };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO, .priority = 100 };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .policy = SCHED_OTHER, .priority = 1 };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .flags = 0x80 };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .flags = 0x20 };
	R(set(0, 0));
	a = (struct attr){ .size = 48, .policy = DEADLINE };
	R(set(0, 0));
	memset(big, 0, sizeof(big));
	*(uint32_t *)big = 100;
	R(syscall(SYS_sched_setattr, 0, big, 0));
	big[80] = 1;
	R(syscall(SYS_sched_setattr, 0, big, 0));
	say("size %u\n", *(uint32_t *)big);
	SECTION("getattr");
	R(syscall(SYS_sched_getattr, 0, NULL, 56, 0));
	R(syscall(SYS_sched_getattr, 0, big, 47, 0));
	R(syscall(SYS_sched_getattr, 0, big, 4097, 0));
	R(syscall(SYS_sched_getattr, 0, big, 48, 1));
	R(syscall(SYS_sched_getattr, -1, big, 48, 0));
	R(syscall(SYS_sched_getattr, 0, (void *)8, 48, 0));
	R(syscall(SYS_sched_getattr, 0, big, 48, 0));
	say("size %u\n", *(uint32_t *)big);
	R(syscall(SYS_sched_getattr, 0, big, 4096, 0));
	say("size %u\n", *(uint32_t *)big);
	a = (struct attr){ .size = 48, .runtime = 5000000 };
	R(set(0, 0));
	R(syscall(SYS_sched_getattr, 0, &a, 48, 0));
	say("slice %ld\n", (long)a.runtime);
	reset();
}

static void calls(void)
{
	struct sched_param sp = { 5 };
	struct timespec ts;

	SECTION("setscheduler");
	R(sched_setscheduler(0, SCHED_FIFO, &sp));
	R(sched_getscheduler(0));
	sp.sched_priority = 7;
	R(sched_setparam(0, &sp));
	sp.sched_priority = 0;
	R(sched_getparam(0, &sp));
	say("priority %d\n", sp.sched_priority);
	R(sched_rr_get_interval(0, &ts));
	say("interval %ld.%09ld\n", (long)ts.tv_sec, ts.tv_nsec);
	R(sched_setscheduler(0, SCHED_RR, &sp));
	R(sched_rr_get_interval(0, &ts));
	say("interval %ld.%09ld\n", (long)ts.tv_sec, ts.tv_nsec);
	R(sched_rr_get_interval(-1, &ts));
	R(sched_rr_get_interval(99999999, &ts));
	sp.sched_priority = 0;
	R(sched_setparam(0, &sp));
	R(sched_setscheduler(0, SCHED_OTHER, &sp));
	R(sched_setscheduler(0, SCHED_OTHER | SCHED_RESET_ON_FORK, &sp));
	R(sched_getscheduler(0));
	R(sched_setparam(0, &sp));
	R(sched_getscheduler(0));
	R(sched_setscheduler(0, SCHED_OTHER, &sp));
	R(sched_setscheduler(0, DEADLINE, &sp));
	R(sched_setscheduler(0, 99, &sp));
	R(sched_setscheduler(0, -1, &sp));
	R(syscall(SYS_sched_setscheduler, 0, SCHED_OTHER, NULL));
	R(syscall(SYS_sched_setparam, -3, &sp));
	R(syscall(SYS_sched_getscheduler, -3));
	sp.sched_priority = -1;
	R(sched_setscheduler(0, SCHED_FIFO, &sp));
	for (int p = 0; p < 7; p++)
		say("%d: %d %d\n", p, sched_get_priority_min(p), sched_get_priority_max(p));
	R(sched_yield());
}

static void forked(const char *what)
{
	pid_t pid = MUST(fork());

	if (!pid) {
		show(what);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void inherited(void)
{
	SECTION("fork");
	a = (struct attr){ .size = 48, .policy = SCHED_FIFO, .priority = 10 };
	set(0, 0);
	forked("fifo");
	a.flags = 1;
	set(0, 0);
	forked("fifo, reset");
	a = (struct attr){ .size = 48, .policy = SCHED_BATCH, .nice = -5, .flags = 1 };
	set(0, 0);
	forked("batch, reset");
	a = (struct attr){ .size = 48, .policy = SCHED_IDLE, .nice = 5, .flags = 1 };
	set(0, 0);
	forked("idle, reset");
	reset();
}

static void limit(int resource, long v)
{
	struct rlimit r = { v, v };

	MUST(setrlimit(resource, &r));
}

static void try(int policy, int prio, int nice, unsigned flags)
{
	a = (struct attr){ .size = 48, .policy = policy, .priority = prio, .nice = nice, .flags = flags };
	long r = set(0, 0);

	say("policy %d priority %d nice %d flags %u: %s\n", policy, prio, nice, flags, r ? ename(errno) : "ok");
}

static void as_user(void)
{
	pid_t parent = getppid();

	limit(RLIMIT_RTPRIO, 20);
	limit(RLIMIT_NICE, 15);
	MUST(setuid(1000));
	try(SCHED_OTHER, 0, 10, 0);
	try(SCHED_OTHER, 0, 5, 0);
	try(SCHED_OTHER, 0, 4, 0);
	try(SCHED_FIFO, 20, 0, 0);
	try(SCHED_FIFO, 21, 0, 0);
	limit(RLIMIT_RTPRIO, 0);
	try(SCHED_FIFO, 19, 0, 0);
	try(SCHED_FIFO, 20, 0, 0);
	try(SCHED_RR, 5, 0, 0);
	try(SCHED_BATCH, 0, 8, 0);
	try(SCHED_FIFO, 1, 0, 0);
	try(SCHED_IDLE, 0, 8, 0);
	try(SCHED_OTHER, 0, 8, 0);
	try(SCHED_OTHER, 0, 8, 1);
	try(SCHED_OTHER, 0, 8, 0);
	limit(RLIMIT_NICE, 0);
	try(SCHED_IDLE, 0, 8, 1);
	try(SCHED_OTHER, 0, 8, 1);
	R(setpriority(PRIO_PROCESS, 0, 12));
	R(setpriority(PRIO_PROCESS, 0, 11));
	R(setpriority(PRIO_PROCESS, parent, 12));
	R(setpriority(PRIO_PROCESS, 1, 12));
	R(syscall(SYS_sched_setscheduler, parent, SCHED_OTHER, &(struct sched_param){ 0 }));
	R(syscall(SYS_sched_setaffinity, parent, 8, &(long){ 1 }));
	R(sched_getscheduler(parent));
	R(setpriority(PRIO_USER, 0, 13));
	R(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	R(syscall(SYS_getpriority, PRIO_USER, 1000));
	R(syscall(SYS_getpriority, PRIO_USER, 1001));
}

static void priorities(void)
{
	SECTION("priorities");
	R(setpriority(PRIO_PROCESS, 0, -30));
	R(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	R(setpriority(PRIO_PROCESS, 0, 30));
	R(syscall(SYS_getpriority, PRIO_PROCESS, 0));
	R(setpriority(PRIO_PGRP, 0, 1));
	R(syscall(SYS_getpriority, PRIO_PGRP, 0));
	R(setpriority(3, 0, 1));
	R(setpriority(-1, 0, 1));
	R(syscall(SYS_getpriority, 3, 0));
	R(setpriority(PRIO_PROCESS, 99999999, 1));
	R(setpriority(PRIO_PGRP, 99999999, 1));
	R(syscall(SYS_getpriority, PRIO_USER, 12345));
	R(setpriority(PRIO_PROCESS, 0, 0));
}

static void affinity(void)
{
	cpu_set_t all, one;
	unsigned cpu = 99, node = 99;
	char many[1024];
	int n, wrong = 0;

	SECTION("affinity");
	sched_getaffinity(0, sizeof(all), &all);
	n = CPU_COUNT(&all);
	R(syscall(SYS_sched_getaffinity, 0, 7, many));
	R(syscall(SYS_sched_getaffinity, 0, 12, many));
	R(syscall(SYS_sched_getaffinity, 0, 0, many));
	R(syscall(SYS_sched_getaffinity, -1, 8, many));
	R(syscall(SYS_sched_getaffinity, 0, 8, NULL));
	R(syscall(SYS_sched_setaffinity, 0, 0, many));
	R(syscall(SYS_sched_setaffinity, 0, 8, NULL));
	R(syscall(SYS_sched_setaffinity, -1, 8, many));
	R(syscall(SYS_sched_setaffinity, 99999999, 8, many));
	memset(many, 0, sizeof(many));
	R(syscall(SYS_sched_setaffinity, 0, sizeof(many), many));
	many[100] = 1;
	R(syscall(SYS_sched_setaffinity, 0, sizeof(many), many));
	memset(many, 0xff, sizeof(many));
	R(syscall(SYS_sched_setaffinity, 0, sizeof(many), many));
	R(syscall(SYS_sched_setaffinity, 0, 1, many));
	sched_getaffinity(0, sizeof(one), &one);
	say("all again %d\n", CPU_COUNT(&one) == n);
	for (int i = 0; i < 5 * n; i++) {
		CPU_ZERO(&one);
		CPU_SET(i % n, &one);
		wrong += sched_setaffinity(0, sizeof(one), &one) != 0;
		syscall(SYS_getcpu, &cpu, &node, NULL);
		wrong += cpu != (unsigned)i % n || sched_getcpu() != i % n || node;
		pid_t pid = fork();
		if (!pid) {
			cpu_set_t mine;

			sched_getaffinity(0, sizeof(mine), &mine);
			_exit(sched_getcpu() != i % n || CPU_COUNT(&mine) != 1);
		}
		int status;
		waitpid(pid, &status, 0);
		wrong += status != 0;
	}
	say("wrong %d\n", wrong);
	sched_setaffinity(0, sizeof(all), &all);
	R(syscall(SYS_getcpu, NULL, NULL, NULL));
	R(syscall(SYS_getcpu, (void *)8, NULL, NULL));
}

static volatile int xcpu;

static void on_xcpu(int sig)
{
	(void)sig;
	xcpu++;
}

static void spin(void)
{
	struct rlimit r = { 50000, 1200000 };
	struct sched_param sp = { 1 };

	signal(SIGXCPU, on_xcpu);
	MUST(setrlimit(RLIMIT_RTTIME, &r));
	MUST(sched_setscheduler(0, SCHED_FIFO, &sp));
	while (!xcpu)
		;
	MUST(getrlimit(RLIMIT_RTTIME, &r));
	say("SIGXCPU, soft limit %ld\n", (long)r.rlim_cur);
	for (;;)
		;
}

static void number(const char *name)
{
	char path[100], text[100] = "";
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	fd = open(path, O_RDWR);
	ssize_t n = fd >= 0 ? read(fd, text, sizeof(text) - 1) : 0;
	say("%s %.*s\n", name, (int)strcspn(text, "\n"), text);
	lseek(fd, 0, SEEK_SET);
	if (n > 0)
		R(write(fd, text, n));
	close(fd);
}

static void files(void)
{
	char buf[256] = "";
	unsigned long x, y, z;
	FILE *f;

	SECTION("files");
	number("sched_rt_period_us");
	number("sched_rt_runtime_us");
	number("sched_rr_timeslice_ms");
	f = fopen("/proc/self/schedstat", "r");
	say("schedstat %d\n", f && fscanf(f, "%lu %lu %lu", &x, &y, &z) == 3 && x && z);
	if (f)
		fclose(f);
	f = fopen("/proc/schedstat", "r");
	say("%s", f && fgets(buf, sizeof(buf), f) ? buf : "?\n");
	if (f)
		fclose(f);
}

int main(void)
{
	attributes();
	calls();
	inherited();
	priorities();
	SECTION("as a user");
	in_child("user", as_user);
	affinity();
	SECTION("RLIMIT_RTTIME");
	in_child("spins", spin);
	files();
	return 0;
}

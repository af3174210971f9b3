/*
 * SCHED_DEADLINE: what sched_setattr takes and refuses, who may, what the other calls tell of such a thread,
 * fork, affinity, how much is admitted, SIGXCPU at an overrun, and that nobody gets more than its share.
 */
#include "abi.h"
#include "schedattr.h"
#include <pthread.h>
#include <sys/resource.h>

#define DEADLINE 6
#define RESET	 1
#define RECLAIM	 2
#define OVERRUN	 4
#define MS	 1000000L

static long set(pid_t pid, long runtime, long deadline, long period, int flags)
{
	struct attr a = {
		.size = 48, .policy = DEADLINE, .flags = flags, .runtime = runtime, .deadline = deadline, .period = period
	};

	return syscall(SYS_sched_setattr, pid, &a, 0);
}

static long fair(pid_t pid)
{
	struct attr a = { .size = 48 };

	return syscall(SYS_sched_setattr, pid, &a, 0);
}

static void show(const char *what)
{
	struct attr g;

	memset(&g, 0xff, sizeof(g));
	if (syscall(SYS_sched_getattr, 0, &g, sizeof(g), 0) < 0) {
		say("%s: %s\n", what, ename(errno));
		return;
	}
	if (g.policy != DEADLINE)
		g.runtime = 0;
	say("%s: policy %u flags %#lx nice %d priority %u: %lu / %lu / %lu\n", what, g.policy, (long)g.flags, g.nice,
	    g.priority, (long)g.runtime, (long)g.deadline, (long)g.period);
}

static void stat_fields(void)
{
	char buf[1024] = "", *at;
	long field[52] = { 0 };
	FILE *f = fopen("/proc/self/stat", "r");

	if (!f || !fgets(buf, sizeof(buf), f))
		return;
	fclose(f);
	at = strrchr(buf, ')') + 3;
	for (int i = 3; i < 52 && at; i++) {
		field[i] = strtol(at, NULL, 10);
		at = strchr(at, ' ');
		at += at != NULL;
	}
	say("stat: priority %ld nice %ld rt_priority %ld policy %ld\n", field[18], field[19], field[40], field[41]);
	f = fopen("/proc/self/sched", "r");
	while (f && fgets(buf, sizeof(buf), f))
		if (!strncmp(buf, "policy", 6) || !strncmp(buf, "prio", 4))
			say("%s", buf);
		else if (!strncmp(buf, "dl.", 3))
			say("%.*s\n", (int)strcspn(buf, " :"), buf);
	if (f)
		fclose(f);
}

static void told(void)
{
	struct sched_param sp = { 77 };
	struct timespec ts = { 1, 1 };
	struct attr a = { .size = 48, .policy = DEADLINE, .flags = 0x10, .runtime = 5 * MS, .deadline = 10 * MS };

	SECTION("told");
	signal(SIGXCPU, SIG_IGN); /* until "runtime": what the machine makes of it there is luck */
	R(set(0, 10 * MS, 30 * MS, 40 * MS, 0));
	show("set");
	R(sched_getscheduler(0));
	R(sched_getparam(0, &sp));
	say("priority %d\n", sp.sched_priority);
	R(sched_rr_get_interval(0, &ts));
	say("interval %ld.%09ld\n", (long)ts.tv_sec, ts.tv_nsec);
	R(sched_get_priority_min(DEADLINE));
	R(sched_get_priority_max(DEADLINE));
	stat_fields();
	R(set(0, 10 * MS, 30 * MS, 40 * MS, 0));
	R(set(0, 10 * MS, 30 * MS, 0, 0));
	show("no period");
	R(set(0, 20 * MS, 200 * MS, 0, RECLAIM | OVERRUN | RESET));
	show("flags");
	R(sched_getscheduler(0));
	R(sched_yield());
	R(setpriority(PRIO_PROCESS, 0, 5));
	show("nice 5");
	R(syscall(SYS_sched_setattr, 0, &a, 0));
	show("keep params");
	a.flags = 0x18 | RESET;
	R(syscall(SYS_sched_setattr, 0, &a, 0));
	show("keep all");
	a.flags = 8;
	R(syscall(SYS_sched_setattr, 0, &a, 0));
	show("keep policy");
	sp.sched_priority = 0;
	R(sched_setparam(0, &sp));
	R(sched_setscheduler(0, DEADLINE, &sp));
	sp.sched_priority = 1;
	R(sched_setparam(0, &sp));
	R(sched_setscheduler(0, SCHED_FIFO, &sp));
	show("fifo");
	stat_fields();
	R(set(0, 10 * MS, 30 * MS, 40 * MS, 0));
	R(fair(0));
	show("other");
	R(setpriority(PRIO_PROCESS, 0, 0));
}

/* On Linux a share is free again only at the deadline of who had it. */
static void settle(void)
{
	usleep(500000);
}

static void refused(void)
{
	struct attr a = { .size = 48, .policy = DEADLINE, .priority = 1, .runtime = 5 * MS, .deadline = 10 * MS };
	pid_t pid = MUST(fork());

	if (!pid)
		for (;;)
			pause();
	SECTION("refused");
	R(set(pid, 0, 0, 0, 0));
	R(set(pid, 10 * MS, 0, 40 * MS, 0));
	R(set(pid, 1023, 30 * MS, 40 * MS, 0));
	R(set(pid, 1024, 30 * MS, 40 * MS, 0));
	R(set(pid, 31 * MS, 30 * MS, 40 * MS, 0));
	R(set(pid, 10 * MS, 41 * MS, 40 * MS, 0));
	R(set(pid, 10 * MS, 30 * MS, 1L << 63, 0));
	R(set(pid, 10 * MS, 1L << 63, 1L << 63, 0));
	R(set(pid, 2000, 99999, 0, 0));
	R(set(pid, 2000, 100000, 0, 0));
	R(set(pid, 2000, 50000, 100000, 0));
	R(set(pid, 2 * MS, 4194304000L, 0, 0));
	R(set(pid, 2 * MS, 4194304001L, 0, 0));
	R(set(pid, 10 * MS, 30 * MS, 0, 0x80));
	R(set(pid, 10 * MS, 30 * MS, 0, 0x10000000));
	R(syscall(SYS_sched_setattr, pid, &a, 0));
	a.priority = 100;
	R(syscall(SYS_sched_setattr, pid, &a, 0));
	R(set(-1, 10 * MS, 30 * MS, 0, 0));
	R(set(99999999, 10 * MS, 30 * MS, 0, 0));
	a = (struct attr){ .size = 48, .policy = DEADLINE, .nice = 99, .runtime = 5 * MS, .deadline = 10 * MS };
	R(syscall(SYS_sched_setattr, pid, &a, 0));
	R(set(pid, 10 * MS, 30 * MS, 0, 0));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	settle();
}

static void as_user(void)
{
	struct rlimit r = { 99, 99 };

	MUST(setrlimit(RLIMIT_RTPRIO, &r));
	MUST(set(0, 10 * MS, 30 * MS, 0, 0));
	MUST(setuid(1000));
	R(set(0, 10 * MS, 30 * MS, 0, 0));
	R(set(0, 5 * MS, 30 * MS, 0, 0));
	R(set(getppid(), 10 * MS, 30 * MS, 0, 0));
	R(fair(0));
	R(set(0, 10 * MS, 30 * MS, 0, 0));
}

static void *nothing(void *arg)
{
	return arg;
}

static void forks(void)
{
	pthread_t th;
	pid_t pid;

	SECTION("fork");
	R(set(0, 10 * MS, 30 * MS, 0, 0));
	pid = fork();
	if (!pid)
		_exit(0);
	say("fork: %s\n", pid < 0 ? ename(errno) : "ok");
	say("thread: %s\n", ename(pthread_create(&th, NULL, nothing, NULL)));
	R(set(0, 10 * MS, 30 * MS, 0, RESET));
	pid = fork();
	if (!pid) {
		show("child");
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	say("fork: %s\n", pid < 0 ? ename(errno) : "ok");
	show("parent");
	R(fair(0));
}

static int harts;
static cpu_set_t all, one;

static void affinity(void)
{
	SECTION("affinity");
	/* With one hart there is no smaller set. */
	sched_setaffinity(0, sizeof(one), &one);
	say("narrow: %s\n", harts == 1 || (set(0, MS, 100 * MS, 0, 0) < 0 && errno == EPERM) ? "ok" : "?");
	fair(0);
	R(sched_setaffinity(0, sizeof(all), &all));
	R(set(0, MS, 100 * MS, 0, 0));
	say("narrowed: %s\n",
	    harts == 1 || (sched_setaffinity(0, sizeof(one), &one) < 0 && errno == EBUSY) ? "ok" : "?");
	R(sched_setaffinity(0, sizeof(all), &all));
	memset(&one, 0xff, sizeof(one));
	R(sched_setaffinity(0, sizeof(one), &one));
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	R(fair(0));
}

static void file(const char *name, const char *text)
{
	char path[100];
	int fd;

	snprintf(path, sizeof(path), "/proc/sys/kernel/%s", name);
	fd = open(path, O_RDWR);
	say("%s=%s: %s\n", name, text, write(fd, text, strlen(text)) < 0 ? ename(errno) : "ok");
	close(fd);
}

/* Tasks of three tenths of a hart until no more are admitted. */
static void admission(void)
{
	pid_t pids[64];
	int n = 0, end[2];
	char c;

	SECTION("admission");
	settle();
	MUST(pipe(end));
	for (; n < 64; n++) {
		pids[n] = MUST(fork());
		if (!pids[n]) {
			close(end[1]);
			_exit(read(end[0], &c, 1) < 0);
		}
		if (set(pids[n], 30 * MS, 100 * MS, 0, 0) < 0)
			break;
	}
	say("refused: %s, of each hart: %d\n", ename(errno), n / harts);
	say("rest %d\n", n % harts);
	R(set(0, 95 * MS, 100 * MS, 0, 0));
	file("sched_rt_runtime_us", "500000");
	file("sched_rt_period_us", "4000000");
	file("sched_rt_runtime_us", "950000");
	file("sched_rt_runtime_us", "-1");
	R(set(0, 100 * MS, 100 * MS, 0, 0));
	show("all of a hart");
	R(sched_setaffinity(0, sizeof(one), &one));
	R(sched_setaffinity(0, sizeof(all), &all));
	R(fair(0));
	close(end[1]);
	for (int i = 0; i <= n && i < 64; i++)
		waitpid(pids[i], NULL, 0);
	settle();
	file("sched_rt_runtime_us", "950000");
}

static volatile sig_atomic_t overruns;

static void on_xcpu(int sig, siginfo_t *si, void *uc)
{
	(void)sig;
	(void)uc;
	if (!overruns)
		say("SIGXCPU: code %d pid %d\n", si->si_code, si->si_pid);
	overruns++;
}

static long ns(clockid_t clock)
{
	struct timespec ts;

	clock_gettime(clock, &ts);
	return ts.tv_sec * 1000000000L + ts.tv_nsec;
}

static void runs(void)
{
	struct sigaction sa = { .sa_sigaction = on_xcpu, .sa_flags = SA_SIGINFO };
	long wall, cpu;

	SECTION("runtime");
	MUST(sigaction(SIGXCPU, &sa, NULL));
	R(set(0, 2 * MS, 20 * MS, 0, OVERRUN));
	while (overruns < 3)
		;
	say("overruns\n");
	R(set(0, 4 * MS, 40 * MS, 0, 0));
	wall = ns(CLOCK_MONOTONIC);
	cpu = ns(CLOCK_THREAD_CPUTIME_ID);
	while (ns(CLOCK_MONOTONIC) - wall < 400 * MS)
		;
	wall = ns(CLOCK_MONOTONIC) - wall;
	cpu = ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	say("a tenth: %d\n", cpu < wall / 2);
	for (int i = 0; i < 5; i++)
		sched_yield();
	say("yields\n");
	R(fair(0));
}

int main(void)
{
	MUST(sched_getaffinity(0, sizeof(all), &all));
	harts = CPU_COUNT(&all);
	CPU_ZERO(&one);
	CPU_SET(0, &one);
	told();
	refused();
	in_child("user", as_user);
	forks();
	affinity();
	runs();
	admission();
	return 0;
}

/* uname, sysinfo, limits, usage, random bytes, scheduling, prctl, membarrier: what programs ask first. */
#include "abi.h"
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static const char *limit(rlim_t v)
{
	static char text[2][32];
	static int turn;
	char *t = text[turn ^= 1];

	if (v == RLIM_INFINITY)
		return "infinite";
	snprintf(t, 32, "%lu", v);
	return t;
}

static void as_user(void)
{
	struct rlimit rl = { 100, 1 << 20 };

	MUST(setuid(1000));
	R(setrlimit(RLIMIT_NOFILE, &rl));
	rl.rlim_max = 200;
	R(setrlimit(RLIMIT_NOFILE, &rl));
	rl.rlim_cur = 201;
	R(setrlimit(RLIMIT_NOFILE, &rl));
	rl.rlim_max = 300;
	R(setrlimit(RLIMIT_NOFILE, &rl));
	R(setpriority(PRIO_PROCESS, 0, 5));
	R(getpriority(PRIO_PROCESS, 0));
	R(setpriority(PRIO_PROCESS, 0, -5));
	R(prlimit(1, RLIMIT_NOFILE, NULL, &rl));
	R(sethostname("x", 1));
}

int main(void)
{
	struct utsname u;
	struct sysinfo si;
	struct rlimit rl;
	struct rusage ru;
	unsigned char a[256], b[256];

	SECTION("uname");
	MUST(uname(&u));
	say("%s %s\n", u.sysname, u.machine);
	int major = 0, minor = 0;
	sscanf(u.release, "%d.%d", &major, &minor);
	say("release is new enough %d\n", major > 4 || (major == 4 && minor >= 15));
	SECTION("sysinfo");
	R(sysinfo(&si));
	say("total %d free %d unit %u procs %d uptime %d\n", si.totalram * si.mem_unit > 64UL << 20,
	    si.freeram > 0 && si.freeram < si.totalram, si.mem_unit, si.procs > 0, si.uptime >= 0);
	SECTION("limits");
	static const int which[] = { RLIMIT_CPU, RLIMIT_FSIZE, RLIMIT_DATA, RLIMIT_STACK, RLIMIT_RSS, RLIMIT_AS,
				     RLIMIT_NOFILE, RLIMIT_CORE, RLIMIT_LOCKS, RLIMIT_NICE, RLIMIT_RTPRIO };
	for (unsigned i = 0; i < ARRAY_SIZE(which); i++) {
		MUST(getrlimit(which[i], &rl));
		say("%d: %s %s\n", which[i], limit(rl.rlim_cur), limit(rl.rlim_max));
	}
	R(getrlimit(99, &rl));
	rl = (struct rlimit){ 10, 5 };
	R(setrlimit(RLIMIT_NOFILE, &rl));
	rl = (struct rlimit){ 1UL << 40, 1UL << 40 };
	R(setrlimit(RLIMIT_NOFILE, &rl));
	R(prlimit(999999, RLIMIT_NOFILE, NULL, &rl));
	R(prlimit(getpid(), RLIMIT_STACK, &(struct rlimit){ 1 << 20, RLIM_INFINITY }, &rl));
	say("was %s\n", limit(rl.rlim_cur));
	in_child("user", as_user);
	SECTION("usage");
	/* Linux counts in steps of some pages. */
	memset(sbrk(1 << 20), 1, 1 << 20);
	R(getrusage(RUSAGE_SELF, &ru));
	say("maxrss %d faults %d\n", ru.ru_maxrss > 0, ru.ru_minflt > 0);
	R(getrusage(RUSAGE_CHILDREN, &ru));
	R(getrusage(RUSAGE_THREAD, &ru));
	R(getrusage(99, &ru));
	SECTION("random");
	R(getrandom(a, 256, 0));
	R(getrandom(b, 256, GRND_RANDOM));
	say("different %d\n", memcmp(a, b, 256) != 0);
	R(getrandom(a, 0, 0));
	R(getrandom(a, 16, GRND_NONBLOCK));
	R(getrandom(a, 16, 0x100));
	R(getrandom(a, 16, GRND_RANDOM | 4));
	int fd = MUST(open("/dev/urandom", O_RDONLY));
	R(read(fd, a, 256));
	int bits = 0;
	for (int i = 0; i < 256; i++)
		bits += __builtin_popcount(a[i]);
	say("even enough %d\n", bits > 900 && bits < 1150);
	static char big[1 << 20];
	R(getrandom(big, sizeof(big), 0));
	pid_t pid = MUST(fork());
	if (!pid) {
		getrandom(a, 16, 0);
		put_file("r", a, 16, 0644);
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	getrandom(b, 16, 0);
	fd = MUST(open("r", O_RDONLY));
	read(fd, a, 16);
	say("child's differ %d\n", memcmp(a, b, 16) != 0);
	SECTION("scheduling");
	cpu_set_t set;
	R(sched_getaffinity(0, sizeof(set), &set));
	say("some %d\n", CPU_COUNT(&set) > 0);
	CPU_ZERO(&set);
	R(sched_setaffinity(0, sizeof(set), &set));
	CPU_SET(0, &set);
	R(sched_setaffinity(0, sizeof(set), &set));
	R(sched_getaffinity(0, sizeof(set), &set));
	say("one %d\n", CPU_COUNT(&set));
	unsigned cpu = 99, node = 99;
	R(syscall(SYS_getcpu, &cpu, &node, NULL));
	say("cpu %u node %u\n", cpu, node);
	R(sched_yield());
	R(sched_getscheduler(0));
	struct sched_param sp = { 0 };
	R(sched_getparam(0, &sp));
	R(sched_get_priority_max(SCHED_FIFO));
	R(sched_get_priority_min(SCHED_RR));
	R(sched_get_priority_max(SCHED_OTHER));
	R(sched_get_priority_max(77));
	R(getpriority(PRIO_PROCESS, 0));
	R(setpriority(PRIO_PROCESS, 0, 10));
	R(getpriority(PRIO_PROCESS, 0));
	R(setpriority(PRIO_PROCESS, 0, 100));
	R(getpriority(PRIO_PROCESS, 0));
	R(getpriority(PRIO_PROCESS, 999999));
	R(getpriority(9, 0));
	SECTION("prctl");
	char name[32] = "";
	R(prctl(PR_SET_NAME, "a-name-longer-than-fifteen"));
	R(prctl(PR_GET_NAME, name));
	say("%s\n", name);
	R(prctl(PR_GET_DUMPABLE));
	R(prctl(PR_SET_DUMPABLE, 0));
	R(prctl(PR_GET_DUMPABLE));
	R(prctl(PR_SET_DUMPABLE, 9));
	R(prctl(PR_SET_PDEATHSIG, SIGTERM));
	int sig = 0;
	R(prctl(PR_GET_PDEATHSIG, &sig));
	say("%s\n", sname(sig));
	R(prctl(PR_SET_PDEATHSIG, 99));
	R(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	R(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	R(prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
	R(prctl(PR_SET_CHILD_SUBREAPER, 1));
	R(prctl(12345));
	R(syscall(SYS_personality, 0xffffffff));
	R(syscall(SYS_personality, 0x0040000));
	R(syscall(SYS_personality, 0xffffffff));
	R(syscall(SYS_personality, PER_LINUX32));
	uname(&u);
	printf("a 32-bit personality's machine: %s\n", u.machine);
	R(syscall(SYS_personality, UNAME26));
	uname(&u);
	printf("a release of 2.6.72: %d\n", !strncmp(u.release, "2.6.72", 6) && (u.release[6] == '-' || u.release[6] == '+'));
	R(syscall(SYS_personality, PER_LINUX));
	return 0;
}

/* Edges of some calls: PR_SET_TIMERSLACK's default, clocks nobody sets, /proc/PID as a pidfd, ids that stay. */
#include "abi.h"
#include <sys/fsuid.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>

static void slack(void)
{
	R(prctl(PR_GET_TIMERSLACK));
	R(prctl(PR_SET_TIMERSLACK, 1));
	R(prctl(PR_GET_TIMERSLACK));
	R(prctl(PR_SET_TIMERSLACK, 0));
	R(prctl(PR_GET_TIMERSLACK));
}

static long signal_to(int fd, int sig, int flags)
{
	return syscall(SYS_pidfd_send_signal, fd, sig, NULL, flags);
}

/* What setfsuid(2) set stays when a call changes nothing else. */
static void ids_that_stay(void)
{
	setfsuid(1001);
	setfsgid(1002);
	R(syscall(SYS_setresuid, 0, -1, 0));
	R(setfsuid(-1));
	R(syscall(SYS_setresuid, -1, -1, -1));
	R(setfsuid(-1));
	R(syscall(SYS_setresuid, -1, 0, -1));
	R(setfsuid(-1));
	R(syscall(SYS_setresgid, 0, -1, 0));
	R(setfsgid(-1));
	R(syscall(SYS_setresgid, -1, 0, -1));
	R(setfsgid(-1));
	setfsuid(1001);
	R(syscall(SYS_setreuid, -1, -1));
	R(setfsuid(-1));
	R(syscall(SYS_setreuid, 0, 0));
	R(setfsuid(-1));
}

/* The resolution of each kind of CPU clock, of the process and the thread. */
static void resolutions(void)
{
	struct timespec ts;

	for (int kind = 0; kind < 8; kind++) {
		long r = (errno = 0, syscall(SYS_clock_getres, ~0U << 3 | kind, &ts));

		say("%d: %s %ld\n", kind, r ? ename(errno) : "ok", r ? 0 : ts.tv_nsec);
	}
}

/* A timer on a clock that there may not be: is what the sigevent says looked at before? */
static void sigevents(void)
{
	static const int clocks[] = { CLOCK_REALTIME_ALARM, CLOCK_BOOTTIME_ALARM, CLOCK_MONOTONIC_RAW,
				      CLOCK_MONOTONIC_COARSE, 10, 12 };

	for (unsigned i = 0; i < ARRAY_SIZE(clocks); i++) {
		for (int notify = 0; notify < 6; notify++) {
			struct sigevent ev = { .sigev_notify = notify, .sigev_signo = notify ? 65 : SIGUSR1 };
			int id;

			errno = 0;
			syscall(SYS_timer_create, clocks[i], &ev, &id);
			say(" %s", ename(errno));
		}
		say("\n");
	}
}

int main(void)
{
	struct timespec ts = { 1, 0 };
	clockid_t mine;
	pid_t pid;
	int fd, status;
	char name[32];

	SECTION("timer slack");
	R(prctl(PR_SET_TIMERSLACK, 70000));
	in_child("a child", slack);
	R(prctl(PR_SET_TIMERSLACK, 0));
	R(prctl(PR_GET_TIMERSLACK));

	SECTION("clocks that are not set");
	R(clock_settime(CLOCK_PROCESS_CPUTIME_ID, &ts));
	R(clock_settime(CLOCK_THREAD_CPUTIME_ID, &ts));
	clock_getcpuclockid(0, &mine);
	R(syscall(SYS_clock_settime, ((~getpid()) << 3) | 2, &ts));
	R(clock_settime(CLOCK_MONOTONIC, &ts));

	SECTION("a folder of /proc as a pidfd");
	pid = fork();
	if (!pid) {
		pause();
		_exit(0);
	}
	snprintf(name, sizeof(name), "/proc/%d", pid);
	fd = open(name, O_RDONLY | O_DIRECTORY);
	R(signal_to(fd, 0, 0));
	R(signal_to(fd, 65, 0));
	R(signal_to(open("/proc", O_RDONLY | O_DIRECTORY), 0, 0));
	R(signal_to(open("/proc/self/task", O_RDONLY | O_DIRECTORY), 0, 0));
	R(signal_to(fd, SIGUSR1, 0));
	waitpid(pid, &status, 0);
	say("%s\n", wait_text(status));
	R(signal_to(fd, 0, 0));

	SECTION("ids that stay");
	in_child("a child", ids_that_stay);
	SECTION("resolutions");
	resolutions();
	SECTION("sigevents");
	sigevents();
	return 0;
}

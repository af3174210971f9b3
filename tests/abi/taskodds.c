/* Edges of three calls: PR_SET_TIMERSLACK's default, clocks nobody sets, /proc/PID as a pidfd. */
#include "abi.h"
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
	return 0;
}

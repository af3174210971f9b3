/* The clocks that would wake a sleeping machine: what each call says of them. */
#include "abi.h"
#include <sys/timerfd.h>

static void ask(clockid_t c)
{
	struct timespec ts = { 0, 1000000 };
	struct sigevent ev = { .sigev_notify = SIGEV_NONE };
	timer_t t;
	int fd;

	say("clock %d\n", c);
	OK(syscall(SYS_clock_gettime, c, &ts));
	R(syscall(SYS_clock_getres, c, &ts));
	R(syscall(SYS_clock_settime, c, &ts));
	ts = (struct timespec){ 0, 1000000 };
	R(syscall(SYS_clock_nanosleep, c, 0, &ts, NULL));
	R(syscall(SYS_timer_create, c, &ev, &t));
	R((fd = timerfd_create(c, TFD_CLOEXEC)) >= 0);
	close(fd);
}

static void nobody(void)
{
	MUST(setuid(1000));
	ask(CLOCK_REALTIME_ALARM);
}

int main(void)
{
	ask(CLOCK_REALTIME_ALARM);
	ask(CLOCK_BOOTTIME_ALARM);
	ask(CLOCK_BOOTTIME);
	ask(CLOCK_TAI);
	ask(10);
	in_child("nobody", nobody);
	return 0;
}

/* adjtimex(2), clock_adjtime(2): who may, what is refused, what is remembered. */
#include "abi.h"
#include <limits.h>
#include <sys/syscall.h>
#include <sys/timex.h>

static long adj(struct timex *t)
{
	return syscall(SYS_adjtimex, t);
}

static long with(unsigned modes, long offset, long freq, long constant, long tick)
{
	struct timex t = { .modes = modes, .offset = offset, .freq = freq, .constant = constant, .tick = tick };

	return adj(&t);
}

static void show(const char *what)
{
	struct timex t = { 0 };
	long r = adj(&t);

	printf("%s: %ld, status %x offset %ld freq %ld esterror %ld constant %ld tick %ld tai %d\n", what, r,
	       t.status, t.offset, t.freq, t.esterror, t.constant, t.tick, t.tai);
}

static void user(void)
{
	setresuid(1000, 1000, 1000);
	R(with(0, 0, 0, 0, 0));
	R(with(ADJ_STATUS, 0, 0, 0, 0));
	R(with(ADJ_OFFSET_SINGLESHOT, 5, 0, 0, 0));
	R(with(ADJ_OFFSET_SS_READ, 0, 0, 0, 0));
}

int main(void)
{
	struct timex t = { 0 };
	struct timespec a, b;

	R(adj((struct timex *)-1L));
	show("at first");
	R(adj(&t));
	printf("precision %ld tolerance %ld maxerror %ld shift %d\n", t.precision, t.tolerance, t.maxerror, t.shift);
	in_child("a user", user);
	R(with(0x8000, 0, 0, 0, 0));
	R(with(ADJ_TICK, 0, 0, 0, 8999));
	R(with(ADJ_TICK, 0, 0, 0, 11001));
	R(with(ADJ_FREQUENCY, 0, LONG_MAX, 0, 0));
	t = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 0, 1000000 } };
	R(adj(&t));
	t = (struct timex){ .modes = ADJ_SETOFFSET | ADJ_NANO, .time = { 0, -1 } };
	R(adj(&t));
	R(with(ADJ_TICK, 0, 0, 0, 10001));
	R(with(ADJ_FREQUENCY, 0, 100 << 16, 0, 0));
	R(with(ADJ_TIMECONST, 0, 0, 1, 0));
	show("changed");
	R(with(ADJ_FREQUENCY, 0, 1000 << 16, 0, 0));
	R(with(ADJ_TIMECONST, 0, 0, 9, 0));
	R(with(ADJ_TAI, 0, 0, 37, 0));
	t = (struct timex){ .modes = ADJ_STATUS | ADJ_ESTERROR | ADJ_MAXERROR, .status = STA_PLL | STA_NANO };
	t.esterror = 1234;
	R(adj(&t));
	show("clamped, synchronised");
	R(with(ADJ_NANO | ADJ_TIMECONST, 0, 0, 3, 0));
	show("nanoseconds");
	R(with(ADJ_OFFSET_SINGLESHOT, 5, 0, 0, 0));
	R(with(ADJ_FREQUENCY | ADJ_TICK | ADJ_MICRO | ADJ_TAI, 0, 0, 0, 10000));
	clock_gettime(CLOCK_REALTIME, &a);
	t = (struct timex){ .modes = ADJ_SETOFFSET, .time = { 3600, 0 } };
	R(adj(&t));
	clock_gettime(CLOCK_REALTIME, &b);
	printf("an hour on: %s\n", b.tv_sec - a.tv_sec >= 3600 && b.tv_sec - a.tv_sec < 3660 ? "yes" : "no");
	R(syscall(SYS_clock_adjtime, CLOCK_REALTIME, (void *)-1L));
	memset(&t, 0, sizeof(t));
	R(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &t));
	R(syscall(SYS_clock_adjtime, CLOCK_PROCESS_CPUTIME_ID, &t));
	R(syscall(SYS_clock_adjtime, 99, &t));
	R(syscall(SYS_clock_adjtime, CLOCK_REALTIME, &t));
	show("at last");
	return 0;
}

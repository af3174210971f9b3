/* adjtimex, clock_adjtime: state, modes and who may set them, rates that are real, steps, TAI, leap state. */
#include "abi.h"
#include <sys/timex.h>

static struct timex zero;

static int adj(struct timex *t)
{
	return (int)syscall(SYS_clock_adjtime, CLOCK_REALTIME, t);
}

static void show(const char *what)
{
	struct timex t = zero;
	int r = adj(&t);

	say("%s: state %d offset %ld freq %ld status %x constant %ld precision %ld tolerance %ld tick %ld tai %d\n",
	    what, r, t.offset, t.freq, t.status, t.constant, t.precision, t.tolerance, t.tick, t.tai);
	say("  errors %ld %ld pps %ld %ld %d %ld %ld %ld %ld %ld\n", t.maxerror / 1000000, t.esterror,
	    t.ppsfreq, t.jitter, t.shift, t.stabil, t.jitcnt, t.calcnt, t.errcnt, t.stbcnt);
}

static int64_t now(int clock)
{
	struct timespec t;

	MUST(clock_gettime(clock, &t));
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void set(const char *what, struct timex t)
{
	errno = 0;
	int r = adj(&t);

	say("%s: %d %s\n", what, r, r < 0 ? ename(errno) : "ok");
}
#define SET(...) set(#__VA_ARGS__, (struct timex){ __VA_ARGS__ })


static long rate(int clock)
{
	/* The ratio of many short reads is noisy; the median of several is taken. */
	long best[5];

	for (int i = 0; i < 5; i++) {
		int64_t raw = now(CLOCK_MONOTONIC_RAW), t = now(clock);
		sleep_ms(100);
		t = now(clock) - t;
		raw = now(CLOCK_MONOTONIC_RAW) - raw;
		best[i] = (long)((t - raw) * 100 / raw);
		for (int k = i; k > 0 && best[k] < best[k - 1]; k--) {
			long s = best[k];
			best[k] = best[k - 1];
			best[k - 1] = s;
		}
	}
	return best[2];
}

static void nobody(void)
{
	struct timex t = zero;

	MUST(setuid(1234));
	R(adj(&t) >= 0);
	SET(.modes = ADJ_FREQUENCY);
	SET(.modes = ADJ_OFFSET_SINGLESHOT);
	SET(.modes = ADJ_OFFSET_SS_READ);
	SET(.modes = ADJ_SETOFFSET);
	SET(.modes = 0x8000);
	R(clock_settime(CLOCK_REALTIME, &(struct timespec){ 0, 0 }));
}

int main(void)
{
	struct timex t = zero;
	int64_t a, b;

	SECTION("state");
	show("first");
	R(syscall(SYS_adjtimex, NULL));
	R(syscall(SYS_clock_adjtime, CLOCK_MONOTONIC, &t));
	R(syscall(SYS_clock_adjtime, CLOCK_BOOTTIME, &t));
	R(syscall(SYS_clock_adjtime, CLOCK_REALTIME_COARSE, &t));
	R(syscall(SYS_clock_adjtime, CLOCK_THREAD_CPUTIME_ID, &t));
	R(syscall(SYS_clock_adjtime, CLOCK_TAI, &t));
	R(syscall(SYS_clock_adjtime, 99, &t));
	R(syscall(SYS_clock_adjtime, 99, NULL));

	SECTION("modes");
	SET(.modes = ADJ_TICK, .tick = 8999);
	SET(.modes = ADJ_TICK, .tick = 11001);
	SET(.modes = 0x8000);
	SET(.modes = ADJ_FREQUENCY, .freq = 1L << 62);
	SET(.modes = ADJ_FREQUENCY, .freq = 100 << 16);
	show("100 ppm");
	SET(.modes = ADJ_FREQUENCY, .freq = -(700 << 16));
	show("-700 ppm");
	SET(.modes = ADJ_FREQUENCY, .freq = 12345);
	show("fraction");
	SET(.modes = ADJ_FREQUENCY, .freq = 0);
	SET(.modes = ADJ_MAXERROR | ADJ_ESTERROR, .maxerror = 1000, .esterror = 77);
	show("errors");
	SET(.modes = ADJ_TIMECONST, .constant = 3);
	show("constant");
	SET(.modes = ADJ_TIMECONST, .constant = 99);
	show("constant");
	SET(.modes = ADJ_STATUS, .status = STA_PLL | STA_FREQHOLD | STA_MODE | STA_CLOCKERR);
	show("status");
	SET(.modes = ADJ_NANO);
	show("nano");
	t = zero;
	adj(&t);
	say("%d\n", t.time.tv_usec > 999999 || t.time.tv_usec % 1000 || 1);
	SET(.modes = ADJ_TIMECONST, .constant = 2);
	SET(.modes = ADJ_OFFSET, .offset = 1000000);
	t = zero;
	adj(&t);
	say("offset under way %d\n", t.offset > 0 && t.offset <= 1000000);
	SET(.modes = ADJ_OFFSET, .offset = 0);
	SET(.modes = ADJ_MICRO);
	show("micro");
	SET(.modes = ADJ_STATUS, .status = 0);
	SET(.modes = ADJ_FREQUENCY, .freq = 0);
	show("no PLL");
	SET(.modes = ADJ_OFFSET, .offset = 5000);
	show("an offset without");

	SECTION("rates");
	SET(.modes = ADJ_TICK, .tick = 11000);
	show("fast");
	say("mono %+ld%%\n", (rate(CLOCK_MONOTONIC) + 1) / 2);
	say("real %+ld%%\n", (rate(CLOCK_REALTIME) + 1) / 2);
	a = now(CLOCK_MONOTONIC);
	sleep_ms(100);
	say("sleeps by it %d\n", now(CLOCK_MONOTONIC) - a >= 100000000);
	SET(.modes = ADJ_TICK, .tick = 9000);
	say("mono %+ld%%\n", (rate(CLOCK_MONOTONIC) - 1) / 2);
	a = now(CLOCK_MONOTONIC);
	sleep_ms(100);
	say("sleeps by it %d\n", now(CLOCK_MONOTONIC) - a >= 100000000);
	SET(.modes = ADJ_TICK, .tick = 10000);

	SECTION("adjtime");
	struct timeval d = { 0, 300 }, old;
	R(adjtime(&d, NULL));
	R(adjtime(NULL, &old));
	say("left %ld %d\n", old.tv_sec, old.tv_usec <= 300 && old.tv_usec >= 0);
	SET(.modes = ADJ_OFFSET_SINGLESHOT, .offset = 0);
	R(adjtime(NULL, &old));
	say("left %ld %ld\n", old.tv_sec, old.tv_usec);

	SECTION("steps");
	SET(.modes = ADJ_SETOFFSET, .time = { 0, -1 });
	SET(.modes = ADJ_SETOFFSET, .time = { 0, 1000000 });
	SET(.modes = ADJ_SETOFFSET | ADJ_NANO, .time = { 0, 1000000000 });
	SET(.modes = ADJ_MICRO);
	a = now(CLOCK_REALTIME);
	b = now(CLOCK_MONOTONIC);
	SET(.modes = ADJ_SETOFFSET, .time = { 100, 500000 });
	say("stepped by %ld\n", (now(CLOCK_REALTIME) - a - (now(CLOCK_MONOTONIC) - b) + 50000000) / 100000000);
	SET(.modes = ADJ_SETOFFSET | ADJ_NANO, .time = { -101, 500000000 });
	say("back %d\n", now(CLOCK_REALTIME) - a < 50000000000L);
	show("cleared");
	SET(.modes = ADJ_MICRO);

	SECTION("TAI");
	SET(.modes = ADJ_TAI, .constant = 37);
	show("37");
	say("ahead by %ld\n", (now(CLOCK_TAI) - now(CLOCK_REALTIME) + 500000000) / 1000000000);
	struct timespec ts;
	syscall(SYS_clock_gettime, CLOCK_TAI, &ts);
	say("by the call %ld\n",
	    (ts.tv_sec * 1000000000L + ts.tv_nsec - now(CLOCK_REALTIME) + 500000000) / 1000000000);
	a = now(CLOCK_TAI) + 30000000;
	ts = (struct timespec){ a / 1000000000, a % 1000000000 };
	R(clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &ts, NULL));
	say("not early %d, not late %d\n", now(CLOCK_TAI) >= a, now(CLOCK_TAI) < a + 20000000000L);
	SET(.modes = ADJ_TAI, .constant = -1);
	SET(.modes = ADJ_TAI, .constant = 0);

	SECTION("nobody");
	in_child("it", nobody);
	return 0;
}

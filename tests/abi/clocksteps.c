/*
 * Timers and sleeps on the clocks that can be set: steps of the clock, of TAI's distance, the first time zone;
 * what an interval timer that is off remembers.
 */
#include "abi.h"
#include <poll.h>
#include <pthread.h>
#include <sys/timerfd.h>
#include <sys/timex.h>

static void step(long seconds)
{
	struct timespec t;

	clock_gettime(CLOCK_REALTIME, &t);
	t.tv_sec += seconds;
	MUST(clock_settime(CLOCK_REALTIME, &t));
}

static void tai(long seconds)
{
	struct timex t = { .modes = ADJ_TAI, .constant = seconds };

	MUST(adjtimex(&t));
}

static timer_t create(int clock, int notify, int sig)
{
	struct sigevent e = { .sigev_notify = notify, .sigev_signo = sig };
	timer_t t;

	MUST(timer_create(clock, &e, &t));
	return t;
}

/* Seconds left, rounded to tens: the machine may be slow. */
static long rest(timer_t t)
{
	struct itimerspec it;

	MUST(timer_gettime(t, &it));
	return (it.it_value.tv_sec + 5) / 10 * 10;
}

static void set(timer_t t, int clock, long seconds, long interval, int absolute)
{
	struct itimerspec it = { .it_value.tv_sec = seconds, .it_interval.tv_sec = interval };
	struct timespec now;

	clock_gettime(clock, &now);
	if (absolute) {
		it.it_value.tv_sec += now.tv_sec;
		it.it_value.tv_nsec = now.tv_nsec;
	}
	MUST(timer_settime(t, absolute ? TIMER_ABSTIME : 0, &it, NULL));
}

static void quiet(void)
{
	static const int clocks[] = { CLOCK_REALTIME, CLOCK_TAI, CLOCK_MONOTONIC, CLOCK_BOOTTIME };

	for (int i = 0; i < 8; i++) {
		int clock = clocks[i / 2], absolute = i % 2;
		timer_t t = create(clock, SIGEV_NONE, 0);

		set(t, clock, 100, 30, absolute);
		say("clock %d, %s: %ld", clock, absolute ? "absolute" : "relative", rest(t));
		step(50);
		say(", +50 %ld", rest(t));
		step(80);
		say(", +130 %ld", rest(t));
		step(-130);
		say(", back %ld", rest(t));
		step(-300);
		say(", -300 %ld\n", rest(t));
		step(300);
		timer_delete(t);
	}
	/* One that was over before the clock went back is so no more. */
	timer_t t = create(CLOCK_REALTIME, SIGEV_NONE, 0);

	set(t, CLOCK_REALTIME, 100, 0, 1);
	step(200);
	say("once: %ld", rest(t));
	step(-200);
	say(", back %ld\n", rest(t));
}

static struct timespec until;
static volatile int tids[2];

static void *nap(void *arg)
{
	static const struct timespec thousand = { .tv_sec = 1000 };

	tids[arg != NULL] = (int)syscall(SYS_gettid);
	return (void *)(long)(arg ? clock_nanosleep(CLOCK_TAI, 0, &thousand, NULL) :
				    clock_nanosleep(CLOCK_TAI, TIMER_ABSTIME, &until, NULL));
}

static void of_tai(void)
{
	timer_t t = create(CLOCK_TAI, SIGEV_SIGNAL, SIGUSR1);
	pthread_t thread, other;
	sigset_t s;
	void *r, *r2;

	sigemptyset(&s);
	sigaddset(&s, SIGUSR1);
	sigprocmask(SIG_BLOCK, &s, NULL);
	tai(0);
	set(t, CLOCK_TAI, 1000, 0, 1);
	clock_gettime(CLOCK_TAI, &until);
	until.tv_sec += 1000;
	MUST(-pthread_create(&thread, NULL, nap, NULL));
	MUST(-pthread_create(&other, NULL, nap, "relative"));
	until_asleep(&tids[0]);
	until_asleep(&tids[1]);
	say("%ld", rest(t));
	tai(500);
	say(", +500 %ld", rest(t));
	tai(100);
	say(", +100 %ld", rest(t));
	step(300);
	say(", clock +300 %ld\n", rest(t));
	step(-300);
	tai(2000);
	R(sigwaitinfo(&s, NULL) == SIGUSR1);
	pthread_join(thread, &r);
	pthread_join(other, &r2);
	say("the sleeps: %ld %ld, left %ld\n", (long)r, (long)r2, rest(t));
	tai(0);
	timer_delete(t);
}

/* timerfd_create(2), NOTES: what became of the clock is told by the next setting, which counts all the same. */
static void cancelled(void)
{
	struct itimerspec far = { .it_value.tv_sec = 1L << 32 }, off = { 0 }, near = { .it_value.tv_nsec = 1 };
	const int how = TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET;
	int fd = MUST(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
	struct pollfd p = { fd, POLLIN, 0 };
	uint64_t n;

	R(timerfd_settime(fd, how, &far, NULL));
	step(0);
	R(timerfd_settime(fd, how, &far, NULL));
	R(read(fd, &n, sizeof(n)));
	step(0);
	R(timerfd_settime(fd, how, &off, NULL));
	R(timerfd_settime(fd, how, &near, NULL));
	p.revents = 0;
	R(poll(&p, 1, -1));
	R(read(fd, &n, sizeof(n)));
	step(0);
	R(timerfd_settime(fd, TFD_TIMER_ABSTIME, &far, NULL));
	R(read(fd, &n, sizeof(n)));
	step(0);
	R(timerfd_settime(fd, how, &far, NULL));
	R(read(fd, &n, sizeof(n)));
	R(timerfd_settime(fd, TFD_TIMER_CANCEL_ON_SET, &far, NULL));
	step(0);
	R(read(fd, &n, sizeof(n)));
	close(fd);
}

/* Relative ones: of the two clocks only that of alarms takes them for times of the day. */
static void alarms(void)
{
	struct itimerspec it = { .it_value.tv_sec = 1000 };

	for (int i = 0; i < 2; i++) {
		int fd = MUST(timerfd_create(i ? CLOCK_REALTIME_ALARM : CLOCK_REALTIME, TFD_NONBLOCK));
		struct pollfd p = { fd, POLLIN, 0 };
		uint64_t n;

		MUST(timerfd_settime(fd, 0, &it, NULL));
		step(300);
		MUST(timerfd_gettime(fd, &it));
		say("%ld", (it.it_value.tv_sec + 5) / 10 * 10);
		step(1000);
		if (i) {
			MUST(poll(&p, 1, -1));
			MUST(read(fd, &n, sizeof(n)));
			say(", came: %ld\n", (long)n);
		} else {
			say(", came: %d\n", poll(&p, 1, 0));
		}
		step(-1300);
		close(fd);
		it.it_value.tv_sec = 1000;
	}
}

static void first_zone(void)
{
	struct timespec a, b;
	struct timezone z = { .tz_minuteswest = 60 };
	struct itimerspec it = { .it_value.tv_sec = 1L << 32 };
	int fd = MUST(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
	uint64_t n;

	MUST(timerfd_settime(fd, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &it, NULL));
	for (int i = 0; i < 3; i++) {
		clock_gettime(CLOCK_REALTIME, &a);
		z.tz_minuteswest = i == 1 ? 120 : 60;
		R(settimeofday(NULL, &z));
		clock_gettime(CLOCK_REALTIME, &b);
		say("the clock went %ld minutes\n", (b.tv_sec - a.tv_sec) / 60);
		R(read(fd, &n, sizeof(n)));
		if (b.tv_sec - a.tv_sec > 1000)
			step(-3600);
		read(fd, &n, sizeof(n));
	}
	z.tz_minuteswest = 0;
	R(settimeofday(NULL, &z));
}

static void interval_alone(void)
{
	static const int which[] = { ITIMER_REAL, ITIMER_VIRTUAL, ITIMER_PROF };
	struct itimerval it;

	for (int i = 0; i < 3; i++) {
		it = (struct itimerval){ .it_interval.tv_sec = 7 };
		MUST(setitimer(which[i], &it, NULL));
		MUST(getitimer(which[i], &it));
		say("%d: %ld %ld\n", which[i], it.it_value.tv_sec, it.it_interval.tv_sec);
	}
}

int main(void)
{
	SECTION("nobody is told");
	in_child("quiet", quiet);
	SECTION("TAI");
	in_child("tai", of_tai);
	SECTION("timerfd: cancelled");
	in_child("cancelled", cancelled);
	SECTION("timerfd: alarms");
	in_child("alarms", alarms);
	SECTION("the first time zone");
	in_child("zone", first_zone);
	SECTION("setitimer, an interval alone");
	in_child("itimers", interval_alone);
	return 0;
}

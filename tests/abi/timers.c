/* POSIX timers: numbers, settings, overruns, queue limits; and what a step of the real-time clock does to them. */
#include "abi.h"
#include <pthread.h>
#include <sys/resource.h>

#define HOUR 3600L
#define MS   1000000L

/* Raw: glibc keeps numbers of its own for some kinds. */
static int create(int clock, int notify, int signo, int value)
{
	struct sigevent ev = { .sigev_notify = notify, .sigev_signo = signo };
	int id = -1;

	ev.sigev_value.sival_int = value;
	return syscall(SYS_timer_create, clock, &ev, &id) ? -1 : id;
}

static int set(int id, int flags, long sec, long nsec, long isec, long insec)
{
	struct itimerspec its = { { isec, insec }, { sec, nsec } };

	return syscall(SYS_timer_settime, id, flags, &its, NULL);
}

static long left_ms(int id)
{
	struct itimerspec its;

	if (syscall(SYS_timer_gettime, id, &its))
		return -1;
	return its.it_value.tv_sec * 1000 + its.it_value.tv_nsec / MS;
}

static void settings(const char *what, int id)
{
	struct itimerspec its;

	MUST(syscall(SYS_timer_gettime, id, &its));
	say("%s: armed %d, periodic %d\n", what, its.it_value.tv_sec || its.it_value.tv_nsec,
	    its.it_interval.tv_sec || its.it_interval.tv_nsec);
}

/* Waits for signo, at most ms; the siginfo. */
static int take(int signo, long ms, siginfo_t *si)
{
	struct timespec ts = { ms / 1000, ms % 1000 * MS };
	sigset_t one;
	int got;

	sigemptyset(&one);
	sigaddset(&one, signo);
	do
		got = sigtimedwait(&one, si, &ts);
	while (got < 0 && errno == EINTR);
	return got;
}

static void numbers(void)
{
	int a = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 1);
	int b = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 2);
	int c, many = 0;

	say("first %d, second %d\n", a, b);
	R(syscall(SYS_timer_delete, a));
	R(syscall(SYS_timer_delete, a));
	c = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0);
	say("a number is not used again at once: %d\n", c);
	R(set(a, 0, 1, 0, 0, 0));
	R(syscall(SYS_timer_getoverrun, a));
	R(syscall(SYS_timer_gettime, -1, NULL));
	R(syscall(SYS_timer_settime, b, 0, NULL, NULL));
	R(create(CLOCK_MONOTONIC, SIGEV_SIGNAL, 65, 0));
	R(create(CLOCK_MONOTONIC, 77, SIGRTMIN, 0));
	R(create(CLOCK_MONOTONIC_RAW, SIGEV_SIGNAL, SIGRTMIN, 0));
	for (int i = 0; i < 500; i++)
		many += create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0) >= 0;
	say("many: %d\n", many);
	settings("fresh", b);
	MUST(set(b, 0, HOUR, 0, 5, 0));
	settings("set", b);
	MUST(set(b, 0, 0, 0, 5, 0));
	settings("disarmed", b);
}

static void quiet(void)
{
	int a = create(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0), b = create(CLOCK_REALTIME, SIGEV_NONE, 0, 0);

	MUST(set(a, 0, 0, 10 * MS, 0, 0));
	MUST(set(b, 0, 0, 10 * MS, 100, 0));
	sleep_ms(30);
	settings("once, over", a);
	settings("again and again", b);
	say("on its way: %d\n", left_ms(b) > 90000 && left_ms(b) < 100000);
}

static void overruns(void)
{
	int id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 4711), n = 0;
	siginfo_t si;

	MUST(set(id, 0, 0, 1 * MS, 0, 1 * MS));
	sleep_ms(60);
	say("left while the signal waits: %d\n", left_ms(id) <= 1);
	R(syscall(SYS_timer_getoverrun, id));
	say("taken %d\n", take(SIGRTMIN, 2000, &si) == SIGRTMIN);
	say("code %d, value %d, number %d, errno %d\n", si.si_code == SI_TIMER, si.si_value.sival_int,
	    si.si_timerid == id, si.si_errno);
	say("missed %d, and asked for %d\n", si.si_overrun >= 50,
	    syscall(SYS_timer_getoverrun, id) == si.si_overrun);
	say("goes on %d\n", take(SIGRTMIN, 2000, &si) == SIGRTMIN);
	MUST(set(id, 0, 0, 1 * MS, 0, 0));
	n += take(SIGRTMIN, 2000, &si) == SIGRTMIN;
	while (take(SIGRTMIN, 100, &si) > 0)
		n++;
	say("once more, or with one from before: %d; overrun %d\n", n == 1 || n == 2, si.si_overrun);
	/* a siginfo like a timer's from somebody else changes nothing */
	si.si_code = SI_TIMER;
	si.si_timerid = id;
	si.si_overrun = 99;
	R(syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN, &si));
	say("taken %d\n", take(SIGRTMIN, 2000, &si) == SIGRTMIN);
	R(syscall(SYS_timer_getoverrun, id));
}

static void queue_is_full(void)
{
	struct rlimit rl = { 16, 16 };
	siginfo_t si;
	int id, n = 0;

	/* of a user who has nothing else pending */
	MUST(setrlimit(RLIMIT_SIGPENDING, &rl));
	MUST(setuid(3100));
	id = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 7);
	while (!sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ 0 }))
		n++;
	say("%d queued, then %s\n", n, ename(errno));
	say("another timer: %d %s\n", create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 8), ename(errno));
	MUST(set(id, 0, 0, 1 * MS, 0, 0));
	say("the timer's comes %d, value %d\n", take(SIGRTMIN, 2000, &si) == SIGRTMIN, si.si_value.sival_int);
	MUST(set(id, 0, 0, 1 * MS, 0, 0));
	say("and again %d\n", take(SIGRTMIN, 2000, &si) == SIGRTMIN);
	R(syscall(SYS_timer_delete, id));
	R(sigqueue(getpid(), SIGRTMIN + 1, (union sigval){ 0 }));
}

static void new_program(void)
{
	MUST(set(create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGALRM, 0), 0, 0, 1 * MS, 1, 0));
	MUST(set(create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN, 0), 0, 0, 1 * MS, 0, 0));
	sleep_ms(20);
	sigqueue(getpid(), SIGRTMIN, (union sigval){ 5 });
	kill(getpid(), SIGUSR1);
	MUST(execl("/proc/self/exe", "timers", "exec", NULL));
}

static void after_exec(void)
{
	siginfo_t si;
	sigset_t set;
	int n = 0;

	sigpending(&set);
	say("pending: SIGALRM %d, SIGUSR1 %d, SIGRTMIN %d\n", sigismember(&set, SIGALRM),
	    sigismember(&set, SIGUSR1), sigismember(&set, SIGRTMIN));
	while (take(SIGRTMIN, 0, &si) > 0)
		say("%d: queued %d, value %d\n", ++n, si.si_code == SI_QUEUE, si.si_value.sival_int);
	R(syscall(SYS_timer_getoverrun, 0));
}

/* ---- steps of the clock ---- */

static void step(long seconds)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += seconds;
	MUST(clock_settime(CLOCK_REALTIME, &ts));
}

static int set_at(int id, long ms, long interval)
{
	struct timespec ts;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_nsec += ms % 1000 * MS;
	return set(id, TIMER_ABSTIME, ts.tv_sec + ms / 1000 + ts.tv_nsec / (1000 * MS),
		   ts.tv_nsec % (1000 * MS), interval, 0);
}

static void steps(void)
{
	int id = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGRTMIN, 1);
	int rel = create(CLOCK_REALTIME, SIGEV_SIGNAL, SIGRTMIN + 1, 2);
	int mono = create(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 2, 3);
	siginfo_t si;

	MUST(set(rel, 0, HOUR, 0, 0, 0));
	MUST(set(mono, 0, HOUR, 0, 0, 0));
	MUST(set_at(id, HOUR * 1000, 0));
	step(2 * HOUR);
	say("an absolute one comes %d\n", take(SIGRTMIN, 5000, &si) == SIGRTMIN);
	settings("it", id);
	say("relative ones stay: %d %d\n", left_ms(rel) > (HOUR - 60) * 1000 && left_ms(rel) <= HOUR * 1000,
	    left_ms(mono) > (HOUR - 60) * 1000 && left_ms(mono) <= HOUR * 1000);
	step(-2 * HOUR);
	say("none of them came %d %d\n", take(SIGRTMIN + 1, 0, &si), take(SIGRTMIN + 2, 0, &si));

	MUST(set_at(id, 300, 0));
	step(-HOUR);
	say("further away now: %d\n", left_ms(id) > (HOUR - 60) * 1000);
	sleep_ms(400);
	say("not yet %d\n", take(SIGRTMIN, 0, &si));
	step(HOUR);
	say("now %d\n", take(SIGRTMIN, 5000, &si) == SIGRTMIN);

	MUST(set_at(id, 600 * 1000, 600));
	step(35 * 60);
	say("periodic comes %d, overrun %d\n", take(SIGRTMIN, 5000, &si) == SIGRTMIN, si.si_overrun);
	say("next in four to five minutes: %d\n", left_ms(id) > 240000 && left_ms(id) <= 300000);
	step(-35 * 60);
	say("and back: %d\n", left_ms(id) > 39 * 60000L && left_ms(id) <= 40 * 60000L);
}

static void *sleeper(void *until)
{
	return (void *)(long)clock_nanosleep(CLOCK_REALTIME, TIMER_ABSTIME, until, NULL);
}

static void sleep_over_step(void)
{
	struct timespec ts;
	pthread_t t;
	void *r;

	clock_gettime(CLOCK_REALTIME, &ts);
	ts.tv_sec += HOUR;
	MUST(-pthread_create(&t, NULL, sleeper, &ts));
	sleep_ms(50);
	step(2 * HOUR);
	pthread_join(t, &r);
	say("sleep ended: %ld\n", (long)r);
	step(-2 * HOUR);
}

int main(int argc, char **argv)
{
	sigset_t all;

	(void)argv;
	if (argc > 1) {
		after_exec();
		return 0;
	}
	sigfillset(&all);
	sigprocmask(SIG_BLOCK, &all, NULL);
	SECTION("numbers");
	in_child("numbers", numbers);
	SECTION("SIGEV_NONE");
	in_child("quiet", quiet);
	SECTION("overruns");
	in_child("overruns", overruns);
	SECTION("the queue is full");
	in_child("full", queue_is_full);
	SECTION("a new program");
	in_child("exec", new_program);
	SECTION("steps of the clock");
	in_child("steps", steps);
	in_child("sleep", sleep_over_step);
	return 0;
}

/* Time namespaces: offsets, whom they hold for, which clocks and waits they shift. */
#include "abi.h"
#include <pthread.h>
#include <sys/sysinfo.h>
#include <sys/timerfd.h>

#define OFFSETS "/proc/self/timens_offsets"

static void show(void)
{
	char buf[200];
	int fd = MUST(open(OFFSETS, O_RDONLY));
	ssize_t n = MUST(read(fd, buf, sizeof(buf) - 1));

	buf[n] = 0;
	say("%s", buf);
	close(fd);
}

static long long at(int clock, int by_call)
{
	struct timespec ts;

	MUST(by_call ? syscall(SYS_clock_gettime, clock, &ts) : clock_gettime(clock, &ts));
	return ts.tv_sec;
}

static unsigned long long ino(const char *path)
{
	struct stat st;

	MUST(stat(path, &st));
	return st.st_ino;
}

static void same(const char *when)
{
	say("%s: children's is ours: %d\n", when,
	    ino("/proc/self/ns/time") == ino("/proc/self/ns/time_for_children"));
}

static long long before[2], uptime;

/* By how many hundreds of seconds is it another time than `before`? */
static void clocks(const char *who)
{
	static const int ids[] = { CLOCK_MONOTONIC, CLOCK_MONOTONIC_RAW, CLOCK_MONOTONIC_COARSE,
				   CLOCK_BOOTTIME };
	struct sysinfo si;

	say("%s:", who);
	for (int i = 0; i < 4; i++)
		for (int by_call = 0; by_call < 2; by_call++)
			say(" %lld", (at(ids[i], by_call) - before[i == 3] + 50) / 100 * 100);
	sysinfo(&si);
	say(", up %lld", (si.uptime - uptime + 50) / 100 * 100);
	say(", real %d\n", llabs(at(CLOCK_REALTIME, 0) - time(NULL)) < 3);
}

static void note(void)
{
	struct sysinfo si;

	before[0] = at(CLOCK_MONOTONIC, 1);
	before[1] = at(CLOCK_BOOTTIME, 1);
	sysinfo(&si);
	uptime = si.uptime;
}

static void child(void (*fn)(void))
{
	if (!MUST(fork())) {
		fn();
		_exit(0);
	}
	MUST(wait(NULL));
}

static void sleeper(void)
{
	struct timespec ts, rest;
	struct itimerspec it = { 0 };
	uint64_t n;
	int fd, word = 0;
	timer_t id;
	struct sigevent none = { .sigev_notify = SIGEV_NONE };

	clocks("child");
	same("child");
	MUST(clock_gettime(CLOCK_MONOTONIC, &ts));
	ts.tv_nsec += 20000000;
	if (ts.tv_nsec >= 1000000000)
		ts.tv_sec++, ts.tv_nsec -= 1000000000;
	say("sleep: %d\n", clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL));
	MUST(clock_gettime(CLOCK_MONOTONIC, &rest));
	say("over: %d\n", rest.tv_sec > ts.tv_sec ||
				  (rest.tv_sec == ts.tv_sec && rest.tv_nsec >= ts.tv_nsec));
	fd = MUST(timerfd_create(CLOCK_BOOTTIME, 0));
	MUST(clock_gettime(CLOCK_BOOTTIME, &it.it_value));
	it.it_value.tv_sec += 1;
	R(timerfd_settime(fd, TFD_TIMER_ABSTIME, &it, NULL));
	R(timerfd_gettime(fd, &it));
	say("left: %d\n", it.it_value.tv_sec == 0 && it.it_value.tv_nsec > 0);
	MUST(read(fd, &n, sizeof(n)));
	say("times %d\n", (int)n);
	MUST(timer_create(CLOCK_MONOTONIC, &none, &id));
	MUST(clock_gettime(CLOCK_MONOTONIC, &it.it_value));
	it.it_value.tv_sec += 10;
	R(timer_settime(id, TIMER_ABSTIME, &it, NULL));
	R(timer_gettime(id, &it));
	say("left: %d\n", it.it_value.tv_sec == 9);
	MUST(clock_gettime(CLOCK_MONOTONIC, &ts));
	ts.tv_sec -= 1;
	R(syscall(SYS_futex, &word, 9 | 128, 0, &ts, NULL, ~0));
	ts.tv_sec = 0;
	ts.tv_nsec = 1000;
	R(syscall(SYS_futex, &word, 0 | 128, 0, &ts, NULL, 0));
	R(put_text(OFFSETS, "monotonic 1 0"));
	show();
}

static void forward(void)
{
	int own = MUST(open("/proc/self/ns/time", O_RDONLY)), new;

	note();
	same("at first");
	show();
	R(put_text(OFFSETS, "monotonic 100 0"));
	R(unshare(CLONE_NEWTIME));
	same("unshared");
	show();
	R(put_text(OFFSETS, "monotonic 1"));
	R(put_text(OFFSETS, "nosuch 1 0"));
	R(put_text(OFFSETS, "monotonic 1 1000000000"));
	R(put_text(OFFSETS, "monotonic 1 -1"));
	R(put_text(OFFSETS, "monotonic -100000000 0"));
	R(put_text(OFFSETS, "monotonic 9223372036 0"));
	R(put_text(OFFSETS, "1 5 0\n7 6 0\n"));
	R(put_text(OFFSETS, "monotonic 1000 0\nboottime 3000 500\n"));
	show();
	clocks("who unshared");
	child(sleeper);
	R(put_text(OFFSETS, "boottime 1 0"));
	child(sleeper);
	new = MUST(open("/proc/self/ns/time_for_children", O_RDONLY));
	R(setns(new, CLONE_NEWTIME));
	same("entered");
	clocks("entered");
	R(setns(own, 0));
	clocks("back");
	same("back");
}

static void backward(void)
{
	note();
	/* As long ago as nobody has been up. */
	R(unshare(CLONE_NEWTIME));
	R(put_text(OFFSETS, "boottime -1 5"));
	show();
	R(put_text(OFFSETS, "monotonic 2000 0"));
	R(put_text(OFFSETS, "monotonic -2 999999999"));
	show();
}

static void *other(void *arg)
{
	sleep_ms(300);
	return arg;
}

static void refused(void)
{
	pthread_t t;
	int own = MUST(open("/proc/self/ns/time", O_RDONLY));

	pthread_create(&t, NULL, other, NULL);
	R(setns(own, CLONE_NEWTIME));
	pthread_join(t, NULL);
	R(setns(own, CLONE_NEWTIME));
	MUST(setresuid(1000, 1000, 1000));
	R(unshare(CLONE_NEWTIME));
	R(setns(own, CLONE_NEWTIME));
}

int main(int argc, char **argv)
{
	if (argc > 1) { /* what execve(2) makes of it */
		before[0] = atoll(argv[1]);
		before[1] = atoll(argv[2]);
		uptime = atoll(argv[3]);
		clocks("executed");
		same("executed");
		return 0;
	}
	in_child("forward", forward);
	in_child("backward", backward);
	in_child("refused", refused);
	{
		char a[3][32];

		note();
		snprintf(a[0], 32, "%lld", before[0]);
		snprintf(a[1], 32, "%lld", before[1]);
		snprintf(a[2], 32, "%lld", uptime);
		MUST(unshare(CLONE_NEWTIME));
		R(put_text(OFFSETS, "monotonic 5000 0"));
		execl("/proc/self/exe", argv[0], a[0], a[1], a[2], NULL);
	}
	return 1;
}

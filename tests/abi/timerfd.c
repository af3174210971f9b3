/* timerfd: expiries and their count, absolute and periodic, cancellation when the clock is set, fdinfo. */
#include "abi.h"
#include <poll.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>

#ifndef TFD_IOC_SET_TICKS
#define TFD_IOC_SET_TICKS _IOW('T', 0, uint64_t)
#endif

static struct itimerspec its(long value_ms, long interval_ms)
{
	return (struct itimerspec){
		.it_value = { value_ms / 1000, value_ms % 1000 * 1000000 },
		.it_interval = { interval_ms / 1000, interval_ms % 1000 * 1000000 },
	};
}

static int64_t now(int clock)
{
	struct timespec t;

	MUST(clock_gettime(clock, &t));
	return t.tv_sec * 1000000000L + t.tv_nsec;
}

static void show_rest(int fd)
{
	char buf[512], *p, *q;

	read_fdinfo(fd, buf, sizeof(buf));
	p = strstr(buf, "clockid");
	q = p ? strstr(p, "it_value") : NULL;
	say("%.*s", q ? (int)(q - p) : 0, p);
	q = q ? strchr(q, '\n') : NULL;
	say("%s", q ? q + 1 : "no more\n");
}

int main(void)
{
	struct itimerspec a, b;
	struct epoll_event e;
	struct pollfd p;
	uint64_t n;
	int64_t t0;
	int fd, rt;

	SECTION("errors");
	R(timerfd_create(CLOCK_MONOTONIC, 1));
	R(timerfd_create(CLOCK_PROCESS_CPUTIME_ID, 0));
	R(timerfd_create(CLOCK_MONOTONIC_RAW, 0));
	R(timerfd_create(CLOCK_TAI, 0));
	R(timerfd_create(77, 0));
	fd = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC));
	R(fcntl(fd, F_GETFD));
	say("%lx\n", MUST(fcntl(fd, F_GETFL)) & ~O_LARGEFILE);
	a = its(10, 0);
	R(timerfd_settime(fd, 4, &a, NULL));
	R(syscall(SYS_timerfd_settime, fd, 0, NULL, NULL));
	R(timerfd_settime(0, 0, &a, NULL));
	R(timerfd_settime(99, 0, &a, NULL));
	R(syscall(SYS_timerfd_gettime, fd, NULL));
	R(timerfd_gettime(0, &b));
	a.it_value.tv_nsec = 1000000000;
	R(timerfd_settime(fd, 0, &a, NULL));
	R(timerfd_settime(99, 0, &a, NULL));
	a = its(0, 0);
	a.it_interval.tv_sec = -1;
	R(timerfd_settime(fd, 0, &a, NULL));
	R(read(fd, &n, 7));
	R(read(fd, &n, 8));
	R(write(fd, &n, 8));
	R(lseek(fd, 1, SEEK_SET));
	show_rest(fd);

	SECTION("once");
	a = its(20, 0);
	p = (struct pollfd){ fd, POLLIN, 0 };
	t0 = now(CLOCK_MONOTONIC);
	MUST(timerfd_settime(fd, 0, &a, NULL));
	R(poll(&p, 1, 0));
	R(poll(&p, 1, 5000));
	say("not early %d\n", now(CLOCK_MONOTONIC) - t0 >= 20000000);
	show_rest(fd);
	R(read(fd, &n, 100));
	say("%lu\n", n);
	R(read(fd, &n, 8));
	MUST(timerfd_gettime(fd, &b));
	say("%ld %ld %ld\n", b.it_value.tv_sec, b.it_value.tv_nsec, b.it_interval.tv_nsec);

	SECTION("periods nobody read");
	t0 = now(CLOCK_MONOTONIC);
	a = its(5, 10);
	MUST(timerfd_settime(fd, 0, &a, NULL));
	sleep_ms(60);
	MUST(timerfd_gettime(fd, &b));
	say("left up to a period %d, interval %ld\n", b.it_value.tv_nsec > 0 && b.it_value.tv_nsec <= 10000000,
	    b.it_interval.tv_nsec);
	R(read(fd, &n, 8));
	say("all of them %d\n", n >= 6 && n <= (uint64_t)(now(CLOCK_MONOTONIC) - t0 - 5000000) / 10000000 + 1);
	MUST(ioctl(fd, TFD_IOC_SET_TICKS, &(uint64_t){ 1234567 }));
	R(read(fd, &n, 8));
	say("%d\n", n >= 1234567 && n < 1300000);
	R(ioctl(fd, TFD_IOC_SET_TICKS, &(uint64_t){ 0 }));
	R(ioctl(fd, TFD_IOC_SET_TICKS, NULL));
	R(ioctl(fd, 12345, NULL));
	a = its(0, 10);
	MUST(timerfd_settime(fd, 0, &a, &b));
	say("was on %d %ld\n", b.it_value.tv_nsec > 0, b.it_interval.tv_nsec);
	MUST(timerfd_gettime(fd, &b));
	say("off: %ld, %ld\n", b.it_value.tv_nsec, b.it_interval.tv_nsec);
	sleep_ms(20);
	R(read(fd, &n, 8));

	SECTION("absolute");
	for (int k = 0; k < 3; k++) {
		int clock = (int[]){ CLOCK_REALTIME, CLOCK_MONOTONIC, CLOCK_BOOTTIME }[k];
		int64_t due = now(clock) + 30000000;

		fd = MUST(timerfd_create(clock, 0));
		a = (struct itimerspec){ .it_value = { due / 1000000000, due % 1000000000 } };
		R(timerfd_settime(fd, TFD_TIMER_ABSTIME, &a, NULL));
		R(read(fd, &n, 8));
		say("%lu, not early %d\n", n, now(clock) >= due);
		a.it_value.tv_sec = 1;
		R(timerfd_settime(fd, TFD_TIMER_ABSTIME, &a, NULL));
		R(read(fd, &n, 8));
		say("past: %lu\n", n);
		MUST(close(fd));
	}

	SECTION("epoll");
	fd = MUST(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
	int ep = MUST(epoll_create1(0));
	e = (struct epoll_event){ EPOLLIN | EPOLLET, { .u32 = 9 } };
	MUST(epoll_ctl(ep, EPOLL_CTL_ADD, fd, &e));
	a = its(10, 10);
	MUST(timerfd_settime(fd, 0, &a, NULL));
	R(epoll_wait(ep, &e, 1, 5000));
	say("%x %u\n", e.events, e.data.u32);
	R(epoll_wait(ep, &e, 1, 50)); /* not read: it rests */
	R(read(fd, &n, 8));
	R(epoll_wait(ep, &e, 1, 5000));
	R(dup(fd) > 0);
	MUST(close(fd));

	SECTION("the clock is set");
	rt = MUST(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
	int64_t due = now(CLOCK_REALTIME) + 3600000000000L;
	a = (struct itimerspec){ .it_value = { due / 1000000000, 0 } };
	R(timerfd_settime(rt, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, &a, NULL));
	show_rest(rt);
	R(read(rt, &n, 8));
	struct timespec ts;
	MUST(clock_gettime(CLOCK_REALTIME, &ts));
	MUST(clock_settime(CLOCK_REALTIME, &ts));
	p.fd = rt;
	R(poll(&p, 1, 1000));
	R(read(rt, &n, 8));
	R(read(rt, &n, 8));
	/* Stepped beyond the time: it expires. */
	R(timerfd_settime(rt, TFD_TIMER_ABSTIME, &a, NULL));
	MUST(clock_gettime(CLOCK_REALTIME, &ts));
	ts.tv_sec += 4000;
	MUST(clock_settime(CLOCK_REALTIME, &ts));
	R(poll(&p, 1, 1000));
	R(read(rt, &n, 8));
	say("%lu\n", n);
	ts.tv_sec -= 4000;
	MUST(clock_settime(CLOCK_REALTIME, &ts));
	/* A relative one does not care. */
	a = its(30, 0);
	R(timerfd_settime(rt, TFD_TIMER_CANCEL_ON_SET, &a, NULL));
	MUST(clock_gettime(CLOCK_REALTIME, &ts));
	MUST(clock_settime(CLOCK_REALTIME, &ts));
	R(poll(&p, 1, 5000));
	R(read(rt, &n, 8));
	return 0;
}

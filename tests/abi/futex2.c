/* futex_waitv, and the calls that split futex(2) up: futex_wake, futex_wait, futex_requeue. */
#include "abi.h"
#include <linux/futex.h>
#include <pthread.h>

#define WAITV 449
#define WAKE 454
#define WAIT 455
#define REQUEUE 456
#define U32 2
#define PRIVATE 128

struct waitv {
	uint64_t val, uaddr;
	uint32_t flags, reserved;
};

static unsigned words[130] __attribute__((aligned(8)));
static struct waitv v[130];
static struct timespec soon, past, bad = { 0, 1000000000 };
static volatile int woken, tid;

static void fill(int n, unsigned flags)
{
	memset(v, 0, sizeof(v));
	for (int i = 0; i < n; i++)
		v[i] = (struct waitv){ .val = words[i], .uaddr = (uintptr_t)&words[i], .flags = flags };
}

static long waitv(unsigned n, unsigned flags, const struct timespec *ts, int clock)
{
	return syscall(WAITV, v, n, flags, ts, clock);
}

static struct timespec *in_ms(struct timespec *ts, int clock, long ms)
{
	clock_gettime(clock, ts);
	ts->tv_nsec += ms % 1000 * 1000000;
	ts->tv_sec += ms / 1000 + ts->tv_nsec / 1000000000;
	ts->tv_nsec %= 1000000000;
	return ts;
}

static void *sleeper(void *arg)
{
	long n = (long)arg;

	tid = (int)syscall(SYS_gettid);
	long r = n ? waitv((unsigned)n, 0, NULL, CLOCK_MONOTONIC) : syscall(WAIT, &words[0], 0, 5, U32 | PRIVATE, NULL, CLOCK_MONOTONIC);
	if (r < 0)
		r = -errno;
	woken++;
	return (void *)r;
}

static pthread_t start(long n)
{
	pthread_t t;

	tid = 0;
	pthread_create(&t, NULL, sleeper, (void *)n);
	until_asleep(&tid);
	return t;
}

static long finish(pthread_t t)
{
	void *r;

	pthread_join(t, &r);
	return (long)r;
}

static void handler(int sig)
{
	(void)sig;
}

int main(void)
{
	pthread_t t, t2;
	unsigned *shared = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	SECTION("waitv: arguments");
	fill(2, U32 | PRIVATE);
	R(waitv(0, 0, NULL, CLOCK_MONOTONIC));
	R(waitv(129, 0, NULL, CLOCK_MONOTONIC));
	R(waitv(1, 1, NULL, CLOCK_MONOTONIC));
	R(syscall(WAITV, NULL, 1, 0, NULL, CLOCK_MONOTONIC));
	R(syscall(WAITV, (void *)8, 1, 0, NULL, CLOCK_MONOTONIC));
	clock_gettime(CLOCK_MONOTONIC, &past);
	R(waitv(1, 0, &past, CLOCK_BOOTTIME));
	R(waitv(1, 0, &past, 77));
	R(waitv(1, 0, (void *)8, CLOCK_MONOTONIC));
	R(waitv(1, 0, &bad, CLOCK_MONOTONIC));
	v[0].flags = 0;
	R(waitv(1, 0, &past, CLOCK_MONOTONIC));
	v[0].flags = 3;
	R(waitv(1, 0, &past, CLOCK_MONOTONIC));
	v[0].flags = U32 | 4;
	R(waitv(1, 0, &past, CLOCK_MONOTONIC));
	v[0].flags = U32 | 256;
	R(waitv(1, 0, &past, CLOCK_MONOTONIC));
	fill(2, U32 | PRIVATE);
	v[1].reserved = 1;
	R(waitv(2, 0, &past, CLOCK_MONOTONIC));
	fill(2, U32 | PRIVATE);
	v[1].val = 1UL << 32;
	R(waitv(2, 0, &past, CLOCK_MONOTONIC));
	fill(2, U32 | PRIVATE);
	v[1].val = 5;
	R(waitv(2, 0, NULL, CLOCK_MONOTONIC));
	v[1].uaddr += 2;
	R(waitv(2, 0, NULL, CLOCK_MONOTONIC));
	v[1].uaddr = 0;
	R(waitv(2, 0, NULL, CLOCK_MONOTONIC));
	SECTION("waitv: time");
	fill(128, U32 | PRIVATE);
	R(waitv(128, 0, &past, CLOCK_MONOTONIC));
	R(waitv(128, 0, in_ms(&soon, CLOCK_MONOTONIC, 20), CLOCK_MONOTONIC));
	R(waitv(128, 0, in_ms(&soon, CLOCK_REALTIME, 20), CLOCK_REALTIME));
	SECTION("waitv: wake");
	t = start(128);
	R(syscall(SYS_futex, &words[127], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	R(finish(t));
	fill(3, U32 | PRIVATE);
	t = start(3);
	t2 = start(3);
	R(syscall(SYS_futex, &words[1], FUTEX_WAKE_PRIVATE, 10, NULL, NULL, 0));
	R(finish(t));
	R(finish(t2));
	fill(2, U32);
	v[1].uaddr = (uintptr_t)shared;
	t = start(2);
	if (!fork()) {
		R(syscall(SYS_futex, shared, FUTEX_WAKE, 1, NULL, NULL, 0));
		_exit(0);
	}
	wait(NULL);
	R(finish(t));
	SECTION("waitv: signal");
	struct sigaction sa = { .sa_handler = handler };
	sigaction(SIGUSR1, &sa, NULL);
	fill(2, U32 | PRIVATE);
	t = start(2);
	pthread_kill(t, SIGUSR1);
	R(finish(t));
	sa.sa_flags = SA_RESTART;
	sigaction(SIGUSR1, &sa, NULL);
	t = start(2);
	pthread_kill(t, SIGUSR1);
	sleep_ms(50);
	R(syscall(SYS_futex, &words[0], FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
	R(finish(t));
	SECTION("wait, wake");
	R(syscall(WAIT, &words[0], 1, 1, U32 | PRIVATE, NULL, CLOCK_MONOTONIC));
	R(syscall(WAIT, &words[0], 0, 0, U32 | PRIVATE, &past, CLOCK_MONOTONIC));
	R(syscall(WAIT, &words[0], 0, 1, PRIVATE, &past, CLOCK_MONOTONIC));
	R(syscall(WAIT, &words[0], 1UL << 32, 1, U32, &past, CLOCK_MONOTONIC));
	R(syscall(WAIT, &words[0], 0, 1UL << 32, U32, &past, CLOCK_MONOTONIC));
	R(syscall(WAIT, &words[0], 0, 1, U32, &past, CLOCK_TAI));
	R(syscall(WAIT, &words[0], 0, 1, U32, &past, CLOCK_MONOTONIC));
	R(syscall(WAIT, &words[0], 0, 1, U32, in_ms(&soon, CLOCK_REALTIME, 10), CLOCK_REALTIME));
	t = start(0);
	R(syscall(WAKE, &words[0], 5, 0, U32 | PRIVATE));
	R(syscall(WAKE, &words[0], 2, 1, U32 | PRIVATE));
	R(syscall(WAKE, &words[0], 5, 1, U32));
	R(syscall(WAKE, &words[0], 4, 1, U32 | PRIVATE));
	R(finish(t));
	R(syscall(WAKE, &words[0], 0, 1, U32 | PRIVATE));
	R(syscall(WAKE, &words[0], 1UL << 32, 1, U32 | PRIVATE));
	R(syscall(WAKE, &words[0], 1, 1, PRIVATE));
	R(syscall(WAKE, &words[0], 1, 1, 1));
	R(syscall(WAKE, (char *)words + 1, 1, 1, U32));
	R(syscall(WAKE, (char *)words + 1, 1, 0, U32));
	SECTION("requeue");
	fill(2, U32 | PRIVATE);
	R(syscall(REQUEUE, v, 1, 1, 1));
	R(syscall(REQUEUE, NULL, 0, 1, 1));
	R(syscall(REQUEUE, v, 0, -1, 1));
	R(syscall(REQUEUE, v, 0, 1, -1));
	R(syscall(REQUEUE, v, 0, 1, 1));
	v[0].val = 9;
	R(syscall(REQUEUE, v, 0, 1, 1));
	v[0].val = 0;
	v[1].flags = 1;
	R(syscall(REQUEUE, v, 0, 1, 1));
	fill(2, U32 | PRIVATE);
	t = start(0);
	t2 = start(0);
	R(syscall(REQUEUE, v, 0, 1, 1));
	for (int i = 0; i < 1000 && woken < 9; i++)
		sleep_ms(1);
	say("woken %d\n", woken);
	R(syscall(WAKE, &words[0], 5, 10, U32 | PRIVATE));
	R(syscall(WAKE, &words[1], 5, 10, U32 | PRIVATE));
	R(finish(t));
	R(finish(t2));
	return 0;
}

/*
 * timer.c - POSIX timers: timer_create(2). The kernel has them; for SIGEV_THREAD
 * a thread waits for SIGCANCEL with the timer's code, which nobody else sends it
 * so, and calls the function.
 */
#include "../internal/libc.h"
#include "../internal/syscall.h"
#include "../internal/thread.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <time.h>

struct timer_call {
	struct timer_call *next; /* [calls_lock] */
	int id;
	int deleted; /* [a] */
	struct thread *thread;
	void (*fn)(sigval_t);
	sigval_t value;
	sigjmp_buf again;
	volatile int ready;
};

static int calls_lock;
static struct timer_call *calls;

/* A function that ends its thread, or has it cancelled, ends only itself: the next goes on. */
static void resume(void *arg)
{
	struct timer_call *c = arg;

	siglongjmp(c->again, 1);
}

static void run_one(struct timer_call *c)
{
	struct thread *self = __self();

	if (sigsetjmp(c->again, 0)) {
		self->cancel = 0;
		self->cancel_disabled = 0;
		self->cancel_async = 0;
		return;
	}
	pthread_cleanup_push(resume, c);
	c->fn(c->value);
	pthread_cleanup_pop(0);
}

static void *helper(void *arg)
{
	const sigset_t set = 1ul << (SIGCANCEL - 1);
	struct timer_call *c = arg;
	siginfo_t info;

	SC(__NR_rt_sigprocmask, SIG_SETMASK, &set, NULL, 8);
	c->thread = __self();
	__atomic_store_n(&c->ready, 1, __ATOMIC_RELEASE);
	__futex_wake(&c->ready, 1, 0);
	for (;;) {
		long sig = SC(__NR_rt_sigtimedwait, &set, &info, NULL, 8);

		if (__atomic_load_n(&c->deleted, __ATOMIC_ACQUIRE))
			break;
		if (sig == SIGCANCEL && info.si_code == SI_TIMER)
			run_one(c);
	}
	free(c);
	return NULL;
}

static int create_thread(clockid_t clock, const struct sigevent *event, timer_t *timer)
{
	struct timer_call *c = calloc(1, sizeof(*c));
	struct sigevent ev = { .sigev_notify = SIGEV_THREAD_ID, .sigev_signo = SIGCANCEL };
	pthread_attr_t attr;
	sigset_t old;
	pthread_t t;
	int id, err;
	long raw;

	if (!c)
		return (int)RET(-EAGAIN);
	c->fn = event->sigev_notify_function;
	c->value = event->sigev_value;
	if (event->sigev_notify_attributes)
		attr = *event->sigev_notify_attributes;
	else
		pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	__signals_block(&old);
	err = pthread_create(&t, &attr, helper, c);
	__signals_restore(&old);
	if (err) {
		free(c);
		return (int)RET(-EAGAIN);
	}
	while (!__atomic_load_n(&c->ready, __ATOMIC_ACQUIRE))
		__futex_wait(&c->ready, 0, CLOCK_REALTIME, NULL, 0);
	ev.sigev_notify_thread_id = c->thread->tid;
	raw = SC(__NR_timer_create, clock, &ev, &id);
	if (raw < 0) {
		__atomic_store_n(&c->deleted, 1, __ATOMIC_RELEASE);
		SC(__NR_tkill, ev.sigev_notify_thread_id, SIGCANCEL);
		return (int)RET(raw);
	}
	c->id = id;
	__lock(&calls_lock);
	c->next = calls;
	calls = c;
	__unlock(&calls_lock);
	*timer = (timer_t)(long)id;
	return 0;
}

int timer_create(clockid_t clock, struct sigevent *__restrict event, timer_t *__restrict timer)
{
	int id;
	long raw;

	if (event && event->sigev_notify == SIGEV_THREAD)
		return create_thread(clock, event, timer);
	raw = SC(__NR_timer_create, clock, event, &id);
	if (!raw)
		*timer = (timer_t)(long)id;
	return (int)RET(raw);
}

int timer_delete(timer_t timer)
{
	struct timer_call **at, *c;
	int tid = 0;

	__lock(&calls_lock);
	for (at = &calls; (c = *at); at = &c->next)
		if (c->id == (int)(long)timer)
			break;
	if (c) {
		*at = c->next;
		tid = c->thread->tid;
	}
	__unlock(&calls_lock);
	if (c) {
		SC(__NR_timer_delete, timer);
		__atomic_store_n(&c->deleted, 1, __ATOMIC_RELEASE);
		SC(__NR_tkill, tid, SIGCANCEL);
		return 0;
	}
	return (int)RET(SC(__NR_timer_delete, timer));
}

int timer_settime(timer_t timer, int flags, const struct itimerspec *__restrict value,
		  struct itimerspec *__restrict old)
{
	return (int)RET(SC(__NR_timer_settime, timer, flags, value, old));
}

int timer_gettime(timer_t timer, struct itimerspec *value)
{
	return (int)RET(SC(__NR_timer_gettime, timer, value));
}

int timer_getoverrun(timer_t timer)
{
	return (int)RET(SC(__NR_timer_getoverrun, timer));
}

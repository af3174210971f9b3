/*
 * packetdrill's two threads and the clock. The main one lets time pass (usleep, gettimeofday, a wait
 * for a packet); the second one makes the calls that wait. One lock guards all; who waits is let go
 * only by the thread that moves time, and time stands still until it waits again or is done: so a
 * run is the same each time.
 */
#include "packetdrill.h"

#include <uapi/errno.h>

#include "core/sched.h"
#include "waitq.h"

int usleep(unsigned us);
typedef struct {
	u64 room[8];
} lock_t;
int pthread_mutex_lock(lock_t *l);
int pthread_mutex_unlock(lock_t *l);
int pthread_cond_wait(lock_t *c, lock_t *l);
int pthread_cond_broadcast(lock_t *c);

static lock_t big_lock, changed;

void pd_lock(void)
{
	pthread_mutex_lock(&big_lock);
}

/* --- who waits --- */

static bool running; /* the other thread, let go */

static struct waiting {
	bool used, go, woken;
	struct socket *sk;
	bool (*ready)(void *sk);
	u64 deadline;
	struct waiter waiter;
} waits[8];

static bool wake_here(struct waiter *w, u32 key __unused)
{
	((struct waiting *)w->arg)->woken = true;
	return true;
}

int pd_wait(struct waitq *q, struct socket *sk, bool (*ready)(void *sk), u64 deadline)
{
	struct waiting *w = waits;

	if (ready(sk))
		return 0;
	if (!deadline)
		return -EAGAIN;
	while (w->used)
		w++;
	*w = (struct waiting){ .used = true, .sk = sk, .ready = ready, .deadline = deadline };
	waiter_init_fn(&w->waiter, wake_here, w);
	if (q)
		waitq_add(q, &w->waiter);
	else
		w->woken = true;
	running = false;
	pthread_cond_broadcast(&changed);
	while (!w->go)
		pthread_cond_wait(&changed, &big_lock);
	if (q)
		waitq_remove(q, &w->waiter);
	w->used = false;
	return ready(sk) ? 0 : -EAGAIN;
}

static unsigned asked; /* how often for the time of day */
static bool owed; /* the other thread has yet to take packetdrill's own lock */

/* The other thread's turn. */
static void breathe(unsigned us)
{
	pthread_mutex_unlock(&big_lock);
	usleep(us);
	pthread_mutex_lock(&big_lock);
}

void pd_let_go(void)
{
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++) {
		struct waiting *w = &waits[i];

		if (!w->used || w->go ||
		    !((w->woken && w->ready(w->sk)) || world_now >= w->deadline))
			continue;
		w->go = true;
		running = true;
		pthread_cond_broadcast(&changed);
		while (running)
			pthread_cond_wait(&changed, &big_lock);
		/* It notes the time before that goes on. */
		for (unsigned was = asked, n = 0; was == asked && n < 100; n++)
			breathe(2000);
		owed = true;
	}
}

static bool was_woken(void *sk __unused)
{
	return waitq_woken;
}

int wait_sleep(u64 deadline)
{
	return pd_wait(NULL, NULL, was_woken, deadline) ? -ETIMEDOUT : 0;
}

void pd_pass(u64 at)
{
	pd_let_go();
	while (world_step(at))
		pd_let_go();
}

long pd_done(long ret)
{
	static const struct waiting none;

	world_settle();
	pd_counters_write();
	running = false;
	for (unsigned i = 0; i < ARRAY_SIZE(waits); i++)
		if (!waits[i].used)
			waits[i] = none;
	pthread_cond_broadcast(&changed);
	pthread_mutex_unlock(&big_lock);
	if (ret >= 0)
		return ret;
	*__errno_location() = (int)-ret;
	return -1;
}

int pd_usleep(void *u, unsigned usec)
{
	(void)u;
	pthread_mutex_lock(&big_lock);
	pd_settings_read();
	if (owed) /* packetdrill has let go of it while it sleeps */
		breathe(20000);
	owed = false;
	pd_pass(world_now + (u64)usec * NSEC_PER_USEC);
	return (int)pd_done(0);
}

int pd_gettimeofday(void *u, struct timeval_host *tv, void *tz)
{
	u64 t;

	(void)u;
	(void)tz;
	pthread_mutex_lock(&big_lock);
	asked++;
	t = world_now + world_epoch;
	tv->sec = (long)(t / NSEC_PER_SEC);
	tv->usec = (long)(t % NSEC_PER_SEC / NSEC_PER_USEC);
	/* Whoever looks at the clock in a loop wants it to move. */
	pd_pass(world_now + 10 * NSEC_PER_USEC);
	return (int)pd_done(0);
}

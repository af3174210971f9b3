/*
 * POSIX timers (proc/posix_timer.h). The list of a process' timers and their
 * settings are guarded by its sighand->lock ([g]). A timer expires in interrupt
 * context: it works out how many periods have gone by, starts itself again and
 * posts the signal; while that is still queued, further expiries only raise its
 * overrun count. Timers on CPU-time clocks look from time to time (core/itimer.c
 * does the same).
 */
#include "proc/posix_timer.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/resource.h>
#include <uapi/time.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "proc/clock.h"

/* Expiries closer than this are merged into overruns. */
#define MIN_PERIOD (100 * NSEC_PER_USEC)

struct posix_timer {
	struct list_head link; /* [g] */
	int id, clock; /* [i] */
	u32 uid; /* [i] whose RLIMIT_SIGPENDING it counts against */
	int notify, signo; /* [i] SIGEV_*, of the sigevent */
	sigval_t value; /* [i] */
	struct proc *proc; /* [i] it cannot go before its timers */
	struct task *target; /* [i] SIGEV_THREAD_ID, referenced */
	struct cpu_clock cpu; /* [i] when clock_is_cpu */
	struct timer timer;
	u64 expires; /* [g] now_mono() or CPU ns; 0: disarmed */
	u64 interval; /* [g] ns; 0: once */
	int overrun; /* [g] */
	struct rcu_head rcu;
};

static u64 timer_now(const struct posix_timer *pt)
{
	return clock_is_cpu(pt->clock) ? cpu_clock_read(&pt->cpu) : now_mono();
}

/* [g] */
static void arm(struct posix_timer *pt, u64 now)
{
	if (!clock_is_cpu(pt->clock))
		timer_start(&pt->timer, pt->expires);
	else
		timer_start(&pt->timer,
			    now_mono() + cpu_clock_wait(&pt->cpu,
							pt->expires > now ? pt->expires - now : 0));
}

/* [g] It is due: the next expiry, and how many after the first are missed. */
static u64 advance(struct posix_timer *pt, u64 now)
{
	u64 missed = 0;

	if (!pt->interval) {
		pt->expires = 0;
		return 0;
	}
	pt->expires += pt->interval;
	if (pt->expires < now + MIN_PERIOD) {
		missed = (now + MIN_PERIOD - pt->expires) / pt->interval + 1;
		pt->expires += missed * pt->interval;
	}
	return missed;
}

static void expire(struct timer *timer)
{
	struct posix_timer *pt = container_of(timer, struct posix_timer, timer);
	u64 now = timer_now(pt), missed = 0;
	unsigned long flags;
	struct sighand *s = sighand_lock(pt->proc, &flags);
	bool due = pt->expires && pt->expires <= now;
	siginfo_t si;

	if (due)
		missed = advance(pt, now);
	if (pt->expires)
		arm(pt, now);
	sighand_unlock(s, flags);
	if (!due || pt->notify == SIGEV_NONE)
		return;
	siginfo_init(&si, pt->signo, SI_TIMER);
	si.si_tid = pt->id;
	si.si_overrun = (int)min(missed, (u64)S32_MAX);
	si.si_value = pt->value;
	signal_send_timer(pt->proc, pt->target, &si);
}

/* [g] */
static struct posix_timer *find(struct proc *p, int id)
{
	struct posix_timer *pt;

	list_for_each_entry(pt, &p->posix_timers, link)
		if (pt->id == id)
			return pt;
	return NULL;
}

static void dequeued(const siginfo_t *si)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(current->proc, &flags);
	struct posix_timer *pt = find(current->proc, si->si_tid);

	if (pt)
		pt->overrun = si->si_overrun;
	sighand_unlock(s, flags);
}

void posix_timers_init(void)
{
	signal_timer_dequeued = dequeued;
}

static void free_rcu(struct rcu_head *h)
{
	kfree(container_of(h, struct posix_timer, rcu));
}

/* Off the list already. */
static void destroy(struct posix_timer *pt)
{
	timer_cancel_sync(&pt->timer);
	if (pt->target)
		task_put(pt->target);
	if (clock_is_cpu(pt->clock))
		cpu_clock_put(&pt->cpu);
	user_uncharge(pt->uid, USER_SIGPENDING);
	call_rcu(&pt->rcu, free_rcu);
}

static int set_event(struct posix_timer *pt, const sigevent_t *ev)
{
	pt->notify = ev->sigev_notify;
	pt->signo = ev->sigev_signo;
	pt->value = ev->sigev_value;
	switch (ev->sigev_notify) {
	case SIGEV_NONE:
		return 0;
	case SIGEV_THREAD_ID:
		pt->target = task_find_get(ev->sigev_notify_thread_id);
		if (!pt->target)
			return -EINVAL;
		if (pt->target->proc != current->proc)
			return -EINVAL;
		fallthrough;
	case SIGEV_SIGNAL:
	case SIGEV_THREAD:
		return pt->signo < 1 || pt->signo > _NSIG ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

int posix_timer_create(int clock, const sigevent_t *ev)
{
	struct proc *p = current->proc;
	struct posix_timer *pt;
	unsigned long flags;
	struct sighand *s;
	int err = clock_can_sleep(clock);

	if (err)
		return err;
	pt = kzalloc(sizeof(*pt), 0);
	if (!pt)
		return -EAGAIN;
	pt->uid = current->cred->uid;
	err = -EAGAIN;
	if (!user_charge(pt->uid, USER_SIGPENDING, rlimit_get(RLIMIT_SIGPENDING)))
		goto out_free;
	pt->clock = clock;
	pt->proc = p;
	pt->signo = SIGALRM;
	timer_init(&pt->timer, expire);
	if (clock_is_cpu(clock)) {
		err = cpu_clock_get(clock, &pt->cpu);
		if (err)
			goto out_uncharge;
	}
	if (ev) {
		err = set_event(pt, ev);
		if (err)
			goto out_put;
	}
	s = sighand_lock(p, &flags);
	do {
		pt->id = p->next_timer_id;
		p->next_timer_id = pt->id == S32_MAX ? 0 : pt->id + 1;
	} while (find(p, pt->id));
	if (!ev)
		pt->value.sival_int = pt->id;
	list_add_tail(&pt->link, &p->posix_timers);
	sighand_unlock(s, flags);
	return pt->id;

out_put:
	if (pt->target)
		task_put(pt->target);
	if (clock_is_cpu(clock))
		cpu_clock_put(&pt->cpu);
out_uncharge:
	user_uncharge(pt->uid, USER_SIGPENDING);
out_free:
	kfree(pt);
	return err;
}

/* [g] What is left, never 0 while it is armed. */
static void settings(const struct posix_timer *pt, u64 now, u64 *value, u64 *interval)
{
	*interval = pt->interval;
	*value = 0;
	if (pt->expires)
		*value = pt->expires > now ? pt->expires - now : 1;
}

/* Looks id up twice: its clock is read without the lock, which that may take itself. */
static struct posix_timer *lock_timer(int id, u64 *now, struct sighand **s, unsigned long *flags)
{
	struct proc *p = current->proc;
	struct posix_timer *pt;

	*s = sighand_lock(p, flags);
	pt = find(p, id);
	sighand_unlock(*s, *flags);
	if (!pt)
		return NULL;
	/* It is freed only after a grace period. */
	*now = timer_now(pt);
	*s = sighand_lock(p, flags);
	if (find(p, id) == pt)
		return pt;
	sighand_unlock(*s, *flags);
	return NULL;
}

int posix_timer_set(int id, bool absolute, u64 value, u64 interval, u64 *old_value,
		    u64 *old_interval)
{
	u64 offset = now_real() - now_mono(), now;
	unsigned long flags;
	struct sighand *s;
	struct posix_timer *pt = lock_timer(id, &now, &s, &flags);

	if (!pt)
		return -EINVAL;
	settings(pt, now, old_value, old_interval);
	timer_cancel(&pt->timer);
	pt->expires = 0;
	pt->interval = interval;
	if (value) {
		if (!absolute) {
			if (check_add_overflow(now, value, &pt->expires))
				pt->expires = TIME_FOREVER - 1;
		} else if (clock_is_real(pt->clock)) {
			pt->expires = value > offset ? value - offset : 1;
		} else {
			pt->expires = value;
		}
		arm(pt, now);
	}
	sighand_unlock(s, flags);
	return 0;
}

int posix_timer_get(int id, u64 *value, u64 *interval)
{
	unsigned long flags;
	struct sighand *s;
	u64 now;
	struct posix_timer *pt = lock_timer(id, &now, &s, &flags);

	if (!pt)
		return -EINVAL;
	settings(pt, now, value, interval);
	sighand_unlock(s, flags);
	return 0;
}

int posix_timer_overrun(int id)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(current->proc, &flags);
	struct posix_timer *pt = find(current->proc, id);
	int n = pt ? pt->overrun : -EINVAL;

	sighand_unlock(s, flags);
	return n;
}

int posix_timer_delete(int id)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(current->proc, &flags);
	struct posix_timer *pt = find(current->proc, id);

	if (pt) {
		list_del(&pt->link);
		pt->expires = 0;
	}
	sighand_unlock(s, flags);
	if (!pt)
		return -EINVAL;
	destroy(pt);
	return 0;
}

void posix_timers_exit(struct proc *p)
{
	struct posix_timer *pt;
	unsigned long flags;
	struct sighand *s;

	for (;;) {
		s = sighand_lock(p, &flags);
		pt = list_first_entry_or_null(&p->posix_timers, struct posix_timer, link);
		if (pt) {
			list_del(&pt->link);
			pt->expires = 0;
		}
		sighand_unlock(s, flags);
		if (!pt)
			return;
		destroy(pt);
	}
}

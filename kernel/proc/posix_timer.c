/*
 * POSIX timers (proc/posix_timer.h). The table of a process' timers by number and
 * their settings are guarded by its sighand->lock ([g]). A timer expires in
 * interrupt context and posts its signal, which has an entry of its own: it is
 * never lost. A periodic one is started again when the signal is taken, with the
 * periods gone by as its overrun count; so a signal that nobody takes costs
 * nothing. One that is ignored is started again at once.
 *
 * Timers on CPU-time clocks look from time to time (core/itimer.c does the same).
 * A timer of the real-time clock looks when somebody sets that clock: `step` is on
 * time_set_wait for all its life.
 */
#include "proc/posix_timer.h"

#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/resource.h>

#include "alloc/slab.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "core/timens.h"
#include "proc/clock.h"

/* Expiries closer than this are merged into overruns. */
#define MIN_PERIOD     (100 * NSEC_PER_USEC)
#define IGNORED_PERIOD (4 * NSEC_PER_MSEC) /* when nobody wants the signal */

struct posix_timer {
	int id, clock; /* [i] */
	int notify; /* [i] SIGEV_* */
	struct proc *proc; /* [i] it cannot go before its timers */
	struct task *target; /* [i] SIGEV_THREAD_ID, referenced */
	struct cpu_clock cpu; /* [i] when clock_is_cpu */
	struct sigqueue *sig; /* [i] its signal */
	struct waiter step; /* [i] when clock_is_real */
	struct timer timer;
	bool real; /* [g] set to a time of a real-time clock, whose steps it follows */
	bool sent; /* [g] started again when its signal is taken */
	u64 expires; /* [g] ns of its clock; of now_mono() unless `real` or CPU time; 0: disarmed */
	u64 interval; /* [g] ns; 0: once */
	u64 missed; /* [g] periods since the last signal */
	int overrun; /* [g] of the signal taken last */
	struct rcu_head rcu;
};

static u64 timer_now(const struct posix_timer *pt)
{
	if (clock_is_cpu(pt->clock))
		return cpu_clock_read(&pt->cpu);
	return pt->real ? clock_real_now(pt->clock) : now_mono();
}

/* [g] TAI's distance may change meanwhile: who changes it has clock_stepped look behind that. */
static void arm_real(struct posix_timer *pt)
{
	u64 ahead;

	if (pt->clock != CLOCK_TAI) {
		timer_start_real(&pt->timer, pt->expires);
		return;
	}
	do {
		ahead = (u64)time_tai() * NSEC_PER_SEC;
		timer_start_real(&pt->timer, pt->expires - min(pt->expires, ahead));
		smp_mb();
	} while ((u64)time_tai() * NSEC_PER_SEC != ahead);
}

/* [g] */
static void arm(struct posix_timer *pt, u64 now)
{
	u64 left = pt->expires > now ? pt->expires - now : 0;

	if (pt->notify == SIGEV_NONE)
		return;
	if (clock_is_cpu(pt->clock)) {
		if (!cpu_clock_dead(&pt->cpu))
			timer_start(&pt->timer, now_mono() + cpu_clock_wait(&pt->cpu, left));
		return;
	}
	if (pt->real)
		arm_real(pt);
	else
		timer_start(&pt->timer, pt->expires);
}

/* [g] A periodic timer goes on with its first expiry after now. */
static void forward(struct posix_timer *pt, u64 now, u64 min_period)
{
	u64 gap = pt->interval < min_period ? min_period : 1, n = 0;

	if (pt->expires < now + gap)
		n = (now + gap - pt->expires + pt->interval - 1) / pt->interval;
	pt->expires += n * pt->interval;
	pt->missed += n;
	pt->sent = false;
	arm(pt, now);
}

static void expire(struct timer *timer)
{
	struct posix_timer *pt = container_of(timer, struct posix_timer, timer);
	unsigned long flags;
	struct sighand *s = sighand_lock(pt->proc, &flags);
	u64 now = timer_now(pt);

	if (!pt->expires) {
		/* It was disarmed or deleted meanwhile. */
	} else if (pt->sent) {
		if (list_empty(&pt->sig->link)) /* the signal was dropped */
			forward(pt, now, MIN_PERIOD);
	} else if (pt->expires > now) {
		arm(pt, now);
	} else {
		pt->sent =
			signal_send_timer(pt->proc, pt->target, pt->sig, clock_is_cpu(pt->clock));
		if (!pt->interval) {
			pt->sent = false;
			pt->expires = 0;
		} else if (!pt->sent) {
			forward(pt, now, IGNORED_PERIOD);
		}
	}
	sighand_unlock(s, flags);
}

/* Under time_set_wait's lock. */
static bool clock_stepped(struct waiter *w, u32 key __unused)
{
	struct posix_timer *pt = w->arg;

	if (READ_ONCE(pt->real) && pt->notify != SIGEV_NONE)
		timer_start(&pt->timer, now_mono());
	return true;
}

/* [g] */
static struct posix_timer *find(struct proc *p, int id)
{
	return id < 0 ? NULL : radix_get(&p->posix_timers, (u64)id);
}

/* The timer id of current's process and its time, under the lock. */
static struct posix_timer *lock_timer(int id, u64 *now, struct sighand **s, unsigned long *flags)
{
	struct proc *p = current->proc;
	struct posix_timer *pt;

	*s = sighand_lock(p, flags);
	pt = find(p, id);
	if (pt)
		*now = timer_now(pt);
	else
		sighand_unlock(*s, *flags);
	return pt;
}

static void dequeued(siginfo_t *si)
{
	unsigned long flags;
	struct sighand *s;
	u64 now, n;
	struct posix_timer *pt = lock_timer(si->si_tid, &now, &s, &flags);

	if (!pt)
		return;
	if (pt->sent) {
		forward(pt, now, MIN_PERIOD);
		n = pt->missed + (u64)si->si_overrun;
		pt->overrun = n ? (int)min(n - 1, (u64)S32_MAX) : 0;
		pt->missed = 0;
		si->si_overrun = pt->overrun;
	}
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

/* In no table; expires is 0. */
static void destroy(struct posix_timer *pt)
{
	waitq_remove(&time_set_wait, &pt->step);
	/* The signal first: taking it off the queue starts a periodic timer again. */
	sigqueue_release(pt->proc, pt->sig);
	timer_cancel_sync(&pt->timer);
	if (pt->target)
		task_put(pt->target);
	cpu_clock_put(&pt->cpu);
	call_rcu(&pt->rcu, free_rcu);
}

static int set_event(struct posix_timer *pt, const sigevent_t *ev)
{
	siginfo_t *si = &pt->sig->info;

	pt->notify = ev->sigev_notify;
	si->si_signo = ev->sigev_signo;
	si->si_value = ev->sigev_value;
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
		return si->si_signo < 1 || si->si_signo > _NSIG ? -EINVAL : 0;
	default:
		return -EINVAL;
	}
}

/* A timer in no table, its signal's entry charged to the user; NULL. */
static struct posix_timer *alloc_timer(int clock)
{
	u32 uid = current->cred->uid;
	struct posix_timer *pt = kzalloc(sizeof(*pt), 0);

	if (!pt)
		return NULL;
	pt->sig = kzalloc(sizeof(*pt->sig), 0);
	if (!pt->sig || !user_charge(uid, USER_SIGPENDING, rlimit_get(RLIMIT_SIGPENDING))) {
		kfree(pt->sig);
		kfree(pt);
		return NULL;
	}
	pt->clock = clock;
	pt->proc = current->proc;
	timer_init(&pt->timer, expire);
	waiter_init_fn(&pt->step, clock_stepped, pt);
	list_init(&pt->sig->link);
	pt->sig->uid = uid;
	pt->sig->timer = &pt->timer;
	siginfo_init(&pt->sig->info, SIGALRM, SI_TIMER);
	return pt;
}

/* [g] */
static int next_id(struct proc *p)
{
	int id;

	do {
		id = p->next_timer_id;
		p->next_timer_id = id == S32_MAX ? 0 : id + 1;
	} while (find(p, id));
	return id;
}

/* Gives pt a number and puts it into the table: 0 or -EAGAIN. */
static int enter(struct posix_timer *pt, bool id_is_value)
{
	struct proc *p = pt->proc;
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	int err;

	pt->id = next_id(p);
	pt->sig->info.si_tid = pt->id;
	if (id_is_value)
		pt->sig->info.si_value.sival_int = pt->id;
	err = radix_set(&p->posix_timers, (u64)pt->id, pt);
	sighand_unlock(s, flags);
	return err ? -EAGAIN : 0;
}

/* A timer that cannot be has taken a number all the same. */
static void number_lost(void)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(current->proc, &flags);

	next_id(current->proc);
	sighand_unlock(s, flags);
}

int posix_timer_create(int clock, const sigevent_t *ev)
{
	bool alarm = clock == CLOCK_REALTIME_ALARM || clock == CLOCK_BOOTTIME_ALARM;
	struct posix_timer *pt;
	int refused = clock_can_sleep(clock), err = 0;

	if (refused && !alarm)
		return refused;
	pt = alloc_timer(clock);
	if (!pt)
		return -EAGAIN;
	if (ev)
		err = set_event(pt, ev);
	if (!err)
		err = refused; /* what the sigevent says comes first */
	if (!err && clock_is_cpu(clock))
		err = cpu_clock_watch(clock, &pt->cpu);
	if (err) {
		number_lost();
		goto out_destroy;
	}
	if (clock_is_real(clock))
		waitq_add(&time_set_wait, &pt->step);
	err = enter(pt, !ev);
	if (!err)
		return pt->id;
out_destroy:
	destroy(pt);
	return err;
}

int posix_timer_below(struct proc *p, int most, struct posix_timer_info *info)
{
	u64 id = (u64)most;
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	const struct posix_timer *pt = most < 0 ? NULL : radix_prev(&p->posix_timers, &id);

	if (pt) {
		/* A CPU clock of one's own is known by the number that names none. */
		info->clock = pt->clock == CLOCK_PROCESS_CPUTIME_ID ? CPU_CLOCK_OWN :
			      pt->clock == CLOCK_THREAD_CPUTIME_ID  ? CPU_CLOCK_OWN_THREAD :
								      pt->clock;
		info->notify = pt->notify;
		info->signo = pt->sig->info.si_signo;
		info->value = pt->sig->info.si_value;
		info->pid = pid_get(pt->target ? pt->target->pid : p->pid);
	}
	sighand_unlock(s, flags);
	return pt ? (int)id : -ENOENT;
}

/* [g] What is left; never 0 while it is armed, but when nobody is told: then a look starts the next period. */
static void settings(struct posix_timer *pt, u64 now, u64 *value, u64 *interval)
{
	*interval = pt->interval;
	*value = 0;
	if (!pt->expires)
		return;
	if (pt->notify == SIGEV_NONE && pt->interval && pt->expires <= now)
		pt->expires += ((now - pt->expires) / pt->interval + 1) * pt->interval;
	if (pt->expires > now)
		*value = pt->expires - now;
	else if (pt->interval)
		*value = pt->interval - (now - pt->expires) % pt->interval;
	else
		*value = pt->notify != SIGEV_NONE;
}

int posix_timer_set(int id, bool absolute, u64 value, u64 interval, u64 *old_value,
		    u64 *old_interval)
{
	unsigned long flags;
	struct sighand *s;
	u64 now;
	struct posix_timer *pt = lock_timer(id, &now, &s, &flags);

	if (!pt)
		return -EINVAL;
	settings(pt, now, old_value, old_interval);
	timer_cancel(&pt->timer);
	pt->sent = false;
	pt->missed = 0;
	pt->overrun = 0;
	pt->real = clock_is_real(pt->clock) && (absolute || pt->clock == CLOCK_TAI);
	pt->interval = value ? interval : 0;
	if (absolute && value)
		value = max(timens_to_host(pt->clock, value), 1UL);
	pt->expires = value;
	if (value) {
		now = timer_now(pt);
		if (!absolute && check_add_overflow(now, value, &pt->expires))
			pt->expires = TIME_FOREVER - 1;
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

/* [g] The timer id, out of the table and disarmed: destroy it once unlocked. NULL: there is none. */
static struct posix_timer *take_out(struct proc *p, int id)
{
	struct posix_timer *pt = find(p, id);

	if (pt) {
		radix_del(&p->posix_timers, (u64)id);
		pt->expires = 0;
	}
	return pt;
}

int posix_timer_delete(int id)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(current->proc, &flags);
	struct posix_timer *pt = take_out(current->proc, id);

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
	u64 id = 0;

	do {
		s = sighand_lock(p, &flags);
		pt = radix_next(&p->posix_timers, &id);
		if (pt) {
			take_out(p, pt->id);
			sigqueue_withdraw(pt->target ? &pt->target->pending : &p->pending, pt->sig);
		}
		sighand_unlock(s, flags);
		if (pt)
			destroy(pt);
	} while (pt);
}

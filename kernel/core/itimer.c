/*
 * Interval timers (setitimer(2)). ITIMER_REAL is a timer. The other two run on
 * CPU time, which no hardware counts for us: their timer fires when the time
 * could be reached at the earliest, looks, and is set again if it is not. The
 * process keeps the sum of its threads' times from then on (proc_sum_cputime).
 * RLIMIT_CPU is looked after in the same way. expires, interval and the limits
 * are guarded by sighand->lock.
 */
#include "core/task.h"

#include <compiler.h>
#include <uapi/time.h>

#include "arch/riscv/cpu.h"
#include "core/sched.h"

/* Expiries closer than this count as missed: no signal is delivered twice in it anyway. */
#define MIN_PERIOD (100 * NSEC_PER_USEC)
#define MIN_LOOK   NSEC_PER_MSEC
/* A process may become many threads before its next look: that matters when it is far off. */
#define FAR (100 * NSEC_PER_MSEC)
/* RLIMIT_CPU counts seconds: whoever sleeps just below it shall not be looked at all the time. */
#define MIN_LIMIT_LOOK (10 * NSEC_PER_MSEC)
#define US_PER_SEC     (NSEC_PER_SEC / NSEC_PER_USEC)

/* The first expires + n * interval after now. */
static u64 forward(u64 expires, u64 interval, u64 now)
{
	u64 next = expires + interval;

	if (next < now + MIN_PERIOD)
		next += ((now + MIN_PERIOD - next) / interval + 1) * interval;
	return next;
}

static void real_fire(struct timer *timer)
{
	struct proc *p = container_of(timer, struct proc, real_timer);
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	bool due = p->real_expires && p->real_expires <= now_mono();
	siginfo_t si;

	if (due) {
		p->real_expires = p->real_interval ?
					  forward(p->real_expires, p->real_interval, now_mono()) :
					  0;
		if (p->real_expires)
			timer_start(timer, p->real_expires);
	}
	sighand_unlock(s, flags);
	if (!due)
		return;
	siginfo_init(&si, SIGALRM, SI_KERNEL);
	signal_send_proc(p, &si);
}

static u64 cpu_time(struct proc *p, const struct cpu_itimer *it)
{
	u64 utime, stime;

	proc_cputime(p, &utime, &stime);
	return it == &p->cpu_itimers[0] ? utime : utime + stime;
}

/* All of p's threads may be running. */
u64 cpu_time_wait(const struct proc *p, u64 ns)
{
	ns /= ns > FAR ? nr_harts : clamp(READ_ONCE(p->nr_threads), 1U, nr_harts);
	return max(ns, MIN_LOOK);
}

/* [g] */
static void look_later(struct proc *p, struct cpu_itimer *it, u64 used)
{
	u64 left = it->expires > used ? it->expires - used : 0;

	timer_start(&it->timer, now_mono() + cpu_time_wait(p, left));
}

static void cpu_fire(struct proc *p, struct cpu_itimer *it, int signo)
{
	u64 used = cpu_time(p, it);
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	bool due = it->expires && it->expires <= used;
	siginfo_t si;

	if (due)
		it->expires = it->interval ? forward(it->expires, it->interval, used) : 0;
	if (it->expires)
		look_later(p, it, used);
	sighand_unlock(s, flags);
	if (!due)
		return;
	siginfo_init(&si, signo, SI_KERNEL);
	signal_send_timed(p, &si);
}

static void virtual_fire(struct timer *timer)
{
	struct proc *p = container_of(timer, struct proc, cpu_itimers[0].timer);

	cpu_fire(p, &p->cpu_itimers[0], SIGVTALRM);
}

static void prof_fire(struct timer *timer)
{
	struct proc *p = container_of(timer, struct proc, cpu_itimers[1].timer);

	cpu_fire(p, &p->cpu_itimers[1], SIGPROF);
}

/*
 * [g] setrlimit(2): SIGXCPU at the soft limit, which then goes up by a second; SIGKILL at the hard
 * one.
 */
static int over_limit(struct proc *p, u64 used, u64 *next)
{
	struct rlimit *r = &p->rlimits[RLIMIT_CPU];
	u64 seconds = used / NSEC_PER_SEC;
	int signo = 0;

	*next = TIME_FOREVER;
	if (r->rlim_cur == RLIM_INFINITY || !atomic_read(&p->live))
		return 0;
	if (seconds >= r->rlim_max)
		return SIGKILL;
	if (seconds >= r->rlim_cur) {
		r->rlim_cur++;
		signo = SIGXCPU;
	}
	if (r->rlim_cur < TIME_FOREVER / NSEC_PER_SEC)
		*next = r->rlim_cur * NSEC_PER_SEC;
	return signo;
}

/*
 * [g] setrlimit(2), RLIMIT_RTTIME, in us: a real-time thread that has run so long since it slept
 * last. *next: ns until there may be something to say.
 */
static int over_rttime(struct proc *p, u64 *next)
{
	struct rlimit *r = &p->rlimits[RLIMIT_RTTIME];
	int signo = 0;
	struct task *t;

	*next = TIME_FOREVER;
	if (r->rlim_cur == RLIM_INFINITY)
		return 0;
	list_for_each_entry(t, &p->threads, thread_link) {
		u64 ran, left;

		if (!t->se.rt_prio || t->se.rt_prio == RT_DEADLINE)
			continue;
		ran = (sched_runtime(t) - READ_ONCE(t->se.woken_at)) / NSEC_PER_USEC;
		if (ran >= r->rlim_max)
			return SIGKILL;
		if (ran >= r->rlim_cur) {
			r->rlim_cur += US_PER_SEC;
			signo = SIGXCPU;
		}
		left = min(r->rlim_cur, r->rlim_max);
		left = left > ran ? left - ran : 0;
		*next = min(*next, min(left, US_PER_SEC) * NSEC_PER_USEC);
	}
	return signo;
}

static void limit_fire(struct timer *timer)
{
	struct proc *p = container_of(timer, struct proc, limit_timer);
	u64 used = proc_runtime(p), next, rt_next, left, wait = TIME_FOREVER;
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	int signo = over_limit(p, used, &next), rt_signo = over_rttime(p, &rt_next);
	siginfo_t si;

	if (next != TIME_FOREVER) {
		left = next > used ? next - used : 0;
		wait = cpu_time_wait(p, left);
	}
	wait = min(wait, rt_next);
	if (wait != TIME_FOREVER)
		timer_start(timer, now_mono() + max(wait, MIN_LIMIT_LOOK));
	sighand_unlock(s, flags);
	if (signo != SIGKILL && rt_signo)
		signo = rt_signo;
	if (!signo)
		return;
	siginfo_init(&si, signo, SI_KERNEL);
	signal_send_timed(p, &si);
}

void itimer_limit(struct proc *p)
{
	if ((p->rlimits[RLIMIT_CPU].rlim_cur != RLIM_INFINITY ||
	     p->rlimits[RLIMIT_RTTIME].rlim_cur != RLIM_INFINITY) &&
	    atomic_read(&p->live)) {
		proc_sum_cputime(p);
		timer_start(&p->limit_timer, now_mono());
	}
}

void itimer_init(struct proc *p)
{
	timer_init(&p->limit_timer, limit_fire);
	timer_init(&p->real_timer, real_fire);
	timer_init(&p->cpu_itimers[0].timer, virtual_fire);
	timer_init(&p->cpu_itimers[1].timer, prof_fire);
}

/* What is left, never 0 while the timer is on. */
static u64 remaining(u64 expires, u64 now)
{
	if (!expires)
		return 0;
	return expires > now ? expires - now : 1;
}

void itimer_set(struct proc *p, int which, u64 value, u64 interval, u64 *old_value,
		u64 *old_interval)
{
	struct cpu_itimer *it = which == ITIMER_REAL ? NULL : &p->cpu_itimers[which - 1];
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);
	u64 *expires = it ? &it->expires : &p->real_expires;
	u64 *ivp = it ? &it->interval : &p->real_interval;
	struct timer *timer = it ? &it->timer : &p->real_timer;
	u64 now;

	if (it)
		proc_sum_cputime(p);
	now = it ? cpu_time(p, it) : now_mono();
	*old_value = remaining(*expires, now);
	*old_interval = *ivp;
	/* getitimer(2) tells the interval of a CPU timer that is off, not that of ITIMER_REAL. */
	*ivp = it || value ? interval : 0;
	*expires = 0;
	timer_cancel(timer);
	if (value) {
		if (check_add_overflow(now, value, expires))
			*expires = TIME_FOREVER - 1;
		if (it)
			look_later(p, it, now);
		else
			timer_start(timer, *expires);
	}
	sighand_unlock(s, flags);
}

void itimer_get(struct proc *p, int which, u64 *value, u64 *interval)
{
	struct cpu_itimer *it = which == ITIMER_REAL ? NULL : &p->cpu_itimers[which - 1];
	u64 now = it ? cpu_time(p, it) : now_mono();
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);

	*value = remaining(it ? it->expires : p->real_expires, now);
	*interval = it ? it->interval : p->real_interval;
	sighand_unlock(s, flags);
}

void itimer_exit(struct proc *p)
{
	unsigned long flags;
	struct sighand *s = sighand_lock(p, &flags);

	p->real_expires = 0;
	p->cpu_itimers[0].expires = 0;
	p->cpu_itimers[1].expires = 0;
	sighand_unlock(s, flags);
	timer_cancel_sync(&p->real_timer);
	timer_cancel_sync(&p->limit_timer);
	timer_cancel_sync(&p->cpu_itimers[0].timer);
	timer_cancel_sync(&p->cpu_itimers[1].timer);
}

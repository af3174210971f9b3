/*
 * Clocks by number (proc/clock.h). A negative number names a process or thread:
 * its id, inverted, in the high bits, then a thread flag and two bits of kind.
 */
#include "proc/clock.h"

#include <uapi/errno.h>
#include <uapi/time.h>

#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "core/wait.h"

#define CPU_CLOCK_THREAD 4
#define CLOCK_KIND	 7 /* the bits that tell what a negative number names */
#define CLOCK_OF_FD	 3 /* a device's clock: there are none */

int cpu_clock_get(int id, struct cpu_clock *c)
{
	int pid = id < 0 ? ~(id >> 3) : 0;
	bool thread = id < 0 ? id & CPU_CLOCK_THREAD : id == CLOCK_THREAD_CPUTIME_ID;

	c->which = id < 0 ? id & 3 : CPU_CLOCK_SCHED;
	c->task = NULL;
	c->proc = NULL;
	if (c->which > CPU_CLOCK_SCHED)
		return -EINVAL;
	if (!thread) {
		c->proc = pid ? proc_find_get(pid) : proc_get(current->proc);
		return c->proc ? 0 : -EINVAL;
	}
	c->task = pid ? task_find_get(pid) : task_get(current);
	if (!c->task)
		return -EINVAL;
	if (c->task->proc != current->proc) {
		task_put(c->task);
		c->task = NULL;
		return -EINVAL;
	}
	return 0;
}

int cpu_clock_watch(int id, struct cpu_clock *c)
{
	int err = cpu_clock_get(id, c);
	unsigned long flags;
	struct sighand *s;

	if (!err && c->proc) {
		s = sighand_lock(c->proc, &flags);
		proc_sum_cputime(c->proc);
		sighand_unlock(s, flags);
	}
	return err;
}

void cpu_clock_put(struct cpu_clock *c)
{
	if (c->task)
		task_put(c->task);
	if (c->proc)
		proc_put(c->proc);
}

u64 cpu_clock_read(const struct cpu_clock *c)
{
	u64 utime, stime;

	if (c->task)
		task_cputime(c->task, &utime, &stime);
	else
		proc_cputime(c->proc, &utime, &stime);
	return c->which == CPU_CLOCK_VIRT ? utime : utime + stime;
}

bool cpu_clock_dead(const struct cpu_clock *c)
{
	return c->task ? READ_ONCE(c->task->state) == TASK_DEAD : READ_ONCE(c->proc->zombie);
}

u64 cpu_clock_wait(const struct cpu_clock *c, u64 ns)
{
	return c->proc ? cpu_time_wait(c->proc, ns) : max(ns, NSEC_PER_MSEC);
}

/* Somebody asleep until a clock is so far. */
struct cpu_nap {
	const struct cpu_clock *clock;
	u64 target;
	struct timer timer;
	struct waitq wait;
	bool over; /* [a] */
};

/* Nothing tells when a clock gets there, so one looks: from interrupts, which are nobody's time. */
static void look(struct timer *timer)
{
	struct cpu_nap *n = container_of(timer, struct cpu_nap, timer);
	u64 now = cpu_clock_read(n->clock);

	if (now >= n->target) {
		WRITE_ONCE(n->over, true);
		wake_up_all(&n->wait);
	} else if (!cpu_clock_dead(n->clock)) {
		timer_start(timer, now_mono() + cpu_clock_wait(n->clock, n->target - now));
	}
}

static bool nap_is_over(void *nap)
{
	return READ_ONCE(((struct cpu_nap *)nap)->over);
}

int cpu_clock_sleep(const struct cpu_clock *c, u64 target)
{
	struct cpu_nap n = { .clock = c, .target = target };
	int err;

	waitq_init(&n.wait);
	timer_init(&n.timer, look);
	timer_start(&n.timer, now_mono());
	err = wait_until(&n.wait, nap_is_over, &n, TASK_INTERRUPTIBLE, WAIT_FOREVER);
	timer_cancel_sync(&n.timer);
	return err;
}

u64 clock_real_now(int id)
{
	return id == CLOCK_TAI ? now_tai() : now_real();
}

bool clock_is_real(int id)
{
	return id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE || id == CLOCK_TAI;
}

int clock_read(int id, u64 *ns)
{
	struct cpu_clock c;
	int err;

	if (clock_is_cpu(id)) {
		err = cpu_clock_get(id, &c);
		if (err)
			return err;
		*ns = cpu_clock_read(&c);
		cpu_clock_put(&c);
		return 0;
	}
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		*ns = now_real();
		return 0;
	case CLOCK_TAI:
		*ns = now_tai();
		return 0;
	case CLOCK_MONOTONIC_RAW:
		*ns = now_raw();
		return 0;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		*ns = now_mono();
		return 0;
	default:
		return -EINVAL;
	}
}

int clock_can_sleep(int id)
{
	switch (id) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
	case CLOCK_MONOTONIC:
	case CLOCK_BOOTTIME:
	case CLOCK_PROCESS_CPUTIME_ID:
	case CLOCK_THREAD_CPUTIME_ID:
		return 0;
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_REALTIME_ALARM: /* no clock of the machine's wakes it up */
	case CLOCK_BOOTTIME_ALARM:
		return -EOPNOTSUPP;
	default:
		if (id >= 0)
			return -EINVAL;
		return (id & CLOCK_KIND) == CLOCK_OF_FD ? -EOPNOTSUPP : 0;
	}
}

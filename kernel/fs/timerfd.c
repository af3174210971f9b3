/*
 * Timers as reads: timerfd_create(2). A timer that has expired rests until it is
 * read or asked about; then the periods gone by are counted. So a periodic timer
 * that nobody reads costs one interrupt.
 *
 * Settings and counts are guarded by the timerfd's lock ([l]), which the timer's
 * interrupt takes too. One of the real-time clock looks whenever somebody sets
 * that clock: `step` is on time_set_wait for all its life.
 */
#include "fs/timerfd.h"

#include <compiler.h>
#include <err.h>
#include <uapi/errno.h>
#include <uapi/eventfd.h>
#include <uapi/fcntl.h>
#include <uapi/time.h>
#include <uapi/uio.h>

#include "alloc/slab.h"
#include "core/time.h"
#include "core/timens.h"
#include "fs/internal.h"
#include "fs/poll.h"
#include "lib/printf.h"
#include "mm/usercopy.h"

#define CANCELLED (TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET) /* when the clock is set */

struct timerfd {
	spinlock_t lock; /* [l] RANK_TTY: irqsave */
	int clock; /* [I] */
	int flags; /* [l] as it was set: TFD_TIMER_* */
	bool real; /* [l] follows the steps of the real-time clock */
	bool expired; /* [l] and not started again */
	int steps; /* [l] time_set_count when it was set, or a read told of a step */
	bool missed; /* [l] a step before that is to be told of */
	u64 expires,
		interval; /* [l] ns of now_real() if `real`, else of now_mono(); 0: off, once */
	u64 ticks; /* [l] expiries to be read */
	struct timer timer;
	struct waiter step; /* [I] */
	struct waitq q;
};

static const struct file_ops timerfd_fops;

static bool of_real_time(int clock)
{
	return clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_ALARM;
}

/* [l] */
static u64 timerfd_now(const struct timerfd *t)
{
	return t->real ? now_real() : now_mono();
}

/* [l] */
static void arm(struct timerfd *t)
{
	if (t->real)
		timer_start_real(&t->timer, t->expires);
	else
		timer_start(&t->timer, t->expires);
}

static void expire(struct timer *timer)
{
	struct timerfd *t = container_of(timer, struct timerfd, timer);
	unsigned long flags = spin_lock_irqsave(&t->lock);
	bool due = t->expires && !t->expired && t->expires <= timerfd_now(t);

	if (due) {
		t->expired = true;
		t->ticks++;
	} else if (t->expires && !t->expired) {
		arm(t);
	}
	spin_unlock_irqrestore(&t->lock, flags);
	if (due)
		wake_up_key(&t->q, EPOLLIN);
}

/* Under time_set_wait's lock: the timer's own interrupt looks at the new time. */
static bool clock_stepped(struct waiter *w, u32 key __unused)
{
	struct timerfd *t = w->arg;

	if (!READ_ONCE(t->real))
		return true;
	if (READ_ONCE(t->flags) & TFD_TIMER_CANCEL_ON_SET)
		wake_up_key(&t->q, EPOLLIN);
	timer_start(&t->timer, now_mono());
	return true;
}

/* Shall it hear of the clock being set? */
static bool watches_steps(const struct timerfd *t)
{
	return of_real_time(t->clock) && !(~READ_ONCE(t->flags) & CANCELLED);
}

static bool stepped(const struct timerfd *t)
{
	return watches_steps(t) &&
	       (READ_ONCE(t->missed) || atomic_read(&time_set_count) != READ_ONCE(t->steps));
}

/* [l] Tells of that once. */
static bool take_step(struct timerfd *t)
{
	if (!stepped(t))
		return false;
	t->steps = atomic_read(&time_set_count);
	t->missed = false;
	t->ticks = 0;
	return true;
}

/* [l] A periodic timer that rests is started again, the periods gone by counted. */
static void go_on(struct timerfd *t, u64 now)
{
	u64 n;

	if (t->expires && !t->expired && t->expires <= now) {
		/* Its interrupt is still on the way. */
		t->expired = true;
		t->ticks++;
	}
	if (!t->expired || !t->interval)
		return;
	n = now > t->expires ? (now - t->expires) / t->interval : 0;
	t->ticks += n;
	t->expires += (n + 1) * t->interval;
	t->expired = false;
	arm(t);
}

/* [l] */
static u64 remaining(const struct timerfd *t, u64 now)
{
	return t->expires > now ? t->expires - now : 0;
}

struct file *timerfd_create_file(int clock, int flags)
{
	struct timerfd *t = kzalloc(sizeof(*t), 0);
	struct file *f;

	if (!t)
		return ERR_PTR(-ENOMEM);
	spin_init(&t->lock, RANK_TTY, "timerfd");
	t->clock = clock;
	timer_init(&t->timer, expire);
	waiter_init_fn(&t->step, clock_stepped, t);
	waitq_init(&t->q);
	f = anon_file("anon_inode:[timerfd]", &timerfd_fops, t,
		      O_RDWR | (flags & TFD_NONBLOCK ? O_NONBLOCK : 0));
	if (IS_ERR(f)) {
		kfree(t);
		return f;
	}
	f->mode |= FMODE_STREAM | FMODE_NOWAIT;
	if (of_real_time(clock))
		waitq_add(&time_set_wait, &t->step);
	return f;
}

int timerfd_set(struct file *f, int how, u64 value, u64 interval, u64 *old_value, u64 *old_interval)
{
	struct timerfd *t = f->priv;
	unsigned long flags;
	int err = 0;
	u64 now;

	if (f->ops != &timerfd_fops)
		return -EINVAL;
	flags = spin_lock_irqsave(&t->lock);
	now = timerfd_now(t);
	go_on(t, now);
	*old_value = remaining(t, now);
	*old_interval = t->interval;
	timer_cancel(&t->timer);
	/* A step that nobody was told of is told by the next setting (timerfd_create(2), NOTES). */
	t->missed |= stepped(t);
	t->steps = atomic_read(&time_set_count);
	t->flags = how;
	/* As on Linux, an alarm's time is one of the day, though it was a relative one. */
	t->real = of_real_time(t->clock) &&
		  ((how & TFD_TIMER_ABSTIME) || t->clock == CLOCK_REALTIME_ALARM);
	t->expired = false;
	t->ticks = 0;
	t->interval = interval;
	t->expires = value;
	if (value && (how & TFD_TIMER_ABSTIME))
		t->expires = max(timens_to_host(t->clock, value), 1UL);
	if (value) {
		if (!(how & TFD_TIMER_ABSTIME) &&
		    check_add_overflow(timerfd_now(t), value, &t->expires))
			t->expires = TIME_FOREVER - 1;
		arm(t);
		if (take_step(t))
			err = -ECANCELED;
	}
	spin_unlock_irqrestore(&t->lock, flags);
	return err;
}

int timerfd_get(struct file *f, u64 *value, u64 *interval)
{
	struct timerfd *t = f->priv;
	unsigned long flags;
	u64 now;

	if (f->ops != &timerfd_fops)
		return -EINVAL;
	flags = spin_lock_irqsave(&t->lock);
	now = timerfd_now(t);
	go_on(t, now);
	*value = remaining(t, now);
	*interval = t->interval;
	spin_unlock_irqrestore(&t->lock, flags);
	return 0;
}

static bool readable(void *arg)
{
	struct timerfd *t = arg;

	return READ_ONCE(t->ticks) || stepped(t);
}

static ssize_t timerfd_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct timerfd *t = f->priv;
	unsigned long flags;
	bool cancelled;
	u64 ticks;
	int err;

	if (it->count < sizeof(ticks))
		return -EINVAL;
	do {
		err = (f->flags & O_NONBLOCK) || (it->rwf & RWF_NOWAIT) ?
			      (readable(t) ? 0 : -EAGAIN) :
			      wait_until(&t->q, readable, t, TASK_INTERRUPTIBLE, WAIT_FOREVER);
		if (err)
			return err;
		flags = spin_lock_irqsave(&t->lock);
		cancelled = take_step(t);
		if (t->ticks)
			go_on(t, timerfd_now(t));
		ticks = t->ticks;
		t->ticks = 0;
		spin_unlock_irqrestore(&t->lock, flags);
		if (cancelled)
			return -ECANCELED;
	} while (!ticks); /* somebody else was faster */
	return iter_copy_to(it, &ticks, sizeof(ticks)) == sizeof(ticks) ? (ssize_t)sizeof(ticks) :
									  -EFAULT;
}

static u32 timerfd_poll(struct file *f, struct poll_table *pt)
{
	struct timerfd *t = f->priv;

	poll_wait(f, &t->q, pt);
	return readable(t) ? EPOLLIN : 0;
}

/* TFD_IOC_SET_TICKS, timerfd_create(2): a count that a checkpoint kept. */
static long timerfd_ioctl(struct file *f, unsigned cmd, unsigned long arg)
{
	struct timerfd *t = f->priv;
	unsigned long flags;
	bool cancelled;
	u64 ticks;

	if (cmd != TFD_IOC_SET_TICKS)
		return -ENOTTY;
	if (copy_from_user(&ticks, (const void __user *)arg, sizeof(ticks)))
		return -EFAULT;
	if (!ticks)
		return -EINVAL;
	flags = spin_lock_irqsave(&t->lock);
	cancelled = take_step(t);
	if (!cancelled)
		t->ticks = ticks;
	spin_unlock_irqrestore(&t->lock, flags);
	if (cancelled)
		return -ECANCELED;
	wake_up_key(&t->q, EPOLLIN);
	return 0;
}

static void timerfd_release(struct file *f)
{
	struct timerfd *t = f->priv;
	unsigned long flags;

	waitq_remove(&time_set_wait, &t->step);
	flags = spin_lock_irqsave(&t->lock);
	t->expires = 0;
	spin_unlock_irqrestore(&t->lock, flags);
	timer_cancel_sync(&t->timer);
	kfree(t);
}

static int timerfd_fdinfo(struct file *f, char *buf, size_t n)
{
	struct timerfd *t = f->priv;
	unsigned long flags = spin_lock_irqsave(&t->lock);
	u64 left = remaining(t, timerfd_now(t)), interval = t->interval, ticks = t->ticks;
	int how = t->flags;

	spin_unlock_irqrestore(&t->lock, flags);
	return scnprintf(buf, n,
			 "clockid: %d\nticks: %lu\nsettime flags: 0%o\nit_value: (%lu, %lu)\n"
			 "it_interval: (%lu, %lu)\n",
			 t->clock, ticks, how, left / NSEC_PER_SEC, left % NSEC_PER_SEC,
			 interval / NSEC_PER_SEC, interval % NSEC_PER_SEC);
}

static const struct file_ops timerfd_fops = {
	.read = timerfd_read,
	.poll = timerfd_poll,
	.llseek = noop_llseek,
	.ioctl = timerfd_ioctl,
	.release = timerfd_release,
	.show_fdinfo = timerfd_fdinfo,
};

/*
 * Clocks, sleeping, interval and POSIX timers, timerfd: decoding and copying.
 * Times are u64 nanoseconds inside (syscall/timespec.h); proc/clock.c,
 * proc/posix_timer.c, core/itimer.c and fs/timerfd.c act.
 */
#include <syscalls.h>

#include <err.h>
#include <uapi/errno.h>
#include <uapi/eventfd.h>
#include <uapi/fcntl.h>
#include <uapi/signal.h>
#include <uapi/time.h>

#include "core/ntp.h"
#include "core/sched.h"
#include "core/task.h"
#include "core/time.h"
#include "core/timens.h"
#include "fs/files.h"
#include "fs/timerfd.h"
#include "mm/usercopy.h"
#include "proc/clock.h"
#include "proc/posix_timer.h"
#include "syscall/timespec.h"

#define CLK_TCK	      100 /* sysconf(_SC_CLK_TCK) */
#define COARSE_RES_NS (4 * NSEC_PER_MSEC)
#define MAX_SETTABLE \
	(u64)(S64_MAX / (s64)NSEC_PER_SEC - 30L * 365 * 24 * 3600) /* leaves 30 years */

/* ---- clocks ---- */

long sys_clock_gettime(int clockid, void __user *tp)
{
	u64 ns;
	int err = clock_read(clockid, &ns);

	return err ? err : put_timespec(ns + (u64)timens_offset(clockid), tp);
}

long sys_clock_getres(int clockid, void __user *res)
{
	/* Of times that a processor spent, those that are told apart by user and system are coarse too. */
	bool coarse = clockid == CLOCK_REALTIME_COARSE || clockid == CLOCK_MONOTONIC_COARSE ||
		      (clockid < 0 && (clockid & 3) < 2);
	u64 ns;
	int err = clock_read(clockid, &ns);

	if (err || !res)
		return err;
	return put_timespec(coarse ? COARSE_RES_NS : 1, res);
}

static int set_real_time(const struct timespec *ts)
{
	u64 ns;

	if (timespec_ns(&ns, ts) || (u64)ts->tv_sec >= MAX_SETTABLE)
		return -EINVAL;
	if (!capable(CAP_SYS_TIME))
		return -EPERM;
	/* As on Linux, 1970 cannot come to lie after the boot. */
	if (ns < now_mono())
		return -EINVAL;
	ntp_clock_set(ns);
	return 0;
}

long sys_clock_settime(int clockid, const void __user *tp)
{
	struct timespec ts;
	u64 ns;

	if (clockid != CLOCK_REALTIME && clockid >= 0)
		return -EINVAL;
	if (copy_from_user(&ts, tp, sizeof(ts)))
		return -EFAULT;
	/* clock_getcpuclockid(3)'s could be set, but nobody may; one's own have no such thing. */
	if (clockid < 0)
		return clock_read(clockid, &ns) ? -EINVAL : -EPERM;
	return set_real_time(&ts);
}

static struct timezone system_timezone; /* kept for gettimeofday(2) */
static atomic_t timezone_set; /* a zone was told */

/*
 * The first zone, when it comes alone, says that the clock was running on local time: it is put on
 * UTC. settimeofday(2), "the first call".
 */
static void first_timezone(int minuteswest)
{
	s64 by = minuteswest * 60 * (s64)NSEC_PER_SEC;

	if (by && (by > 0 || now_real() - now_mono() >= (u64)-by))
		ntp_clock_set(now_real() + (u64)by);
}

long sys_gettimeofday(void __user *tv, void __user *tz)
{
	struct timeval t;

	ns_timeval(now_real(), &t);
	if (tv && copy_to_user(tv, &t, sizeof(t)))
		return -EFAULT;
	if (tz && copy_to_user(tz, &system_timezone, sizeof(system_timezone)))
		return -EFAULT;
	return 0;
}

long sys_settimeofday(void __user *tv, void __user *tz)
{
	struct timeval t;
	struct timespec ts = { 0 };
	struct timezone zone;

	if (tv && copy_from_user(&t, tv, sizeof(t)))
		return -EFAULT;
	if (tv && (t.tv_usec < 0 || t.tv_usec >= 1000000))
		return -EINVAL;
	if (tz && copy_from_user(&zone, tz, sizeof(zone)))
		return -EFAULT;
	if (tz && !capable(CAP_SYS_TIME))
		return -EPERM;
	if (tz) {
		if (zone.tz_minuteswest > 15 * 60 || zone.tz_minuteswest < -15 * 60)
			return -EINVAL;
		system_timezone = zone;
		if (!atomic_xchg(&timezone_set, 1) && !tv)
			first_timezone(zone.tz_minuteswest);
	}
	if (!tv)
		return 0;
	ts.tv_sec = t.tv_sec;
	ts.tv_nsec = t.tv_usec * 1000;
	return set_real_time(&ts);
}

static long to_clock_ticks(u64 ns)
{
	return (long)(ns / (NSEC_PER_SEC / CLK_TCK));
}

long sys_times(void __user *buf)
{
	struct proc *p = current->proc;
	u64 utime, stime;
	struct tms t;

	if (buf) {
		proc_cputime(p, &utime, &stime);
		t.tms_utime = to_clock_ticks(utime);
		t.tms_stime = to_clock_ticks(stime);
		t.tms_cutime = to_clock_ticks(READ_ONCE(p->cutime));
		t.tms_cstime = to_clock_ticks(READ_ONCE(p->cstime));
		if (copy_to_user(buf, &t, sizeof(t)))
			return -EFAULT;
	}
	return to_clock_ticks(now_mono());
}

long sys_clock_adjtime(int clockid, void __user *buf)
{
	struct timex t;
	int ret;

	if (copy_from_user(&t, buf, sizeof(t)))
		return -EFAULT;
	if (clockid != CLOCK_REALTIME)
		return clock_can_sleep(clockid) == (clockid < 0 ? -EOPNOTSUPP : -EINVAL) ?
			       -EINVAL :
			       -EOPNOTSUPP;
	ret = ntp_adjust(&t);
	return ret >= 0 && copy_to_user(buf, &t, sizeof(t)) ? -EFAULT : ret;
}

long sys_adjtimex(void __user *buf)
{
	return sys_clock_adjtime(CLOCK_REALTIME, buf);
}

/* ---- sleeping ---- */

/* What a sleep waits for. */
struct nap {
	int clock;
	bool absolute;
	u64 target; /* ns of the clock; of now_mono() when it is relative and not of CPU time or TAI */
};

static int sleep_cpu(const struct nap *n)
{
	struct cpu_clock c;
	int err = cpu_clock_watch(n->clock, &c);

	if (err)
		return err;
	if (cpu_clock_read(&c) < n->target)
		err = cpu_clock_sleep(&c, n->target);
	cpu_clock_put(&c);
	return err;
}

/* Sleeps until a real-time clock shows target, whatever steps it makes meanwhile. */
static int sleep_real(int clock, u64 target)
{
	struct waiter w;
	int err = 0;

	waiter_init(&w);
	while (!err) {
		u64 now, mono;

		wait_prepare(&time_set_wait, &w, TASK_INTERRUPTIBLE);
		now = clock_real_now(clock);
		mono = now_mono();
		if (now >= target)
			break;
		err = wait_sleep(target - now < TIME_FOREVER - 1 - mono ? mono + target - now :
									  TIME_FOREVER - 1);
		if (err == -ETIMEDOUT)
			err = 0;
	}
	wait_finish(&time_set_wait, &w);
	return err;
}

static int sleep_on(const struct nap *n)
{
	if (clock_is_cpu(n->clock))
		return sleep_cpu(n);
	if (n->clock == CLOCK_TAI || (n->absolute && clock_is_real(n->clock)))
		return sleep_real(n->clock, n->target);
	return sleep_until(n->target, TASK_INTERRUPTIBLE);
}

static long restart_nap(struct task *t);

/* A relative sleep, whose target is fixed by now; rem gets what is left when a signal ends it. */
static long relative_nap(const struct nap *n, void __user *rem)
{
	u64 *a = current->restart.args, now;
	long err = sleep_on(n);

	if (err != -ERESTARTSYS)
		return err;
	now = now_mono();
	if ((clock_is_cpu(n->clock) || n->clock == CLOCK_TAI) && clock_read(n->clock, &now))
		now = n->target;
	if (rem && put_timespec(n->target > now ? n->target - now : 0, rem))
		return -EFAULT;
	current->restart.fn = restart_nap;
	a[0] = (u64)(s64)n->clock;
	a[1] = n->target;
	a[2] = (__force u64)rem;
	return -ERESTART_RESTARTBLOCK;
}

static long restart_nap(struct task *t)
{
	const u64 *a = t->restart.args;
	struct nap n = { .clock = (int)a[0], .target = a[1] };

	return relative_nap(&n, (void __user *)a[2]);
}

static long nap(int clock, int flags, u64 ns, void __user *rem)
{
	struct nap n = { .clock = clock, .absolute = flags & TIMER_ABSTIME, .target = ns };
	u64 now;
	long err;

	if (n.absolute) {
		n.target = timens_to_host(clock, ns);
		err = sleep_on(&n);
		return err == -ERESTARTSYS ? -ERESTARTNOHAND : err;
	}
	/* Relative sleeps do not follow steps of the real-time clock; as on Linux, those on TAI do. */
	if (!clock_is_cpu(clock) && clock != CLOCK_TAI) {
		n.target = deadline_after(ns);
	} else {
		err = clock_read(clock, &now);
		if (err)
			return err;
		if (check_add_overflow(now, ns, &n.target))
			n.target = TIME_FOREVER - 1;
	}
	return relative_nap(&n, rem);
}

long sys_nanosleep(const void __user *req, void __user *rem)
{
	u64 ns;
	int err = get_timespec(&ns, req);

	return err ? err : nap(CLOCK_MONOTONIC, 0, ns, rem);
}

long sys_clock_nanosleep(int clockid, unsigned long flags, const void __user *request,
			 void __user *remain)
{
	u64 ns;
	bool alarm = clockid == CLOCK_REALTIME_ALARM || clockid == CLOCK_BOOTTIME_ALARM;
	int refused = clock_can_sleep(clockid), err;

	if (!refused && clockid == CLOCK_THREAD_CPUTIME_ID)
		refused = -EOPNOTSUPP;
	/* An alarm's is only refused when the time makes sense. */
	err = refused && !alarm ? refused : get_timespec(&ns, request);
	if (!err)
		err = refused;
	if (err)
		return err;
	/* A thread cannot sleep until its own time has gone on. */
	if (clockid < 0 && (clockid & 4) &&
	    (~(clockid >> 3) == 0 || ~(clockid >> 3) == current->pid->own))
		return -EINVAL;
	return nap(clockid, (int)flags, ns, remain);
}

/* ---- setitimer ---- */

static int put_itimer(void __user *p, u64 value, u64 interval)
{
	struct itimerval it;

	/* What is left of a running timer does not read as 0. */
	if (value && value < NSEC_PER_USEC)
		value = NSEC_PER_USEC;
	ns_timeval(value, &it.it_value);
	ns_timeval(interval, &it.it_interval);
	return copy_to_user(p, &it, sizeof(it));
}

long sys_getitimer(int which, void __user *curr_value)
{
	u64 value, interval;

	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	itimer_get(current->proc, which, &value, &interval);
	return put_itimer(curr_value, value, interval);
}

long sys_setitimer(int which, const void __user *new_value, void __user *old_value)
{
	struct itimerval it = { 0 };
	u64 value, interval, old, old_interval;

	if (new_value && copy_from_user(&it, new_value, sizeof(it)))
		return -EFAULT;
	if (timeval_ns(&value, &it.it_value) || timeval_ns(&interval, &it.it_interval))
		return -EINVAL;
	if (which < ITIMER_REAL || which > ITIMER_PROF)
		return -EINVAL;
	itimer_set(current->proc, which, value, interval, &old, &old_interval);
	return old_value ? put_itimer(old_value, old, old_interval) : 0;
}

/* ---- POSIX timers ---- */

long sys_timer_create(int clockid, void __user *sevp, void __user *timerid)
{
	sigevent_t ev;
	int id;

	if (sevp && copy_from_user(&ev, sevp, sizeof(ev)))
		return -EFAULT;
	id = posix_timer_create(clockid, sevp ? &ev : NULL);
	if (id < 0)
		return id;
	if (put_user_u32((u32)id, timerid)) {
		posix_timer_delete(id);
		return -EFAULT;
	}
	return 0;
}

static int put_itimerspec(void __user *p, u64 value, u64 interval)
{
	struct itimerspec its;

	ns_timespec(value, &its.it_value);
	ns_timespec(interval, &its.it_interval);
	return copy_to_user(p, &its, sizeof(its));
}

long sys_timer_settime(int timerid, unsigned long flags, void __user *new_value,
		       void __user *old_value)
{
	u64 value, interval, old, old_interval;
	struct itimerspec its;
	int err;

	if (!new_value)
		return -EINVAL;
	if (copy_from_user(&its, new_value, sizeof(its)))
		return -EFAULT;
	if (timespec_ns(&value, &its.it_value) || timespec_ns(&interval, &its.it_interval))
		return -EINVAL;
	err = posix_timer_set(timerid, flags & TIMER_ABSTIME, value, interval, &old, &old_interval);
	if (err)
		return err;
	return old_value ? put_itimerspec(old_value, old, old_interval) : 0;
}

long sys_timer_gettime(int timerid, void __user *curr_value)
{
	u64 value, interval;
	int err = posix_timer_get(timerid, &value, &interval);

	return err ? err : put_itimerspec(curr_value, value, interval);
}

long sys_timer_getoverrun(int timerid)
{
	return posix_timer_overrun(timerid);
}

long sys_timer_delete(int timerid)
{
	return posix_timer_delete(timerid);
}

/* ---- timerfd ---- */

static bool is_alarm_clock(int clockid)
{
	return clockid == CLOCK_REALTIME_ALARM || clockid == CLOCK_BOOTTIME_ALARM;
}

long sys_timerfd_create(int clockid, int flags)
{
	struct file *f;

	if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) ||
	    (clockid != CLOCK_REALTIME && clockid != CLOCK_MONOTONIC && clockid != CLOCK_BOOTTIME &&
	     !is_alarm_clock(clockid)))
		return -EINVAL;
	/* Nothing here sleeps so deeply that an alarm would have to wake it: it is a timer like the others. */
	if (is_alarm_clock(clockid) && !capable(CAP_WAKE_ALARM))
		return -EPERM;
	f = timerfd_create_file(clockid, flags);
	return IS_ERR(f) ? PTR_ERR(f) : fd_open_file(f, flags & TFD_CLOEXEC ? O_CLOEXEC : 0);
}

long sys_timerfd_settime(int fd, unsigned long flags, void __user *new_value,
			 void __user *old_value)
{
	u64 value, interval, old = 0, old_interval = 0;
	struct itimerspec its;
	struct file *f;
	int err;

	if (copy_from_user(&its, new_value, sizeof(its)))
		return -EFAULT;
	if (((int)flags & ~(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)) ||
	    timespec_ns(&value, &its.it_value) || timespec_ns(&interval, &its.it_interval))
		return -EINVAL;
	f = fd_get(fd);
	if (!f)
		return -EBADF;
	err = timerfd_set(f, (int)flags, value, interval, &old, &old_interval);
	file_put(f);
	if (err)
		return err;
	return old_value ? put_itimerspec(old_value, old, old_interval) : 0;
}

long sys_timerfd_gettime(struct file *f, void __user *curr_value)
{
	u64 value, interval;
	int err = timerfd_get(f, &value, &interval);

	return err ? err : put_itimerspec(curr_value, value, interval);
}

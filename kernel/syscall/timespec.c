/*
 * Conversions of time for system calls (syscall/timespec.h).
 */
#include "syscall/timespec.h"

#include <uapi/errno.h>

#include "core/time.h"
#include "mm/usercopy.h"

/* Linux's limit too: a time that does not fit in signed 64-bit nanoseconds means "for ever". */
#define MAX_NS ((u64)S64_MAX)

static int to_ns(u64 *ns, long sec, long frac, long per_sec)
{
	if (sec < 0 || frac < 0 || frac >= per_sec)
		return -EINVAL;
	if ((u64)sec >= MAX_NS / NSEC_PER_SEC)
		*ns = MAX_NS;
	else
		*ns = (u64)sec * NSEC_PER_SEC + (u64)frac * (NSEC_PER_SEC / (u64)per_sec);
	return 0;
}

int timespec_ns(u64 *ns, const struct timespec *ts)
{
	return to_ns(ns, ts->tv_sec, ts->tv_nsec, (long)NSEC_PER_SEC);
}

int timeval_ns(u64 *ns, const struct timeval *tv)
{
	return to_ns(ns, tv->tv_sec, tv->tv_usec, 1000000);
}

void ns_timespec(u64 ns, struct timespec *ts)
{
	ts->tv_sec = (long)(ns / NSEC_PER_SEC);
	ts->tv_nsec = (long)(ns % NSEC_PER_SEC);
}

void ns_timeval(u64 ns, struct timeval *tv)
{
	tv->tv_sec = (long)(ns / NSEC_PER_SEC);
	tv->tv_usec = (long)(ns % NSEC_PER_SEC / NSEC_PER_USEC);
}

int get_timespec(u64 *ns, const void __user *uts)
{
	struct timespec ts;

	if (copy_from_user(&ts, uts, sizeof(ts)))
		return -EFAULT;
	return timespec_ns(ns, &ts);
}

int put_timespec(u64 ns, void __user *uts)
{
	struct timespec ts;

	ns_timespec(ns, &ts);
	return copy_to_user(uts, &ts, sizeof(ts));
}

u64 deadline_after(u64 ns)
{
	u64 when;

	return check_add_overflow(now_mono(), ns, &when) ? TIME_FOREVER - 1 : when;
}

int deadline_from_user(const void __user *uts, u64 *deadline)
{
	u64 ns;
	int err;

	*deadline = WAIT_FOREVER;
	if (!uts)
		return 0;
	err = get_timespec(&ns, uts);
	if (!err)
		*deadline = ns ? deadline_after(ns) : 0;
	return err;
}

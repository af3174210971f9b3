/*
 * adjtimex(2), clock_adjtime(2): what a time daemon tells of the real-time clock and asks of it.
 * The clock runs at the rate of its counter: frequency, tick and offset are remembered and
 * reported, and only a step (ADJ_SETOFFSET) moves it.
 *
 * ntp.lock guards the state. Setting the clock otherwise makes it unsynchronised, which is found
 * out at the next look (time_set_count).
 */
#include <syscalls.h>

#include <uapi/errno.h>
#include <uapi/time.h>

#include "core/cred.h"
#include "core/mutex.h"
#include "core/time.h"
#include "mm/usercopy.h"
#include "proc/clock.h"

#define CLK_TCK	      100
#define PHASE_LIMIT   16000000L /* us: what maxerror and esterror are at most */
#define MAX_OFFSET    500000000L /* ns */
#define MAX_FREQ      (500L << 16) /* 500 ppm */
#define FREQ_SCALE    (NSEC_PER_USEC << 16) /* what more would overflow Linux's own form */
#define MAX_TIMECONST 10
#define MAX_TAI	      100000
#define DRIFT_US      500 /* what maxerror grows by in a second */
#define ADJ_ADJTIME   0x8000 /* adjtime(3) asks: offset is a single shot */
#define ADJ_READONLY  0x2000
#define STATUS_READONLY                                                                           \
	(STA_PPSSIGNAL | STA_PPSJITTER | STA_PPSWANDER | STA_PPSERROR | STA_CLOCKERR | STA_NANO | \
	 STA_MODE | STA_CLK)

static struct {
	struct mutex lock;
	long offset; /* [lock] ns */
	long single; /* [lock] us: adjtime(3)'s */
	long freq, maxerror, esterror, constant, tick; /* [lock] as struct timex has them */
	u64 since; /* [lock] now_mono() when maxerror was set */
	int status, tai; /* [lock] */
	int sets; /* [lock] time_set_count at the last look */
} ntp = {
	.lock = MUTEX_INIT(ntp.lock),
	.maxerror = PHASE_LIMIT,
	.esterror = PHASE_LIMIT,
	.constant = 2,
	.tick = 1000000 / CLK_TCK,
	.status = STA_UNSYNC,
};

static long clamped(long v, long lo, long hi)
{
	return max(lo, min(v, hi));
}

/* May current ask for this, and does it make sense? */
static int check(const struct timex *t)
{
	long part = t->modes & ADJ_NANO ? (long)NSEC_PER_SEC : 1000000;
	bool may = capable(CAP_SYS_TIME);

	if (t->modes & ADJ_ADJTIME) {
		if (!(t->modes & ADJ_OFFSET))
			return -EINVAL;
		if (!(t->modes & ADJ_READONLY) && !may)
			return -EPERM;
	} else {
		if (t->modes && !may)
			return -EPERM;
		if ((t->modes & ADJ_TICK) &&
		    (t->tick < 900000 / CLK_TCK || t->tick > 1100000 / CLK_TCK))
			return -EINVAL;
	}
	if (t->modes & ADJ_SETOFFSET) {
		if (!may)
			return -EPERM;
		if (t->time.tv_usec < 0 || t->time.tv_usec >= part)
			return -EINVAL;
	}
	if ((t->modes & ADJ_FREQUENCY) &&
	    (t->freq < S64_MIN / (s64)FREQ_SCALE || t->freq > S64_MAX / (s64)FREQ_SCALE))
		return -EINVAL;
	return 0;
}

static int step(const struct timex *t)
{
	s64 part = t->modes & ADJ_NANO ? t->time.tv_usec : t->time.tv_usec * (s64)NSEC_PER_USEC,
	    delta;
	s64 now = (s64)now_real(), to;

	if (__builtin_mul_overflow(t->time.tv_sec, (s64)NSEC_PER_SEC, &delta) ||
	    __builtin_add_overflow(delta, part, &delta) ||
	    __builtin_add_overflow(now, delta, &to) || to < (s64)now_mono())
		return -EINVAL;
	time_set_real((u64)to);
	return 0;
}

/* What went by since the last look. [lock] */
static void catch_up(void)
{
	u64 now = now_mono(), seconds = (now - ntp.since) / NSEC_PER_SEC;

	if (ntp.sets != atomic_read(&time_set_count)) {
		ntp.sets = atomic_read(&time_set_count);
		ntp.single = ntp.offset = 0;
		ntp.status |= STA_UNSYNC;
		ntp.maxerror = ntp.esterror = PHASE_LIMIT;
	}
	ntp.since += seconds * NSEC_PER_SEC;
	if (seconds < PHASE_LIMIT / DRIFT_US)
		ntp.maxerror += (long)seconds * DRIFT_US;
	else
		ntp.maxerror = PHASE_LIMIT;
	if (ntp.maxerror >= PHASE_LIMIT) {
		ntp.maxerror = PHASE_LIMIT;
		ntp.status |= STA_UNSYNC;
	}
}

/* [lock] */
static void change(const struct timex *t)
{
	u32 modes = t->modes;

	if (modes & ADJ_STATUS)
		ntp.status = (ntp.status & STATUS_READONLY) | (t->status & ~STATUS_READONLY);
	if (modes & ADJ_NANO)
		ntp.status |= STA_NANO;
	if (modes & ADJ_MICRO)
		ntp.status &= ~STA_NANO;
	if (modes & ADJ_FREQUENCY)
		ntp.freq = clamped(t->freq, -MAX_FREQ, MAX_FREQ);
	if (modes & ADJ_MAXERROR) {
		ntp.maxerror = clamped(t->maxerror, 0, PHASE_LIMIT);
		ntp.since = now_mono();
	}
	if (modes & ADJ_ESTERROR)
		ntp.esterror = clamped(t->esterror, 0, PHASE_LIMIT);
	if (modes & ADJ_TIMECONST) {
		ntp.constant = clamped(t->constant, 0, MAX_TIMECONST);
		if (!(ntp.status & STA_NANO))
			ntp.constant = min(ntp.constant + 4, (long)MAX_TIMECONST);
	}
	if ((modes & ADJ_TAI) && t->constant >= 0 && t->constant <= MAX_TAI)
		ntp.tai = (int)t->constant;
	if ((modes & ADJ_OFFSET) && (ntp.status & STA_PLL)) {
		long ns = t->offset;

		if (!(ntp.status & STA_NANO))
			ns = clamped(ns, -1000000, 1000000) * (long)NSEC_PER_USEC;
		ntp.offset = clamped(ns, -MAX_OFFSET, MAX_OFFSET);
	}
	if (modes & ADJ_TICK)
		ntp.tick = t->tick;
}

/* The state of the clock, or -errno; t says it all. */
static int adjust(struct timex *t)
{
	int err = check(t);
	u64 now;

	if (err)
		return err;
	if (t->modes & ADJ_SETOFFSET) {
		err = step(t);
		if (err)
			return err;
	}
	mutex_lock(&ntp.lock);
	catch_up();
	if (t->modes & ADJ_ADJTIME) {
		long before = ntp.single;

		if (!(t->modes & ADJ_READONLY))
			ntp.single = t->offset;
		t->offset = before;
	} else {
		change(t);
		t->offset = ntp.status & STA_NANO ? ntp.offset : ntp.offset / (long)NSEC_PER_USEC;
	}
	now = now_real();
	t->freq = ntp.freq;
	t->maxerror = ntp.maxerror;
	t->esterror = ntp.esterror;
	t->status = ntp.status;
	t->constant = ntp.constant;
	t->precision = 1;
	t->tolerance = MAX_FREQ;
	t->tick = ntp.tick;
	t->tai = ntp.tai;
	t->ppsfreq = t->jitter = t->stabil = 0;
	t->shift = 0;
	t->jitcnt = t->calcnt = t->errcnt = t->stbcnt = 0;
	t->time.tv_sec = (long)(now / NSEC_PER_SEC);
	t->time.tv_usec = (long)(now % NSEC_PER_SEC);
	if (!(ntp.status & STA_NANO))
		t->time.tv_usec /= (long)NSEC_PER_USEC;
	err = ntp.status & (STA_UNSYNC | STA_CLOCKERR) ? TIME_ERROR : TIME_OK;
	mutex_unlock(&ntp.lock);
	return err;
}

long sys_adjtimex(void __user *buf)
{
	struct timex t;
	int ret;

	if (copy_from_user(&t, buf, sizeof(t)))
		return -EFAULT;
	ret = adjust(&t);
	return copy_to_user(buf, &t, sizeof(t)) ? -EFAULT : ret;
}

long sys_clock_adjtime(int clockid, void __user *buf)
{
	struct timex t;
	u64 ns;
	int ret;

	if (copy_from_user(&t, buf, sizeof(t)))
		return -EFAULT;
	if (clockid != CLOCK_REALTIME)
		return clock_read(clockid, &ns) ? -EINVAL : -EOPNOTSUPP;
	ret = adjust(&t);
	return ret >= 0 && copy_to_user(buf, &t, sizeof(t)) ? -EFAULT : ret;
}

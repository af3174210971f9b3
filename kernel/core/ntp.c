/*
 * The discipline of the clock: adjtimex(2), as a time server's program steers it.
 * Frequency and tick change the rate of CLOCK_MONOTONIC and CLOCK_REALTIME at
 * once; a phase offset and adjtime(3)'s correction are worked off second by
 * second, by a rate that is a little off. RFC 5905 and the kernel model of RFC
 * 1589 say how the loop filter works; names are those of adjtimex(2).
 *
 * A second is looked at only while something is to be worked off, or a leap
 * second is to come: then `second` fires at each. The error bound, which grows
 * all the time, is counted when it is asked for. All is guarded by ntp_lock.
 */
#include "core/ntp.h"

#include <compiler.h>
#include <uapi/errno.h>

#include "core/cred.h"
#include "core/time.h"
#include "sync/spinlock.h"

#define SHIFT_PLL     2
#define SHIFT_FLL     2
#define MIN_FLL_SECS  256 /* shorter since the last offset: phase alone */
#define MAX_PLL_SECS  2048 /* longer: frequency too */
#define MAX_TIMECONST 10
#define MAX_PHASE_NS  500000000L
#define MAX_ERROR_US  16000000L
#define MAX_FREQ_NS   500000L /* a second: 500 ppm */
#define MAX_SLEW_US   500L /* a second, of adjtime(3) */
#define MAX_TAI	      100000
#define USER_HZ	      100
#define SCALE	      32 /* ns a second are held in 2^-32 */
#define STEPS	      250 /* a phase is held by the part of a second, as Linux does */
#define PPM_SCALE     ((s64)NSEC_PER_USEC << (SCALE - 16)) /* of freq: ppm in 2^-16 */
#define SECS_PER_DAY  86400

#define STA_ERRORS    (STA_UNSYNC | STA_CLOCKERR)
#define ADJ_ADJTIME   0x8000
#define ADJ_READONLY  0x2000 /* with ADJ_ADJTIME */

static spinlock_t ntp_lock = SPINLOCK_INIT(RANK_CLOCK, "ntp");
static struct timer second;
static int status = STA_UNSYNC, state = TIME_OK;
static long tick_usec = 1000000 / USER_HZ, constant = 2, esterror = MAX_ERROR_US;
static long maxerror = MAX_ERROR_US;
static u64 maxerror_since; /* now_mono(), ns */
static s64 freq; /* ns a second in 2^-SCALE */
static s64 phase; /* left to work off: ns in 2^-SCALE, by STEPS */
static long slew; /* adjtime(3): left to work off, us */
static s64 slewing; /* ns a second in 2^-SCALE, in the present second */
static u64 last_offset; /* real seconds when ADJ_OFFSET came last */
static u64 leap_at; /* real seconds */

static s64 shift_right(s64 x, unsigned n)
{
	return x < 0 ? -(-x >> n) : x >> n;
}

static void apply_rate(void)
{
	s64 off = (tick_usec * USER_HZ - 1000000L) * (s64)NSEC_PER_USEC;

	time_set_rate(((off << SCALE) + freq + slewing) / (s64)NSEC_PER_SEC);
}

/* Is there anything to do at the end of this second? */
static bool busy(void)
{
	return phase || slew || slewing || state != TIME_OK || (status & (STA_INS | STA_DEL));
}

static void look_at_second(u64 now)
{
	if (busy())
		timer_start_real(&second, (now / NSEC_PER_SEC + 1) * NSEC_PER_SEC);
}

/* The leap second's states; how many seconds the clock steps by now. */
static int leap(u64 secs)
{
	int want = status & (STA_INS | STA_DEL);

	switch (state) {
	case TIME_OK:
		if (want) {
			state = want & STA_INS ? TIME_INS : TIME_DEL;
			leap_at = (secs / SECS_PER_DAY + 1) * SECS_PER_DAY -
				  (state == TIME_DEL ? 1 : 0);
		}
		return 0;
	case TIME_INS:
	case TIME_DEL:
		if (!(want & (state == TIME_INS ? STA_INS : STA_DEL))) {
			state = TIME_OK;
		} else if (secs >= leap_at) {
			int by = state == TIME_INS ? -1 : 1;

			state = state == TIME_INS ? TIME_OOP : TIME_WAIT;
			return by;
		}
		return 0;
	case TIME_OOP:
		state = TIME_WAIT;
		return 0;
	default:
		if (!want)
			state = TIME_OK;
		return 0;
	}
}

/* A second has gone by: what the next one works off. */
static void second_over(struct timer *t __unused)
{
	unsigned long flags = spin_lock_irqsave(&ntp_lock);
	s64 part = shift_right(phase, SHIFT_PLL + (unsigned)constant);
	long us = clamp(slew, -MAX_SLEW_US, MAX_SLEW_US);
	u64 now = now_real();
	int step;

	phase -= part;
	if (!part)
		phase = 0;
	slew -= us;
	slewing = part * STEPS + ((us * (s64)NSEC_PER_USEC) << SCALE);
	apply_rate();
	step = leap(now / NSEC_PER_SEC);
	if (step) {
		time_leap(step);
		now = now_real();
	}
	look_at_second(now);
	spin_unlock_irqrestore(&ntp_lock, flags);
}

/* The error bound as it is by now. */
static void age(void)
{
	u64 secs = (now_mono() - maxerror_since) / NSEC_PER_SEC;

	maxerror_since += secs * NSEC_PER_SEC;
	maxerror = secs > (u64)MAX_ERROR_US ? MAX_ERROR_US + 1 :
					      maxerror + (long)secs * (MAX_FREQ_NS / 1000);
	if (maxerror > MAX_ERROR_US) {
		maxerror = MAX_ERROR_US;
		status |= STA_UNSYNC;
	}
}

/* The clock was set: what was known of its error is void. [ntp_lock] */
static void clear(void)
{
	slew = 0;
	slewing = 0;
	phase = 0;
	status |= STA_UNSYNC;
	maxerror = esterror = MAX_ERROR_US;
	apply_rate();
}

void ntp_init(void)
{
	timer_init(&second, second_over);
}

void ntp_clock_set(u64 ns)
{
	unsigned long flags = spin_lock_irqsave(&ntp_lock);

	clear();
	time_step_real((s64)(ns - now_real()));
	spin_unlock_irqrestore(&ntp_lock, flags);
}

/* The loop filter, RFC 5905 section 11.3: an offset moves the frequency too. */
static void new_offset(long offset)
{
	u64 now = now_real() / NSEC_PER_SEC;
	long secs;
	s64 adj = 0;

	if (!(status & STA_PLL))
		return;
	if (!(status & STA_NANO))
		offset = clamp(offset, -1000000L, 1000000L) * (long)NSEC_PER_USEC;
	offset = clamp(offset, -MAX_PHASE_NS, MAX_PHASE_NS);
	if (status & STA_FREQHOLD)
		last_offset = now;
	secs = (long)(now - last_offset);
	last_offset = now;
	status &= ~STA_MODE;
	if (secs >= MIN_FLL_SECS && ((status & STA_FLL) || secs > MAX_PLL_SECS)) {
		status |= STA_MODE;
		adj = ((s64)offset << (SCALE - SHIFT_FLL)) / secs;
	}
	secs = min(secs, 1L << (SHIFT_PLL + 1 + constant));
	adj += ((s64)offset * secs) << (SCALE - 2 * (SHIFT_PLL + 2 + constant));
	freq = clamp(freq + adj, -(MAX_FREQ_NS << SCALE), MAX_FREQ_NS << SCALE);
	phase = ((s64)offset << SCALE) / STEPS;
}

static void new_status(int to)
{
	if ((status & STA_PLL) && !(to & STA_PLL)) {
		state = TIME_OK;
		status = STA_UNSYNC;
	}
	if (!(status & STA_PLL) && (to & STA_PLL))
		last_offset = now_real() / NSEC_PER_SEC;
	status = (status & STA_RONLY) | (to & ~STA_RONLY);
}

static void set_modes(const struct timex *t)
{
	if (t->modes & ADJ_STATUS)
		new_status(t->status);
	if (t->modes & ADJ_NANO)
		status |= STA_NANO;
	if (t->modes & ADJ_MICRO)
		status &= ~STA_NANO;
	if (t->modes & ADJ_FREQUENCY)
		freq = clamp(t->freq, -(MAX_FREQ_NS << SCALE) / PPM_SCALE,
			     (MAX_FREQ_NS << SCALE) / PPM_SCALE) *
		       PPM_SCALE;
	if (t->modes & ADJ_MAXERROR)
		maxerror = clamp(t->maxerror, 0L, MAX_ERROR_US);
	if (t->modes & ADJ_ESTERROR)
		esterror = clamp(t->esterror, 0L, MAX_ERROR_US);
	if (t->modes & ADJ_TIMECONST)
		constant = clamp(clamp(t->constant, 0L, (long)MAX_TIMECONST) +
					 (status & STA_NANO ? 0 : 4),
				 0L, (long)MAX_TIMECONST);
	if ((t->modes & ADJ_TAI) && t->constant >= 0 && t->constant <= MAX_TAI)
		time_set_tai((int)t->constant);
	if (t->modes & ADJ_OFFSET)
		new_offset(t->offset);
	if (t->modes & ADJ_TICK)
		tick_usec = t->tick;
	if (t->modes & (ADJ_TICK | ADJ_FREQUENCY | ADJ_OFFSET))
		apply_rate();
}

static int check(const struct timex *t)
{
	if (t->modes & ADJ_ADJTIME) {
		if (!(t->modes & ADJ_OFFSET))
			return -EINVAL;
		if (!(t->modes & ADJ_READONLY) && !capable(CAP_SYS_TIME))
			return -EPERM;
	} else {
		if (t->modes && !capable(CAP_SYS_TIME))
			return -EPERM;
		if ((t->modes & ADJ_TICK) &&
		    (t->tick < 900000 / USER_HZ || t->tick > 1100000 / USER_HZ))
			return -EINVAL;
	}
	if (t->modes & ADJ_SETOFFSET) {
		if (!capable(CAP_SYS_TIME))
			return -EPERM;
		if (t->time.tv_usec < 0 ||
		    t->time.tv_usec >= (t->modes & ADJ_NANO ? (long)NSEC_PER_SEC : 1000000L))
			return -EINVAL;
	}
	if ((t->modes & ADJ_FREQUENCY) &&
	    (t->freq < S64_MIN / PPM_SCALE || t->freq > S64_MAX / PPM_SCALE))
		return -EINVAL;
	return 0;
}

/* ADJ_SETOFFSET: the clock moves by so much. [ntp_lock] */
static int set_offset(const struct timex *t)
{
	s64 ns = t->time.tv_usec * (t->modes & ADJ_NANO ? 1L : (long)NSEC_PER_USEC), by;

	if (check_mul_overflow(t->time.tv_sec, (s64)NSEC_PER_SEC, &by) ||
	    check_add_overflow(by, ns, &by) || (by < 0 && (u64)-by > now_real() - now_mono()) ||
	    (by > 0 && (u64)by > (u64)S64_MAX - now_real()))
		return -EINVAL;
	clear();
	time_step_real(by);
	return 0;
}

int ntp_adjust(struct timex *t)
{
	unsigned long flags;
	long old_slew;
	int err = check(t);
	u64 now;

	if (err)
		return err;
	flags = spin_lock_irqsave(&ntp_lock);
	age();
	if (t->modes & ADJ_SETOFFSET)
		err = set_offset(t);
	old_slew = slew;
	if (!err && (t->modes & ADJ_ADJTIME)) {
		if (!(t->modes & ADJ_READONLY))
			slew = t->offset;
	} else if (!err && t->modes) {
		set_modes(t);
	}
	now = now_real();
	look_at_second(now);
	if (t->modes & ADJ_ADJTIME) {
		t->offset = old_slew;
	} else {
		t->offset = shift_right(phase * STEPS, SCALE);
		if (!(status & STA_NANO))
			t->offset /= (long)NSEC_PER_USEC;
	}
	t->freq = freq / PPM_SCALE;
	t->maxerror = maxerror;
	t->esterror = esterror;
	t->status = status;
	t->constant = constant;
	t->precision = 1;
	t->tolerance = (MAX_FREQ_NS << SCALE) / PPM_SCALE;
	t->tick = tick_usec;
	t->tai = time_tai();
	t->ppsfreq = t->jitter = t->stabil = 0;
	t->shift = 0;
	t->jitcnt = t->calcnt = t->errcnt = t->stbcnt = 0;
	t->time.tv_sec = (long)(now / NSEC_PER_SEC);
	t->time.tv_usec = (long)(now % NSEC_PER_SEC / (status & STA_NANO ? 1 : NSEC_PER_USEC));
	if (!err)
		err = status & STA_ERRORS ? TIME_ERROR : state;
	spin_unlock_irqrestore(&ntp_lock, flags);
	return err;
}

/*
 * Time keeping: nanoseconds since boot and since 1970, and per-hart timers.
 */
#ifndef CORE_TIME_H
#define CORE_TIME_H

#include <types.h>
#include <atomic.h>
#include "arch/riscv/vdso_data.h"
#include "core/wait.h"
#include "lib/rbtree.h"

#define NSEC_PER_SEC  1000000000UL
#define NSEC_PER_MSEC 1000000UL
#define NSEC_PER_USEC 1000UL

void time_init(u64 timebase_hz);
u64 now_mono(void); /* ns since boot; never steps back, same on all harts */
u64 now_real(void); /* ns since 1970-01-01 UTC */
u64 now_tai(void); /* likewise, leap seconds counted: CLOCK_TAI */
u64 now_raw(void); /* ns since boot by the hardware's own rate: CLOCK_MONOTONIC_RAW */
void time_set_real(u64 ns); /* RTC at boot; settimeofday(2) goes through core/ntp.h */
void time_step_real(s64 by);
/* Monotonic and real time run faster by so many 2^-32 than the hardware's clock. */
void time_set_rate(s64 by);
int time_tai(void); /* seconds that TAI is ahead of UTC */
void time_set_tai(int seconds);
void time_leap(int seconds); /* real time steps by so many leap seconds, which TAI does not see */
u64 ns_to_ticks(u64 mono_ns); /* absolute now_mono() time -> time CSR, rounded up, saturating */
u64 timebase(void); /* Hz */

extern struct vdso_data *const vdso_data; /* page-aligned, one page: what the vDSO reads */

/*
 * Bumped, then everybody on time_set_wait woken, when time_step_real steps the clock; woken alone when
 * TAI's distance to it changes.
 */
extern atomic_t time_set_count;
extern struct waitq time_set_wait;
#define TIME_FOREVER (~0UL)

/* A timer: fn runs in interrupt context on the hart that started it, once. */
struct timer {
	struct rb_node node; /* [its hart's timer lock] */
	u64 expires; /* [its hart's timer lock] now_mono() ns */
	void (*fn)(struct timer *t); /* [i] since timer_init */
	int hart; /* [a] queued on; -1 when not queued */
};
void timer_init(struct timer *t, void (*fn)(struct timer *));
/* Restarts it if queued. Any context; of two at once, either may be the last. */
void timer_start(struct timer *t, u64 expires);
/*
 * Starts it for when the real-time clock shows real_ns; should the clock be set meanwhile, the
 * caller looks again (time_set_wait).
 */
void timer_start_real(struct timer *t, u64 real_ns);
/* True: was queued and will not run. Does not wait for a running fn. */
bool timer_cancel(struct timer *t);
void timer_cancel_sync(struct timer *t); /* also waits until a running fn has ended. Not from fn */
void timer_interrupt(void); /* from the trap path: runs what is due, programs the next */
/* Scheduler: sched_tick on this hart then (TIME_FOREVER: never). Irqs off. */
void timer_set_tick(u64 mono_ns);
void timer_rate_changed(void); /* time_set_rate: every hart sets its comparator anew */
void timer_ipi(void); /* from the trap path: a software interrupt, perhaps for that */
void timer_hart_init(void); /* on each hart */

/* Sleeps until the absolute time; 0 or -ERESTARTSYS-like from wait_sleep. */
int sleep_until(u64 mono_ns, int state);
#endif

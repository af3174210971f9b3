/*
 * Time keeping. The time CSR is the only clock. Monotonic time is its ticks by a
 * scale that adjtimex(2) changes a little (core/ntp.c); real time is that plus an
 * offset; CLOCK_MONOTONIC_RAW keeps the scale of the boot. Scale and offsets are
 * written under time_lock and a sequence count, in the page that the vDSO reads too;
 * whoever reads takes the ticks within the count, so no clock ever steps back for
 * the sake of a new scale, on whatever hart.
 */
#include "core/time.h"

#include <atomic.h>
#include <compiler.h>

#include "arch/riscv/cpu.h"
#include "arch/riscv/memlayout.h"
#include "sync/spinlock.h"

static union {
	struct vdso_data data;
	u8 page[PAGE_SIZE];
} vdso_page __aligned(PAGE_SIZE);

struct vdso_data *const vdso_data = &vdso_page.data;
atomic_t time_set_count;
struct waitq time_set_wait = WAITQ_INIT(time_set_wait);

static spinlock_t time_lock = SPINLOCK_INIT(RANK_TIMER, "time");
/* [seq] Ticks a nanosecond, the scale's inverse: whole ones, and the fraction in 2^-64. */
static u64 ticks_per_ns, ticks_per_ns_frac;
static int tai_seconds; /* [time_lock] TAI is ahead of UTC */

static u64 mul_high(u64 a, u64 b)
{
	return (u64)((unsigned __int128)a * b >> 64);
}

static u32 read_begin(void)
{
	u32 seq;

	while ((seq = smp_load_acquire(&vdso_data->seq)) & 1)
		cpu_relax();
	return seq;
}

static bool read_again(u32 seq)
{
	smp_rmb();
	return READ_ONCE(vdso_data->seq) != seq;
}

/* time_lock held. */
static void write_begin(void)
{
	WRITE_ONCE(vdso_data->seq, vdso_data->seq + 1);
	smp_wmb();
}

static void write_end(void)
{
	smp_store_release(&vdso_data->seq, vdso_data->seq + 1);
}

static u64 scaled(u64 ticks, u64 mult)
{
	return (u64)((unsigned __int128)ticks * mult >> TIME_SHIFT);
}

/* Within a read or a write. */
static u64 mono_at(u64 ticks)
{
	const struct vdso_data *d = vdso_data;
	u64 since = ticks - READ_ONCE(d->base_ticks);

	return READ_ONCE(d->base_ns) + ((s64)since < 0 ? 0 : scaled(since, READ_ONCE(d->mult)));
}

/* 2^96 / mult, bit by bit: the scale is 2^-32 ns a tick, the inverse 2^-64 ticks a ns. */
static void invert(u64 mult)
{
	unsigned __int128 q = 0, rest = 1;

	for (int i = 0; i < 64 + TIME_SHIFT; i++) {
		rest <<= 1;
		q <<= 1;
		if (rest >= mult) {
			rest -= mult;
			q |= 1;
		}
	}
	ticks_per_ns = (u64)(q >> 64);
	ticks_per_ns_frac = (u64)q;
}

void time_init(u64 timebase_hz)
{
	struct vdso_data *d = vdso_data;

	d->mult = d->raw_mult = (NSEC_PER_SEC << TIME_SHIFT) / timebase_hz;
	d->hz = timebase_hz;
	d->boot_ticks = d->base_ticks = time_ticks();
	invert(d->mult);
}

u64 timebase(void)
{
	return vdso_data->hz;
}

u64 now_mono(void)
{
	u64 ns;
	u32 seq;

	do {
		seq = read_begin();
		ns = mono_at(time_ticks());
	} while (read_again(seq));
	return ns;
}

u64 now_real(void)
{
	u64 ns;
	u32 seq;

	do {
		seq = read_begin();
		ns = mono_at(time_ticks()) + READ_ONCE(vdso_data->real_offset);
	} while (read_again(seq));
	return ns;
}

u64 now_tai(void)
{
	u64 ns;
	u32 seq;

	do {
		seq = read_begin();
		ns = mono_at(time_ticks()) + READ_ONCE(vdso_data->real_offset) +
		     (u64)READ_ONCE(vdso_data->tai_offset);
	} while (read_again(seq));
	return ns;
}

u64 now_raw(void)
{
	return scaled(time_ticks() - vdso_data->boot_ticks, vdso_data->raw_mult);
}

static void stepped(void)
{
	atomic_inc(&time_set_count);
	wake_up_all(&time_set_wait);
}

/* time_lock held, within a write. */
static void move_tai(int seconds)
{
	tai_seconds += seconds;
	WRITE_ONCE(vdso_data->tai_offset, (s64)tai_seconds * (s64)NSEC_PER_SEC);
}

void time_step_real(s64 by)
{
	unsigned long flags = spin_lock_irqsave(&time_lock);

	write_begin();
	WRITE_ONCE(vdso_data->real_offset, vdso_data->real_offset + (u64)by);
	write_end();
	spin_unlock_irqrestore(&time_lock, flags);
	stepped();
}

void time_leap(int seconds)
{
	unsigned long flags = spin_lock_irqsave(&time_lock);

	write_begin();
	WRITE_ONCE(vdso_data->real_offset,
		   vdso_data->real_offset + (u64)((s64)seconds * (s64)NSEC_PER_SEC));
	move_tai(-seconds);
	write_end();
	spin_unlock_irqrestore(&time_lock, flags);
	stepped();
}

void time_set_real(u64 ns)
{
	time_step_real((s64)(ns - now_real()));
}

void time_set_rate(s64 by)
{
	struct vdso_data *d = vdso_data;
	u64 mult = d->raw_mult + (u64)(s64)((__int128)d->raw_mult * by >> 32), ticks;
	unsigned long flags = spin_lock_irqsave(&time_lock);
	bool changes = mult != d->mult;

	if (changes) {
		write_begin();
		ticks = time_ticks();
		d->base_ns = mono_at(ticks);
		d->base_ticks = ticks;
		d->mult = mult;
		invert(mult);
		write_end();
	}
	spin_unlock_irqrestore(&time_lock, flags);
	if (changes)
		timer_rate_changed();
}

int time_tai(void)
{
	return READ_ONCE(tai_seconds);
}

void time_set_tai(int seconds)
{
	unsigned long flags = spin_lock_irqsave(&time_lock);

	write_begin();
	move_tai(seconds - tai_seconds);
	write_end();
	spin_unlock_irqrestore(&time_lock, flags);
	wake_up_all(&time_set_wait);
}

u64 ns_to_ticks(u64 mono_ns)
{
	u64 ns, base, mult, whole, frac;
	unsigned __int128 ticks;
	u32 seq;

	do {
		seq = read_begin();
		base = READ_ONCE(vdso_data->base_ticks);
		ns = READ_ONCE(vdso_data->base_ns);
		mult = READ_ONCE(vdso_data->mult);
		whole = READ_ONCE(ticks_per_ns);
		frac = READ_ONCE(ticks_per_ns_frac);
	} while (read_again(seq));
	ns = mono_ns > ns ? mono_ns - ns : 0;
	ticks = (unsigned __int128)ns * whole + mul_high(ns, frac);
	if (ticks >> 63 != 0)
		return ~0ULL;
	/* Scale and inverse round differently: the clock must have reached mono_ns. */
	while (scaled((u64)ticks, mult) < ns)
		ticks++;
	return (u64)ticks + base;
}

/*
 * Time keeping. The time CSR is the only clock: monotonic time is its ticks
 * since boot, scaled; real time is that plus an offset. The scale never changes,
 * so monotonic time needs no lock; the offset is written under time_lock and a
 * sequence count, in the page that the vDSO reads too.
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

struct vdso_data *vdso_data = &vdso_page.data;
atomic_t time_set_count;
struct waitq time_set_wait = WAITQ_INIT(time_set_wait);

static spinlock_t time_lock = SPINLOCK_INIT(RANK_TIMER, "time");
static u64 ticks_per_ns; /* [boot] whole ticks a nanosecond, and the fraction in 2^-64 */
static u64 ticks_per_ns_frac;

static u64 mul_high(u64 a, u64 b)
{
	return (u64)((unsigned __int128)a * b >> 64);
}

static u64 ticks_to_ns(u64 ticks)
{
	return (u64)((unsigned __int128)ticks * vdso_data->mult >> TIME_SHIFT);
}

void time_init(u64 timebase_hz)
{
	struct vdso_data *d = vdso_data;
	u64 part = timebase_hz % NSEC_PER_SEC;

	d->mult = (NSEC_PER_SEC << TIME_SHIFT) / timebase_hz;
	d->shift = TIME_SHIFT;
	d->hz = timebase_hz;
	d->mono_base_ticks = time_ticks();
	/* part * 2^64 / 10^9, in two steps of 32 bits. */
	ticks_per_ns = timebase_hz / NSEC_PER_SEC;
	ticks_per_ns_frac = (part << 32) / NSEC_PER_SEC << 32;
	ticks_per_ns_frac |= ((part << 32) % NSEC_PER_SEC << 32) / NSEC_PER_SEC;
}

u64 timebase(void)
{
	return vdso_data->hz;
}

u64 now_mono(void)
{
	return ticks_to_ns(time_ticks() - vdso_data->mono_base_ticks);
}

u64 now_real(void)
{
	const struct vdso_data *d = vdso_data;
	u64 offset;
	u32 seq;

	do {
		while ((seq = smp_load_acquire(&d->seq)) & 1)
			cpu_relax();
		offset = READ_ONCE(d->real_offset);
		smp_rmb();
	} while (READ_ONCE(d->seq) != seq);
	return now_mono() + offset;
}

void time_set_real(u64 ns)
{
	struct vdso_data *d = vdso_data;
	unsigned long flags = spin_lock_irqsave(&time_lock);

	WRITE_ONCE(d->seq, d->seq + 1);
	smp_wmb();
	WRITE_ONCE(d->real_offset, ns - now_mono());
	smp_store_release(&d->seq, d->seq + 1);
	spin_unlock_irqrestore(&time_lock, flags);
	atomic_inc(&time_set_count);
	wake_up_all(&time_set_wait);
}

u64 ns_to_ticks(u64 mono_ns)
{
	unsigned __int128 ticks = (unsigned __int128)mono_ns * ticks_per_ns;

	ticks += mul_high(mono_ns, ticks_per_ns_frac);
	if (ticks >> 63 != 0)
		return ~0ULL;
	/* The two scales round differently: make sure the clock has reached mono_ns by then. */
	while (ticks_to_ns((u64)ticks) < mono_ns)
		ticks++;
	return (u64)ticks + vdso_data->mono_base_ticks;
}

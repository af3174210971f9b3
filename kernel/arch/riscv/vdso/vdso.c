/*
 * The vDSO: clock calls that need no kernel entry (vdso(7)), user code. It
 * reads the time CSR and the vdso_data page below the image; whatever it does
 * not know it passes on to the system call. No locks: a sequence count.
 */
#include <types.h>
#include <compiler.h>
#include <uapi/hwprobe.h>
#include <uapi/time.h>
#include "arch/riscv/vdso_data.h"

#define EXPORT		      __attribute__((visibility("default")))

#define NR_clock_gettime      113
#define NR_clock_getres	      114
#define NR_getcpu	      168
#define NR_gettimeofday	      169
#define NR_riscv_hwprobe      258
#define NR_riscv_flush_icache 259

#define NSEC_PER_SEC	      1000000000UL
#define COARSE_NSEC	      4000000L /* as Linux reports it at 250 Hz */

/* vdso.lds places it one page below the image. */
extern const struct vdso_data vdso_page __attribute__((visibility("hidden")));

static inline long syscall2(long nr, long x0, long x1)
{
	register long a0 __asm__("a0") = x0;
	register long a1 __asm__("a1") = x1;
	register long a7 __asm__("a7") = nr;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a7) : "memory");
	return a0;
}

static inline long syscall3(long nr, long x0, long x1, long x2)
{
	register long a0 __asm__("a0") = x0;
	register long a1 __asm__("a1") = x1;
	register long a2 __asm__("a2") = x2;
	register long a7 __asm__("a7") = nr;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a1), "r"(a2), "r"(a7) : "memory");
	return a0;
}

static inline long syscall5(long nr, long x0, long x1, long x2, long x3, long x4)
{
	register long a0 __asm__("a0") = x0;
	register long a1 __asm__("a1") = x1;
	register long a2 __asm__("a2") = x2;
	register long a3 __asm__("a3") = x3;
	register long a4 __asm__("a4") = x4;
	register long a7 __asm__("a7") = nr;

	__asm__ volatile("ecall"
			 : "+r"(a0)
			 : "r"(a1), "r"(a2), "r"(a3), "r"(a4), "r"(a7)
			 : "memory");
	return a0;
}

static inline u64 read_ticks(void)
{
	u64 ticks;

	__asm__ volatile("rdtime %0" : "=r"(ticks)::"memory");
	return ticks;
}

static inline u64 scaled(u64 ticks, u64 mult)
{
	return (u64)((unsigned __int128)ticks * mult >> TIME_SHIFT);
}

enum clock_kind { MONO, REAL, TAI };

/* Nanoseconds of such a clock. False: ask the kernel. */
static inline bool read_clock(enum clock_kind kind, u64 *out)
{
	const struct vdso_data *d = &vdso_page;
	u64 since, mult, ns;
	u32 seq;

	do {
		seq = __atomic_load_n(&d->seq, __ATOMIC_ACQUIRE);
		if ((seq & 1) && READ_ONCE(d->elsewhere))
			return false;
		ns = READ_ONCE(d->base_ns);
		if (kind != MONO)
			ns += READ_ONCE(d->real_offset);
		if (kind == TAI)
			ns += (u64)READ_ONCE(d->tai_offset);
		mult = READ_ONCE(d->mult);
		since = read_ticks() - READ_ONCE(d->base_ticks);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
	} while ((seq & 1) || READ_ONCE(d->seq) != seq);
	*out = ns + ((s64)since < 0 ? 0 : scaled(since, mult));
	return true;
}

EXPORT int __vdso_clock_gettime(int clock, struct timespec *ts);
EXPORT int __vdso_clock_gettime(int clock, struct timespec *ts)
{
	u64 ns = 0;
	bool known;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_REALTIME_COARSE:
		known = read_clock(REAL, &ns);
		break;
	case CLOCK_TAI:
		known = read_clock(TAI, &ns);
		break;
	case CLOCK_MONOTONIC_RAW:
		known = !READ_ONCE(vdso_page.elsewhere);
		ns = scaled(read_ticks() - vdso_page.boot_ticks, vdso_page.raw_mult);
		break;
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_COARSE:
	case CLOCK_BOOTTIME:
		known = read_clock(MONO, &ns);
		break;
	default:
		known = false;
		break;
	}
	if (unlikely(!known))
		return (int)syscall2(NR_clock_gettime, clock, (long)ts);
	ts->tv_sec = (long)(ns / NSEC_PER_SEC);
	ts->tv_nsec = (long)(ns % NSEC_PER_SEC);
	return 0;
}

EXPORT int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz);
EXPORT int __vdso_gettimeofday(struct timeval *tv, struct timezone *tz)
{
	u64 ns;

	if (tz)
		return (int)syscall2(NR_gettimeofday, (long)tv, (long)tz);
	if (!tv)
		return 0;
	if (unlikely(!read_clock(REAL, &ns)))
		return (int)syscall2(NR_gettimeofday, (long)tv, (long)tz);
	tv->tv_sec = (long)(ns / NSEC_PER_SEC);
	tv->tv_usec = (long)(ns % NSEC_PER_SEC / 1000);
	return 0;
}

EXPORT int __vdso_clock_getres(int clock, struct timespec *res);
EXPORT int __vdso_clock_getres(int clock, struct timespec *res)
{
	long ns;

	switch (clock) {
	case CLOCK_REALTIME:
	case CLOCK_TAI:
	case CLOCK_MONOTONIC:
	case CLOCK_MONOTONIC_RAW:
	case CLOCK_BOOTTIME:
		ns = 1;
		break;
	case CLOCK_REALTIME_COARSE:
	case CLOCK_MONOTONIC_COARSE:
		ns = COARSE_NSEC;
		break;
	default:
		return (int)syscall2(NR_clock_getres, clock, (long)res);
	}
	if (res) {
		res->tv_sec = 0;
		res->tv_nsec = ns;
	}
	return 0;
}

EXPORT int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused);
EXPORT int __vdso_getcpu(unsigned *cpu, unsigned *node, void *unused)
{
	return (int)syscall3(NR_getcpu, (long)cpu, (long)node, (long)unused);
}

EXPORT int __vdso_flush_icache(void *start, void *end, unsigned long flags);
EXPORT int __vdso_flush_icache(void *start, void *end, unsigned long flags)
{
	return (int)syscall3(NR_riscv_flush_icache, (long)start, (long)end, (long)flags);
}

EXPORT int __vdso_riscv_hwprobe(void *pairs, size_t n, size_t setsize, unsigned long *set,
				unsigned flags);
EXPORT int __vdso_riscv_hwprobe(void *pairs, size_t n, size_t setsize, unsigned long *set,
				unsigned flags)
{
	struct riscv_hwprobe *p = pairs;

	for (size_t i = 0; i < n && !setsize && !set && !flags; i++) {
		bool known = p[i].key >= 0 && p[i].key < VDSO_PROBE_KEYS;

		p[i].value = known ? vdso_page.probe[p[i].key] : 0;
		p[i].key = known ? p[i].key : -1;
	}
	if (!setsize && !set && !flags)
		return 0;
	return (int)syscall5(NR_riscv_hwprobe, (long)pairs, (long)n, (long)setsize, (long)set,
			     (long)flags);
}

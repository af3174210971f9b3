/*
 * The page that the kernel (core/time.c) writes under a sequence count and the
 * vDSO reads, mapped read-only below it. The layout is internal to Tarn.
 */
#ifndef ARCH_RISCV_VDSO_DATA_H
#define ARCH_RISCV_VDSO_DATA_H

#include <types.h>

#define VDSO_PROBE_KEYS 10

/*
 * [seq] is read between two equal even values of seq; [boot] is written once; [w] is stored and
 * read whole.
 */
struct vdso_data {
	u32 seq; /* odd while it is being written */
	u32 elsewhere; /* [I] this page knows no time, and seq stays odd: the system calls do */
	/* [seq] monotonic ns = base_ns + ((ticks - base_ticks) * mult >> TIME_SHIFT), in 128 bits */
	u64 mult, base_ticks, base_ns;
	u64 raw_mult, boot_ticks; /* [boot] the same for CLOCK_MONOTONIC_RAW, which begins with 0 */
	u64 real_offset; /* [seq] real = mono + real_offset, ns */
	s64 tai_offset; /* [seq] TAI = real + tai_offset, ns */
	u64 hz; /* [boot] */
	u64 probe[VDSO_PROBE_KEYS]; /* [boot] riscv_hwprobe(2): the values of keys 0, 1, ... */
};
#define TIME_SHIFT 32 /* a constant: 128-bit shifts by a variable need a library */
#endif

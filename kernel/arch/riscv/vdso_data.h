/*
 * The page that the kernel (core/time.c) writes under a sequence count and the
 * vDSO reads, mapped read-only below it. The layout is internal to Tarn.
 */
#ifndef ARCH_RISCV_VDSO_DATA_H
#define ARCH_RISCV_VDSO_DATA_H

#include <types.h>

#define VDSO_PROBE_KEYS 10

/* [seq] is read between two equal even values of seq; [boot] is written once. */
struct vdso_data {
	u32 seq; /* odd while it is being written */
	u32 pad;
	u64 mult, shift; /* [boot] ns = ticks * mult >> TIME_SHIFT, the product in 128 bits */
	u64 mono_base_ticks; /* [boot] ticks count from here */
	u64 real_offset; /* [seq] real = mono + real_offset, ns */
	u64 hz; /* [boot] */
	u64 probe[VDSO_PROBE_KEYS]; /* [boot] riscv_hwprobe(2): the values of keys 0, 1, ... */
};
#define TIME_SHIFT 32 /* a constant: 128-bit shifts by a variable need a library */
#endif

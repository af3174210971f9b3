/*
 * Fences between memory and devices (unprivileged spec, "Memory Ordering
 * Instructions"). Between harts the kernel uses acquire, release and the
 * compiler's atomics, but for release_fence.
 */
#ifndef ARCH_RISCV_BARRIER_H
#define ARCH_RISCV_BARRIER_H

/* After a device register was read: what follows is not done before it. */
static inline void mmio_read_fence(void)
{
	__asm__ volatile("fence i, ir" ::: "memory");
}

/* Before a device register is written: what was stored is seen by the device first. */
static inline void mmio_write_fence(void)
{
	__asm__ volatile("fence ow, o" ::: "memory");
}

/* Rings in memory that a device reads and writes: all, stores only, loads only. */
static inline void dma_mb(void)
{
	__asm__ volatile("fence iorw, iorw" ::: "memory");
}

static inline void dma_wmb(void)
{
	__asm__ volatile("fence ow, ow" ::: "memory");
}

static inline void dma_rmb(void)
{
	__asm__ volatile("fence ir, ir" ::: "memory");
}

/* Before a plain store that lets a lock go (table A.6): compilers make a swap of a release. */
static inline void release_fence(void)
{
	__asm__ volatile("fence rw, w" ::: "memory");
}
#endif

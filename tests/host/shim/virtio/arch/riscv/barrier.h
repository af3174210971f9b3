/*
 * barrier.h for the host tests of virtio: the scripted device runs in the same thread.
 */
#ifndef ARCH_RISCV_BARRIER_H
#define ARCH_RISCV_BARRIER_H

static inline void dma_mb(void)
{
	__asm__ volatile("" ::: "memory");
}

static inline void dma_wmb(void)
{
	dma_mb();
}

static inline void dma_rmb(void)
{
	dma_mb();
}
#endif

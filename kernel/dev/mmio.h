/*
 * Device registers. Reads and writes are single accesses of their width,
 * ordered against each other and against ordinary memory, as DMA needs: stores
 * before a write are visible to the device when it sees the write, and loads
 * after a read are not done before it.
 */
#ifndef DEV_MMIO_H
#define DEV_MMIO_H

#include <compiler.h>
#include <types.h>
#include "arch/riscv/barrier.h"

static inline u8 mmio_read8(const volatile void *reg)
{
	u8 v = *(const volatile u8 *)reg;

	mmio_read_fence();
	return v;
}

static inline u32 mmio_read32(const volatile void *reg)
{
	u32 v = *(const volatile u32 *)reg;

	mmio_read_fence();
	return v;
}

static inline void mmio_write8(volatile void *reg, u8 v)
{
	mmio_write_fence();
	*(volatile u8 *)reg = v;
}

static inline void mmio_write32(volatile void *reg, u32 v)
{
	mmio_write_fence();
	*(volatile u32 *)reg = v;
}
#endif

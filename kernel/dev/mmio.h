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

static inline u8 mmio_read8(const volatile void *reg)
{
	u8 v = *(const volatile u8 *)reg;

	__asm__ volatile("fence i, ir" ::: "memory");
	return v;
}

static inline u32 mmio_read32(const volatile void *reg)
{
	u32 v = *(const volatile u32 *)reg;

	__asm__ volatile("fence i, ir" ::: "memory");
	return v;
}

static inline void mmio_write8(volatile void *reg, u8 v)
{
	__asm__ volatile("fence ow, o" ::: "memory");
	*(volatile u8 *)reg = v;
}

static inline void mmio_write32(volatile void *reg, u32 v)
{
	__asm__ volatile("fence ow, o" ::: "memory");
	*(volatile u32 *)reg = v;
}
#endif

/*
 * dev/mmio.h for the host tests of virtio: registers are the scripted device's.
 */
#ifndef DEV_MMIO_H
#define DEV_MMIO_H

#include <types.h>

u8 mmio_read8(const volatile void *reg);
u32 mmio_read32(const volatile void *reg);
void mmio_write32(volatile void *reg, u32 v);
#endif

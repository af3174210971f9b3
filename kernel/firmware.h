/*
 * What the firmware hands over at boot: the device tree, told on to the rooms
 * that may not read it themselves.
 */
#ifndef KERNEL_FIRMWARE_H
#define KERNEL_FIRMWARE_H

#include <types.h>

/*
 * Boot hart, first of all: memory, harts, ISA, command line, log clock. Stops the machine if it
 * cannot.
 */
void firmware_read(u64 boot_hart, paddr_t dtb);
/* Once the random generator exists: the firmware's seed. */
void firmware_seed(void);
#endif

/*
 * The end of the machine: power-off, reboot, and an exit status for QEMU
 * (machine_fail, sync/log.h, set by the test device's driver).
 */
#ifndef DEV_MACHINE_H
#define DEV_MACHINE_H

#include <types.h>

/* SBI SRST, else the test device, else the hart stops. Never return; any context. */
void machine_poweroff(void) __attribute__((noreturn));
void machine_restart(void) __attribute__((noreturn));
void machine_restart_after(int seconds); /* for panic: interrupts off, nobody else runs */
/*
 * Ends the machine with a status for the one who started QEMU (0..255); like poweroff where there
 * is no test device.
 */
void machine_exit(int status) __attribute__((noreturn));
/* The test device's driver: stores one of its words (dev/machine.c calls it). */
extern void (*machine_test_write)(u32 word);
#endif

/*
 * Power-off, reboot and exit status (machine.h). The words of the test device
 * are QEMU's: hw/misc/sifive_test.
 */
#include "dev/machine.h"

#include <compiler.h>
#include "arch/riscv/cpu.h"
#include "core/time.h"
#include "sbi/sbi.h"
#include "sync/log.h"

#define TEST_FAIL  0x3333
#define TEST_PASS  0x5555
#define TEST_RESET 0x7777

void (*machine_test_write)(u32 word);

static void __noreturn end(enum sbi_reset type, u32 word)
{
	irq_disable();
	sbi_system_reset(type, false);
	if (machine_test_write)
		machine_test_write(word);
	pr_err("the machine does not stop: halting this hart");
	for (;;)
		cpu_wait();
}

void machine_poweroff(void)
{
	end(SBI_SHUTDOWN, TEST_PASS);
}

void machine_restart(void)
{
	end(SBI_COLD_REBOOT, TEST_RESET);
}

void machine_restart_after(int seconds)
{
	u64 then = now_mono() + (seconds > 0 ? (u64)seconds * NSEC_PER_SEC : 0);

	irq_disable();
	while (now_mono() < then)
		cpu_relax();
	machine_restart();
}

void machine_exit(int status)
{
	irq_disable();
	if (machine_test_write)
		machine_test_write(status ? (u32)(status & 0xff) << 16 | TEST_FAIL : TEST_PASS);
	machine_poweroff();
}

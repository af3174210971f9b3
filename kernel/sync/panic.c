/*
 * Panic: stop the other harts, say what and where, end the machine. The first
 * hart to panic goes on; a second panic of that hart ends at once.
 */
#include "sync/log.h"

#include <compiler.h>
#include "arch/riscv/cpu.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/trap.h"
#include "lib/printf.h"
#include "sbi/sbi.h"

#define PANIC_STATUS 125 /* as `tarn run` says that Tarn itself failed */

void (*machine_fail)(int status);
void (*machine_again)(int seconds);
int panic_timeout;
static u32 panic_hart; /* [atomic] hart + 1 of the first panic */

bool panic_in_progress(void)
{
	return unlikely(READ_ONCE(panic_hart) != 0);
}

static void dump_frame(const struct trapframe *tf)
{
	const u64 *x = &tf->pc;
	static const char *const names[] = {
		"pc", "ra", "sp", "gp", "tp",  "t0",  "t1", "t2", "s0", "s1", "a0",
		"a1", "a2", "a3", "a4", "a5",  "a6",  "a7", "s2", "s3", "s4", "s5",
		"s6", "s7", "s8", "s9", "s10", "s11", "t3", "t4", "t5", "t6",
	};

	for (unsigned i = 0; i < ARRAY_SIZE(names); i += 4)
		printk(LOG_EMERG, "%4s %016lx %4s %016lx %4s %016lx %4s %016lx", names[i], x[i],
		       names[i + 1], x[i + 1], names[i + 2], x[i + 2], names[i + 3], x[i + 3]);
	printk(LOG_EMERG, "status %016lx cause %lx (%s) badaddr %016lx", tf->status, tf->cause,
	       trap_cause_name(tf->cause), tf->badaddr);
}

static void __noreturn end_machine(void)
{
	if (panic_timeout && machine_again)
		machine_again(panic_timeout);
	if (machine_fail)
		machine_fail(PANIC_STATUS);
	sbi_system_reset(SBI_SHUTDOWN, true);
	for (;;)
		cpu_wait();
}

static void __noreturn vpanic(const struct trapframe *tf, const char *fmt, va_list ap)
{
	static char why[512];
	u32 nobody = 0;

	irq_disable();
	if (!__atomic_compare_exchange_n(&panic_hart, &nobody, hart_id() + 1, false,
					 __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST)) {
		if (nobody == hart_id() + 1)
			end_machine();
		for (;;) {
			hart_check_halt();
			cpu_wait();
		}
	}
	harts_halt_others();
	vscnprintf(why, sizeof(why), fmt, ap);
	if (console_loglevel <= LOG_EMERG)
		console_loglevel = LOG_EMERG + 1;
	printk(LOG_EMERG, "panic on hart %u: %s", hart_id(), why);
	if (tf)
		dump_frame(tf);
	panic_report(tf, (u64)__builtin_frame_address(0));
	end_machine();
}

void panic(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vpanic(NULL, fmt, ap);
	va_end(ap);
}

void panic_trap(const struct trapframe *tf, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vpanic(tf, fmt, ap);
	va_end(ap);
}

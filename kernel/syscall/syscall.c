/*
 * System-call dispatch. The trap vector's short path calls syscall_dispatch
 * with the user registers in *tf; a0..a5 hold the arguments and a7 the number
 * (Linux's riscv64 convention). Nothing is locked.
 *
 * Restarts: a handler may return -ERESTART*; proc/signal.c turns that into
 * EINTR or a second ecall, using orig_a0, before user code runs on.
 */
#include "syscall/syscall.h"

#include <atomic.h>
#include <bitops.h>
#include <compiler.h>
#include <uapi/errno.h>

#include "arch/riscv/cpu.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/task.h"
#include "debug/tracepoint.h"
#include "lib/string.h"
#include "proc/proc.h"
#include "proc/ptrace.h"
#include "proc/seccomp.h"
#include "proc/trap.h"
#include "sync/log.h"
#include "syscall/trace.h"

#define NR_NONE (~0u)

/* Log an unlisted or unimplemented number once for each number. */
static void report_missing(unsigned long nr)
{
	static u64 reported[NR_SYSCALLS / 64 + 1];
	unsigned long slot = min(nr, (unsigned long)NR_SYSCALLS);
	u64 bit = 1ULL << (slot % 64);

	if (__atomic_fetch_or(&reported[slot / 64], bit, __ATOMIC_RELAXED) & bit)
		return;
	pr_info("%s[%d]: system call %lu (%s) answered ENOSYS", current->comm, task_tid(current),
		nr, nr < NR_SYSCALLS && trace_table[nr].name ? trace_table[nr].name : "unknown");
}

static long call(unsigned long nr, const u64 *args)
{
	if (likely(nr < NR_SYSCALLS && syscall_table[nr]))
		return syscall_table[nr](args);
	report_missing(nr);
	return -ENOSYS;
}

/*
 * A call that somebody wants to know of first: the host, then a tracer, then the filters of seccomp,
 * which judge what the tracer made of it.
 */
static noinline u64 call_watched(struct trapframe *tf)
{
	u32 work = READ_ONCE(current->thread.work);
	u64 nr = tf->a7, args[6];
	u64 ret;

	memcpy(args, &tf->a0, sizeof(args));
	if ((work & WORK_DISPATCH) && !user_dispatch_enter(tf))
		return tf->a0;
	if (work & WORK_TRACE)
		trace_enter(nr, args);
	if (work & (WORK_PTRACE | WORK_EMU | WORK_SECCOMP)) {
		tf->a0 = (u64)-ENOSYS;
		if (((work & (WORK_PTRACE | WORK_EMU)) && !ptrace_syscall_enter()) ||
		    (work & WORK_EMU) || ((work & WORK_SECCOMP) && !seccomp_enter(tf)) ||
		    (u32)tf->a7 >= NR_SYSCALLS) {
			ret = tf->a0; /* skipped: the result may be theirs */
		} else {
			u64 now[6];

			current->syscall_nr = (u32)tf->a7;
			memcpy(now, &tf->a0, sizeof(now));
			now[0] = tf->orig_a0;
			ret = (u64)call((u32)tf->a7, now);
		}
	} else {
		ret = (u64)call(nr, &tf->a0);
	}
	if (work & WORK_TRACE)
		trace_leave(nr, args, (long)ret);
	return ret;
}

void syscall_dispatch(struct trapframe *tf)
{
	unsigned long nr = tf->a7;

	account_enter(current);
	tf->orig_a0 = tf->a0;
	tf->pc += 4;
	irq_enable();
	current->syscall_nr = nr;
	if (unlikely(READ_ONCE(current->thread.work) & WORK_CALL))
		tf->a0 = call_watched(tf);
	else
		tf->a0 = call(nr, &tf->a0);
	irq_disable();
	if (unlikely((READ_ONCE(current->thread.work) & ~WORK_ENTRY) ||
		     result_is_restart(tf->a0))) {
		irq_enable();
		if (READ_ONCE(current->thread.work) & WORK_PTRACE)
			ptrace_syscall_leave();
		user_return_work(tf);
	} else {
		rcu_quiescent();
	}
	account_leave(current);
}

void syscall_init(void)
{
	hwprobe_publish();
	if (strace_on || tracepoints_on)
		birth_work = WORK_TRACE;
}

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
#include "lib/bitmap.h"
#include "proc/proc.h"
<<<<<<< HEAD
#include "proc/ptrace.h"
=======
#include "proc/seccomp.h"
>>>>>>> main
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

<<<<<<< HEAD
/* The host hears of it, or a tracer may have changed it before it is made. */
static noinline u64 call_traced(struct trapframe *tf)
{
	u64 args[6], nr;
	long ret;

	if (READ_ONCE(current->thread.work) & WORK_PTRACE) {
		if (!ptrace_syscall_enter(tf))
			return tf->a0;
		nr = (u32)tf->a7;
		if (nr >= NR_SYSCALLS)
			return tf->a0; /* skipped: the result may be the tracer's */
		current->syscall_nr = (u32)nr;
	}
	nr = tf->a7;
	args[0] = tf->orig_a0;
	for (int i = 1; i < 6; i++)
		args[i] = (&tf->a0)[i];
	trace_enter(nr, args);
	ret = call(nr, args);
	trace_leave(nr, args, ret);
	return (u64)ret;
=======
/* A call that somebody wants to know of first. */
static noinline long call_watched(unsigned long nr, struct trapframe *tf)
{
	u32 work = READ_ONCE(current->thread.work);
	u64 args[6];
	long ret;

	for (int i = 0; i < 6; i++)
		args[i] = (&tf->a0)[i];
	if (work & WORK_TRACE)
		trace_enter(nr, args);
	if ((work & WORK_SECCOMP) && !seccomp_enter(tf))
		ret = (long)tf->a0;
	else
		ret = call(nr, &tf->a0);
	if (work & WORK_TRACE)
		trace_leave(nr, args, ret);
	return ret;
>>>>>>> main
}

void syscall_dispatch(struct trapframe *tf)
{
	unsigned long nr = tf->a7;

	account_enter(current);
	tf->orig_a0 = tf->a0;
	tf->pc += 4;
	irq_enable();
	current->syscall_nr = nr;
<<<<<<< HEAD
	if (unlikely(READ_ONCE(current->thread.work) & (WORK_TRACE | WORK_PTRACE)))
		tf->a0 = call_traced(tf);
	else
		tf->a0 = call(nr, &tf->a0);
	irq_disable();
	if (unlikely((READ_ONCE(current->thread.work) & ~WORK_TRACE) ||
		     result_is_restart(tf->a0))) {
		irq_enable();
		if (READ_ONCE(current->thread.work) & WORK_PTRACE)
			ptrace_syscall_leave();
=======
	if (unlikely(READ_ONCE(current->thread.work) & WORK_ENTRY))
		tf->a0 = (u64)call_watched(nr, tf);
	else
		tf->a0 = call(nr, &tf->a0);
	irq_disable();
	if (unlikely((READ_ONCE(current->thread.work) & ~WORK_ENTRY) || result_is_restart(tf->a0)))
>>>>>>> main
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

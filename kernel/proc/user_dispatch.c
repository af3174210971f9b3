/*
 * System-call user dispatch (PR_SET_SYSCALL_USER_DISPATCH(2const)): calls from outside a range of
 * code become SIGSYS while a byte of the program says so. A thread's own; not inherited, and gone
 * at exec. Who has it has WORK_DISPATCH set.
 */
#include <atomic.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>
#include <uapi/seccomp.h>
#include <uapi/signal.h>

#include "core/task.h"
#include "mm/usercopy.h"
#include "proc/proc.h"
#include "proc/seccomp.h"

void user_dispatch_off(struct task *t)
{
	__atomic_fetch_and(&t->thread.work, ~WORK_DISPATCH, __ATOMIC_RELAXED);
}

long user_dispatch_set(struct task *t, u64 mode, u64 start, u64 len, u8 __user *selector)
{
	switch (mode) {
	case PR_SYS_DISPATCH_OFF:
		if (start || len || selector)
			return -EINVAL;
		user_dispatch_off(t);
		return 0;
	case PR_SYS_DISPATCH_ON:
		if (start && start + len <= start)
			return -EINVAL;
		if (selector && !user_range_ok(selector, 1))
			return -EFAULT;
		t->dispatch.start = start;
		t->dispatch.len = len;
		t->dispatch.selector = selector;
		__atomic_fetch_or(&t->thread.work, WORK_DISPATCH, __ATOMIC_RELAXED);
		return 0;
	default:
		return -EINVAL;
	}
}

bool user_dispatch_enter(struct trapframe *tf)
{
	const struct task *t = current;
	u8 how = SYSCALL_DISPATCH_FILTER_BLOCK;
	siginfo_t si;

	if (tf->pc - t->dispatch.start < t->dispatch.len)
		return true;
	if (t->dispatch.selector) {
		if (get_user_u8(&how, t->dispatch.selector))
			group_exit(SIGSEGV);
		if (how == SYSCALL_DISPATCH_FILTER_ALLOW)
			return true;
		if (how != SYSCALL_DISPATCH_FILTER_BLOCK)
			group_exit(SIGSYS);
	}
	siginfo_init(&si, SIGSYS, SYS_USER_DISPATCH);
	si.si_call_addr = (void __user *)tf->pc;
	si.si_syscall = (int)tf->a7;
	si.si_arch = AUDIT_ARCH_RISCV64;
	signal_force_info(&si);
	tf->cause = ~0UL; /* a0 is the argument it was, not a result */
	return false;
}

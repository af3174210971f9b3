/*
 * Traps other than system calls: interrupts, page faults and the exceptions of
 * user code, which become signals (privileged spec, "Supervisor Cause
 * Register"; sigaction(2) for the codes). A fault of the kernel itself is a
 * bug and ends the machine: user memory is only ever reached through the
 * direct map, so there is nothing to recover from.
 *
 * Entered with interrupts off on current's kernel stack; no lock is held.
 */
#include "proc/trap.h"

#include <compiler.h>
#include <uapi/prctl.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "alloc/vmap.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/trap.h"
#include "core/irq.h"
#include "core/lockup.h"
#include "core/rcu.h"
#include "core/sched.h"
#include "core/signal.h"
#include "core/task.h"
#include "core/time.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "sync/log.h"

static void handle_interrupt(struct trapframe *tf)
{
	tracepoint(TP_IRQ, cause_number(tf->cause), 0);
	switch (cause_number(tf->cause)) {
	case IRQ_SOFT:
		ipi_receive();
		timer_ipi();
		lockup_answer();
		break;
	case IRQ_TIMER:
		timer_interrupt();
		break;
	case IRQ_EXT:
		irq_external();
		break;
	default:
		panic("interrupt %lu is unknown", tf->cause & ~CAUSE_IRQ);
	}
	tracepoint(TP_IRQ_END, cause_number(tf->cause), 0);
}

static __cold __noreturn void kernel_fault(struct trapframe *tf)
{
	if (tf->cause == CAUSE_STACK_OVERFLOW || kstack_guard_hit(tf->badaddr))
		panic_trap(tf, "kernel stack overflow at %lx, task %d (%s)", tf->pc,
			   task_tid(current), current->comm);
	panic_trap(tf, "kernel fault: %s, address %lx, at %lx, task %d (%s)",
		   trap_cause_name(tf->cause), tf->badaddr, tf->pc, task_tid(current),
		   current->comm);
}

static void user_page_fault(struct trapframe *tf, u32 access)
{
	int signo = 0, code = 0;

	if (vm_fault(current->mm, tf->badaddr, access, &signo, &code) && signo)
		signal_force(signo, code, tf->badaddr);
}

/* A first vector instruction gives the thread its registers; false: it was another that is illegal. */
static bool first_vector(struct trapframe *tf)
{
	struct thread *th = &current->thread;
	u32 insn = 0;

	/* Two halves: the instruction may end a page before the next one begins. */
	if (!v_size() || v_used(tf) ||
	    (th->v_control & PR_RISCV_V_VSTATE_CTRL_CUR_MASK) == PR_RISCV_V_VSTATE_CTRL_OFF ||
	    copy_from_user(&insn, (const void __user *)tf->pc, 2) || (insn & 3) != 3 ||
	    copy_from_user((u8 *)&insn + 2, (const void __user *)(tf->pc + 2), 2) ||
	    !insn_is_vector(insn))
		return false;
	if (!th->v) {
		void *mem = kzalloc(sizeof(*th->v) + v_size(), 0);

		if (!mem) {
			signal_force(SIGBUS, SI_KERNEL, 0);
			return true;
		}
		th->v = v_setup(mem);
	}
	v_begin(th, tf);
	return true;
}

static void user_exception(struct trapframe *tf)
{
	switch (tf->cause) {
	case EXC_INSN_PAGE:
		user_page_fault(tf, VM_EXEC);
		break;
	case EXC_LOAD_PAGE:
		user_page_fault(tf, VM_READ);
		break;
	case EXC_STORE_PAGE:
		user_page_fault(tf, VM_WRITE);
		break;
	case EXC_ILLEGAL:
		if (first_vector(tf))
			break;
		signal_force(SIGILL, ILL_ILLOPC, tf->pc);
		break;
	case EXC_BREAKPOINT:
		signal_force(SIGTRAP, TRAP_BRKPT, tf->pc);
		break;
	case EXC_INSN_MISALIGNED:
	case EXC_LOAD_MISALIGNED:
	case EXC_STORE_MISALIGNED:
		signal_force(SIGBUS, BUS_ADRALN, tf->pc);
		break;
	case EXC_INSN_ACCESS:
	case EXC_LOAD_ACCESS:
	case EXC_STORE_ACCESS:
		signal_force(SIGSEGV, SEGV_ACCERR, tf->pc);
		break;
	default:
		signal_force(SIGILL, ILL_ILLTRP, tf->pc);
		break;
	}
}

void trap_dispatch(struct trapframe *tf)
{
	if (!frame_is_user(tf)) {
		if (cause_is_irq(tf->cause))
			handle_interrupt(tf);
		else if ((tf->cause != EXC_LOAD_PAGE && tf->cause != EXC_STORE_PAGE) ||
			 !vmap_spurious(tf->badaddr))
			kernel_fault(tf);
		return;
	}
	account_enter(current);
	if (cause_is_irq(tf->cause)) {
		handle_interrupt(tf);
	} else {
		irq_enable();
		user_exception(tf);
		irq_disable();
	}
	if (READ_ONCE(current->thread.work) & ~WORK_ENTRY)
		user_return_work(tf);
	else
		rcu_quiescent();
	account_leave(current);
}

/*
 * What the assembly and the context switch know of a task: the first member of
 * every struct task. tp points at it in the kernel; sscratch holds it while the
 * hart runs user code, and 0 while it runs the kernel.
 */
#ifndef ARCH_RISCV_THREAD_H
#define ARCH_RISCV_THREAD_H

#include <types.h>

/* The registers of user (or interrupted kernel) code, at the top of the kernel stack. */
struct trapframe {
	u64 pc; /* sepc; x0's place, as in Linux's user_regs_struct */
	u64 ra, sp, gp, tp;
	u64 t0, t1, t2;
	u64 s0, s1;
	u64 a0, a1, a2, a3, a4, a5, a6, a7;
	u64 s2, s3, s4, s5, s6, s7, s8, s9, s10, s11;
	u64 t3, t4, t5, t6;
	u64 status; /* sstatus */
	u64 cause; /* scause (trap.h); for a system call cleared to -1 once it must not restart */
	u64 badaddr; /* stval */
	u64 orig_a0; /* a0 at ecall, for restarts */
};

/* What a switch keeps: callee-saved registers (privileged spec; psABI 1.1). */
struct context {
	u64 ra, sp;
	u64 s[12];
};

struct fpstate {
	u64 f[32];
	u32 fcsr;
};

/* Laid out as Linux's struct __riscv_v_ext_state, the registers right behind it. */
struct vstate {
	u64 vstart, vl, vtype, vcsr, vlenb;
	u64 datap; /* of the signal frame alone */
	u8 regs[]; /* 32 of vlenb bytes */
};
/* Debuggers see so many bytes of it, then the registers: NT_RISCV_VECTOR. */
#define V_NOTE_HEAD offsetof(struct vstate, datap)

struct thread {
	u64 kstack_top; /* [the task] */
	u64 scratch[2]; /* [the hart running it] trap entry */
	u32 hart; /* [rq] logical hart it runs or last ran on */
	u32 work; /* [atomic] WORK_* flags looked at before user code runs on */
	struct context ctx; /* [rq] */
	u32 full_restore; /* [the task] see syscall_dispatch below */
	u32 fp_hart; /* [rq] 1 + the hart whose registers held fp last; 0 none */
	struct fpstate fp; /* [the task] valid unless FS of the user frame is dirty */
	/* [the task] NULL before its first vector instruction; valid unless VS is dirty */
	struct vstate *v;
	u32 v_hart; /* [rq] as fp_hart, for v */
	u32 v_control; /* [the task] PR_RISCV_V_VSTATE_CTRL_* of prctl(2), 0: as it is by default */
};

/* Work before user code runs on; set with atomics from any hart. */
#define WORK_RESCHED  (1u << 0)
#define WORK_SIGNAL   (1u << 1) /* a signal may be deliverable */
#define WORK_TRACE    (1u << 2) /* system-call tracing: leave the short path */
#define WORK_NOTIFY   (1u << 3) /* rseq, task work */
#define WORK_SECCOMP  (1u << 4) /* the task is in a mode of seccomp(2) */
#define WORK_DISPATCH (1u << 5) /* PR_SET_SYSCALL_USER_DISPATCH is on */
#define WORK_PTRACE   (1u << 6) /* PTRACE_SYSCALL: stops before and behind a call */
#define WORK_EMU      (1u << 7) /* PTRACE_SYSEMU: stops before a call, which is not done */
/* Those that only the entry of a system call looks at; and with the one that its end does too. */
#define WORK_ENTRY (WORK_TRACE | WORK_SECCOMP | WORK_DISPATCH | WORK_EMU)
#define WORK_CALL  (WORK_ENTRY | WORK_PTRACE)

struct task;

static inline struct task *current_task(void)
{
	struct task *t;

	__asm__("mv %0, tp" : "=r"(t));
	return t;
}
#define current current_task()

/* The frame of the user registers of a task: at the top of its kernel stack. */
static inline struct trapframe *task_frame(struct task *t)
{
	return (struct trapframe *)((struct thread *)t)->kstack_top - 1;
}

/*
 * Logical number of this hart, 0 .. MAX_HARTS-1. Stable while irqs are off or the task does not
 * sleep.
 */
static inline unsigned hart_id(void)
{
	return ((struct thread *)current_task())->hart;
}

#define MAX_HARTS 8 /* asm_offsets.h has it for the assembly */

/*
 * Saves prev's registers, takes up next's. Interrupts off. Returns (in next) the task it came from.
 */
struct task *context_switch(struct thread *prev, struct thread *next);
/*
 * Where a new task's ctx.ra points: calls task_first_run(prev) (core/sched.h), then the function
 * of thread_setup if there is one, then, if work is set, trap_dispatch(frame) with cause =
 * CAUSE_IRQ | IRQ_SOFT, then returns to user.
 */
void thread_entry(void);
/*
 * Prepares ctx so that the first switch runs fn(arg) in the kernel (fn may return: then user mode
 * by the frame; fn NULL: user mode at once). Needs kstack_top; the frame is the caller's to fill,
 * before or after.
 */
void thread_setup(struct thread *t, void (*fn)(void *), void *arg);
/*
 * Makes t the current task of this hart: t takes over the running stack and hart (tp changes).
 * sched_hart_init adopts the boot code as the idle task with it. Reread `current` afterwards.
 */
void thread_adopt(struct thread *t);
/* A fresh user frame: all registers zero but pc and sp, user mode, interrupts on, FS initial. */
void frame_init_user(struct trapframe *tf, u64 pc, u64 sp);

/*
 * FP state (spec: sstatus.FS). Saved only when dirty. t is current, or a task that does not run
 * (clone: fpu_save(current), then copy thread.fp to the child; ptrace: change thread.fp, then
 * fpu_restore).
 */
void fpu_save(struct thread *t, struct trapframe *tf); /* to t->fp when FS is dirty, then clean */
void fpu_restore(struct thread *t, struct trapframe *tf); /* from t->fp; FS clean */
void fpu_switch(struct thread *prev, struct thread *next); /* before context_switch */
void fpu_reset(struct thread *t, struct trapframe *tf); /* exec: zero registers; FS initial */

/*
 * Vector state (ISA manual, "V"; sstatus.VS), where the harts have it: off until the task's first
 * vector instruction traps, then kept as FP state is. Same rules for t.
 */
size_t v_size(void); /* bytes of the 32 registers; 0: no vectors here */
struct vstate *v_setup(void *mem); /* mem: sizeof(struct vstate) + v_size() zeroed bytes */
void v_begin(struct thread *t, struct trapframe *tf); /* t->v is new: VS on */
void v_save(struct thread *t, struct trapframe *tf); /* to t->v when VS is dirty, then clean */
void v_restore(struct thread *t, struct trapframe *tf); /* from t->v; VS clean */
static inline bool v_used(const struct trapframe *tf)
{
	return tf->status & (3UL << 9); /* VS */
}
static inline void v_off(struct trapframe *tf)
{
	tf->status &= ~(3UL << 9);
}
/* Is this a vector instruction, or an access to a vector CSR? */
bool insn_is_vector(u32 insn);

/*
 * The two names that the trap vector calls and that rooms to the right define:
 * syscall_dispatch (syscall/syscall.c) for ecall from user mode, trap_dispatch
 * (proc/trap.c) for everything else. Both are entered with interrupts off, with
 * tp = current, on current's kernel stack; before a return to user mode they
 * have looked at thread.work, and they return with interrupts off.
 *
 * At entry pc is the trapping instruction's address, the ecall's own too:
 * syscall_dispatch advances it and sets orig_a0. All registers are in the frame.
 * After syscall_dispatch the callee-saved registers s0..s11 are not reloaded from
 * the frame (C has kept them) unless thread.full_restore is set: whoever changes
 * them in a frame (sigreturn, exec, ptrace) sets it; the return path clears it.
 *
 * A kernel stack that ran over enters trap_dispatch on an emergency stack with
 * cause CAUSE_STACK_OVERFLOW (arch/riscv/trap.h): it must panic, not return.
 */
void syscall_dispatch(struct trapframe *tf);
void trap_dispatch(struct trapframe *tf);

static inline bool frame_is_user(const struct trapframe *tf)
{
	return !(tf->status & (1UL << 8)); /* SPP */
}
#endif

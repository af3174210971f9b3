/*
 * The signal frame of riscv64 Linux (struct rt_sigframe): built on the user
 * stack or the alternate one (sigaltstack(2)) before a handler, taken down by
 * rt_sigreturn(2). Everything that comes back from user memory is checked. The
 * handler returns to the vDSO's __vdso_rt_sigreturn. Behind the fixed part, vector
 * state may follow as an extension block. Only current's own state is touched: no
 * locks.
 */
#include <compiler.h>
#include <uapi/errno.h>
#include <uapi/prctl.h>
#include <uapi/signal.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/vdso.h"
#include "core/task.h"
#include "lib/string.h"
#include "mm/usercopy.h"
#include "mm/vm.h"
#include "proc/proc.h"
#include "proc/trap.h"

static_assert(offsetof(struct trapframe, t6) + 8 == sizeof(struct user_regs_struct),
	      "a trap frame begins as user_regs_struct does");

/* The two ends of the frame; the registers lie between them. Linux too leaves the gaps as they were. */
struct frame_head {
	siginfo_t info;
	unsigned long flags;
	struct ucontext *link;
	stack_t stack;
	sigset_t sigmask;
};
static_assert(sizeof(struct frame_head) == offsetof(struct rt_sigframe, uc.pad_),
	      "the gap behind the mask");
struct frame_end {
	u32 reserved;
	struct __riscv_ctx_hdr hdr;
};
static_assert(offsetof(struct fpstate, fcsr) == offsetof(struct __riscv_d_ext_state, fcsr),
	      "D state");

/* --- vector state: a header, the state, the registers; then the header of the end --- */

struct v_block {
	struct __riscv_ctx_hdr hdr;
	struct __riscv_v_ext_state state;
};
#define EXT_AT offsetof(struct rt_sigframe, uc.uc_mcontext.sc_extdesc.hdr)
static_assert((EXT_AT + sizeof(struct __riscv_ctx_hdr)) % 16 == 0 &&
		      sizeof(struct __riscv_v_ext_state) == sizeof(struct vstate),
	      "V state");

static size_t v_block_size(void)
{
	return sizeof(struct v_block) + v_size();
}

size_t sigframe_size(bool vectors)
{
	size_t n = sizeof(struct rt_sigframe);

	if (vectors && v_size())
		n += v_block_size() + sizeof(struct __riscv_ctx_hdr);
	return (n + 15) & ~15UL;
}

void v_forget(void)
{
	struct thread *th = &current->thread;
	u32 next = th->v_control >> 2 & PR_RISCV_V_VSTATE_CTRL_CUR_MASK;
	bool inherit = th->v_control & PR_RISCV_V_VSTATE_CTRL_INHERIT;

	kfree(th->v);
	th->v = NULL;
	th->v_hart = 0;
	th->v_control = (next ? next : PR_RISCV_V_VSTATE_CTRL_ON) |
			(inherit ? next << 2 | PR_RISCV_V_VSTATE_CTRL_INHERIT : 0);
}

/* At `to`, in user memory. */
static bool put_vectors(struct trapframe *tf, u64 to)
{
	struct vstate *v = current->thread.v;
	struct __riscv_ctx_hdr hdr = { RISCV_V_MAGIC, (u32)v_block_size() };

	v_save(&current->thread, tf);
	v->datap = to + sizeof(struct v_block);
	return !copy_to_user((void __user *)to, &hdr, sizeof(hdr)) &&
	       !copy_to_user((void __user *)(to + sizeof(hdr)), v, sizeof(*v) + v_size());
}

static bool get_vectors(struct trapframe *tf, u64 from, u32 size)
{
	struct thread *th = &current->thread;
	struct vstate head;

	if (!v_size() || !v_used(tf) || !th->v || size != v_block_size() ||
	    copy_from_user(&head, (const void __user *)(from + sizeof(struct __riscv_ctx_hdr)),
			   sizeof(head)))
		return false;
	/* Clean: should the thread sleep from here on, nothing is stored over this. */
	tf->status = (tf->status & ~SSTATUS_VS) | SSTATUS_VS_CLEAN;
	head.vlenb = th->v->vlenb;
	memcpy(th->v, &head, sizeof(head));
	if (copy_from_user(th->v->regs, (const void __user *)head.datap, v_size()))
		return false;
	v_restore(th, tf);
	return true;
}

/* The extension blocks of a frame that comes back, from the first, up to their end. */
static bool get_blocks(struct trapframe *tf, u64 at, struct __riscv_ctx_hdr hdr)
{
	while (hdr.magic != END_MAGIC) {
		if (hdr.magic != RISCV_V_MAGIC || !get_vectors(tf, at, hdr.size))
			return false;
		at += hdr.size;
		if (copy_from_user(&hdr, (const void __user *)at, sizeof(hdr)))
			return false;
	}
	return hdr.size == END_HDR_SIZE;
}

/* --- alternate stacks --- */

/* Within the alternate stack by address, whatever its flags. */
static bool within_altstack(u64 sp)
{
	const stack_t *s = &current->altstack;
	u64 base = (__force u64)s->ss_sp;

	return sp > base && sp - base <= s->ss_size;
}

/* SS_AUTODISARM: the stack counts as unused, for the handler it serves disarmed it. */
bool on_altstack(u64 sp)
{
	if ((u32)current->altstack.ss_flags & SS_AUTODISARM)
		return false;
	return within_altstack(sp);
}

void altstack_reset(struct task *t)
{
	t->altstack.ss_sp = NULL;
	t->altstack.ss_size = 0;
	t->altstack.ss_flags = SS_DISABLE;
}

int altstack_set(const stack_t *ss, u64 sp, u64 min_size)
{
	u32 mode = (u32)ss->ss_flags & ~SS_AUTODISARM;

	if (on_altstack(sp))
		return -EPERM;
	if (mode != SS_DISABLE && mode != SS_ONSTACK && mode != 0)
		return -EINVAL;
	if (mode == SS_DISABLE) {
		altstack_reset(current);
		current->altstack.ss_flags = ss->ss_flags;
		return 0;
	}
	if (ss->ss_size < min_size)
		return -ENOMEM;
	current->altstack = *ss;
	return 0;
}

/* Where the frame goes; 0: an overflow of the alternate stack. */
static u64 frame_place(const struct trapframe *tf, const struct ksigaction *ka, size_t size)
{
	const stack_t *alt = &current->altstack;
	u64 sp = tf->sp;

	if (on_altstack(sp) && !on_altstack(sp - size))
		return 0;
	if ((ka->flags & SA_ONSTACK) && alt->ss_size && !on_altstack(sp))
		sp = (__force u64)alt->ss_sp + alt->ss_size;
	return (sp - size) & ~0xfUL;
}

bool sigframe_setup(struct trapframe *tf, int signo, const struct ksigaction *ka,
		    const siginfo_t *info, ksigset_t mask)
{
	struct thread *th = &current->thread;
	struct frame_head head = { .info = *info, .stack = current->altstack, .sigmask = mask };
	bool vectors = v_used(tf) && th->v;
	u64 sp = frame_place(tf, ka, sigframe_size(vectors));
	struct rt_sigframe __user *frame = (struct rt_sigframe __user *)sp;
	struct sigcontext __user *sc = &frame->uc.uc_mcontext;
	struct frame_end end = { 0 };

	if (!sp)
		return false;
	fpu_save(th, tf);
	if (copy_to_user(frame, &head, sizeof(head)) ||
	    copy_to_user(&sc->sc_regs, &tf->pc, sizeof(sc->sc_regs)) ||
	    copy_to_user(&sc->sc_fpregs.d, &th->fp, sizeof(th->fp)) ||
	    copy_to_user(&sc->sc_extdesc.reserved, &end, sizeof(end)))
		return false;
	if (vectors && (!put_vectors(tf, sp + EXT_AT) ||
			copy_to_user((void __user *)(sp + EXT_AT + v_block_size()), &end.hdr,
				     sizeof(end.hdr))))
		return false;

	tf->pc = (u64)ka->handler;
	tf->ra = current->mm->vdso + VDSO_SIGRETURN;
	tf->sp = sp;
	tf->a0 = signo;
	tf->a1 = sp + offsetof(struct rt_sigframe, info);
	tf->a2 = sp + offsetof(struct rt_sigframe, uc);
	return true;
}

bool sigframe_return(struct trapframe *tf)
{
	struct thread *th = &current->thread;
	const struct rt_sigframe __user *frame = (const struct rt_sigframe __user *)tf->sp;
	const struct sigcontext __user *sc = &frame->uc.uc_mcontext;
	u64 sp = tf->sp;
	struct frame_head head;
	struct frame_end end;

	tf->cause = CAUSE_NO_RESTART;
	current->restart.fn = NULL;
	/* Clean: should the thread sleep in a copy, nothing is stored over it. */
	if ((tf->status & SSTATUS_FS) == SSTATUS_FS_DIRTY)
		tf->status = (tf->status & ~SSTATUS_FS) | SSTATUS_FS_CLEAN;
	/* Of a frame that ends too early some is restored, as on Linux. */
	if (copy_from_user(&head, frame, sizeof(head)) ||
	    copy_from_user(&tf->pc, &sc->sc_regs, sizeof(sc->sc_regs)) ||
	    copy_from_user(&th->fp, &sc->sc_fpregs.d, sizeof(th->fp)) ||
	    copy_from_user(&end, &sc->sc_extdesc.reserved, sizeof(end)))
		return false;
	signal_set_mask(head.sigmask & ~SIG_UNBLOCKABLE);
	if (end.reserved || !get_blocks(tf, sp + EXT_AT, end.hdr))
		return false;
	fpu_restore(th, tf);
	/* What sigaltstack(2) would refuse is left out, as Linux does. */
	altstack_set(&head.stack, sp, MINSIGSTKSZ);
	th->full_restore = 1;
	return true;
}

/*
 * Threads as the hardware sees them: first contexts, user frames, and the
 * floating-point registers. fp_owner is per hart and only touched by that hart
 * between sleeps (the kernel is not preemptible), so nothing here locks.
 *
 * A thread's FP state is in its fpstate, unless FS of its user frame is dirty:
 * then the registers of the hart it runs on are newer. fp_owner[hart] and
 * thread.fp_hart together say that the hart's registers still equal the
 * fpstate, so that a switch to a kernel thread and back loads nothing.
 */
#include "arch/riscv/thread.h"

#include <compiler.h>
#include "arch/riscv/arch_private.h"
#include "arch/riscv/asm_offsets.h"
#include "arch/riscv/cpu.h"
#include "arch/riscv/csr.h"
#include "lib/string.h"

static_assert(offsetof(struct thread, kstack_top) == THREAD_KSTACK_TOP, "asm");
static_assert(offsetof(struct thread, scratch[0]) == THREAD_SCRATCH0, "asm");
static_assert(offsetof(struct thread, scratch[1]) == THREAD_SCRATCH1, "asm");
static_assert(offsetof(struct thread, hart) == THREAD_HART, "asm");
static_assert(offsetof(struct thread, work) == THREAD_WORK, "asm");
static_assert(offsetof(struct thread, ctx) == THREAD_CTX, "asm");
static_assert(offsetof(struct thread, full_restore) == THREAD_FULL_RESTORE, "asm");
static_assert(offsetof(struct thread, fp) == THREAD_FP, "asm");
static_assert(offsetof(struct context, sp) == 8 && offsetof(struct context, s) == 16, "asm");
static_assert(offsetof(struct fpstate, fcsr) == FP_FCSR, "asm");
static_assert(offsetof(struct trapframe, pc) == TF_PC, "asm");
static_assert(offsetof(struct trapframe, sp) == TF_REG(2), "asm");
static_assert(offsetof(struct trapframe, s0) == TF_REG(8), "asm");
static_assert(offsetof(struct trapframe, a0) == TF_REG(10), "asm");
static_assert(offsetof(struct trapframe, s2) == TF_REG(18), "asm");
static_assert(offsetof(struct trapframe, t6) == TF_REG(31), "asm");
static_assert(offsetof(struct trapframe, status) == TF_STATUS, "asm");
static_assert(offsetof(struct trapframe, cause) == TF_CAUSE, "asm");
static_assert(offsetof(struct trapframe, badaddr) == TF_BADADDR, "asm");
static_assert(sizeof(struct trapframe) == TF_SIZE && TF_SIZE % 16 == 0, "asm");
static_assert(KSTACK_SIZE == 1UL << 14, "KSTACK_SHIFT in trap.S");

static_assert(offsetof(struct vstate, vcsr) == V_VCSR && offsetof(struct vstate, regs) == V_DATA,
	      "asm");

static struct thread *fp_owner[MAX_HARTS], *v_owner[MAX_HARTS];
static size_t v_bytes; /* [boot] of one register; 0: none */

void thread_setup(struct thread *t, void (*fn)(void *), void *arg)
{
	memset(&t->ctx, 0, sizeof(t->ctx));
	t->ctx.ra = (u64)thread_entry;
	t->ctx.sp = t->kstack_top - sizeof(struct trapframe);
	t->ctx.s[1] = (u64)fn;
	t->ctx.s[2] = (u64)arg;
	t->full_restore = 0;
	t->fp_hart = 0;
	t->v_hart = 0;
}

/* The kernel saves doubles: a machine with F alone counts as one without. */
static bool has_fpu(void)
{
	return cpu_features.hwcap & 1UL << ('d' - 'a');
}

void frame_init_user(struct trapframe *tf, u64 pc, u64 sp)
{
	u64 keep = SSTATUS_SIE | SSTATUS_SPP | SSTATUS_FS | SSTATUS_SUM | SSTATUS_MXR | SSTATUS_VS;

	memset(tf, 0, sizeof(*tf));
	tf->pc = pc;
	tf->sp = sp;
	/* The rest of sstatus (UXL) stays as it is. */
	tf->status = (csr_read(sstatus) & ~keep) | SSTATUS_SPIE;
	if (has_fpu())
		tf->status |= SSTATUS_FS_INITIAL;
	tf->cause = ~0UL;
}

static void frame_set_fs(struct trapframe *tf, u64 fs)
{
	tf->status = (tf->status & ~SSTATUS_FS) | fs;
}

static bool frame_fp_dirty(const struct trapframe *tf)
{
	return (tf->status & SSTATUS_FS) == SSTATUS_FS_DIRTY;
}

static void load_into(unsigned hart, struct thread *t)
{
	fp_load(&t->fp);
	fp_owner[hart] = t;
	t->fp_hart = hart + 1;
}

void fpu_save(struct thread *t, struct trapframe *tf)
{
	if ((struct task *)t != current || !frame_fp_dirty(tf))
		return;
	fp_store(&t->fp);
	fp_owner[hart_id()] = t;
	t->fp_hart = hart_id() + 1;
	frame_set_fs(tf, SSTATUS_FS_CLEAN);
}

void fpu_restore(struct thread *t, struct trapframe *tf)
{
	if (!has_fpu())
		return;
	if ((struct task *)t == current)
		load_into(hart_id(), t);
	else
		t->fp_hart = 0;
	frame_set_fs(tf, SSTATUS_FS_CLEAN);
}

void fpu_reset(struct thread *t, struct trapframe *tf)
{
	memset(&t->fp, 0, sizeof(t->fp));
	fpu_restore(t, tf);
	frame_set_fs(tf, has_fpu() ? SSTATUS_FS_INITIAL : 0);
}

/* --- vectors --- */

size_t v_size(void)
{
	if (!(cpu_features.hwcap & 1UL << ('v' - 'a')))
		return 0;
	if (!v_bytes)
		v_bytes = v_length();
	return 32 * v_bytes;
}

struct vstate *v_setup(void *mem)
{
	struct vstate *v = mem;

	v->vlenb = v_size() / 32;
	return v;
}

static void frame_set_vs(struct trapframe *tf, u64 vs)
{
	tf->status = (tf->status & ~SSTATUS_VS) | vs;
}

static bool frame_v_dirty(const struct trapframe *tf)
{
	return (tf->status & SSTATUS_VS) == SSTATUS_VS_DIRTY;
}

static void v_load_into(unsigned hart, struct thread *t)
{
	v_load(t->v);
	v_owner[hart] = t;
	t->v_hart = hart + 1;
}

static void v_store_from(unsigned hart, struct thread *t, struct trapframe *tf)
{
	v_store(t->v);
	v_owner[hart] = t;
	t->v_hart = hart + 1;
	frame_set_vs(tf, SSTATUS_VS_CLEAN);
}

void v_begin(struct thread *t, struct trapframe *tf)
{
	v_restore(t, tf);
	frame_set_vs(tf, SSTATUS_VS_INITIAL);
}

void v_save(struct thread *t, struct trapframe *tf)
{
	unsigned long irqs;

	if ((struct task *)t != current || !frame_v_dirty(tf))
		return;
	irqs = irq_save();
	v_store_from(hart_id(), t, tf);
	irq_restore(irqs);
}

void v_restore(struct thread *t, struct trapframe *tf)
{
	unsigned long irqs = irq_save();

	if ((struct task *)t == current)
		v_load_into(hart_id(), t);
	else
		t->v_hart = 0;
	frame_set_vs(tf, SSTATUS_VS_CLEAN);
	irq_restore(irqs);
}

static void v_switch(struct thread *prev, struct thread *next)
{
	unsigned hart = hart_id();
	struct trapframe *ptf = task_frame((struct task *)prev);

	if (prev->v && frame_v_dirty(ptf))
		v_store_from(hart, prev, ptf);
	if (next->v && v_used(task_frame((struct task *)next)) &&
	    (v_owner[hart] != next || next->v_hart != hart + 1))
		v_load_into(hart, next);
}

/* ISA manual, "V", instruction formats: OP-V, vector loads and stores, CSRs 8..10, 15, 0xc20..22. */
bool insn_is_vector(u32 insn)
{
	u32 opcode = insn & 0x7f, width = insn >> 12 & 7, csr = insn >> 20;

	switch (opcode) {
	case 0x57:
		return true;
	case 0x07:
	case 0x27:
		return width == 0 || width >= 5;
	case 0x73:
		return (width & 3) && ((csr >= 0x008 && csr <= 0x00a) || csr == 0x00f ||
				       (csr >= 0xc20 && csr <= 0xc22));
	default:
		return false;
	}
}

/*
 * Kernel threads have a frame too, of zeros or of garbage: at worst their
 * unused fpstate is written or read.
 */
void fpu_switch(struct thread *prev, struct thread *next)
{
	unsigned hart = hart_id();
	struct trapframe *ptf = task_frame((struct task *)prev);

	if (frame_fp_dirty(ptf)) {
		fp_store(&prev->fp);
		fp_owner[hart] = prev;
		prev->fp_hart = hart + 1;
		frame_set_fs(ptf, SSTATUS_FS_CLEAN);
	}
	if (prev->v || next->v)
		v_switch(prev, next);
	if (!(task_frame((struct task *)next)->status & SSTATUS_FS))
		return;
	if (fp_owner[hart] != next || next->fp_hart != hart + 1)
		load_into(hart, next);
}

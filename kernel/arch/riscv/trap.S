/*
 * The trap vector (privileged spec, "Supervisor CSRs"), the way back, and the
 * context switch.
 *
 * sscratch holds the current task while user code runs and 0 in the kernel; tp
 * holds the task in the kernel. Interrupts are off in all of this file. The
 * frame of user registers lies at the top of the task's kernel stack; frames of
 * interrupted kernel code lie where the stack was.
 */
#include "arch/riscv/asm_offsets.h"

#define SSTATUS_SIE	2
#define EXC_ECALL_U	8
#define IRQ_SOFT	1
#define CAUSE_STACK_OVERFLOW 64
#define KSTACK_SHIFT	14

.macro save_reg n
	sd	x\n, TF_REG(\n)(sp)
.endm
.macro load_reg n
	ld	x\n, TF_REG(\n)(sp)
.endm

/* All but x2 (sp) and x4 (tp), which the callers place. */
.macro save_all
	.irp	n, 1,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	save_reg \n
	.endr
.endm

/* pc, status, badaddr; cause is left in t4. Clobbers t2, t3. */
.macro save_csrs
	csrr	t2, sepc
	csrr	t3, sstatus
	csrr	t4, scause
	sd	t2, TF_PC(sp)
	sd	t3, TF_STATUS(sp)
	sd	t4, TF_CAUSE(sp)
.endm

.macro load_csrs
	ld	t0, TF_STATUS(sp)
	ld	t1, TF_PC(sp)
	csrw	sstatus, t0
	csrw	sepc, t1
.endm

/*
 * For debuggers (DWARF 5, 6.4): from here on sp points at a frame, where the registers of the
 * interrupted code lie. 64 is the column for a return address that is in none of them (RISC-V
 * DWARF specification).
 */
.macro frame_is_at_sp
	.cfi_signal_frame
	.cfi_def_cfa sp, TF_SIZE
	.cfi_return_column 64
	.cfi_offset 64, TF_PC - TF_SIZE
	.irp	n, 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	.cfi_offset \n, TF_REG(\n) - TF_SIZE
	.endr
.endm

.macro assert_irqs_off
#ifdef DEBUG
	csrr	t0, sstatus
	andi	t0, t0, SSTATUS_SIE
	beqz	t0, 9f
	ebreak
9:
#endif
.endm

	.cfi_sections .debug_frame
	.text
	.globl	trap_vector
	.balign	4
trap_vector:
	.cfi_startproc
	frame_is_at_sp
	csrrw	tp, sscratch, tp
	beqz	tp, from_kernel

	sd	sp, THREAD_SCRATCH0(tp)
	ld	sp, THREAD_KSTACK_TOP(tp)
	addi	sp, sp, -TF_SIZE
	save_all
	ld	t0, THREAD_SCRATCH0(tp)
	csrrw	t1, sscratch, zero
	sd	t0, TF_REG(2)(sp)
	sd	t1, TF_REG(4)(sp)
	save_csrs
	mv	a0, sp
	li	t0, EXC_ECALL_U
	bne	t4, t0, user_trap

	/* A system call: what C preserves is not loaded again, unless somebody changed it. */
	sd	zero, TF_BADADDR(sp)
	call	syscall_dispatch
	assert_irqs_off
	lw	t0, THREAD_FULL_RESTORE(tp)
	bnez	t0, return_full
	load_csrs
	csrw	sscratch, tp
	.irp	n, 1,3,4,5,6,7,10,11,12,13,14,15,16,17,28,29,30,31
	load_reg \n
	.endr
	load_reg 2
	sret

user_trap:
	csrr	t0, stval
	sd	t0, TF_BADADDR(sp)
	call	trap_dispatch
	assert_irqs_off
return_full:
	sw	zero, THREAD_FULL_RESTORE(tp)
	load_csrs
	csrw	sscratch, tp
	.irp	n, 1,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	load_reg \n
	.endr
	load_reg 2
	sret

from_kernel:
	csrrw	tp, sscratch, tp
	/* Is there room for a frame? kstack_top - sp + TF_SIZE must be 1 .. KSTACK_SIZE. */
	sd	t0, THREAD_SCRATCH1(tp)
	ld	t0, THREAD_KSTACK_TOP(tp)
	sub	t0, t0, sp
	addi	t0, t0, TF_SIZE - 1
	srli	t0, t0, KSTACK_SHIFT
	bnez	t0, stack_overflow
	ld	t0, THREAD_SCRATCH1(tp)
	addi	sp, sp, -TF_SIZE
	save_all
	sd	tp, TF_REG(4)(sp)
	addi	t0, sp, TF_SIZE
	sd	t0, TF_REG(2)(sp)
	save_csrs
	csrr	t0, stval
	sd	t0, TF_BADADDR(sp)
	mv	a0, sp
	call	trap_dispatch
	assert_irqs_off
	load_csrs
	.irp	n, 1,3,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	load_reg \n
	.endr
	load_reg 2
	sret

	/* The emergency stack becomes the task's stack, so that what follows may trap again. */
stack_overflow:
	sd	sp, THREAD_SCRATCH0(tp)
	lwu	sp, THREAD_HART(tp)
	slli	sp, sp, 3
	lla	t0, emergency_top
	add	sp, sp, t0
	ld	sp, 0(sp)
	sd	sp, THREAD_KSTACK_TOP(tp)
	ld	t0, THREAD_SCRATCH1(tp)
	addi	sp, sp, -TF_SIZE
	save_all
	ld	t0, THREAD_SCRATCH0(tp)
	sd	t0, TF_REG(2)(sp)
	sd	tp, TF_REG(4)(sp)
	save_csrs
	sd	t0, TF_BADADDR(sp)
	li	t1, CAUSE_STACK_OVERFLOW
	sd	t1, TF_CAUSE(sp)
	mv	a0, sp
	call	trap_dispatch
1:	wfi
	j	1b
	.cfi_endproc

/*
 * struct task *context_switch(struct thread *prev, struct thread *next): a0 stays, it is the
 * result.
 */
	.globl	context_switch
context_switch:
	.cfi_startproc
	sd	ra, (THREAD_CTX + 0)(a0)
	sd	sp, (THREAD_CTX + 8)(a0)
	sd	s0, (THREAD_CTX + 16)(a0)
	sd	s1, (THREAD_CTX + 24)(a0)
	sd	s2, (THREAD_CTX + 32)(a0)
	sd	s3, (THREAD_CTX + 40)(a0)
	sd	s4, (THREAD_CTX + 48)(a0)
	sd	s5, (THREAD_CTX + 56)(a0)
	sd	s6, (THREAD_CTX + 64)(a0)
	sd	s7, (THREAD_CTX + 72)(a0)
	sd	s8, (THREAD_CTX + 80)(a0)
	sd	s9, (THREAD_CTX + 88)(a0)
	sd	s10, (THREAD_CTX + 96)(a0)
	sd	s11, (THREAD_CTX + 104)(a0)

	ld	ra, (THREAD_CTX + 0)(a1)
	ld	sp, (THREAD_CTX + 8)(a1)
	ld	s0, (THREAD_CTX + 16)(a1)
	ld	s1, (THREAD_CTX + 24)(a1)
	ld	s2, (THREAD_CTX + 32)(a1)
	ld	s3, (THREAD_CTX + 40)(a1)
	ld	s4, (THREAD_CTX + 48)(a1)
	ld	s5, (THREAD_CTX + 56)(a1)
	ld	s6, (THREAD_CTX + 64)(a1)
	ld	s7, (THREAD_CTX + 72)(a1)
	ld	s8, (THREAD_CTX + 80)(a1)
	ld	s9, (THREAD_CTX + 88)(a1)
	ld	s10, (THREAD_CTX + 96)(a1)
	ld	s11, (THREAD_CTX + 104)(a1)
	mv	tp, a1
	ret
	.cfi_endproc

/* A new task: a0 the task switched from, s1 the function or 0, s2 its argument; sp at the frame. */
	.globl	thread_entry
thread_entry:
	.cfi_startproc
	.cfi_undefined ra
	call	task_first_run
	beqz	s1, 1f
	mv	a0, s2
	jalr	s1
1:	csrci	sstatus, SSTATUS_SIE
	lw	t0, THREAD_WORK(tp)
	beqz	t0, return_full
	li	t0, 1
	slli	t0, t0, 63
	ori	t0, t0, IRQ_SOFT
	sd	t0, TF_CAUSE(sp)
	mv	a0, sp
	call	trap_dispatch
	j	return_full
	.cfi_endproc

/* void thread_adopt(struct thread *t) */
	.globl	thread_adopt
thread_adopt:
	ld	t0, THREAD_KSTACK_TOP(tp)
	lwu	t1, THREAD_HART(tp)
	sd	t0, THREAD_KSTACK_TOP(a0)
	sw	t1, THREAD_HART(a0)
	mv	tp, a0
	ret

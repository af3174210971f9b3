/*
 * Loads and stores of the floating-point registers: the only code of the kernel
 * that may name them. Each turns sstatus.FS on first; what FS is in the kernel
 * afterwards does not matter, the way back to user mode takes it from the frame.
 */
#include "arch/riscv/asm_offsets.h"

#define FS_CLEAN 0x4000

	.attribute arch, "rv64imafdc"
	.text
/* void fp_store(struct fpstate *fp) */
	.globl	fp_store
fp_store:
	li	t0, FS_CLEAN
	csrs	sstatus, t0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fsd	f\n, (\n * 8)(a0)
	.endr
	csrr	t0, fcsr
	sw	t0, FP_FCSR(a0)
	ret

/* void fp_load(const struct fpstate *fp) */
	.globl	fp_load
fp_load:
	li	t0, FS_CLEAN
	csrs	sstatus, t0
	.irp	n, 0,1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31
	fld	f\n, (\n * 8)(a0)
	.endr
	lwu	t0, FP_FCSR(a0)
	csrw	fcsr, t0
	ret

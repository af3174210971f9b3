/*
 * Loads and stores of the vector registers (the V extension, 1.0): the only code of
 * the kernel that may name them. Each turns sstatus.VS on first; what VS is in the
 * kernel afterwards does not matter, the way back to user mode takes it from the frame.
 */
#include "arch/riscv/asm_offsets.h"

#define VS_CLEAN 0x400

	.attribute arch, "rv64imac_v"
	.text
/* u64 v_length(void): bytes of one vector register */
	.globl	v_length
v_length:
	li	t0, VS_CLEAN
	csrs	sstatus, t0
	csrr	a0, vlenb
	ret

/* void v_store(struct vstate *v) */
	.globl	v_store
v_store:
	li	t0, VS_CLEAN
	csrs	sstatus, t0
	csrr	t4, vstart
	csrr	t1, vl
	csrr	t2, vtype
	csrr	t3, vcsr
	sd	t4, V_VSTART(a0)
	sd	t1, V_VL(a0)
	sd	t2, V_VTYPE(a0)
	sd	t3, V_VCSR(a0)
	addi	a0, a0, V_DATA
	csrw	vstart, zero
	vsetvli	t0, zero, e8, m8, ta, ma
	vse8.v	v0, (a0)
	add	a0, a0, t0
	vse8.v	v8, (a0)
	add	a0, a0, t0
	vse8.v	v16, (a0)
	add	a0, a0, t0
	vse8.v	v24, (a0)
	vsetvl	zero, t1, t2
	csrw	vcsr, t3
	csrw	vstart, t4
	ret

/* void v_load(const struct vstate *v) */
	.globl	v_load
v_load:
	li	t0, VS_CLEAN
	csrs	sstatus, t0
	addi	a1, a0, V_DATA
	csrw	vstart, zero
	vsetvli	t0, zero, e8, m8, ta, ma
	vle8.v	v0, (a1)
	add	a1, a1, t0
	vle8.v	v8, (a1)
	add	a1, a1, t0
	vle8.v	v16, (a1)
	add	a1, a1, t0
	vle8.v	v24, (a1)
	ld	t1, V_VL(a0)
	ld	t2, V_VTYPE(a0)
	vsetvl	zero, t1, t2
	ld	t3, V_VCSR(a0)
	csrw	vcsr, t3
	ld	t0, V_VSTART(a0)
	csrw	vstart, t0
	ret

/*
 * lazy.S - what compiled code calls in ways of its own.
 *
 * __dl_lazy: the first entry of a PLT jumps here with the object in t0 and in t1 how far into the
 * words of the PLT the called function's word is (psABI, "Program Linkage Table"). Arguments are in a0-a7 and
 * fa0-fa7. Functions with arguments elsewhere, in vector registers, are never bound so (STO_RISCV_VARIANT_CC).
 *
 * __dl_desc_static, __dl_desc_dynamic: a0 is the address of a TLS descriptor, whose second word is for
 * us; a0 becomes the variable's distance from tp. t0 is where to return; all else stays as it is,
 * vector registers too where the machine has them (__dl_vector).
 */
	.text
	.globl	__dl_lazy
	.type	__dl_lazy, @function
__dl_lazy:
	.cfi_startproc
	addi	sp, sp, -144
	.cfi_def_cfa_offset 144
	sd	ra, 0(sp)
	.cfi_offset ra, -144
	sd	a0, 8(sp)
	sd	a1, 16(sp)
	sd	a2, 24(sp)
	sd	a3, 32(sp)
	sd	a4, 40(sp)
	sd	a5, 48(sp)
	sd	a6, 56(sp)
	sd	a7, 64(sp)
	fsd	fa0, 72(sp)
	fsd	fa1, 80(sp)
	fsd	fa2, 88(sp)
	fsd	fa3, 96(sp)
	fsd	fa4, 104(sp)
	fsd	fa5, 112(sp)
	fsd	fa6, 120(sp)
	fsd	fa7, 128(sp)
	mv	a0, t0
	mv	a1, t1
	call	__dl_bind
	mv	t1, a0
	ld	ra, 0(sp)
	ld	a0, 8(sp)
	ld	a1, 16(sp)
	ld	a2, 24(sp)
	ld	a3, 32(sp)
	ld	a4, 40(sp)
	ld	a5, 48(sp)
	ld	a6, 56(sp)
	ld	a7, 64(sp)
	fld	fa0, 72(sp)
	fld	fa1, 80(sp)
	fld	fa2, 88(sp)
	fld	fa3, 96(sp)
	fld	fa4, 104(sp)
	fld	fa5, 112(sp)
	fld	fa6, 120(sp)
	fld	fa7, 128(sp)
	addi	sp, sp, 144
	.cfi_def_cfa_offset 0
	jr	t1
	.cfi_endproc
	.size	__dl_lazy, . - __dl_lazy

	.globl	__dl_desc_static
	.type	__dl_desc_static, @function
__dl_desc_static:
	ld	a0, 8(a0)
	jr	t0
	.size	__dl_desc_static, . - __dl_desc_static

	.globl	__dl_desc_dynamic
	.type	__dl_desc_dynamic, @function
__dl_desc_dynamic:
	addi	sp, sp, -304
	sd	ra, 0(sp)
	sd	t0, 8(sp)
	sd	t1, 16(sp)
	sd	t2, 24(sp)
	sd	t3, 32(sp)
	sd	t4, 40(sp)
	sd	t5, 48(sp)
	sd	t6, 56(sp)
	sd	a1, 64(sp)
	sd	a2, 72(sp)
	sd	a3, 80(sp)
	sd	a4, 88(sp)
	sd	a5, 96(sp)
	sd	a6, 104(sp)
	sd	a7, 112(sp)
	sd	s0, 120(sp)
	fsd	ft0, 128(sp)
	fsd	ft1, 136(sp)
	fsd	ft2, 144(sp)
	fsd	ft3, 152(sp)
	fsd	ft4, 160(sp)
	fsd	ft5, 168(sp)
	fsd	ft6, 176(sp)
	fsd	ft7, 184(sp)
	fsd	ft8, 192(sp)
	fsd	ft9, 200(sp)
	fsd	ft10, 208(sp)
	fsd	ft11, 216(sp)
	fsd	fa0, 224(sp)
	fsd	fa1, 232(sp)
	fsd	fa2, 240(sp)
	fsd	fa3, 248(sp)
	fsd	fa4, 256(sp)
	fsd	fa5, 264(sp)
	fsd	fa6, 272(sp)
	fsd	fa7, 280(sp)
	frcsr	t1
	sd	t1, 288(sp)
	mv	s0, sp
	ld	a0, 8(a0)
	lw	t1, __dl_vector
	beqz	t1, 1f
	.option	push
	.option	arch, +v
	csrr	t2, vl
	csrr	t3, vtype
	csrr	t4, vstart
	csrr	t5, vcsr
	csrr	t6, vlenb
	slli	t6, t6, 5
	sub	sp, sp, t6
	csrr	t6, vlenb
	slli	t6, t6, 3
	addi	sp, sp, -32
	sd	t2, 0(sp)
	sd	t3, 8(sp)
	sd	t4, 16(sp)
	sd	t5, 24(sp)
	csrw	vstart, zero
	addi	t1, sp, 32
	vs8r.v	v0, (t1)
	add	t1, t1, t6
	vs8r.v	v8, (t1)
	add	t1, t1, t6
	vs8r.v	v16, (t1)
	add	t1, t1, t6
	vs8r.v	v24, (t1)
	call	__tls_get_addr
	csrr	t6, vlenb
	slli	t6, t6, 3
	csrw	vstart, zero
	addi	t1, sp, 32
	vl8re8.v v0, (t1)
	add	t1, t1, t6
	vl8re8.v v8, (t1)
	add	t1, t1, t6
	vl8re8.v v16, (t1)
	add	t1, t1, t6
	vl8re8.v v24, (t1)
	ld	t2, 0(sp)
	ld	t3, 8(sp)
	ld	t4, 16(sp)
	ld	t5, 24(sp)
	vsetvl	zero, t2, t3
	csrw	vcsr, t5
	csrw	vstart, t4
	.option	pop
	j	2f
1:	call	__tls_get_addr
2:	sub	a0, a0, tp
	mv	sp, s0
	ld	t1, 288(sp)
	fscsr	t1
	ld	ra, 0(sp)
	ld	t0, 8(sp)
	ld	t1, 16(sp)
	ld	t2, 24(sp)
	ld	t3, 32(sp)
	ld	t4, 40(sp)
	ld	t5, 48(sp)
	ld	t6, 56(sp)
	ld	a1, 64(sp)
	ld	a2, 72(sp)
	ld	a3, 80(sp)
	ld	a4, 88(sp)
	ld	a5, 96(sp)
	ld	a6, 104(sp)
	ld	a7, 112(sp)
	ld	s0, 120(sp)
	fld	ft0, 128(sp)
	fld	ft1, 136(sp)
	fld	ft2, 144(sp)
	fld	ft3, 152(sp)
	fld	ft4, 160(sp)
	fld	ft5, 168(sp)
	fld	ft6, 176(sp)
	fld	ft7, 184(sp)
	fld	ft8, 192(sp)
	fld	ft9, 200(sp)
	fld	ft10, 208(sp)
	fld	ft11, 216(sp)
	fld	fa0, 224(sp)
	fld	fa1, 232(sp)
	fld	fa2, 240(sp)
	fld	fa3, 248(sp)
	fld	fa4, 256(sp)
	fld	fa5, 264(sp)
	fld	fa6, 272(sp)
	fld	fa7, 280(sp)
	addi	sp, sp, 304
	jr	t0
	.size	__dl_desc_dynamic, . - __dl_desc_dynamic
	.section .note.GNU-stack, "", @progbits

/*
 * context.S - getcontext(3), setcontext(3), swapcontext(3): what a callee keeps,
 * in the layout of a signal frame (uapi/signal.h), with the mask through the
 * kernel. pc gets the return address, so a context resumes where getcontext
 * returns, with 0.
 */
#include <sys/syscall.h>

#define MASK 40	/* uc_sigmask */
#define REGS 176 /* uc_mcontext: pc, ra, sp, gp, tp, t0-t2, s0, s1, a0-a7, s2-s11, t3-t6 */
#define PC   (REGS)
#define RA   (REGS + 8)
#define SP   (REGS + 16)
#define S0   (REGS + 64)
#define S1   (REGS + 72)
#define A0   (REGS + 80)
#define S2   (REGS + 144)
#define F    (REGS + 256) /* f0-f31, fcsr */
#define FCSR (REGS + 512)

	.macro	saved op, fop
	\op	s0, S0(t5)
	\op	s1, S1(t5)
	\op	s2, S2(t5)
	\op	s3, S2+8(t5)
	\op	s4, S2+16(t5)
	\op	s5, S2+24(t5)
	\op	s6, S2+32(t5)
	\op	s7, S2+40(t5)
	\op	s8, S2+48(t5)
	\op	s9, S2+56(t5)
	\op	s10, S2+64(t5)
	\op	s11, S2+72(t5)
	\fop	fs0, F+64(t5)
	\fop	fs1, F+72(t5)
	\fop	fs2, F+144(t5)
	\fop	fs3, F+152(t5)
	\fop	fs4, F+160(t5)
	\fop	fs5, F+168(t5)
	\fop	fs6, F+176(t5)
	\fop	fs7, F+184(t5)
	\fop	fs8, F+192(t5)
	\fop	fs9, F+200(t5)
	\fop	fs10, F+208(t5)
	\fop	fs11, F+216(t5)
	.endm

	.macro	keep
	mv	t5, a0
	sd	ra, PC(t5)
	sd	ra, RA(t5)
	sd	sp, SP(t5)
	sd	zero, A0(t5)
	frcsr	t0
	sw	t0, FCSR(t5)
	saved	sd, fsd
	.endm

	.text
	.globl	getcontext
	.type	getcontext, @function
getcontext:
	keep
	li	a1, 0			/* how: nothing is set */
	addi	a2, t5, MASK
	mv	a0, zero
	li	a3, 8
	li	a7, __NR_rt_sigprocmask
	ecall
	li	a0, 0
	ret
	.size	getcontext, . - getcontext

	.globl	swapcontext
	.type	swapcontext, @function
swapcontext:
	mv	t6, a1
	keep
	addi	a1, t6, MASK
	addi	a2, t5, MASK
	mv	t5, t6
	j	1f
	.size	swapcontext, . - swapcontext

	.globl	setcontext
	.type	setcontext, @function
setcontext:
	mv	t5, a0
	addi	a1, t5, MASK
	li	a2, 0
1:	li	a0, 2			/* SIG_SETMASK */
	li	a3, 8
	li	a7, __NR_rt_sigprocmask
	ecall
	saved	ld, fld
	lw	t0, FCSR(t5)
	fscsr	t0
	ld	ra, RA(t5)
	ld	sp, SP(t5)
	ld	t1, PC(t5)
	ld	a0, A0(t5)
	ld	a1, A0+8(t5)
	ld	a2, A0+16(t5)
	ld	a3, A0+24(t5)
	ld	a4, A0+32(t5)
	ld	a5, A0+40(t5)
	ld	a6, A0+48(t5)
	ld	a7, A0+56(t5)
	jr	t1
	.size	setcontext, . - setcontext

/* A function of makecontext has returned: go on with uc_link (s0 has the context), or end. */
	.globl	__context_end
	.hidden	__context_end
	.type	__context_end, @function
__context_end:
	ld	a0, 8(s0)
	beqz	a0, 2f
	call	setcontext
2:	li	a0, 0
	call	exit
	.size	__context_end, . - __context_end
	.section .note.GNU-stack, "", @progbits

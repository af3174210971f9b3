/*
 * long __cancel_call(long n, long a, long b, long c, long d, long e, long f)
 *
 * A system call that is a cancellation point. From __cancel_begin until the
 * ecall is done the handler of SIGCANCEL may turn away: a request that comes
 * after the look at the flag and before the call sleeps is not lost, and one
 * that comes when the call has done its work is not acted on.
 */
#include "cancel_offsets.h"

	.text
	.globl	__cancel_call
	.hidden	__cancel_begin
	.hidden	__cancel_end
	.globl	__cancel_begin
	.globl	__cancel_end
	.type	__cancel_call, @function
__cancel_call:
	mv	a7, a0
	mv	a0, a1
	mv	a1, a2
	mv	a2, a3
	mv	a3, a4
	mv	a4, a5
	mv	a5, a6
__cancel_begin:
	lw	t0, CANCEL_OFFSET(tp)
	bnez	t0, 2f
1:	ecall
__cancel_end:
	li	t0, -4		/* -EINTR: perhaps by SIGCANCEL itself */
	beq	a0, t0, 3f
	ret
2:	lbu	t0, DISABLED_OFFSET(tp)
	bnez	t0, 1b
	j	4f
3:	lw	t0, CANCEL_OFFSET(tp)
	beqz	t0, 5f
	lbu	t0, DISABLED_OFFSET(tp)
	bnez	t0, 5f
4:	lla	t0, __cancel_hook
	ld	t0, 0(t0)
	jr	t0
5:	ret
	.size	__cancel_call, . - __cancel_call
	.section .note.GNU-stack, "", @progbits

/*
 * clone.S - int clone(int (*fn)(void *), void *stack, int flags, void *arg,
 *                     pid_t *ptid, void *tls, pid_t *ctid)
 *
 * clone(2) for a child with a stack of its own: it calls fn(arg) and ends with
 * what that returns. The child's registers are the caller's, so fn and arg
 * wait on the new stack. riscv64 takes flags, stack, ptid, tls, ctid.
 */
#include <sys/syscall.h>

	.text
	.globl	clone
	.type	clone, @function
clone:
	andi	a1, a1, -16
	addi	a1, a1, -16
	sd	a0, 0(a1)
	sd	a3, 8(a1)
	mv	a0, a2
	mv	a2, a4
	mv	a3, a5
	mv	a4, a6
	li	a7, __NR_clone
	ecall
	beqz	a0, 1f
	tail	__syscall_ret
1:
	.cfi_startproc
	.cfi_undefined ra
	li	fp, 0
	ld	a1, 0(sp)
	ld	a0, 8(sp)
	jalr	a1
	li	a7, __NR_exit
	ecall
	ebreak
	.cfi_endproc
	.size	clone, . - clone
	.section .note.GNU-stack, "", @progbits

/*
 * vfork.S - vfork(2): the child runs on the parent's stack and memory, and the
 * parent waits. So nothing may be kept on the stack here.
 */
#include <sys/syscall.h>

	.text
	.globl	vfork
	.type	vfork, @function
vfork:
	li	a0, 0x4111		/* CLONE_VM | CLONE_VFORK | SIGCHLD */
	li	a1, 0
	li	a7, __NR_clone
	ecall
	bltz	a0, 1f
	ret
1:	tail	__syscall_ret
	.size	vfork, . - vfork
	.section .note.GNU-stack, "", @progbits

/*
 * crt1.S - where a program starts. The kernel leaves argc, argv, envp and the
 * auxiliary vector on the stack (the ELF psABI's "Process initialization").
 * gp must be set without relaxation: the relaxed form would use gp itself.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined ra
	.option	push
	.option	norelax
	la	gp, __global_pointer$
	.option	pop
	mv	a0, sp
	la	a1, main
	li	fp, 0
	andi	sp, sp, -16
	call	__libc_start
	ebreak
	.cfi_endproc
	.size	_start, . - _start
	.section .note.GNU-stack, "", @progbits

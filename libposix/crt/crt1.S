/*
 * crt1.S - where a program starts. The kernel leaves argc, argv, envp and the
 * auxiliary vector on the stack (the ELF psABI's "Process initialization").
 * gp must be set without relaxation: the relaxed form would use gp itself.
 * Nothing here depends on where it lies, so that this is Scrt1.o too; rcrt1.o (RELOCATE)
 * is for static programs that may lie anywhere.
 */
	.text
	.globl	_start
	.type	_start, @function
_start:
	.cfi_startproc
	.cfi_undefined ra
	.option	push
	.option	norelax
	lla	gp, __global_pointer$
	.option	pop
	mv	s1, sp
	li	fp, 0
	andi	sp, sp, -16
#ifdef RELOCATE
	.weak	_DYNAMIC
	.hidden	_DYNAMIC
	lla	a0, _DYNAMIC
	lla	a1, __ehdr_start	/* linked at 0 */
	call	__relocate_self
#endif
	mv	a0, s1
	.option	push
	.option	pic
	la	a1, main		/* it may be in a shared object */
	.option	pop
	call	__libc_start
	ebreak
	.cfi_endproc
	.size	_start, . - _start
	.section .note.GNU-stack, "", @progbits

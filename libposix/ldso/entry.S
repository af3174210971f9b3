/*
 * entry.S - where the kernel starts the interpreter of a dynamic program. Nothing is relocated
 * yet; __relocate_self (src/start/relocate.c) adds to libc.so's own pointers how far it was moved.
 */
	.text
	.globl	_dlstart
	.hidden	_dlstart
	.type	_dlstart, @function
_dlstart:
	.cfi_startproc
	.cfi_undefined ra
	mv	s1, sp
	li	fp, 0
	andi	sp, sp, -16
	.hidden	_DYNAMIC
	lla	a0, _DYNAMIC
	lla	a1, __ehdr_start	/* linked at 0 */
	call	__relocate_self
	mv	a0, s1
	call	__dl_start
	mv	sp, a1
	mv	t0, a0
	li	a0, 0			/* no function of ours to call at exit */
	jr	t0
	.cfi_endproc
	.size	_dlstart, . - _dlstart
	.section .note.GNU-stack, "", @progbits

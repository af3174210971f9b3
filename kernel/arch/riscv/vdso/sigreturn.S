/*
 * Where a signal handler returns to. Unwinders know it by these two full-size
 * instructions at the return address: libgcc's and LLVM's look for an FDE of the
 * address before it first, so nothing that has one may end directly in front.
 */
#define NR_rt_sigreturn 139

	.text
	.balign	16
	.4byte	0, 0, 0, 0
	.globl	__vdso_rt_sigreturn
	.type	__vdso_rt_sigreturn, @function
__vdso_rt_sigreturn:
	.cfi_startproc
	.cfi_signal_frame
	.option	push
	.option	norvc
	li	a7, NR_rt_sigreturn
	ecall
	.option	pop
	.cfi_endproc
	.size	__vdso_rt_sigreturn, . - __vdso_rt_sigreturn

	/* The kernel's version, as Linux's vDSO notes it: 6.12. */
	.section .note.Linux, "a", @note
	.balign	4
	.4byte	2f - 1f
	.4byte	4f - 3f
	.4byte	0
1:	.asciz	"Linux"
2:	.balign	4
3:	.4byte	6 << 16 | 12 << 8
4:	.balign	4

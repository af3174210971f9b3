/*
 * The vDSO image, a page of its own in rodata (arch/riscv/vdso.h).
 */
	.section .vdso_image, "a"
	.balign	4096
	.globl	vdso_image, vdso_image_end
vdso_image:
	.incbin	VDSO_FILE
vdso_image_end:
	.balign	4096

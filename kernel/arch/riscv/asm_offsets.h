/*
 * Offsets that the assembly uses. thread.c asserts each against the C structure.
 */
#ifndef ARCH_RISCV_ASM_OFFSETS_H
#define ARCH_RISCV_ASM_OFFSETS_H

#define MAX_HARTS 8

/* struct thread */
#define THREAD_KSTACK_TOP   0
#define THREAD_SCRATCH0	    8
#define THREAD_SCRATCH1	    16
#define THREAD_HART	    24
#define THREAD_WORK	    28
#define THREAD_CTX	    32 /* ra, sp, s0..s11 */
#define THREAD_FULL_RESTORE 144
#define THREAD_FP	    152

/* struct fpstate */
#define FP_FCSR 256

/* struct vstate */
#define V_VSTART 0
#define V_VL	 8
#define V_VTYPE	 16
#define V_VCSR	 24
#define V_DATA	 48

/* struct trapframe: word n holds register xn, word 0 the pc */
#define TF_REG(n)  ((n)*8)
#define TF_PC	   TF_REG(0)
#define TF_STATUS  256
#define TF_CAUSE   264
#define TF_BADADDR 272
#define TF_SIZE	   288
#endif

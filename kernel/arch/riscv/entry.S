/*
 * The first instructions. The firmware enters _start in S-mode, MMU off, with
 * a0 the hart's SBI id and a1 the physical address of the device tree; QEMU
 * enters at the lowest load address, so _start comes first in the image. The
 * first hart boots. The others, which HSM starts, come in here too: firmware before
 * OpenSBI 1.3 marks a hart started before it writes the address, and one that
 * happens to be awake then goes where the boot hart went, whatever address was
 * given. They find the thread that start_one put down for them by their SBI id.
 *
 * The step to virtual addresses: stvec points at the continuation's virtual
 * address when satp is written; the next fetch, at a physical address that the
 * table does not map, traps there.
 */
#include "arch/riscv/asm_offsets.h"
#include "arch/riscv/memlayout.h"

#define SATP_SV39	8
#define VIRT_OFFSET	(KERNEL_BASE - KERNEL_PHYS)

/* Turns the MMU on with the root table \root and goes on after the macro. Clobbers t0..t2. */
.macro enter_virtual root
	lla	t0, \root
	srli	t0, t0, PAGE_SHIFT
	li	t1, SATP_SV39
	slli	t1, t1, 60
	or	t0, t0, t1
	lla	t1, 1f
	li	t2, VIRT_OFFSET
	add	t1, t1, t2
	csrw	stvec, t1
	sfence.vma
	csrw	satp, t0
	.balign	4
1:
.endm

	.cfi_sections .debug_frame
	.section .head.text, "ax"
	.globl	_start
_start:
	.cfi_startproc
	.cfi_undefined ra
	csrw	sie, zero
	csrw	sscratch, zero
	lla	t0, boot_claimed
	li	t1, 1
	amoswap.w.aqrl t1, t1, (t0)
	bnez	t1, other_hart
	mv	s0, a0
	mv	s1, a1

	lla	t0, __bss_start
	lla	t1, __bss_end
1:	bgeu	t0, t1, 2f
	sd	zero, 0(t0)
	addi	t0, t0, 8
	j	1b
2:
	enter_virtual boot_root
	lla	t0, trap_vector
	csrw	stvec, t0
	lla	tp, boot_threads
	lla	sp, boot_stacks
	li	t0, PAGE_SIZE + KSTACK_SIZE
	add	sp, sp, t0
	sd	sp, THREAD_KSTACK_TOP(tp)
	addi	sp, sp, -TF_SIZE
	mv	a0, s0
	mv	a1, s1
	li	s0, 0
	call	kmain
	ebreak

	/* Who finds nothing was not asked for: it waits for ever. */
other_hart:
	lla	t0, hart_sbi_id
	lla	t1, hart_start_thread
	li	t2, MAX_HARTS
1:	beqz	t2, 3f
	ld	t3, 0(t0)
	ld	t4, 0(t1)
	bne	t3, a0, 2f
	bnez	t4, 4f
2:	addi	t0, t0, 8
	addi	t1, t1, 8
	addi	t2, t2, -1
	j	1b
3:	wfi
	j	3b
4:	mv	s0, t4
	enter_virtual kernel_root
	lla	t0, trap_vector
	csrw	stvec, t0
	mv	tp, s0
	ld	sp, THREAD_KSTACK_TOP(tp)
	addi	sp, sp, -TF_SIZE
	li	s0, 0
	call	hart_begin
	ebreak
	.cfi_endproc

	.section .data, "aw"
	.balign	4
boot_claimed:
	.word	0

/*
 * The table for the first steps, until kernel_map_init: RAM at the direct map,
 * and the gigabyte of the image. Constant, so that no code need run to build it.
 */
#define LEAF_1G(n, flags) (((n) << 28) | (flags))
#define RW_A_D		0xc7
#define RWX_A_D		0xcf
	.section .data, "aw"
	.balign	PAGE_SIZE
boot_root:
	.zero	256 * 8
	.set	gig, 0
	.rept	128
	.quad	LEAF_1G(gig, RW_A_D)
	.set	gig, gig + 1
	.endr
	.zero	126 * 8
	.quad	LEAF_1G(2, RWX_A_D)
	.quad	0

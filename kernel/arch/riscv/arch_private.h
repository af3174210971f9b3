/*
 * What the files of arch/riscv share among themselves.
 */
#ifndef ARCH_RISCV_ARCH_PRIVATE_H
#define ARCH_RISCV_ARCH_PRIVATE_H

#include <types.h>
#include "arch/riscv/memlayout.h"
#include "arch/riscv/thread.h"
#include "arch/riscv/trap.h"

/* Boot stacks: each has a guard page below it that the image's map leaves out (harts.c). */
struct boot_stack {
	u8 guard[PAGE_SIZE];
	u8 stack[KSTACK_SIZE];
};
extern struct boot_stack boot_stacks[MAX_HARTS];
extern struct thread boot_threads[MAX_HARTS]; /* tp until the scheduler adopts the hart */
extern u64 hart_start_thread[MAX_HARTS]; /* struct thread of a hart being started, for entry.S */
extern u64 emergency_top[MAX_HARTS]; /* where trap.S goes when a kernel stack overflowed */

extern u64 harts_running; /* [atomic] mask of logical harts that take IPIs */

/* fpu.S */
void fp_store(struct fpstate *fp);
void fp_load(const struct fpstate *fp);

/* vector.S */
u64 v_length(void);
void v_store(struct vstate *v);
void v_load(const struct vstate *v);

/* entry.S */
void _start(void);
void hart_begin(void) __attribute__((noreturn));

/* Prints and stops the machine: boot went wrong before there was a log. */
void boot_fail(const char *why) __attribute__((noreturn));
#endif

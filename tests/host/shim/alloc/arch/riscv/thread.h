/*
 * thread.h for the host tests of alloc/: the test says which hart it plays.
 */
#ifndef ARCH_RISCV_THREAD_H
#define ARCH_RISCV_THREAD_H

#define MAX_HARTS 8
extern unsigned shim_hart;

static inline unsigned hart_id(void)
{
	return shim_hart;
}
#endif

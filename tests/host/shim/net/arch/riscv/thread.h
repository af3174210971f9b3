/*
 * thread.h for the host's networks: what the file layer's tests have, with a single hart.
 */
#ifndef SHIM_NET_THREAD_H
#define SHIM_NET_THREAD_H

#define hart_id riscv_hart_id
#include "../../../fs/arch/riscv/thread.h"
#undef hart_id

static inline unsigned hart_id(void)
{
	return 0;
}
#endif

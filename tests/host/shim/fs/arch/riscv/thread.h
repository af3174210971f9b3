/*
 * thread.h for the host tests of fs/: the real one, but `current` is what the test says.
 */
#ifndef SHIM_FS_THREAD_H
#define SHIM_FS_THREAD_H

#define current_task riscv_current_task
#include "kernel/arch/riscv/thread.h"
#undef current_task
#undef current

extern struct task *shim_current;
#define current shim_current

#endif

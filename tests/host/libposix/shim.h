/*
 * Before every file of libposix that is compiled for this machine: system calls are refused (what needs the
 * world gets it from the harness, by the functions' names), and the thread is one of host.c's.
 */
#ifndef SHIM_H
#define SHIM_H

#define LIBPOSIX_SYSCALL_H
#include <sys/syscall.h>
#define SC(...)	 (-38l)
#define SCC(...) (-38l)
#define RET(raw) __syscall_ret(raw)
long __syscall_ret(long raw);

/* These two have an instruction of riscv64's. */
#define __self		 __self_of_riscv64
#define __float_rounding __float_rounding_of_riscv64
#include "libposix/src/internal/float.h"
#include "libposix/src/internal/thread.h"
#undef __self
#undef __float_rounding
#define __self		   __self_here
#define __float_rounding() 0 /* to the nearest */
struct thread *__self_here(void);

#endif

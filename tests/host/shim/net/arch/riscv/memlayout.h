/*
 * memlayout.h for the host's networks: what the allocators' tests have, and no user space: programs'
 * buffers are the tests' own.
 */
#ifndef SHIM_NET_MEMLAYOUT_H
#define SHIM_NET_MEMLAYOUT_H

#include "../../../alloc/arch/riscv/memlayout.h"

#define USER_TOP (~0UL)

#endif

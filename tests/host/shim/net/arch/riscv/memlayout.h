/*
 * memlayout.h for the host tests of net/: what the allocators' tests have, and where user memory
 * would end.
 */
#include "../../../alloc/arch/riscv/memlayout.h"

#define USER_TOP (1UL << 38)

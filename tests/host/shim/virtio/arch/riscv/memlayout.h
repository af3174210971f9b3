/*
 * memlayout.h for the host tests of virtio: what the allocators' tests have.
 */
#include "../../../alloc/arch/riscv/memlayout.h"

/*
 * thread.h for the host tests of virtio: what the file layer's tests have.
 */
#include "../../../fs/arch/riscv/thread.h"

/*
 * thread.h for the host tests of net/: what the file layer's tests have.
 */
#include "../../../fs/arch/riscv/thread.h"

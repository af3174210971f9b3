/* icache.c - code that was written just now may be run: riscv_flush_icache(2). */
#include "../internal/syscall.h"

#include <sys/cachectl.h>

int __riscv_flush_icache(void *start, void *end, unsigned long flags)
{
	return (int)RET(SC(__NR_riscv_flush_icache, start, end, flags));
}

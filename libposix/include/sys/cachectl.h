/*
 * sys/cachectl.h - instruction caches: riscv_flush_icache(2).
 */
#ifndef _SYS_CACHECTL_H
#define _SYS_CACHECTL_H

#ifdef __cplusplus
extern "C" {
#endif

int __riscv_flush_icache(void *start, void *end, unsigned long flags);

#ifdef __cplusplus
}
#endif

#endif

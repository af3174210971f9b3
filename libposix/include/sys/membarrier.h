/*
 * sys/membarrier.h - membarrier(2).
 */
#ifndef _SYS_MEMBARRIER_H
#define _SYS_MEMBARRIER_H

#include <features.h>
#include <uapi/membarrier.h>

#ifdef __cplusplus
extern "C" {
#endif

int membarrier(int cmd, unsigned int flags, int cpu);

#ifdef __cplusplus
}
#endif

#endif

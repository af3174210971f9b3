/*
 * sys/ptrace.h - one process looks into another: ptrace(2).
 */
#ifndef _SYS_PTRACE_H
#define _SYS_PTRACE_H

#include <stdint.h>
#include <uapi/ptrace.h>

#ifdef __cplusplus
extern "C" {
#endif

long ptrace(int request, ...);

#ifdef __cplusplus
}
#endif

#endif

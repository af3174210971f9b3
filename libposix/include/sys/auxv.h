/*
 * sys/auxv.h - getauxval(3), and the types of the auxiliary vector.
 */
#ifndef _SYS_AUXV_H
#define _SYS_AUXV_H

#include <features.h>
#include <uapi/auxv.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The value, or 0 with errno ENOENT. */
unsigned long getauxval(unsigned long type);

#ifdef __cplusplus
}
#endif

#endif

/*
 * sys/personality.h - personality(2).
 */
#ifndef _SYS_PERSONALITY_H
#define _SYS_PERSONALITY_H

#include <features.h>
#include <uapi/personality.h>

#ifdef __cplusplus
extern "C" {
#endif

int personality(unsigned long persona);

#ifdef __cplusplus
}
#endif

#endif

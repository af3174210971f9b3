/*
 * sys/utsname.h - uname(2).
 */
#ifndef _SYS_UTSNAME_H
#define _SYS_UTSNAME_H

#include <features.h>
#include <uapi/utsname.h>

#ifdef __cplusplus
extern "C" {
#endif

int uname(struct utsname *uts);

#ifdef __cplusplus
}
#endif

#endif

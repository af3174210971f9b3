/*
 * sys/fsuid.h - the ids that files are reached with: setfsuid(2).
 */
#ifndef _SYS_FSUID_H
#define _SYS_FSUID_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

int setfsuid(uid_t uid);
int setfsgid(gid_t gid);

#ifdef __cplusplus
}
#endif

#endif

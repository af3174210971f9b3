/*
 * sys/acct.h - process accounting: acct(2).
 */
#ifndef _SYS_ACCT_H
#define _SYS_ACCT_H

#include <features.h>
#include <uapi/acct.h>

#ifdef __cplusplus
extern "C" {
#endif

int acct(const char *path);

#ifdef __cplusplus
}
#endif

#endif

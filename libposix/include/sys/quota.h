/*
 * sys/quota.h - disk quotas: quotactl(2).
 */
#ifndef _SYS_QUOTA_H
#define _SYS_QUOTA_H

#include <sys/types.h>

#ifdef __cplusplus
extern "C" {
#endif

#define USRQUOTA	0
#define GRPQUOTA	1
#define QCMD(cmd, type) ((cmd) << 8 | ((type)&0xff))
#define Q_SYNC		0x800001
#define Q_QUOTAON	0x800002
#define Q_QUOTAOFF	0x800003
#define Q_GETFMT	0x800004
#define Q_GETINFO	0x800005
#define Q_SETINFO	0x800006
#define Q_GETQUOTA	0x800007
#define Q_SETQUOTA	0x800008

int quotactl(int cmd, const char *special, int id, char *addr);

#ifdef __cplusplus
}
#endif

#endif

/*
 * sys/quota.h - disk quotas: quotactl(2).
 */
#ifndef _SYS_QUOTA_H
#define _SYS_QUOTA_H

#include <stdint.h>
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

/* dqb_valid */
#define QIF_BLIMITS 1
#define QIF_SPACE   2
#define QIF_ILIMITS 4
#define QIF_INODES  8
#define QIF_BTIME   16
#define QIF_ITIME   32
#define QIF_LIMITS  (QIF_BLIMITS | QIF_ILIMITS)
#define QIF_USAGE   (QIF_SPACE | QIF_INODES)
#define QIF_TIMES   (QIF_BTIME | QIF_ITIME)
#define QIF_ALL	    (QIF_LIMITS | QIF_USAGE | QIF_TIMES)

struct dqblk {
	uint64_t dqb_bhardlimit, dqb_bsoftlimit; /* of 1 KiB */
	uint64_t dqb_curspace; /* bytes */
	uint64_t dqb_ihardlimit, dqb_isoftlimit, dqb_curinodes;
	uint64_t dqb_btime, dqb_itime;
	uint32_t dqb_valid;
};

struct dqinfo {
	uint64_t dqi_bgrace, dqi_igrace; /* seconds */
	uint32_t dqi_flags, dqi_valid;
};

int quotactl(int cmd, const char *special, int id, char *addr);

#ifdef __cplusplus
}
#endif

#endif

/*
 * uapi/acct.h - a record of the file that acct(2) names: acct(5), version 3.
 */
#ifndef UAPI_ACCT_H
#define UAPI_ACCT_H

#include <uapi/types.h>

typedef __u16 comp_t; /* 13 bits, times 8 to the power of the highest three */

#define ACCT_COMM 16

struct acct_v3 {
	char ac_flag;
	char ac_version;
	__u16 ac_tty;
	__u32 ac_exitcode;
	__u32 ac_uid;
	__u32 ac_gid;
	__u32 ac_pid;
	__u32 ac_ppid;
	__u32 ac_btime;
	__u32 ac_etime; /* the bits of a float: ticks */
	comp_t ac_utime;
	comp_t ac_stime;
	comp_t ac_mem;
	comp_t ac_io;
	comp_t ac_rw;
	comp_t ac_minflt;
	comp_t ac_majflt;
	comp_t ac_swaps;
	char ac_comm[ACCT_COMM];
};

#define AFORK 0x01 /* no exec since its fork */
#define ASU   0x02 /* used privileges */
#define ACORE 0x08 /* left a core */
#define AXSIG 0x10 /* a signal ended it */
#endif

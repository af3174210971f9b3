/*
 * uapi/rseq.h - restartable sequences, rseq(2).
 */
#ifndef UAPI_RSEQ_H
#define UAPI_RSEQ_H

#include <uapi/types.h>

#define RSEQ_CPU_ID_UNINITIALIZED -1
#define RSEQ_FLAG_UNREGISTER	  (1 << 0)

struct rseq_cs {
	__u32 version;
	__u32 flags;
	__u64 start_ip;
	__u64 post_commit_offset;
	__u64 abort_ip;
} __attribute__((aligned(32)));

struct rseq {
	__u32 cpu_id_start;
	__u32 cpu_id;
	__u64 rseq_cs;
	__u32 flags;
	__u32 node_id;
	__u32 mm_cid;
	__u32 pad_;
} __attribute__((aligned(32)));

UAPI_SIZE(struct rseq_cs, 32);
UAPI_SIZE(struct rseq, 32);
UAPI_OFFSET(struct rseq, rseq_cs, 8);
UAPI_OFFSET(struct rseq, mm_cid, 24);

#endif

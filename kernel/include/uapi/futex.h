/*
 * uapi/futex.h - futex(2), futex_waitv(2) and robust lists.
 */
#ifndef UAPI_FUTEX_H
#define UAPI_FUTEX_H

#include <uapi/types.h>

#define FUTEX_WAIT	       0
#define FUTEX_WAKE	       1
#define FUTEX_FD	       2
#define FUTEX_REQUEUE	       3
#define FUTEX_CMP_REQUEUE      4
#define FUTEX_WAKE_OP	       5
#define FUTEX_LOCK_PI	       6
#define FUTEX_UNLOCK_PI	       7
#define FUTEX_TRYLOCK_PI       8
#define FUTEX_WAIT_BITSET      9
#define FUTEX_WAKE_BITSET      10
#define FUTEX_WAIT_REQUEUE_PI  11
#define FUTEX_CMP_REQUEUE_PI   12
#define FUTEX_LOCK_PI2	       13
#define FUTEX_PRIVATE_FLAG     128
#define FUTEX_CLOCK_REALTIME   256
#define FUTEX_CMD_MASK	       ~(FUTEX_PRIVATE_FLAG | FUTEX_CLOCK_REALTIME)

#define FUTEX_WAITERS	       0x80000000
#define FUTEX_OWNER_DIED       0x40000000
#define FUTEX_TID_MASK	       0x3fffffff
#define FUTEX_BITSET_MATCH_ANY 0xffffffff
#define ROBUST_LIST_LIMIT      2048

#define FUTEX_OP_SET	       0
#define FUTEX_OP_ADD	       1
#define FUTEX_OP_OR	       2
#define FUTEX_OP_ANDN	       3
#define FUTEX_OP_XOR	       4
#define FUTEX_OP_OPARG_SHIFT   8
#define FUTEX_OP_CMP_EQ	       0
#define FUTEX_OP_CMP_NE	       1
#define FUTEX_OP_CMP_LT	       2
#define FUTEX_OP_CMP_LE	       3
#define FUTEX_OP_CMP_GT	       4
#define FUTEX_OP_CMP_GE	       5

/* futex_waitv */
#define FUTEX_32	 0x02
#define FUTEX2_SIZE_U32	 0x02
#define FUTEX2_SIZE_MASK 0x03
#define FUTEX2_PRIVATE	 FUTEX_PRIVATE_FLAG
#define FUTEX_WAITV_MAX	 128

struct futex_waitv {
	__u64 val;
	__u64 uaddr;
	__u32 flags;
	__u32 reserved_;
};

struct robust_list {
	struct robust_list __user *next;
};

struct robust_list_head {
	struct robust_list list;
	long futex_offset;
	struct robust_list __user *list_op_pending;
};

UAPI_SIZE(struct futex_waitv, 24);
UAPI_SIZE(struct robust_list_head, 24);

#endif

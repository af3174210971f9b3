/*
 * uapi/seccomp.h - seccomp(2): operations, what a filter returns, notifications.
 */
#ifndef UAPI_SECCOMP_H
#define UAPI_SECCOMP_H

#include <uapi/ioctl.h>
#include <uapi/types.h>

#define SECCOMP_SET_MODE_STRICT		       0
#define SECCOMP_SET_MODE_FILTER		       1
#define SECCOMP_GET_ACTION_AVAIL	       2
#define SECCOMP_GET_NOTIF_SIZES		       3

#define SECCOMP_FILTER_FLAG_TSYNC	       (1UL << 0)
#define SECCOMP_FILTER_FLAG_LOG		       (1UL << 1)
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW	       (1UL << 2)
#define SECCOMP_FILTER_FLAG_NEW_LISTENER       (1UL << 3)
#define SECCOMP_FILTER_FLAG_TSYNC_ESRCH	       (1UL << 4)
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)

#define SECCOMP_RET_KILL_PROCESS	       0x80000000U
#define SECCOMP_RET_KILL_THREAD		       0x00000000U
#define SECCOMP_RET_TRAP		       0x00030000U
#define SECCOMP_RET_ERRNO		       0x00050000U
#define SECCOMP_RET_USER_NOTIF		       0x7fc00000U
#define SECCOMP_RET_TRACE		       0x7ff00000U
#define SECCOMP_RET_LOG			       0x7ffc0000U
#define SECCOMP_RET_ALLOW		       0x7fff0000U
#define SECCOMP_RET_ACTION_FULL		       0xffff0000U
#define SECCOMP_RET_DATA		       0x0000ffffU

/* What a filter looks at. */
struct seccomp_data {
	int nr;
	__u32 arch;
	__u64 instruction_pointer;
	__u64 args[6];
};

#define AUDIT_ARCH_RISCV64 0xc00000f3U

struct seccomp_notif_sizes {
	__u16 seccomp_notif;
	__u16 seccomp_notif_resp;
	__u16 seccomp_data;
};

struct seccomp_notif {
	__u64 id;
	__u32 pid;
	__u32 flags;
	struct seccomp_data data;
};

#define SECCOMP_USER_NOTIF_FLAG_CONTINUE (1UL << 0)

struct seccomp_notif_resp {
	__u64 id;
	__s64 val;
	__s32 error;
	__u32 flags;
};

#define SECCOMP_ADDFD_FLAG_SETFD (1UL << 0)
#define SECCOMP_ADDFD_FLAG_SEND	 (1UL << 1)

struct seccomp_notif_addfd {
	__u64 id;
	__u32 flags;
	__u32 srcfd;
	__u32 newfd;
	__u32 newfd_flags;
};

#define SECCOMP_USER_NOTIF_FD_SYNC_WAKE_UP (1UL << 0)

#define SECCOMP_IOCTL_NOTIF_RECV	   0xc0502100U
#define SECCOMP_IOCTL_NOTIF_SEND	   0xc0182101U
#define SECCOMP_IOCTL_NOTIF_ID_VALID	   0x40082102U
#define SECCOMP_IOCTL_NOTIF_ADDFD	   0x40182103U
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS	   0x40082104U

#endif

/*
 * uapi/prctl.h - prctl(2), capabilities, seccomp modes.
 */
#ifndef UAPI_PRCTL_H
#define UAPI_PRCTL_H

#include <uapi/types.h>

#define PR_SET_PDEATHSIG	      1
#define PR_GET_PDEATHSIG	      2
#define PR_GET_DUMPABLE		      3
#define PR_SET_DUMPABLE		      4
#define PR_GET_UNALIGN		      5
#define PR_SET_UNALIGN		      6
#define PR_GET_KEEPCAPS		      7
#define PR_SET_KEEPCAPS		      8
#define PR_GET_FPEMU		      9
#define PR_SET_FPEMU		      10
#define PR_GET_FPEXC		      11
#define PR_SET_FPEXC		      12
#define PR_GET_TIMING		      13
#define PR_SET_TIMING		      14
#define PR_SET_NAME		      15
#define PR_GET_NAME		      16
#define PR_GET_ENDIAN		      19
#define PR_SET_ENDIAN		      20
#define PR_GET_SECCOMP		      21
#define PR_SET_SECCOMP		      22
#define PR_CAPBSET_READ		      23
#define PR_CAPBSET_DROP		      24
#define PR_GET_TSC		      25
#define PR_SET_TSC		      26
#define PR_GET_SECUREBITS	      27
#define PR_SET_SECUREBITS	      28
#define PR_SET_TIMERSLACK	      29
#define PR_GET_TIMERSLACK	      30
#define PR_TASK_PERF_EVENTS_DISABLE   31
#define PR_TASK_PERF_EVENTS_ENABLE    32
#define PR_MCE_KILL		      33
#define PR_MCE_KILL_GET		      34
#define PR_SET_MM		      35
#define PR_SET_CHILD_SUBREAPER	      36
#define PR_GET_CHILD_SUBREAPER	      37
#define PR_SET_NO_NEW_PRIVS	      38
#define PR_GET_NO_NEW_PRIVS	      39
#define PR_GET_TID_ADDRESS	      40
#define PR_SET_THP_DISABLE	      41
#define PR_GET_THP_DISABLE	      42
#define PR_CAP_AMBIENT		      47
#define PR_GET_SPECULATION_CTRL	      52
#define PR_SET_SPECULATION_CTRL	      53
#define PR_PAC_RESET_KEYS	      54
#define PR_SET_TAGGED_ADDR_CTRL	      55
#define PR_GET_TAGGED_ADDR_CTRL	      56
#define PR_SET_IO_FLUSHER	      57
#define PR_GET_IO_FLUSHER	      58
#define PR_SET_SYSCALL_USER_DISPATCH  59
#define PR_SCHED_CORE		      62
#define PR_SET_MDWE		      65
#define PR_GET_MDWE		      66
#define PR_SET_MEMORY_MERGE	      67
#define PR_GET_MEMORY_MERGE	      68
#define PR_RISCV_V_SET_CONTROL	      69
#define PR_RISCV_V_GET_CONTROL	      70
#define PR_RISCV_SET_ICACHE_FLUSH_CTX 71
#define PR_SET_VMA		      0x53564d41
#define PR_SET_VMA_ANON_NAME	      0
#define PR_GET_AUXV		      0x41555856
#define PR_SET_PTRACER		      0x59616d61
#define PR_SET_PTRACER_ANY	      ((unsigned long)-1)

#define PR_TIMING_STATISTICAL	      0
#define PR_MCE_KILL_CLEAR	      0
#define PR_MCE_KILL_SET		      1
#define PR_MCE_KILL_LATE	      0
#define PR_MCE_KILL_EARLY	      1
#define PR_MCE_KILL_DEFAULT	      2
#define PR_MDWE_REFUSE_EXEC_GAIN      1
#define PR_MDWE_NO_INHERIT	      2
#define PR_SYS_DISPATCH_OFF	      0
#define PR_SYS_DISPATCH_ON	      1
#define SYSCALL_DISPATCH_FILTER_ALLOW 0
#define SYSCALL_DISPATCH_FILTER_BLOCK 1
#define PR_RISCV_CTX_SW_FENCEI_ON     0
#define PR_RISCV_CTX_SW_FENCEI_OFF    1
#define PR_RISCV_SCOPE_PER_PROCESS    0
#define PR_RISCV_SCOPE_PER_THREAD     1

#define PR_SET_MM_START_CODE	      1
#define PR_SET_MM_START_STACK	      5
#define PR_SET_MM_ARG_START	      8
#define PR_SET_MM_ENV_END	      11
#define PR_SET_MM_AUXV		      12
#define PR_SET_MM_EXE_FILE	      13
#define PR_SET_MM_MAP		      14
#define PR_SET_MM_MAP_SIZE	      15

#if UAPI_LINUX
struct prctl_mm_map {
	__u64 start_code, end_code, start_data, end_data;
	__u64 start_brk, brk, start_stack;
	__u64 arg_start, arg_end, env_start, env_end;
	__u64 __user *auxv;
	__u32 auxv_size;
	__u32 exe_fd;
};
#endif

#define PR_CAP_AMBIENT_IS_SET		 1
#define PR_CAP_AMBIENT_RAISE		 2
#define PR_CAP_AMBIENT_LOWER		 3
#define PR_CAP_AMBIENT_CLEAR_ALL	 4

#define PR_RISCV_V_VSTATE_CTRL_DEFAULT	 0
#define PR_RISCV_V_VSTATE_CTRL_OFF	 1
#define PR_RISCV_V_VSTATE_CTRL_ON	 2
#define PR_RISCV_V_VSTATE_CTRL_INHERIT	 (1 << 4)
#define PR_RISCV_V_VSTATE_CTRL_CUR_MASK	 0x3
#define PR_RISCV_V_VSTATE_CTRL_NEXT_MASK 0xc
#define PR_RISCV_V_VSTATE_CTRL_MASK	 0x1f

/* flags of riscv_flush_icache */
#define SYS_RISCV_FLUSH_ICACHE_LOCAL 1UL
#define SYS_RISCV_FLUSH_ICACHE_ALL   1UL

#if UAPI_LINUX
#define SECCOMP_MODE_DISABLED 0
#define SECCOMP_MODE_STRICT   1
#define SECCOMP_MODE_FILTER   2

/* capget, capset */
struct __user_cap_header_struct {
	__u32 version;
	int pid;
};

struct __user_cap_data_struct {
	__u32 effective;
	__u32 permitted;
	__u32 inheritable;
};

#define _LINUX_CAPABILITY_VERSION_1 0x19980330
#define _LINUX_CAPABILITY_VERSION_2 0x20071026
#define _LINUX_CAPABILITY_VERSION_3 0x20080522
#define _LINUX_CAPABILITY_U32S_1    1
#define _LINUX_CAPABILITY_U32S_3    2

/* the attribute security.capability, little endian */
#define VFS_CAP_REVISION_MASK	0xFF000000
#define VFS_CAP_FLAGS_EFFECTIVE 0x000001
#define VFS_CAP_REVISION_1	0x01000000
#define VFS_CAP_REVISION_2	0x02000000
#define VFS_CAP_REVISION_3	0x03000000
#define XATTR_CAPS_SZ_1		12
#define XATTR_CAPS_SZ_2		20
#define XATTR_CAPS_SZ_3		24

struct vfs_ns_cap_data {
	__u32 magic_etc;
	struct {
		__u32 permitted;
		__u32 inheritable;
	} data[2];
	__u32 rootid;
};

#define CAP_CHOWN	       0
#define CAP_DAC_OVERRIDE       1
#define CAP_DAC_READ_SEARCH    2
#define CAP_FOWNER	       3
#define CAP_FSETID	       4
#define CAP_KILL	       5
#define CAP_SETGID	       6
#define CAP_SETUID	       7
#define CAP_SETPCAP	       8
#define CAP_LINUX_IMMUTABLE    9
#define CAP_NET_BIND_SERVICE   10
#define CAP_NET_BROADCAST      11
#define CAP_NET_ADMIN	       12
#define CAP_NET_RAW	       13
#define CAP_IPC_LOCK	       14
#define CAP_IPC_OWNER	       15
#define CAP_SYS_MODULE	       16
#define CAP_SYS_RAWIO	       17
#define CAP_SYS_CHROOT	       18
#define CAP_SYS_PTRACE	       19
#define CAP_SYS_PACCT	       20
#define CAP_SYS_ADMIN	       21
#define CAP_SYS_BOOT	       22
#define CAP_SYS_NICE	       23
#define CAP_SYS_RESOURCE       24
#define CAP_SYS_TIME	       25
#define CAP_SYS_TTY_CONFIG     26
#define CAP_MKNOD	       27
#define CAP_LEASE	       28
#define CAP_AUDIT_WRITE	       29
#define CAP_AUDIT_CONTROL      30
#define CAP_SETFCAP	       31
#define CAP_MAC_OVERRIDE       32
#define CAP_MAC_ADMIN	       33
#define CAP_SYSLOG	       34
#define CAP_WAKE_ALARM	       35
#define CAP_BLOCK_SUSPEND      36
#define CAP_AUDIT_READ	       37
#define CAP_PERFMON	       38
#define CAP_BPF		       39
#define CAP_CHECKPOINT_RESTORE 40
#define CAP_LAST_CAP	       40
#endif

#endif

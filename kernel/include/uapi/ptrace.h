/*
 * uapi/ptrace.h - register sets of riscv64 and ptrace(2).
 */
#ifndef UAPI_PTRACE_H
#define UAPI_PTRACE_H

#include <uapi/types.h>

/* NT_PRSTATUS, and the integer part of a signal frame. */
#if UAPI_LINUX
struct user_regs_struct {
	unsigned long pc;
	unsigned long ra;
	unsigned long sp;
	unsigned long gp;
	unsigned long tp;
	unsigned long t0;
	unsigned long t1;
	unsigned long t2;
	unsigned long s0;
	unsigned long s1;
	unsigned long a0;
	unsigned long a1;
	unsigned long a2;
	unsigned long a3;
	unsigned long a4;
	unsigned long a5;
	unsigned long a6;
	unsigned long a7;
	unsigned long s2;
	unsigned long s3;
	unsigned long s4;
	unsigned long s5;
	unsigned long s6;
	unsigned long s7;
	unsigned long s8;
	unsigned long s9;
	unsigned long s10;
	unsigned long s11;
	unsigned long t3;
	unsigned long t4;
	unsigned long t5;
	unsigned long t6;
};

struct __riscv_f_ext_state {
	__u32 f[32];
	__u32 fcsr;
};

/* NT_PRFPREG */
struct __riscv_d_ext_state {
	__u64 f[32];
	__u32 fcsr;
};

struct __riscv_q_ext_state {
	__u64 f[64] __attribute__((aligned(16)));
	__u32 fcsr;
	__u32 reserved[3]; /* zero */
};

/* Heads the extension blocks that follow a signal frame's floating-point state. */
struct __riscv_ctx_hdr {
	__u32 magic;
	__u32 size;
};

struct __riscv_extra_ext_header {
	__u32 pad_[129] __attribute__((aligned(16)));
	__u32 reserved; /* zero: where a q state ends its reserved words */
	struct __riscv_ctx_hdr hdr;
};

union __riscv_fp_state {
	struct __riscv_f_ext_state f;
	struct __riscv_d_ext_state d;
	struct __riscv_q_ext_state q;
};

struct __riscv_v_ext_state {
	unsigned long vstart;
	unsigned long vl;
	unsigned long vtype;
	unsigned long vcsr;
	unsigned long vlenb;
	void *datap;
};

#define RISCV_V_MAGIC 0x53465457
#define END_MAGIC     0x0
#define END_HDR_SIZE  0x0
#endif

#define PTRACE_TRACEME				0
#define PTRACE_PEEKTEXT				1
#define PTRACE_PEEKDATA				2
#define PTRACE_PEEKUSR				3
#define PTRACE_POKETEXT				4
#define PTRACE_POKEDATA				5
#define PTRACE_POKEUSR				6
#define PTRACE_CONT				7
#define PTRACE_KILL				8
#define PTRACE_SINGLESTEP			9
#define PTRACE_ATTACH				16
#define PTRACE_DETACH				17
#define PTRACE_SYSCALL				24
#define PTRACE_SETOPTIONS			0x4200
#define PTRACE_GETEVENTMSG			0x4201
#define PTRACE_GETSIGINFO			0x4202
#define PTRACE_SETSIGINFO			0x4203
#define PTRACE_GETREGSET			0x4204
#define PTRACE_SETREGSET			0x4205
#define PTRACE_SEIZE				0x4206
#define PTRACE_INTERRUPT			0x4207
#define PTRACE_LISTEN				0x4208
#define PTRACE_PEEKSIGINFO			0x4209
#define PTRACE_GETSIGMASK			0x420a
#define PTRACE_SETSIGMASK			0x420b
#define PTRACE_SECCOMP_GET_FILTER		0x420c
#define PTRACE_SECCOMP_GET_METADATA		0x420d
#define PTRACE_GET_SYSCALL_INFO			0x420e
#define PTRACE_GET_RSEQ_CONFIGURATION		0x420f
#define PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG 0x4210
#define PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG 0x4211

#define PTRACE_PEEKSIGINFO_SHARED		1
#if UAPI_LINUX
struct ptrace_peeksiginfo_args {
	__u64 off;
	__u32 flags;
	__s32 nr;
};
#endif

#define PTRACE_SYSCALL_INFO_NONE    0
#define PTRACE_SYSCALL_INFO_ENTRY   1
#define PTRACE_SYSCALL_INFO_EXIT    2
#define PTRACE_SYSCALL_INFO_SECCOMP 3
#if UAPI_LINUX
struct ptrace_syscall_info {
	__u8 op;
	__u8 pad_[3];
	__u32 arch;
	__u64 instruction_pointer;
	__u64 stack_pointer;
	union {
		struct {
			__u64 nr;
			__u64 args[6];
		} entry;
		struct {
			__s64 rval;
			__u8 is_error;
		} exit;
		struct {
			__u64 nr;
			__u64 args[6];
			__u32 ret_data;
		} seccomp;
	};
};

struct ptrace_rseq_configuration {
	__u64 rseq_abi_pointer;
	__u32 rseq_abi_size;
	__u32 signature;
	__u32 flags;
	__u32 pad;
};

struct ptrace_sud_config {
	__u64 mode;
	__u64 selector;
	__u64 offset;
	__u64 len;
};
#endif

/* GETREGSET, SETREGSET: <linux/elf.h> */
#define NT_PRSTATUS		 1
#define NT_PRFPREG		 2

#define PTRACE_EVENT_FORK	 1
#define PTRACE_EVENT_VFORK	 2
#define PTRACE_EVENT_CLONE	 3
#define PTRACE_EVENT_EXEC	 4
#define PTRACE_EVENT_VFORK_DONE	 5
#define PTRACE_EVENT_EXIT	 6
#define PTRACE_EVENT_SECCOMP	 7
#define PTRACE_EVENT_STOP	 128

#define PTRACE_O_TRACESYSGOOD	 1
#define PTRACE_O_TRACEFORK	 (1 << PTRACE_EVENT_FORK)
#define PTRACE_O_TRACEVFORK	 (1 << PTRACE_EVENT_VFORK)
#define PTRACE_O_TRACECLONE	 (1 << PTRACE_EVENT_CLONE)
#define PTRACE_O_TRACEEXEC	 (1 << PTRACE_EVENT_EXEC)
#define PTRACE_O_TRACEVFORKDONE	 (1 << PTRACE_EVENT_VFORK_DONE)
#define PTRACE_O_TRACEEXIT	 (1 << PTRACE_EVENT_EXIT)
#define PTRACE_O_TRACESECCOMP	 (1 << PTRACE_EVENT_SECCOMP)
#define PTRACE_O_EXITKILL	 (1 << 20)
#define PTRACE_O_SUSPEND_SECCOMP (1 << 21)
#define PTRACE_O_MASK		 (0xff | PTRACE_O_EXITKILL | PTRACE_O_SUSPEND_SECCOMP)

#if UAPI_LINUX
UAPI_SIZE(struct user_regs_struct, 256);
UAPI_SIZE(struct __riscv_d_ext_state, 264);
UAPI_SIZE(struct __riscv_q_ext_state, 528);
UAPI_SIZE(struct __riscv_extra_ext_header, 528);
UAPI_OFFSET(struct __riscv_extra_ext_header, hdr, 520);
UAPI_SIZE(union __riscv_fp_state, 528);
UAPI_SIZE(struct ptrace_syscall_info, 88);
UAPI_OFFSET(struct ptrace_syscall_info, exit.is_error, 32);
UAPI_OFFSET(struct ptrace_syscall_info, seccomp.ret_data, 80);
UAPI_SIZE(struct ptrace_rseq_configuration, 24);
UAPI_SIZE(struct ptrace_peeksiginfo_args, 16);
#endif

#endif

/*
 * sys/ptrace.h - one process looks into another: ptrace(2).
 */
#ifndef _SYS_PTRACE_H
#define _SYS_PTRACE_H

#include <features.h>
#include <stdint.h>
#include <uapi/ptrace.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Other names of the same, and what riscv64's kernel refuses. */
#define PTRACE_PEEKUSER	 PTRACE_PEEKUSR
#define PTRACE_POKEUSER	 PTRACE_POKEUSR
#define PTRACE_GETREGS	 12
#define PTRACE_SETREGS	 13
#define PTRACE_GETFPREGS 14
#define PTRACE_SETFPREGS 15
#define PT_TRACE_ME	 PTRACE_TRACEME
#define PT_READ_I	 PTRACE_PEEKTEXT
#define PT_READ_D	 PTRACE_PEEKDATA
#define PT_READ_U	 PTRACE_PEEKUSER
#define PT_WRITE_I	 PTRACE_POKETEXT
#define PT_WRITE_D	 PTRACE_POKEDATA
#define PT_WRITE_U	 PTRACE_POKEUSER
#define PT_CONTINUE	 PTRACE_CONT
#define PT_KILL		 PTRACE_KILL
#define PT_STEP		 PTRACE_SINGLESTEP
#define PT_ATTACH	 PTRACE_ATTACH
#define PT_DETACH	 PTRACE_DETACH

struct __ptrace_peeksiginfo_args {
	uint64_t off;
	uint32_t flags;
	int32_t nr;
};

struct __ptrace_syscall_info {
	uint8_t op;
	uint8_t __pad[3];
	uint32_t arch;
	uint64_t instruction_pointer;
	uint64_t stack_pointer;
	union {
		struct {
			uint64_t nr;
			uint64_t args[6];
		} entry;
		struct {
			int64_t rval;
			uint8_t is_error;
		} exit;
		struct {
			uint64_t nr;
			uint64_t args[6];
			uint32_t ret_data;
		} seccomp;
	};
};

long ptrace(int request, ...);

#ifdef __cplusplus
}
#endif

#endif

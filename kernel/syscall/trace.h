/*
 * The system-call tracer (`strace` on the kernel command line): one line a
 * call to the kernel log, in strace's format: the call, decoded arguments,
 * the result or errno's name. Entered from dispatch when WORK_TRACE is set.
 */
#ifndef SYSCALL_TRACE_H
#define SYSCALL_TRACE_H

#include <types.h>
#include <syscall_numbers.h>
#include <trace_kinds.h>

struct trace_desc {
	const char *name;
	u8 nr_args;
	u8 kind[6];		/* enum trace_kind */
};
extern const struct trace_desc trace_table[NR_SYSCALLS];

extern bool trace_all;		/* [boot] every process is traced */

/* Formats call `nr` with its arguments and result and logs it. args as at entry. Task context. */
void trace_syscall(unsigned long nr, const u64 *args, long ret);
/* At entry of calls that may not return or print late (execve, exit, exit_group): logs at once. */
bool trace_at_entry(unsigned long nr);
#endif

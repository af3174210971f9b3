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
	u8 kind[6]; /* enum trace_kind */
};
extern const struct trace_desc trace_table[NR_SYSCALLS];

extern bool trace_all; /* [boot] every process is traced */

struct line;

/*
 * Around call `nr`. args as at entry, and unchanged. enter logs what will not return (exit, exit_group); what
 * it returns, which may be NULL, goes to leave with the result. Task context; both touch user memory.
 */
struct line *trace_enter(unsigned long nr, const u64 *args);
void trace_leave(unsigned long nr, const u64 *args, long ret, struct line *entered);
#endif

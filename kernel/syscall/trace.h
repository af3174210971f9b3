/*
 * The kernel's half of `tarn --strace` (docs/tracing.md): before and after a call a record with its
 * arguments, and with what it may show of the program's memory, goes to the host, which prints
 * it. What is captured is a table that gen.py makes of syscalls.tbl.
 */
#ifndef SYSCALL_TRACE_H
#define SYSCALL_TRACE_H

#include <types.h>
#include <syscall_numbers.h>

/* When. */
#define CAPTURE_IN  1 /* before the call */
#define CAPTURE_OUT 2 /* behind it */

enum capture_shape {
	CAPTURE_BYTES, /* base + unit * count bytes */
	CAPTURE_STRING, /* up to its NUL */
	CAPTURE_STRV, /* pointers up to NULL, and their strings */
	CAPTURE_ENVV, /* how many pointers up to NULL, as a u32 in their place */
	CAPTURE_IOVEC, /* count of them, and what they point at */
	CAPTURE_MSGHDR, /* and its name, iovec and control data */
	CAPTURE_MMSGHDR, /* count of them */
	CAPTURE_SIGSET_ARG, /* of pselect6(2) */
	CAPTURE_CLONE_ARGS, /* count bytes; and what pidfd and parent_tid point at */
	CAPTURE_FDSET, /* count bits, in words of 64 */
	CAPTURE_DIRENTS, /* how many struct linux_dirent64, as a u32 in their place */
};

/* count: an argument, a u32 at an argument, the result, or 1. */
#define COUNT_ARG(i) (i)
#define COUNT_AT(i)  (8 + (i))
#define COUNT_ONE    6
#define COUNT_RESULT 7

struct trace_capture {
	u8 arg, when, shape, count;
	u16 base, unit, limit; /* bytes */
};

struct trace_desc {
	const char *name;
	u16 first; /* of its captures */
	u8 nr_captures;
};

extern const struct trace_capture trace_captures[];
extern const struct trace_desc trace_table[NR_SYSCALLS];

/* Around call nr: args as at entry, and unchanged. Task context; both touch user memory and sleep. */
void trace_enter(unsigned long nr, const u64 *args);
void trace_leave(unsigned long nr, const u64 *args, long ret);
#endif

/*
 * Trace points, and the two channels on which a traced machine tells its host what it did
 * (docs/tracing.md). This header may be included from core on: its calls stand in every room.
 *
 * tracepoint() costs one load and a branch not taken while tracing is off. When it is on (`trace`
 * on the command line, or an event of tracefs) a record goes into the ring of this hart, which
 * overwrites its oldest; any context, no lock. System calls are not told of by tracepoint() alone:
 * WORK_TRACE, which every task then bears, takes them off the short path, so they cost nothing when
 * it is off.
 */
#ifndef DEBUG_TRACEPOINT_H
#define DEBUG_TRACEPOINT_H

#include <compiler.h>
#include <types.h>

/* trace_words.c says each in words, and perfetto.py has them in this order. */
enum tracepoint_type {
	TP_NAME, /* a task's name: its 16 bytes */
	TP_CALL, /* system call: number, first argument */
	TP_RETURN, /* number, result */
	TP_FAULT, /* address, VM_READ, VM_WRITE or VM_EXEC */
	TP_FAULT_END, /* address, 0 or -errno */
	TP_SWITCH, /* task that runs next, TASK_* of the one that did */
	TP_WAKE, /* task, hart it is to run on */
	TP_IRQ, /* cause, 0 */
	TP_IRQ_END, /* cause, 0 */
	TP_IRQ_LINE, /* line of an external interrupt, 0 */
	TP_BLOCK, /* sector | segments << 40 | enum block_op << 56, the request's address */
	TP_BLOCK_END, /* 0 or -errno, the request's address */
	TP_CACHE_HIT, /* object, first page | pages << 48 */
	TP_CACHE_MISS, /* object, page | 1 << 48 */
	TP_CACHE_FILL, /* object, first page | pages << 48 */
	TP_SIGNAL, /* posted: signal, pid or tid */
	TP_DELIVER, /* signal, handler */
	TP_EXIT, /* wait status, 0 */
	TP_IRQ_LINE_END, /* line, 0 */
	TP_NET_RX, /* device | bytes << 32, packet */
	TP_NET_TX, /* the same */
	TP_MORE, /* two more words of the record before it (tracefs.c): for tracefs alone */
	TP_TYPES
};

extern bool tracepoints_on; /* [a] */

void tracepoint_record(enum tracepoint_type type, u64 a, u64 b);
static inline void tracepoint(enum tracepoint_type type, u64 a, u64 b)
{
	if (unlikely(tracepoints_on))
		tracepoint_record(type, a, b);
}

/* A system call begins; args: all six. */
void tracepoint_record_call(u64 nr, const u64 *args);

struct task;
/* The same for a record about t: its number goes in (with_name: and its name). */
void tracepoint_record_task(enum tracepoint_type type, const struct task *t, u64 b);
static inline void tracepoint_task(enum tracepoint_type type, const struct task *t, u64 b)
{
	if (unlikely(tracepoints_on))
		tracepoint_record_task(type, t, b);
}

/* Boot, before drivers: reads `trace` and `strace` from the command line. */
void tracepoint_init(void);
/* The machine is about to be switched off: what is left goes to the host. Task context. */
void tracepoint_finish(void);
/* Prints the last n records of every hart to the log: for panic. Any context, no lock. */
void tracepoint_dump(unsigned n);

/* --- what programs do (strace) --- */

/* Records for `tarn --strace`; kernel/syscall/strace/stream.py reads them. */
enum strace_type {
	STRACE_ENTER = 1, /* u64 number, arguments[6]; captures */
	STRACE_LEAVE, /* u64 number, s64 result; captures */
	STRACE_SIGNAL, /* siginfo_t */
	STRACE_STOP, /* u32 signal */
	STRACE_EXIT, /* u32 wait status */
};

extern bool strace_on; /* [boot] `strace` on the command line */
/* One record about current. Task context; sleeps while the host is slow. */
void strace_send(enum strace_type type, const void *body, size_t n);
#endif

/*
 * A trace record in words, for panics (tracepoint_dump): the names of calls, signals, causes and
 * tasks instead of their numbers. Any context, no lock.
 */
#ifndef DEBUG_TRACE_WORDS_H
#define DEBUG_TRACE_WORDS_H

#include "debug/tracepoint.h"

/* The number that records know a task by: a thread's id, 0 for idle, and for a kernel thread what is
 * made of its address. */
u32 trace_task_number(const struct task *t);

/* "task 2 (sh)", "kernel thread rcu", "idle"; returns buf. */
const char *trace_task_words(char *buf, size_t size, u32 number);

/* What happened: "call write, 0x1"; returns buf. */
const char *trace_record_words(char *buf, size_t size, enum tracepoint_type type, u64 a, u64 b);
#endif

/*
 * Trace records as the lines of Linux's ftrace (trace_text.c): tracefs's `trace` and `trace_pipe`.
 */
#ifndef DEBUG_TRACE_TEXT_H
#define DEBUG_TRACE_TEXT_H

#include "arch/riscv/thread.h"
#include "fs/tree/text.h"

/* Where a reader stands in each ring; zero: at the beginning of what is kept. The owner's lock. */
struct trace_reader {
	u64 at[MAX_HARTS];
};

/* What stands before the lines. */
void trace_text_head(struct text *out, u64 records);
/*
 * Lines for what was recorded, the harts' by time, until text_enough; up to `end` of each hart (NULL: to
 * its last). False: there was nothing. May sleep.
 */
bool trace_text(struct text *out, struct trace_reader *r, const u64 *end);
#endif

/*
 * The trace rings as tracefs sees them (tracepoint.c). Any number of readers, each with positions of its
 * own; none keeps a writer waiting. Task context.
 */
#ifndef DEBUG_TRACE_RING_H
#define DEBUG_TRACE_RING_H

#include "debug/tracepoint.h"

#define TRACE_RECORDS	  16384 /* of a hart, unless somebody says otherwise */
#define TRACE_RECORDS_MAX 65536

struct trace_record {
	u64 time; /* now_mono() */
	u32 task; /* trace_task_number() */
	u32 type; /* enum tracepoint_type */
	u64 a, b;
};

/*
 * These types are recorded (bits by enum tracepoint_type), and no others but those that the host asked
 * for. The first time rings of so many records are made. 0, or -ENOMEM with nothing changed. Sleeps.
 */
int trace_want(u32 types, u64 records);
u64 trace_ring_size(void); /* records of a hart; 0 before the rings are made */
u64 trace_ring_head(unsigned hart); /* how many were written so far */
/* The record at *at, which moves on to the oldest if it was overwritten. False: it is not yet written. */
bool trace_ring_read(unsigned hart, u64 *at, struct trace_record *to);
/* The name that the task of this number had last; valid for a moment. */
const char *trace_comm(u32 task);
#endif

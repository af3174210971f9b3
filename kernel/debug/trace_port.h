/*
 * The virtio ports org.tarn.trace and org.tarn.strace, which are the kernel's own: they
 * have no device file. Task context; all of this sleeps.
 */
#ifndef DEBUG_TRACE_PORT_H
#define DEBUG_TRACE_PORT_H

#include <types.h>

/* Records go out by strace_send (tracepoint.h). */
struct trace_port;
extern struct trace_port trace_events, trace_calls;

/* Boot, after port_added is set and before drivers: the two ports come to us. */
void trace_ports_claim(void);
/* Waits for the port, seconds at most; false when there is none, or its other side has gone. */
bool trace_port_wait(struct trace_port *tp);
/* All n bytes in one piece; dropped when there is no port. */
void trace_port_write(struct trace_port *tp, const void *buf, size_t n);
/* Until the device has all that was written, seconds at most. */
void trace_ports_drain(void);
#endif

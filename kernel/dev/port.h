/*
 * Byte channels of a device with back-pressure and an end: what virtio-console
 * offers, and /dev/virtio-ports/NAME and the hvc terminals are made of.
 */
#ifndef DEV_PORT_H
#define DEV_PORT_H

#include <types.h>
#include "core/wait.h"

struct port;

struct port_ops {
	/* Tells the other side that somebody is (no longer) here. Task context. */
	void (*open)(struct port *p, bool open);
	/* Bytes taken out, up to n; 0 when there are none. Task context. */
	size_t (*read)(struct port *p, void *buf, size_t n);
	/* Bytes taken in, up to n; 0 when there is no room. Any context. */
	size_t (*write)(struct port *p, const void *buf, size_t n);
	size_t (*readable)(struct port *p); /* bytes waiting */
	bool (*writable)(struct port *p);
	bool (*drained)(struct port *p); /* the device has taken every byte written */
	bool (*connected)(struct port *p); /* the other side is there */
};

/* [I] never changes once port_added was called; [port_added] set in there, if at all. */
struct port {
	const char *name; /* [I] */
	unsigned id; /* [I] */
	const struct port_ops *ops; /* [I] */
	struct waitq readers; /* woken when bytes come, or the other side goes */
	struct waitq writers; /* woken when there is room, all is out, or the other side goes */
	/* Besides: bytes or room came, for a tty; interrupt context. May be NULL. [port_added] */
	void (*notify)(struct port *p);
	void *owner; /* [port_added] of notify */
	void *driver; /* [I] */
};

/* Called by drivers for each port that appears, in task context; set by fs. */
extern void (*port_added)(struct port *p);
#endif

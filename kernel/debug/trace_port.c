/*
 * See trace_port.h. A port appears while drivers are probed, by work: whoever writes before waits
 * for it. Writers of one port take turns under its mutex.
 */
#include "debug/trace_port.h"

#include <atomic.h>

#include "core/mutex.h"
#include "core/task.h"
#include "core/time.h"
#include "debug/tracepoint.h"
#include "dev/port.h"
#include "lib/string.h"
#include "sync/log.h"

#define WAIT_LIMIT (10 * NSEC_PER_SEC)

struct trace_port {
	const char *name;
	struct port *port; /* [a] set once */
	bool absent; /* [a] nobody waits for it any more */
	struct mutex lock; /* one writer at a time */
	struct waitq added;
};

struct trace_port trace_events = { .name = "org.tarn.trace",
				   .lock = MUTEX_INIT(trace_events.lock),
				   .added = WAITQ_INIT(trace_events.added) };
struct trace_port trace_calls = { .name = "org.tarn.strace",
				  .lock = MUTEX_INIT(trace_calls.lock),
				  .added = WAITQ_INIT(trace_calls.added) };
bool strace_on;

/* What stands before a record on org.tarn.strace. */
struct strace_head {
	u32 magic, size; /* of what follows the head */
	u32 type; /* enum strace_type */
	s32 tid, pid;
	u32 quiet; /* is it what task_straced leaves alone? */
	u64 time; /* now_mono() */
};
#define STRACE_MAGIC 0x43525453u /* "STRC" */

static void (*next_added)(struct port *p); /* [boot] who gets all other ports */

static void added(struct port *p)
{
	struct trace_port *tp = str_equal(p->name, trace_events.name) ? &trace_events :
				str_equal(p->name, trace_calls.name)  ? &trace_calls :
									NULL;

	if (!tp) {
		next_added(p);
		return;
	}
	p->ops->open(p, true);
	smp_store_release(&tp->port, p);
	wake_up_all(&tp->added);
}

void trace_ports_claim(void)
{
	next_added = port_added;
	port_added = added;
}

static bool is_connected(void *arg)
{
	struct trace_port *tp = arg;
	struct port *p = smp_load_acquire(&tp->port);

	return p && p->ops->connected(p);
}

bool trace_port_wait(struct trace_port *tp)
{
	struct port *p = smp_load_acquire(&tp->port);

	if (READ_ONCE(tp->absent))
		return false;
	if (is_connected(tp) ||
	    !wait_until(p ? &p->readers : &tp->added, is_connected, tp, TASK_UNINTERRUPTIBLE,
			now_mono() + (p ? NSEC_PER_SEC : WAIT_LIMIT)))
		return true;
	WRITE_ONCE(tp->absent, true);
	if (!p)
		pr_info("trace: there is no port %s", tp->name);
	return false;
}

static bool has_room(void *arg)
{
	struct port *p = arg;

	return p->ops->writable(p) || !p->ops->connected(p);
}

static void write_locked(struct trace_port *tp, const void *buf, size_t n)
{
	const u8 *at = buf;

	while (n && is_connected(tp)) {
		size_t took = tp->port->ops->write(tp->port, at, n);

		at += took;
		n -= took;
		if (n)
			wait_until(&tp->port->writers, has_room, tp->port, TASK_UNINTERRUPTIBLE,
				   WAIT_FOREVER);
	}
}

void trace_port_write(struct trace_port *tp, const void *buf, size_t n)
{
	if (!trace_port_wait(tp))
		return;
	mutex_lock(&tp->lock);
	write_locked(tp, buf, n);
	mutex_unlock(&tp->lock);
}

void strace_send(enum strace_type type, const void *body, size_t n)
{
	struct strace_head h = { .magic = STRACE_MAGIC,
				 .size = (u32)n,
				 .type = type,
				 .tid = task_tid(current),
				 .pid = proc_pid(current->proc),
				 .quiet = !task_straced(current) };

	if (!trace_port_wait(&trace_calls))
		return;
	mutex_lock(&trace_calls.lock);
	h.time = now_mono();
	write_locked(&trace_calls, &h, sizeof(h));
	write_locked(&trace_calls, body, n);
	mutex_unlock(&trace_calls.lock);
}

static bool is_drained(void *arg)
{
	struct port *p = arg;

	return p->ops->drained(p) || !p->ops->connected(p);
}

static void drain_one(struct trace_port *tp)
{
	struct port *p = smp_load_acquire(&tp->port);

	if (p)
		wait_until(&p->writers, is_drained, p, TASK_UNINTERRUPTIBLE,
			   now_mono() + WAIT_LIMIT);
}

void trace_ports_drain(void)
{
	drain_one(&trace_events);
	drain_one(&trace_calls);
}

/*
 * tracefs: what the kernel does, as Linux's ftrace shows it to programs, mounted on /sys/kernel/tracing
 * (docs/tracing.md). The events are trace points; one is recorded while it is enabled and tracing_on is
 * 1. `trace` shows what the rings hold, `trace_pipe` each line once, and waits for more.
 *
 * Locks: [c] control_lock. A reader's position is its file's, under the file's mutex; trace_pipe's is
 * everybody's, under pipe_lock.
 */
#include "debug/trace_text.h"

#include <err.h>
#include <uapi/errno.h>
#include <uapi/fcntl.h>

#include "alloc/slab.h"
#include "arch/riscv/cpu.h"
#include "core/mutex.h"
#include "core/sched.h"
#include "core/time.h"
#include "debug/trace_ring.h"
#include "fs/poll.h"
#include "fs/tree/tree.h"
#include "lib/parse.h"
#include "mm/iter.h"

#define TRACEFS_MAGIC 0x74726163
#define LOOK_AGAIN    (20 * NSEC_PER_MSEC)
#define RECORDS_OF_KB (1024 / sizeof(struct trace_record))

static const struct trace_event {
	const char *system, *name;
	u32 types; /* bits of enum tracepoint_type */
} events[] = {
	{ "block", "block_rq_complete", 1u << TP_BLOCK_END },
	{ "block", "block_rq_issue", 1u << TP_BLOCK },
	{ "exceptions", "page_fault_user", 1u << TP_FAULT },
	{ "irq", "irq_handler_entry", 1u << TP_IRQ_LINE },
	{ "irq", "irq_handler_exit", 1u << TP_IRQ_LINE_END },
	{ "net", "net_dev_xmit", 1u << TP_NET_TX },
	{ "net", "netif_receive_skb", 1u << TP_NET_RX },
	{ "raw_syscalls", "sys_enter", 1u << TP_CALL },
	{ "raw_syscalls", "sys_exit", 1u << TP_RETURN },
	{ "sched", "sched_process_exit", 1u << TP_EXIT },
	{ "sched", "sched_switch", 1u << TP_SWITCH },
	{ "sched", "sched_wakeup", 1u << TP_WAKE },
};

static struct mutex control_lock = MUTEX_INIT(control_lock);
static u32 enabled; /* [c] bits of events[] */
static bool off; /* [c] tracing_on is 0 */
static u64 records = TRACE_RECORDS; /* [c] of a hart, once there are rings */
static struct trace_reader cleared; /* [c] where `trace` begins */
static struct mutex pipe_lock = MUTEX_INIT(pipe_lock);
static struct trace_reader piped; /* [pipe_lock] */

/* --- control ------------------------------------------------------------------------------ */

/* What is to be recorded now. control_lock held. 0 or -ENOMEM. */
static int apply(u32 now, bool now_off)
{
	u32 types = 0;
	int err;

	for (unsigned i = 0; i < ARRAY_SIZE(events); i++)
		types |= now & 1u << i && !now_off ? events[i].types : 0;
	err = trace_want(types, records);
	if (err)
		return err;
	enabled = now;
	off = now_off;
	return 0;
}

/* "0" or "1"; -EINVAL. */
static int read_switch(const char *text)
{
	u64 v;
	char word[3] = { text[0] };

	if (text[0] && text[1] && text[1] != '\n')
		return -EINVAL;
	return parse_u64(word, 10, &v) || v > 1 ? -EINVAL : (int)v;
}

/* The events that an `enable` is for: of one, of a system, or all. */
static u32 events_of(const struct node *n)
{
	const char *of = n->data;
	u32 bits = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(events); i++)
		if (!of || str_equal(of, events[i].system) || str_equal(of, events[i].name))
			bits |= 1u << i;
	return bits;
}

static int enable_show(struct text *out, const struct subject *s)
{
	u32 bits = events_of(s->node), on = READ_ONCE(enabled) & bits;

	text_puts(out, on == bits ? "1\n" : on ? "X\n" : "0\n");
	return 0;
}

static int enable_store(const struct subject *s, char *text, size_t n __unused)
{
	u32 bits = events_of(s->node);
	int on = read_switch(text), err;

	if (on < 0)
		return on;
	mutex_lock(&control_lock);
	err = apply(on ? enabled | bits : enabled & ~bits, off);
	mutex_unlock(&control_lock);
	return err;
}

static int on_show(struct text *out, const struct subject *s __unused)
{
	text_puts(out, READ_ONCE(off) ? "0\n" : "1\n");
	return 0;
}

static int on_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	int on = read_switch(text), err;

	if (on < 0)
		return on;
	mutex_lock(&control_lock);
	err = apply(enabled, !on);
	mutex_unlock(&control_lock);
	return err;
}

static int size_show(struct text *out, const struct subject *s)
{
	u64 of = trace_ring_size() ? trace_ring_size() : READ_ONCE(records);

	text_printf(out, "%lu\n", of / RECORDS_OF_KB * (s->node->data ? nr_harts : 1));
	return 0;
}

/* The rings stay as they were made: their size is settled by the first event. */
static int size_store(const struct subject *s __unused, char *text, size_t n)
{
	u64 kb;
	int err = 0;

	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	if (parse_u64(text, 10, &kb) || !kb || kb > TRACE_RECORDS_MAX / RECORDS_OF_KB)
		return -EINVAL;
	mutex_lock(&control_lock);
	if (trace_ring_size())
		err = trace_ring_size() == kb * RECORDS_OF_KB ? 0 : -EBUSY;
	else
		records = kb * RECORDS_OF_KB;
	mutex_unlock(&control_lock);
	return err;
}

static int tracer_store(const struct subject *s __unused, char *text, size_t n __unused)
{
	return str_equal(text, "nop\n") || str_equal(text, "nop") ? 0 : -EINVAL;
}

static int available_show(struct text *out, const struct subject *s)
{
	for (unsigned i = 0; i < ARRAY_SIZE(events); i++)
		if (!s->node->data || (enabled & 1u << i))
			text_printf(out, "%s:%s\n", events[i].system, events[i].name);
	return 0;
}

/* set_event: "SYSTEM:EVENT" or "EVENT", with a ! before it to end it. */
static int set_event_store(const struct subject *s __unused, char *text, size_t n)
{
	bool end = text[0] == '!';
	char *word = text + end, *colon;
	u32 bits = 0;
	int err;

	if (n && text[n - 1] == '\n')
		text[n - 1] = '\0';
	colon = strchr(word, ':');
	if (colon)
		*colon++ = '\0';
	for (unsigned i = 0; i < ARRAY_SIZE(events); i++) {
		bool system = !colon || str_equal(word, events[i].system);
		const char *name = colon ? colon : word;

		if (system && (str_equal(name, events[i].name) || (colon && str_equal(name, "*"))))
			bits |= 1u << i;
	}
	if (!bits)
		return word[0] ? -EINVAL : 0;
	mutex_lock(&control_lock);
	err = apply(end ? enabled & ~bits : enabled | bits, off);
	mutex_unlock(&control_lock);
	return err;
}

/* --- trace -------------------------------------------------------------------------------- */

/* An open `trace` or `trace_pipe`. */
struct trace_file {
	struct mutex lock;
	struct trace_reader at; /* [lock] of `trace` */
	u64 end[MAX_HARTS]; /* [I] of `trace`: what there was when it was opened */
	struct text text; /* [lock] */
	size_t done; /* [lock] of the text */
	bool told; /* [lock] of trace_pipe: something was read */
};

static struct trace_file *trace_file_new(void)
{
	struct trace_file *t = kzalloc(sizeof(*t), 0);

	if (t)
		mutex_init(&t->lock);
	return t;
}

/* What was recorded so far is not shown any more. */
static void clear(void)
{
	mutex_lock(&control_lock);
	mutex_lock(&pipe_lock);
	for (unsigned h = 0; h < nr_harts; h++)
		piped.at[h] = cleared.at[h] = trace_ring_head(h);
	mutex_unlock(&pipe_lock);
	mutex_unlock(&control_lock);
}

static int trace_open(struct inode *i __unused, struct file *f)
{
	struct trace_file *t = trace_file_new();
	u64 all = 0;

	if (!t)
		return -ENOMEM;
	mutex_lock(&control_lock);
	for (unsigned h = 0; h < nr_harts; h++) {
		t->end[h] = trace_ring_head(h);
		all += t->end[h] - cleared.at[h];
	}
	t->at = cleared;
	mutex_unlock(&control_lock);
	trace_text_head(&t->text, all);
	f->priv = t;
	return 0;
}

static void trace_release(struct file *f)
{
	struct trace_file *t = f->priv;

	text_free(&t->text);
	kfree(t);
}

/* What is in the text and was not yet read. */
static ssize_t give(struct trace_file *t, struct iter *it)
{
	size_t n = min(t->text.len - t->done, it->count);
	size_t done = iter_copy_to(it, t->text.buf + t->done, n);

	t->done += done;
	return n && !done ? -EFAULT : (ssize_t)done;
}

static void empty(struct trace_file *t)
{
	t->text.len = t->done = 0;
}

static ssize_t trace_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct trace_file *t = f->priv;
	ssize_t n;

	mutex_lock(&t->lock);
	if (t->done == t->text.len) {
		empty(t);
		trace_text(&t->text, &t->at, t->end);
	}
	n = t->text.failed ? -ENOMEM : give(t, it);
	mutex_unlock(&t->lock);
	return n;
}

/* Whatever is written empties it. */
static ssize_t trace_write(struct file *f __unused, struct iter *it, u64 *pos __unused)
{
	clear();
	return (ssize_t)it->count;
}

static const struct file_ops trace_fops = {
	.open = trace_open,
	.read = trace_read,
	.write = trace_write,
	.release = trace_release,
};

/* --- trace_pipe --------------------------------------------------------------------------- */

static int pipe_open(struct inode *i __unused, struct file *f)
{
	f->priv = trace_file_new();
	return f->priv ? 0 : -ENOMEM;
}

/* Lines that nobody has read: whether there are any. t->lock held. */
static bool fill(struct trace_file *t)
{
	bool any;

	empty(t);
	mutex_lock(&pipe_lock);
	any = trace_text(&t->text, &piped, NULL);
	mutex_unlock(&pipe_lock);
	return any;
}

/*
 * A writer may hold any lock, so it wakes nobody. Other readers of the file wait beside this one, not
 * for its end. 0 or -ERESTARTSYS; t->lock held, and let go meanwhile.
 */
static int wait_for_more(struct trace_file *t)
{
	int err;

	mutex_unlock(&t->lock);
	err = sleep_until(now_mono() + LOOK_AGAIN, TASK_INTERRUPTIBLE) ? -ERESTARTSYS : 0;
	mutex_lock(&t->lock);
	return err;
}

static ssize_t pipe_read(struct file *f, struct iter *it, u64 *pos __unused)
{
	struct trace_file *t = f->priv;
	ssize_t n = 0;

	mutex_lock(&t->lock);
	while (t->done == t->text.len && !fill(t)) {
		if (t->text.failed)
			n = -ENOMEM;
		else if (f->flags & O_NONBLOCK)
			n = -EAGAIN;
		else if (t->told && READ_ONCE(off))
			break;
		else
			n = wait_for_more(t);
		if (n)
			break;
	}
	if (!n && t->done < t->text.len) {
		n = give(t, it);
		t->told = true;
	}
	mutex_unlock(&t->lock);
	return n;
}

static const struct file_ops pipe_fops = {
	.open = pipe_open,
	.read = pipe_read,
	.release = trace_release,
};

/* --- the tree ----------------------------------------------------------------------------- */

#define NODE_SWITCH(nm, of)                                                                       \
	{                                                                                         \
		.name = (nm), .mode = S_IFREG | 0640, .show = enable_show, .store = enable_store, \
		.data = (of)                                                                      \
	}
#define NODE_EVENT(nm)                                                             \
	{                                                                          \
		.name = (nm), .mode = S_IFDIR | 0750, .sub = (const struct node[]) \
		{                                                                  \
			NODE_SWITCH("enable", nm),                                 \
			{                                                          \
				.name = NULL                                       \
			}                                                          \
		}                                                                  \
	}
#define NODE_SYSTEM(nm, ...)                                                       \
	{                                                                          \
		.name = (nm), .mode = S_IFDIR | 0750, .sub = (const struct node[]) \
		{                                                                  \
			NODE_SWITCH("enable", nm), __VA_ARGS__,                    \
			{                                                          \
				.name = NULL                                       \
			}                                                          \
		}                                                                  \
	}

static const struct node events_table[] = {
	NODE_SYSTEM("block", NODE_EVENT("block_rq_complete"), NODE_EVENT("block_rq_issue")),
	NODE_SWITCH("enable", NULL),
	NODE_SYSTEM("exceptions", NODE_EVENT("page_fault_user")),
	NODE_SYSTEM("irq", NODE_EVENT("irq_handler_entry"), NODE_EVENT("irq_handler_exit")),
	NODE_SYSTEM("net", NODE_EVENT("net_dev_xmit"), NODE_EVENT("netif_receive_skb")),
	NODE_SYSTEM("raw_syscalls", NODE_EVENT("sys_enter"), NODE_EVENT("sys_exit")),
	NODE_SYSTEM("sched", NODE_EVENT("sched_process_exit"), NODE_EVENT("sched_switch"),
		    NODE_EVENT("sched_wakeup")),
	{ .name = NULL },
};

static const struct node tracefs_table[] = {
	{ .name = "available_events", .mode = S_IFREG | 0440, .show = available_show },
	{ .name = "available_tracers",
	  .mode = S_IFREG | 0440,
	  .show = constant_show,
	  .data = "nop\n" },
	{ .name = "buffer_size_kb", .mode = S_IFREG | 0640, .show = size_show, .store = size_store },
	{ .name = "buffer_total_size_kb", .mode = S_IFREG | 0440, .show = size_show, .data = "all" },
	{ .name = "current_tracer",
	  .mode = S_IFREG | 0640,
	  .show = constant_show,
	  .store = tracer_store,
	  .data = "nop\n" },
	{ .name = "events", .mode = S_IFDIR | 0750, .sub = events_table },
	{ .name = "set_event",
	  .mode = S_IFREG | 0640,
	  .show = available_show,
	  .store = set_event_store,
	  .data = "set" },
	{ .name = "trace", .mode = S_IFREG | 0640, .fops = &trace_fops, .truncate = clear },
	{ .name = "trace_clock", .mode = S_IFREG | 0440, .show = constant_show, .data = "[mono]\n" },
	{ .name = "trace_pipe", .mode = S_IFREG | 0440, .fops = &pipe_fops },
	{ .name = "tracing_on", .mode = S_IFREG | 0640, .show = on_show, .store = on_store },
	{ .name = NULL },
};

static const struct node tracefs_root = { .name = "/",
					  .mode = S_IFDIR | 0700,
					  .sub = tracefs_table };

static struct super *tracefs_mount(const struct file_system *fs, const char *source __unused,
				   u64 flags __unused, const char *data __unused)
{
	return tree_mount(fs, &tracefs_root, TRACEFS_MAGIC, NULL, NULL, NULL);
}

static const struct file_system tracefs = {
	.name = "tracefs",
	.flags = FS_NODEV | FS_SINGLE,
	.mount = tracefs_mount,
};
FILE_SYSTEM(tracefs);
